"""Worker: the process that calls what its host asks it to, one call after the other.

It gets requests on its standard input and answers on its standard output, which it moves out of
the way before it runs anything: plugins find the one empty, and the other one goes where the
standard error does.
"""

import os
import resource
import signal
import sys
import warnings

from plugbay.sandbox.calls import Outcome, awaited, coded, warning_text
from plugbay.sandbox.frames import HEADER, content_of, frame_of, length_of
from plugbay.sandbox.limits import CPU_CALLS
from plugbay.sandbox.targets import Resolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Worker", "main"]

# Seconds after its deadline until a call whose host is gone ends by itself.
_GRACE = 1.0

# As many warnings of a call, and as many characters of each and of each text of an error; each
# character may be six in an answer.
_WARNINGS, _OF_WARNING, _OF_ERROR = 20, 4_000, 20_000

_RESOURCES = {
    "memory": resource.RLIMIT_AS,
    "file_size": resource.RLIMIT_FSIZE,
    "open_files": resource.RLIMIT_NOFILE,
    "processes": resource.RLIMIT_NPROC,
}


def main() -> None:
    """Answer requests until there are no more."""
    requests, replies = os.dup(0), os.dup(1)  # which no process that is started here inherits
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    worker = Worker(replies)
    with open(requests, "rb") as stream:
        while len(header := stream.read(HEADER.size)) == HEADER.size:
            worker.answer(content_of(header + stream.read(length_of(header))))


class Worker:
    """Answers on the descriptor `replies`; the first request says what holds for all others."""

    def __init__(self, replies: int) -> None:
        self._replies = replies
        self._process = os.getpid()
        self._resolver = Resolver()
        self._called: dict[tuple[str, bool], Any] = {}
        self._limits: dict[str, Any] = {}
        self._largest = 0
        self._codec: Any = None
        self._warnings: list[str] = []

    def answer(self, request: "list[Any]") -> None:
        """Do what is asked, and say what came of it."""
        number, asked, *rest = request
        self._arm(is_set=True)
        with Outcome(has_warnings=False) as outcome:
            if rest:
                given = awaited(self._call(asked, *rest))
                outcome.value = self._codec.encode(given) if self._codec else given
            else:
                self._prepare(asked)
        if os.getpid() != self._process:  # the call has forked, and left two to answer
            os._exit(0)
        self._arm(is_set=False)
        self._send(self._frame(number, outcome))

    def _prepare(self, setting: "dict[str, Any]") -> None:
        sys.path[:] = setting["path"]
        self._limits, self._largest = setting["limits"], setting["largest"]
        if setting["codec"]:
            self._codec = self._resolver.named(setting["codec"])
        warnings.simplefilter("always")
        warnings.showwarning = self._warned  # type: ignore[assignment]  # it takes what it is given
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for name, kind in _RESOURCES.items():
            if name in self._limits:
                resource.setrlimit(kind, (self._limits[name], self._limits[name]))
        if "cpu" in self._limits:
            most = CPU_CALLS * self._limits["cpu"]
            resource.setrlimit(resource.RLIMIT_CPU, (most, most))

    def _call(
        self, reference: str, is_plugin: bool, args: "list[Any]", kwargs: "dict[str, Any]"
    ) -> "Any":
        self._warnings = []
        if cpu := self._limits.get("cpu"):
            most = CPU_CALLS * cpu
            resource.setrlimit(resource.RLIMIT_CPU, (min(_cpu_used() + cpu, most), most))
        called = self._called.get((reference, is_plugin))
        if called is None:
            called = self._resolver.named(reference)
            if is_plugin:
                called = self._resolver.given_by(called)
            self._called[reference, is_plugin] = called
        if self._codec is not None:
            args, kwargs = coded(self._codec.decode, args, kwargs)
        return called(*args, **kwargs)

    def _warned(self, message: "Any", category: type, *_: object) -> None:
        self._warnings.append(warning_text(category, message))

    def _arm(self, *, is_set: bool) -> None:
        """Have the system end this process when nobody else does, or no longer."""
        if "timeout" in self._limits:
            seconds = self._limits["timeout"] + _GRACE if is_set else 0
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def _frame(self, number: int, outcome: Outcome) -> bytes:
        used = _cpu_used() if "cpu" in self._limits else 0
        answer = [number, used, [_cut(each, _OF_WARNING) for each in self._warnings[:_WARNINGS]]]
        if (error := outcome.error) is not None:
            texts = [_cut(each, _OF_ERROR) for each in (error.type, error.message, error.traceback)]
            return frame_of([*answer, "error", texts])
        try:
            frame = frame_of([*answer, "value", outcome.value])
            if len(frame) <= self._largest:
                return frame
            why = f"it has {len(frame)} bytes, of {self._largest} that may be"
        except (TypeError, ValueError, RecursionError, MemoryError) as error:
            why = str(error) or type(error).__name__
        return frame_of([*answer, "unfit", [why]])

    def _send(self, frame: bytes) -> None:
        while frame := frame[os.write(self._replies, frame) :]:
            pass


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}[and {len(text) - length} more]"


def _cpu_used() -> int:
    """The processor time of this process, in whole seconds, rounded up."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime) + 1
