"""Pool: the worker processes of a sandbox, of which no two plugins share one."""

import os
import threading

from plugbay.errors import SandboxError
from plugbay.sandbox.calls import Outcome
from plugbay.sandbox.processes import WorkerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plugbay.sandbox.limits import Limits

__all__ = ["Pool", "Taking"]


class Taking:
    """A call for which a worker is taken, and which may be cancelled from elsewhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._is_cancelled = False

    def of(self, worker: WorkerProcess) -> None:
        """Say which worker it is."""
        with self._lock:
            self._worker = worker
            if self._is_cancelled:
                worker.interrupt()

    def over(self) -> None:
        """Say that the call is over: its worker may be taken for another one."""
        with self._lock:
            self._worker = None

    def cancel(self) -> None:
        """End the worker, or the one that will be taken."""
        with self._lock:
            self._is_cancelled = True
            if self._worker is not None:
                self._worker.interrupt()


class Pool:
    """Worker processes: one at least for each plugin that was called, more for calls at once."""

    def __init__(
        self,
        limits: "Limits",
        environment: "Mapping[str, str]",
        max_bytes: int,
        codec: str | None = None,
    ) -> None:
        for name, value in environment.items():
            is_text = isinstance(name, str) and isinstance(value, str)
            if not is_text or not name or "=" in name or "\0" in name + value:
                raise SandboxError(f"environment[{name!r}]={value!r} is no variable of a process")
        self._limits = limits
        self._environment = environment
        self._max_bytes = max_bytes
        self._codec = codec
        self._lock = threading.Lock()
        self._idle: dict[str, list[WorkerProcess]] = {}
        self._all: set[WorkerProcess] = set()
        self._is_closed = False
        self._process = os.getpid()

    def call(self, owner: str, request: "tuple[Any, ...]", taking: Taking | None = None) -> Outcome:
        """What came of a request to a worker of that owner's.

        Raises SandboxError for a worker that cannot be had, see WorkerProcess.
        """
        worker = self._take(owner)
        if taking is not None:
            taking.of(worker)
        try:
            return worker.call(self._limits.timeout, *request)
        finally:
            if taking is not None:
                taking.over()
            self._put_back(owner, worker)

    def close(self) -> None:
        """End all workers, those that are at work too."""
        with self._lock:
            self._is_closed = True
            busy, idle = set(self._all), [each for those in self._idle.values() for each in those]
            self._idle.clear()
        for worker in idle:
            self._drop(worker)
        for worker in busy.difference(idle):
            worker.interrupt()

    def _take(self, owner: str) -> WorkerProcess:
        self._check()
        while (worker := self._idle_one(owner)) is not None:
            if worker.is_silent:
                return worker
            self._drop(worker)
        worker = WorkerProcess(self._limits, self._environment, self._max_bytes, self._codec)
        try:
            with self._lock:
                self._check()
                self._all.add(worker)
        except SandboxError:
            worker.kill()
            raise
        return worker

    def _idle_one(self, owner: str) -> WorkerProcess | None:
        with self._lock:
            self._check()
            idle = self._idle.get(owner)
            return idle.pop() if idle else None

    def _check(self) -> None:
        if os.getpid() != self._process:  # a fork of the host, which has workers of its own
            self._lock, self._process = threading.Lock(), os.getpid()
            self._idle, self._all = {}, set()
        if self._is_closed:
            raise SandboxError("the sandbox was closed")

    def _put_back(self, owner: str, worker: WorkerProcess) -> None:
        with self._lock:
            is_kept = worker.is_fit and not self._is_closed
            if is_kept:
                self._idle.setdefault(owner, []).append(worker)
        if not is_kept:
            self._drop(worker)

    def _drop(self, worker: WorkerProcess) -> None:
        worker.kill()
        with self._lock:
            self._all.discard(worker)
