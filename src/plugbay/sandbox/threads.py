"""Threads: work that its caller waits for no longer than until a deadline."""

import threading
from concurrent.futures import Future
from contextvars import copy_context
from time import monotonic

from plugbay.errors import SandboxError, SandboxTimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    R = TypeVar("R")

__all__ = ["Threads", "in_thread"]

# Seconds between looks of a task for a place among the threads.
_PAUSE = 0.005


class Threads:
    """Runs work in threads; `abandoned` is how many of them go on after their deadline.

    `timeout` is in seconds, None for no deadline. At most `max_abandoned` may run at once.
    """

    def __init__(self, timeout: float | None, max_abandoned: int) -> None:
        self.abandoned = 0
        self._timeout = timeout
        self._max_abandoned = max_abandoned
        self._lock = threading.Lock()
        # Without a deadline nothing goes on after it.
        self._slots = None if timeout is None else threading.Semaphore(max_abandoned)

    def run(self, work: "Callable[[], R]") -> "R":
        """What the work gives; raises SandboxTimeoutError, and SandboxError if too many go on."""
        self._check()
        started = monotonic()
        if self._slots is not None and not self._slots.acquire(timeout=self._timeout):
            raise self._crowded()
        future = self._start(work)
        try:
            return future.result(self._left(started))
        except TimeoutError:
            self._abandon(future)
            raise self._late() from None

    async def wait(self, work: "Callable[[], R]") -> "R":
        """As `run`, for a task; the work of one that is cancelled goes on, and is counted."""
        import asyncio

        self._check()
        started = monotonic()
        while self._slots is not None and not self._slots.acquire(blocking=False):
            if not self._left(started):
                raise self._crowded()
            await asyncio.sleep(_PAUSE)
        future = self._start(work)
        try:
            waiting = asyncio.shield(asyncio.wrap_future(future))
            return await asyncio.wait_for(waiting, self._left(started))
        except TimeoutError:
            self._abandon(future)
            raise self._late() from None
        except asyncio.CancelledError:
            self._abandon(future)
            raise

    def _check(self) -> None:
        if self.abandoned >= self._max_abandoned:
            raise SandboxError(
                f"{self.abandoned} calls go on after their deadline, and no more may; take the "
                f"level 'process', which ends them"
            )

    def _start(self, work: "Callable[[], R]") -> "Future[R]":
        slots = self._slots
        try:
            future = in_thread(work)
        except RuntimeError as error:
            if slots is not None:
                slots.release()
            raise SandboxError(f"there can be no other thread: {error}") from None
        if slots is not None:
            future.add_done_callback(lambda _: slots.release())
        return future

    def _left(self, started: float) -> float | None:
        return None if self._timeout is None else max(started + self._timeout - monotonic(), 0)

    def _late(self) -> SandboxError:
        return SandboxTimeoutError(f"it took more than {self._timeout} s, and goes on")

    def _crowded(self) -> SandboxError:
        return SandboxTimeoutError(
            f"it could not begin within {self._timeout} s, since {self._max_abandoned} others run"
        )

    def _abandon(self, future: "Future[Any]") -> None:
        self._count(1)
        future.add_done_callback(lambda _: self._count(-1))

    def _count(self, step: int) -> None:
        with self._lock:
            self.abandoned += step


def in_thread(work: "Callable[[], R]") -> "Future[R]":
    """Run work in a thread of its own, which the end of the program does not wait for."""
    future: Future[R] = Future()
    context = copy_context()

    def carry_out() -> None:
        try:
            future.set_result(context.run(work))
        except BaseException as error:  # noqa: BLE001 - it is for who waits
            future.set_exception(error)

    threading.Thread(target=carry_out, name="plugbay-sandbox", daemon=True).start()
    return future
