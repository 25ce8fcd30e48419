"""Pipeline: data that goes through the plugins of a group, one after the other."""

from collections import deque
from collections.abc import Sized
from concurrent.futures import CancelledError, Future
from functools import partial

from plugbay.errors import HostError, PipelineError, SandboxError
from plugbay.hosting.pipelines.assignments import callable_of, received, submitted
from plugbay.hosting.pipelines.progress import Progress
from plugbay.hosting.pipelines.steps import (
    PipelineRun,
    StepFailedError,
    StepRecord,
    counted,
    row_count,
    through,
)
from plugbay.loading.failures import told
from plugbay.sandbox.targets import reference_to_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from typing import Any

    from plugbay.hosting.components import Component
    from plugbay.hosting.pipelines.steps import Passage
    from plugbay.plugins import Plugin
    from plugbay.sandbox.sandbox import Sandbox

__all__ = ["Pipeline", "Step"]


class Step:
    """One plugin that data passes, with the options of its call and the reason for its place."""

    __slots__ = ("component", "options", "why")

    def __init__(self, component: "Component", options: "dict[str, Any]", why: str) -> None:
        self.component = component
        self.options = options
        self.why = why

    def call(self, method: str | None, sandbox: "Sandbox | None") -> "Callable[[Any], Any]":
        """What the data is given to; raises what loading and instantiating the plugin do."""
        if sandbox is None:
            return partial(callable_of(self.component, method), **self.options)
        if sandbox.level == "process":
            target = self._elsewhere(method)
        else:
            target = callable_of(self.component, method)
        return partial(self._contained, sandbox, target)

    def _elsewhere(self, method: str | None) -> "Plugin[Any] | str":
        """What another process is to call; the plugin is not loaded in this one for it."""
        component, facts = self.component, self.component.facts
        if component.needs or component.model is not None or (facts and facts.config):
            raise HostError(
                f"{component.plugin} cannot be called in a process of its own: it depends on other "
                f"plugins or has configuration, and there it would have neither (where it only has "
                f"to come after others, `after` says so)"
            )
        if method is None:
            return component.plugin
        try:
            return reference_to_method(component.plugin, method)
        except SandboxError as error:
            raise HostError(str(error)) from None

    def _contained(self, sandbox: "Sandbox", target: "Any", data: "Any") -> "Any":
        return sandbox.run(target, data, **self.options).unwrap()

    def __str__(self) -> str:
        return str(self.component.plugin)


