"""What the tests of sandboxes look at: processes, and programs that use a sandbox and end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pythons import SOURCE

from plugbay import Sandbox

__all__ = ["LINUX", "Program", "children", "eventually", "is_healthy", "is_running", "numbers"]

# What is looked up there is not to be had elsewhere.
LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def _stat(process: int) -> list[str]:
    """State and parent of a process; nothing if it is not there."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return []


def is_running(process: int) -> bool:
    """Whether it is there, and has not ended without anybody who waits for it."""
    return _stat(process)[:1] not in ([], ["Z"], ["X"])


def children() -> set[int]:
    """The child processes of this one, ended ones that nobody has waited for too."""
    found = [int(each.name) for each in Path("/proc").glob("[0-9]*")]
    return {each for each in found if _stat(each)[1:] == [str(os.getpid())]}


def eventually(question: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether something comes true, which may take so long."""
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_healthy(sandbox: Sandbox, module: str = "hostile") -> bool:
    """Whether the next call of something in the same module works."""
    return bool(sandbox.run(f"{module}:add", 1, 2).unwrap() == 3)


def numbers(text: str) -> list[int]:
    """The numbers of processes that a call has printed."""
    return [int(each) for each in text.split()]


class Program:
    """A program in an interpreter of its own, which leads a session and says what it has to say.

    It sees the standard library, plugbay, the hostile functions and `path` only, and what it
    leaves behind for a while is below `folder`.
    """

    def __init__(self, code: str, folder: Path, *path: str) -> None:
        paths = [*path, str(Path(__file__).parent), SOURCE]
        start = (
            f"import sys; sys.path[:0] = {paths!r}\n"
            "import os, signal, threading, time\n"
            "import endless, hostile\n"
            "from plugbay import Sandbox\n"
            "def say(*words): print(*words, flush=True)\n"
        )
        self.folder = folder / "temporary"
        self.folder.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", start + code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "TMPDIR": str(self.folder)},
            start_new_session=True,
        )

    def line(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def end(self) -> tuple[int, list[str]]:
        """How it ended, and the lines that are left of what it said."""
        told, self.errors = self.process.communicate(timeout=60)
        return self.process.returncode, told.splitlines()

    @property
    def left(self) -> list[str]:
        """The temporary folders that are there."""
        return os.listdir(self.folder)
