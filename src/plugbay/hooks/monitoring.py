"""Monitoring: who wants to hear of each call of a hook, before and after it."""

from contextvars import ContextVar
from time import perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from plugbay.hooks.dispatch import Dispatcher

    Observer = Callable[["CallRecord"], object]

__all__ = ["CallRecord", "observed", "tracer"]


class CallRecord:
    """One call of a hook: its name, its `arguments` by name and, once it is over, how it went.

    `result` is what it gave or `error` what it raised, and `duration_ms` how long it took, in
    milliseconds; each is None while there is nothing to tell.
    """

    __slots__ = ("arguments", "duration_ms", "error", "hook", "result")

    def __init__(self, hook: str, arguments: "dict[str, Any]") -> None:
        self.hook = hook
        self.arguments = arguments
        self.result: object = None
        self.error: BaseException | None = None
        self.duration_ms: float | None = None

    def __repr__(self) -> str:
        return f"<CallRecord of {self.hook!r}>"


def observed(
    hook: "Dispatcher",
    path: "Callable[..., Any]",
    observers: "Sequence[tuple[Observer | None, Observer | None]]",
) -> "Callable[..., Any]":
    """A function that tells observers of each call, and the last of them first when it is over."""

    def call(*args: "Any", **kwargs: "Any") -> "Any":
        with _Watch(hook, observers, args, kwargs) as record:
            record.result = path(*args, **kwargs)
        return record.result

    async def awaited(*args: "Any", **kwargs: "Any") -> "Any":
        with _Watch(hook, observers, args, kwargs) as record:
            record.result = await path(*args, **kwargs)
        return record.result

    return awaited if hook.is_async else call


class _Watch:
    """The time of one call, at both ends of which the observers are told."""

    def __init__(
        self,
        hook: "Dispatcher",
        observers: "Sequence[tuple[Observer | None, Observer | None]]",
        args: "tuple[Any, ...]",
        kwargs: "dict[str, Any]",
    ) -> None:
        named = dict(zip(hook.signature.positional, args, strict=False))
        self._record = CallRecord(hook.name, {**named, **kwargs})
        self._observers = observers
        self._started = 0.0

    def __enter__(self) -> CallRecord:
        self._started = perf_counter()
        for told, (before, _) in enumerate(self._observers):
            if before is not None:
                try:
                    before(self._record)
                except BaseException as error:
                    self._observers = self._observers[:told]
                    self.__exit__(type(error), error, None)
                    raise
        self._started = perf_counter()
        return self._record

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._record.duration_ms = (perf_counter() - self._started) * 1000
        self._record.error = error
        failure: BaseException | None = None
        for _, after in reversed(self._observers):
            try:
                if after is not None:
                    after(self._record)
            except BaseException as raised:  # noqa: BLE001 - the others are told before it is raised
                failure = failure or raised
        if failure is not None:
            raise failure


def tracer(write: "Callable[[str], object]") -> "tuple[Observer, Observer]":
    """Observers that write a line when a call begins and when it is over, nested ones indented."""
    depth: ContextVar[int] = ContextVar("the depth of a traced call", default=0)

    def before(record: CallRecord) -> None:
        given = ", ".join(f"{name}={value!r}" for name, value in record.arguments.items())
        write(f"{'  ' * depth.get()}{record.hook}({given})")
        depth.set(depth.get() + 1)

    def after(record: CallRecord) -> None:
        depth.set(depth.get() - 1)
        outcome = repr(record.result) if record.error is None else f"raised {record.error!r}"
        write(f"{'  ' * depth.get()}{record.hook} -> {outcome} ({record.duration_ms:.3f} ms)")

    return before, after