class Pipeline:
    """The plugins of a group in order, and what their data is passed by; see `Host.pipeline`.

    It has no plugins of its own: each run asks the host for them, so that it has those that are
    there then, also when one was replaced.
    """

    def __init__(
        self,
        group: str,
        choose: "Callable[..., Sequence[Step]]",
        *,
        method: str | None = None,
        executor: "Executor | None" = None,
        assign: "Callable[[Sequence[Step]], bytes] | None" = None,
        sandbox: "Callable[[Component], Sandbox | None]",
        rows: "Callable[[Any], int | None] | None" = None,
        ahead: int = 8,
        progress: bool | None = None,
    ) -> None:
        if ahead < 1:
            raise HostError(f"ahead={ahead} is no number of batches")
        self.group = group
        self._choose = choose
        self._method = method
        self._executor = executor
        self._assign = assign
        self._sandbox = sandbox
        self._rows = rows or row_count
        self._ahead = ahead
        self._progress = progress

    @property
    def steps(self) -> "tuple[Step, ...]":
        """The plugins in their order, as far as it is known now."""
        return tuple(self._choose())

    def run(self, data: "Any") -> PipelineRun:
        """Pass data through all steps as one batch, and give the run: `value` has what came out.

        Raises PipelineError, which names the step, for whatever a plugin raises.
        """
        run = self.stream([data])
        for _ in run:
            pass
        return run

    def stream(self, batches: "Iterable[Any]") -> PipelineRun:
        """Pass batches through, one after the other, as they are asked for.

        Of an iterator no more batches are taken than are worked on: one, or with an executor
        `ahead`. They come out in the order in which they went in. Raises PipelineError, which
        names step and batch; the batches before it have come out then.
        """
        records = _records(self.steps)
        return PipelineRun(records, self._outputs(batches, records))

    def explain(self) -> str:
        """The steps in their order, each with the reason for its place."""
        lines = [f"The data of {self.group!r} goes through:"]
        lines += [f"{number}. {each}: {each.why}" for number, each in enumerate(self.steps, 1)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        names = " -> ".join(each.component.name for each in self.steps)
        return f"<Pipeline of {self.group!r}: {names or 'no steps'}>"

    # -- how ------------------------------------------------------------------------------------

    def _outputs(self, batches: "Iterable[Any]", records: "list[StepRecord]") -> "Iterator[Any]":
        steps = self._choose(is_loading=self._assign is None)
        if [each.name for each in records] != [each.component.name for each in steps]:
            records[:] = _records(steps)
        total = len(batches) if isinstance(batches, Sized) else None
        with Progress([each.name for each in records], total, self._progress) as progress:
            for data, passages in self._passed(steps, batches, progress):
                for record, passage in zip(records, passages, strict=True):
                    record.note(passage)
                yield data

    def _passed(
        self, steps: "Sequence[Step]", batches: "Iterable[Any]", progress: Progress
    ) -> "Iterator[tuple[Any, list[Passage]]]":
        """What comes out of each batch, and how it passed the steps."""
        submit, ahead = self._submitting(steps, progress)
        waiting: deque[tuple[int, Any, Future[Any]]] = deque()
        try:
            for number, batch in enumerate(batches, 1):
                waiting.append((number, batch, submit(batch)))
                if len(waiting) == ahead:
                    yield self._received(steps, *waiting.popleft(), progress)
            while waiting:
                yield self._received(steps, *waiting.popleft(), progress)
        finally:
            for *_, future in waiting:
                future.cancel()

    def _submitting(
        self, steps: "Sequence[Step]", progress: Progress
    ) -> "tuple[Callable[[Any], Future[Any]], int]":
        """What takes a batch, and how many of them at once."""
        if self._assign is not None:
            assert self._executor is not None
            return partial(submitted, self._executor, self._assign(steps)), self._ahead
        calls = [each.call(self._method, self._sandbox(each.component)) for each in steps]
        if self._executor is None:
            carry = partial(through, calls, rows=self._rows, begins=progress.begins)
            return partial(_at_once, carry), 1
        carry = partial(through, calls, rows=self._rows)
        return partial(self._executor.submit, carry), self._ahead

    def _received(
        self,
        steps: "Sequence[Step]",
        number: int,
        batch: "Any",
        future: "Future[Any]",
        progress: Progress,
    ) -> "tuple[Any, list[Passage]]":
        try:
            found = future.result()
            passed: tuple[Any, list[Passage]]
            passed = found if self._assign is None else received(found, batch)
        except StepFailedError as error:
            raise self._failed(steps, number, error) from error.__cause__
        except (Exception, CancelledError) as error:
            if self._assign is None:  # what the host has given us
                raise
            words = f"batch {number} of {self.group!r} was lost: {told(error)}"
            raise PipelineError(words, batch=number, data=batch) from error
        if self._executor is not None:
            progress.came_through()
        return passed

    def _failed(
        self, steps: "Sequence[Step]", number: int, error: StepFailedError
    ) -> PipelineError:
        step, size = steps[error.at], error.rows
        if size is None:
            size = counted(self._rows, error.data)
        rows = "" if size is None else f" ({size} row{'s' * (size != 1)})"
        place = f"step {error.at + 1} of {len(steps)}, {step}"
        return PipelineError(
            f"{place}, failed on batch {number}{rows}: {error.reason}",
            step=error.at + 1,
            plugin=step.component.name,
            batch=number,
            data=error.data,
            traceback=error.traceback,
        )


def _records(steps: "Sequence[Step]") -> "list[StepRecord]":
    return [StepRecord(number, each.component.name) for number, each in enumerate(steps, 1)]


def _at_once(carry: "Callable[[Any], Any]", batch: "Any") -> "Future[Any]":
    """What an executor gives, where there is none."""
    future: Future[Any] = Future()
    try:
        future.set_result(carry(batch))
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        future.set_exception(error)
    return future
