"""Process groups: child processes that lead a session, and are ended with all they have started."""

import os
import signal
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

__all__ = ["end_group", "has_ended", "own_path"]


def end_group(process: "subprocess.Popen[bytes]", *, waits: bool = True) -> None:
    """End a process that leads a session, all in its group, and what left that, where seen."""
    if hasattr(os, "killpg"):
        others = _descendants(process.pid)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        for other in others:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(other, signal.SIGKILL)
    else:
        process.kill()
    if waits:
        process.wait()


def has_ended(process: int) -> bool:
    """Whether a child has ended; it is left to be waited for, which keeps its group's number."""
    if not hasattr(os, "waitid"):
        return False
    try:
        return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # it has been waited for, as by a host that ignores SIGCHLD
        return True


def own_path() -> str:
    """Where a child finds plugbay, before it is told the import path of this process."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _descendants(process: int) -> "list[int]":
    """The children of a process, and theirs, where the system tells (Linux)."""
    found = [process]
    for each in found:  # which grows on the way
        for told in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, told.read_text("ascii").split())
    return found[1:]
