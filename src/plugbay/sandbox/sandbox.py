"""Sandbox: a call with limits, and a structured result whatever it does."""

from time import perf_counter

from plugbay.discovery.modules import own_package
from plugbay.errors import (
    InvalidReferenceError,
    PluginRefusedError,
    SandboxDataError,
    SandboxedError,
    SandboxError,
)
from plugbay.loading.failures import Terminated, told
from plugbay.plugins import Plugin
from plugbay.sandbox.calls import Outcome, awaited, coded
from plugbay.sandbox.limits import Limits
from plugbay.sandbox.results import Result
from plugbay.sandbox.targets import Resolver, name_of, reference_to
from plugbay.sandbox.threads import Threads, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, Self

    from plugbay.sandbox.pool import Pool, Taking

    Target = str | Plugin[Any] | Callable[..., Any]

__all__ = ["Sandbox"]

# What is no doing of a plugin.
_PASSING = (KeyboardInterrupt, Terminated)


class Sandbox:
    """Calls plugins so that whatever they do becomes a `Result`.

    `level` is "inprocess", "thread" or "process"; what each promises, and what not, is said in
    `plugbay.sandbox.limits`. The limits are those of `Limits`: `timeout` in seconds, `cpu` in
    seconds of processor time, `memory` and `file_size` in bytes, `open_files`, `processes`.

    At the level "process" each plugin has a worker process of its own, which is kept for the next
    call. Its environment has the variables of `environment` and little else; arguments and results
    are what JSON has, results of at most `max_bytes`. For others `codec` names, as "module:attr",
    what both sides import: its `encode` makes what JSON has of a value, and its `decode`, which has
    to check what it is given, a value of that. At the level "thread" at most
    `max_abandoned` calls run at once, those that go on after their deadline included.

    Safe from many threads. Use it as a context manager, or `close` it; the end of the program does.
    Raises SandboxError for limits that the level, or this system, cannot hold a call to.
    """

    def __init__(
        self,
        level: "Literal['inprocess', 'thread', 'process']",
        *,
        timeout: float | None = None,
        cpu: int | None = None,
        memory: int | None = None,
        file_size: int | None = None,
        open_files: int | None = None,
        processes: int | None = None,
        environment: "Mapping[str, str] | None" = None,
        codec: str | None = None,
        max_bytes: int = 10_000_000,
        max_abandoned: int = 32,
    ) -> None:
        self.limits = Limits(level, timeout, cpu, memory, file_size, open_files, processes)
        if max_abandoned < 1 or max_bytes < 1:
            raise SandboxError("max_abandoned and max_bytes are numbers above 0")
        if level != "process" and (environment or codec):
            raise SandboxError(f"the level {level!r} has no use for an environment or a codec")
        self._applied = self.limits.applied
        self._resolver = Resolver()
        self._threads = Threads(timeout, max_abandoned)
        self._owners: dict[str, str] = {}
        self._pool: Pool | None = None
        if level == "process":
            self._pool = _pool(self.limits, environment or {}, max_bytes, codec)
        self._codec = _codec_of(self._resolver, codec) if codec else None

    @property
    def level(self) -> str:
        """What calls are kept apart by."""
        return self.limits.level

    @property
    def abandoned(self) -> int:
        """How many calls go on after their deadline, at the level "thread"."""
        return self._threads.abandoned

    def run(self, target: "Target", /, *args: "Any", **kwargs: "Any") -> Result:
        """Call a plugin, a function, or what "module:attr" names, and give what came of it.

        A plugin that is a class is instantiated once, and its instance called; a method of a
        class is named as "module:Class.method". A coroutine is awaited in an event loop of its own.
        Raises nothing that the call does but KeyboardInterrupt.
        """
        started = perf_counter()
        try:
            if self._pool is not None:
                return self._there(target, args, kwargs)
            if self.level == "thread":
                return self._threads.run(lambda: self._here(target, args, kwargs))
        except SandboxError as error:
            return self._result(target, started, Outcome(error=error))
        return self._here(target, args, kwargs)

    async def run_async(self, target: "Target", /, *args: "Any", **kwargs: "Any") -> Result:
        """As `run`, for a task, while other tasks run.

        At the level "inprocess" the call is made in this task, which awaits its coroutine. The
        process of a call that is cancelled is ended.
        """
        started = perf_counter()
        try:
            if self._pool is not None:
                return await self._there_async(target, args, kwargs)
            if self.level == "thread":
                return await self._threads.wait(lambda: self._here(target, args, kwargs))
        except SandboxError as error:
            return self._result(target, started, Outcome(error=error))
        from asyncio import CancelledError

        # Another task may begin before this one ends, so warnings cannot be told apart.
        with Outcome((*_PASSING, CancelledError), has_warnings=False) as outcome:
            value = self._resolver.resolve(target)(*args, **kwargs)
            outcome.value = await value if hasattr(type(value), "__await__") else value
        return self._result(target, started, outcome)

    def close(self) -> None:
        """End the worker processes; calls that are under way fail, and so do later ones."""
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.level!r}: {', '.join(self._applied) or 'no limits'}>"

    # -- how ------------------------------------------------------------------------------------

    def _here(self, target: "Target", args: "Any", kwargs: "Any") -> Result:
        started = perf_counter()
        with Outcome(_PASSING, has_warnings=self.level == "inprocess") as outcome:
            outcome.value = awaited(self._resolver.resolve(target)(*args, **kwargs))
        return self._result(target, started, outcome)

    def _there(
        self, target: "Target", args: "Any", kwargs: "Any", taking: "Taking | None" = None
    ) -> Result:
        """Call it in another process; raises SandboxError where no answer comes."""
        assert self._pool is not None
        if isinstance(target, Plugin) and not target.is_admitted:
            refused = PluginRefusedError(target.explain())
            raise SandboxedError(type(refused).__name__, str(refused))
        started = perf_counter()
        try:
            reference, is_plugin = reference_to(target)
        except InvalidReferenceError as error:
            raise SandboxedError(type(error).__name__, str(error)) from None
        owner = self._owner_of(reference)
        if self._codec is None:
            outcome = self._pool.call(owner, (reference, is_plugin, args, kwargs), taking)
            return self._result(target, started, outcome)
        try:
            sent = coded(self._codec.encode, args, kwargs)
            outcome = self._pool.call(owner, (reference, is_plugin, *sent), taking)
            if outcome.error is None:
                outcome.value = self._codec.decode(outcome.value)
        except SandboxError:
            raise
        except Exception as error:
            raise SandboxDataError(f"the codec did not take it: {told(error)}") from error
        return self._result(target, started, outcome)

    def _owner_of(self, reference: str) -> str:
        """Whose worker it is: that of a file, or of a package that is more than a namespace."""
        owner = self._owners.get(reference)
        if owner is None:
            owner = reference
            if ".py" not in reference:
                owner = own_package(reference.partition(":")[0])
            self._owners[reference] = owner
        return owner

    async def _there_async(self, target: "Target", args: "Any", kwargs: "Any") -> Result:
        import asyncio

        from plugbay.sandbox.pool import Taking

        taking = Taking()
        work = in_thread(lambda: self._there(target, args, kwargs, taking))
        future = asyncio.wrap_future(work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            taking.cancel()
            future.add_done_callback(lambda ended: ended.exception())  # nobody is left to hear it
            raise

    def _result(self, target: "Target", started: float, outcome: Outcome) -> Result:
        return Result(
            name_of(target),
            outcome.value,
            outcome.error,
            perf_counter() - started,
            tuple(outcome.warnings),
            outcome.output,
            self._applied,
        )


def _codec_of(resolver: Resolver, codec: str) -> "Any":
    if not isinstance(codec, str):
        raise SandboxError(f"codec={codec!r} is no name; write it as 'module:attribute'")
    try:
        found = resolver.named(codec)
        if not (callable(found.encode) and callable(found.decode)):
            raise TypeError("its encode and decode are to be called")
    except Exception as error:
        raise SandboxError(f"codec={codec!r} cannot be used: {told(error)}") from error
    return found


def _pool(
    limits: Limits, environment: "Mapping[str, str]", max_bytes: int, codec: str | None
) -> "Pool":
    from plugbay.sandbox.pool import Pool  # which there is no use for at the other levels

    return Pool(limits, environment, max_bytes, codec)
