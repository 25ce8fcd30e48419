"""Leftovers: threads that plugins have started, and not ended when they were stopped."""

import threading
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["described", "threads_left"]


def threads_left(
    before: "Collection[threading.Thread]", seconds: float = 1.0
) -> list[threading.Thread]:
    """The threads that were not there before, and do not end in that time."""
    until = monotonic() + seconds
    new = [each for each in threading.enumerate() if each not in before]
    for thread in new:
        if thread is not threading.current_thread():
            thread.join(max(0.0, until - monotonic()))
    return [each for each in new if each.is_alive()]


def described(thread: threading.Thread) -> str:
    """The name of a thread, and what it runs."""
    target = getattr(thread, "_target", None) or type(thread)
    name = getattr(target, "__qualname__", repr(target))
    return f"{thread.name!r}, which runs {getattr(target, '__module__', '?')}.{name}"
