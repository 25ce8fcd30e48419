"""Threads for tests: started, and awaited for as long as it may take at the most."""

from collections.abc import Callable
from threading import Thread

__all__ = ["SECONDS", "ends", "started"]

SECONDS = 10  # after which something is taken to wait for ever


def started(job: Callable[[], object]) -> Thread:
    """A thread that does it."""
    thread = Thread(target=job, daemon=True)
    thread.start()
    return thread


def ends(*threads: Thread) -> bool:
    """Whether they come to an end in time."""
    for thread in threads:
        thread.join(SECONDS)
    return not any(thread.is_alive() for thread in threads)
