"""Draining: waiting until no thread runs the code of some modules any more.

Python can tell what each thread is running right now, so that calls need not be counted, which
would cost each of them. Tasks that wait and callbacks that are still to come cannot be seen.
"""

import sys
import threading
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType, ModuleType

__all__ = ["drained", "running_in"]

# Seconds between looks, from the first to the longest.
_SHORTEST, _LONGEST = 0.001, 0.05


def running_in(modules: "Mapping[str, ModuleType]") -> "list[str]":
    """The names of the other threads that are in a call of these modules."""
    spaces = {id(vars(module)) for module in modules.values()}
    names = {each.ident: each.name for each in threading.enumerate()}
    me = threading.get_ident()
    return [
        names.get(ident, f"thread {ident}")
        for ident, frame in sys._current_frames().items()
        if ident != me and any(id(each.f_globals) in spaces for each in _outwards(frame))
    ]


def drained(modules: "Mapping[str, ModuleType]", seconds: float) -> "Iterator[float]":
    """How long to wait before the next look, again and again until nobody is in a call of them.

    It ends when the time is over all the same.
    """
    end, pause = monotonic() + seconds, _SHORTEST
    while running_in(modules) and monotonic() < end:
        yield min(pause, max(end - monotonic(), 0))
        pause = min(pause * 2, _LONGEST)


def _outwards(frame: "FrameType | None") -> "Iterator[FrameType]":
    while frame is not None:
        yield frame
        frame = frame.f_back
