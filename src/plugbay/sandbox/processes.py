"""Processes: a worker process seen from its host, which trusts nothing that comes from it."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from functools import partial
from time import monotonic

from plugbay.errors import (
    SandboxDataError,
    SandboxedError,
    SandboxError,
    SandboxTimeoutError,
    SandboxWorkerError,
)
from plugbay.sandbox.calls import Outcome
from plugbay.sandbox.frames import HEADER, content_of, frame_of, is_answer, length_of
from plugbay.sandbox.limits import CPU_CALLS
from plugbay.sandbox.process_groups import end_group, has_ended, own_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plugbay.sandbox.limits import Limits

__all__ = ["WorkerProcess"]

# Seconds, between looks at whether a process that says nothing is still there.
_SLICE = 0.2
# Seconds that a worker may take to be ready.
_START = 60.0
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop())\n"
    "from plugbay.sandbox.worker import main; main()"
)
# Bytes of what was printed that a result keeps.
_OUTPUT = 65_536
# Bytes that are read at first, which most answers have fewer of, and then at a time.
_FIRST, _PIECE = 1 << 12, 1 << 18
# Bytes of what is in an answer beside its value: of warnings and errors, which are cut for it.
_OVERHEAD = 1 << 20


class WorkerProcess:
    """A process that answers calls: `largest` is the size of an answer in bytes that is taken.

    Raises SandboxWorkerError when it cannot be started, and SandboxError for limits that the
    system does not grant.
    """

    def __init__(
        self,
        limits: "Limits",
        environment: "Mapping[str, str]",
        largest: int,
        codec: str | None = None,
    ) -> None:
        self._limits = limits
        self._largest = largest
        self._number = 0
        self._cpu = 0
        self._ending = threading.Lock()
        self._owner = os.getpid()
        folder = tempfile.mkdtemp(prefix="plugbay-")
        try:
            printed = self._printed = open(os.path.join(folder, ".output"), "a+b", buffering=0)  # noqa: SIM115 - it is open as long as the worker is there
            os.unlink(printed.name)
            self._process = _spawned(folder, printed, environment)
        except (OSError, ValueError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise SandboxWorkerError(f"its process could not be started: {error}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._leave = partial(_end, self._ending, self._owner, self._process, printed, folder)
        self._end = weakref.finalize(self, self._leave)
        os.set_blocking(self._requests, False)
        os.set_blocking(self._replies, False)
        self._answers = select.poll()
        self._answers.register(self._replies, select.POLLIN)
        path = [os.path.abspath(each) for each in sys.path]
        first = {"path": path, "limits": limits.given, "largest": largest, "codec": codec}
        came = self.call(_START, first)
        if isinstance(came.error, SandboxedError):
            self.kill()
            raise SandboxError(f"its process cannot be prepared: {came.error}")
        if came.error is not None:
            raise SandboxWorkerError(f"its process did not start: {came.error}; {came.output}")

    def call(self, timeout: float | None, *request: "Any") -> Outcome:
        """Ask for something, and give what came of it; `timeout` is in seconds.

        After a SandboxTimeoutError, or a SandboxWorkerError, the process is ended.
        """
        self._number += 1
        outcome = Outcome(has_warnings=False)
        deadline = None if timeout is None else monotonic() + timeout
        try:
            self._send(_request([self._number, *request]), deadline)
            self._cpu, outcome.warnings, kind, content = self._answer(deadline)
            outcome.output = self._said()
        except SandboxDataError as error:
            outcome.error = error
            return outcome
        except SandboxError as error:
            outcome.error, outcome.output = error, self._said()
            self.kill()
            return outcome
        except BaseException as error:
            if isinstance(error, (OSError, ValueError)) and not self._end.alive:
                words = "its process was ended, as the program ends"
                outcome.error = SandboxWorkerError(words)
                return outcome
            self.kill()
            raise
        if kind == "value":
            outcome.value = content
        elif kind == "error":
            outcome.error = SandboxedError(*content)
        else:
            words = f"what it gave cannot be carried as JSON: {content[0]}"
            outcome.error = SandboxDataError(words)
        return outcome

    @property
    def is_fit(self) -> bool:
        """Whether it is good for another call: there, and with processor time left."""
        most = (CPU_CALLS - 1) * self._limits.cpu if self._limits.cpu else self._cpu
        return self._end.alive and self._cpu <= most

    @property
    def is_silent(self) -> bool:
        """Whether it is there, and says nothing while nobody asks; if not, nobody is to ask it."""
        return not self._answers.poll(0) and not has_ended(self._process.pid)

    def kill(self) -> None:
        """End the process and all that it has started; again has no effect."""
        self._leave()
        self._end.detach()  # not before: a program that ends meanwhile waits for what is left of it

    def interrupt(self) -> None:
        """End the process from another thread than the one that has called it, which gets told."""
        if os.getpid() != self._owner:  # a fork of the host, whose worker it is not
            return
        with self._ending:
            if self._process.returncode is None:
                end_group(self._process, waits=False)

    def _said(self) -> str:
        """What was printed since the last call."""
        try:
            descriptor = self._printed.fileno()
            size = os.fstat(descriptor).st_size
            if not size:
                return ""
            text = os.pread(descriptor, _OUTPUT, 0).decode("utf-8", "replace")
            os.ftruncate(descriptor, 0)
        except (OSError, ValueError):  # the program ends, and has closed it
            return ""
        return text + (f"[and {size - _OUTPUT} bytes more]" if size > _OUTPUT else "")

    def _send(self, frame: bytes, deadline: float | None) -> None:
        view: bytes | memoryview = frame if len(frame) < _FIRST else memoryview(frame)
        while view:
            try:
                view = view[os.write(self._requests, view) :]
            except BlockingIOError:
                wait = select.poll()
                wait.register(self._requests, select.POLLOUT)
                self._await(wait, deadline)
            except OSError:  # it is gone, which reading tells better
                return

    def _answer(self, deadline: float | None) -> "list[Any]":
        frame = self._read(_FIRST, deadline)
        while len(frame) < HEADER.size:
            frame += self._read(_FIRST, deadline)
        length = length_of(frame)
        if length > self._largest + _OVERHEAD:
            raise SandboxWorkerError(
                f"its process announced an answer of {length} bytes, of {self._largest} that may be"
            )
        if len(frame) < HEADER.size + length:
            parts = bytearray(frame)
            while len(parts) < HEADER.size + length:
                parts += self._read(_PIECE, deadline)
            frame = bytes(parts)
        try:
            came = content_of(frame)
            if len(frame) == HEADER.size + length and is_answer(came, self._number):
                return list(came[1:])
        except (ValueError, RecursionError):
            pass
        raise SandboxWorkerError("its process sent what is no answer")

    def _read(self, count: int, deadline: float | None) -> bytes:
        """What has come, as soon as something has."""
        self._await(self._answers, deadline)
        part = os.read(self._replies, count)
        if not part:
            raise self._gone()
        return part

    def _await(self, poll: "select.poll", deadline: float | None) -> None:
        """Wait until there is something, the deadline has passed or the process is gone."""
        while True:
            left = _SLICE if deadline is None else deadline - monotonic()
            if poll.poll(min(left, _SLICE) * 1000 if left > 0 else 0):
                return
            if deadline is not None and monotonic() >= deadline:
                limit = _START if self._number == 1 else self._limits.timeout or _START
                raise SandboxTimeoutError(f"it took more than {limit:g} s")
            # Another process may hold the pipe open of which this one had the end.
            if has_ended(self._process.pid) and not poll.poll(0):
                raise self._gone()

    def _gone(self) -> SandboxError:
        with self._ending:
            end_group(self._process)
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return SandboxTimeoutError(f"it took more than {self._limits.cpu} s of processor time")
        if code < 0:
            names = {each.value: each.name for each in signal.Signals}
            name = names.get(-code, f"signal {-code}")
            return SandboxWorkerError(f"its process was ended by {name}")
        return SandboxWorkerError(f"it ended its process with exit code {code}")


def _spawned(
    folder: str, printed: "Any", environment: "Mapping[str, str]"
) -> "subprocess.Popen[bytes]":
    home = {"HOME": folder, "TMPDIR": folder, "PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-u", "-X", "utf8", "-c", _PROGRAM, own_path()],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=printed,
            cwd=folder,
            env=home | dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError):
        printed.close()
        raise


def _request(content: "list[Any]") -> bytes:
    try:
        return frame_of(content)
    except (TypeError, ValueError, RecursionError) as error:
        words = f"the arguments cannot be carried to another process as JSON: {error}"
        raise SandboxDataError(words) from None


def _end(
    ending: threading.Lock,
    owner: int,
    process: "subprocess.Popen[bytes]",
    printed: "Any",
    folder: str,
) -> None:
    if os.getpid() != owner:  # a fork of the host, whose worker it is not
        return
    with ending:
        if process.returncode is None:
            end_group(process)
        for stream in filter(None, (process.stdin, process.stdout, printed)):
            stream.close()
        shutil.rmtree(folder, ignore_errors=True)
