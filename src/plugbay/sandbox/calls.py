"""Calls: one call, of which whatever comes is told as data."""

import traceback
import warnings
from threading import Lock

from plugbay.errors import SandboxedError, SandboxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Self

__all__ = ["Outcome", "awaited", "coded", "warning_text"]

# The modules whose frames a traceback need not begin with.
_OURS = {f"plugbay.sandbox.{name}" for name in ("calls", "sandbox", "worker")}
# Held by the one that catches warnings.
_alone = Lock()
# The name of a class, whatever its metaclass says.
_name_of = type.__dict__["__name__"].__get__


class Outcome:
    """What comes of a call: of the body of a `with` statement, which sets `value`.

    `error` is None, or what was raised there, in words; what is in `passing` is raised.
    `warnings` are texts as well, where they are caught, which is done for the whole process, and so
    by one at a time.
    `output` is what was printed, as far as that is known.
    """

    __slots__ = (
        "_catching",
        "_has_warnings",
        "_passing",
        "error",
        "output",
        "value",
        "warnings",
    )

    def __init__(
        self,
        passing: "tuple[type[BaseException], ...]" = (),
        *,
        has_warnings: bool = True,
        error: SandboxError | None = None,
    ) -> None:
        self.value: Any = None
        self.error = error
        self.output = ""
        self.warnings: list[Any] = []
        self._passing = passing
        self._has_warnings = has_warnings
        self._catching: Any = None

    def __enter__(self) -> "Self":
        # Two at once would leave the filters of one as those of the process.
        if self._has_warnings and _alone.acquire(blocking=False):
            self._catching = warnings.catch_warnings(record=True)
            self.warnings = self._catching.__enter__()
            warnings.simplefilter("always")
        return self

    def __exit__(self, kind: object, error: BaseException | None, place: "Any") -> bool:
        if self._catching is not None:
            self._catching.__exit__(None, None, None)
            _alone.release()
            self.warnings = [warning_text(each.category, each.message) for each in self.warnings]
        if error is None or isinstance(error, self._passing):
            return False
        self.error = error if isinstance(error, SandboxError) else _told(error, place)
        return True


def coded(
    code: "Callable[[Any], Any]", args: "Iterable[Any]", kwargs: "Mapping[str, Any]"
) -> "tuple[list[Any], dict[str, Any]]":
    """Arguments, each as a codec's `encode` or `decode` gives it."""
    return [code(each) for each in args], {name: code(each) for name, each in kwargs.items()}


def awaited(value: "Any") -> "Any":
    """A value, or what a coroutine gives in an event loop of its own.

    Raises RuntimeError where a loop runs already.
    """
    if not hasattr(type(value), "__await__"):
        return value
    import asyncio

    if asyncio._get_running_loop() is not None:
        if hasattr(value, "close"):
            value.close()
        raise RuntimeError("it has to be awaited, and an event loop runs already; use run_async")

    async def wait() -> "Any":
        return await value

    return asyncio.run(wait())


def warning_text(category: type, message: object) -> str:
    """A warning, whatever its own methods do."""
    return f"{_name_of(category)}: {_text(message)}"


def _text(value: object) -> str:
    """What something says, and nothing if even that fails: it is plugin code that runs here."""
    try:
        return str(value)
    except BaseException:  # noqa: BLE001 - as said
        return ""


def _told(error: BaseException, place: "TracebackType | None") -> SandboxedError:
    """The type, the message and the traceback of an error, whatever its own methods do."""
    while place and place.tb_frame.f_globals.get("__name__") in _OURS:
        place = place.tb_next
    try:
        told = "".join(traceback.format_exception(type(error), error, place))
    except BaseException:  # noqa: BLE001 - likewise
        told = ""
    return SandboxedError(_name_of(type(error)), _text(error), told)
