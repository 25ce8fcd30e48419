"""The virtual environments the scripts work in: made once, reused until what they hold changes."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".venvs"

GROUPS = {
    "build": ("build",),
    "test": ("test",),
    "check": ("check",),
    "bench": ("test", "bench"),
}
"""The dependency groups of pyproject.toml that each environment holds."""

WITHOUT_CHECKOUT = frozenset({"build"})
"""The environments in which plugbay itself is not installed."""

# These would make a child process find other packages than its own environment has.
_MISLEADING = ("PYTHONHOME", "PYTHONPATH", "PIP_PREFIX", "PIP_TARGET", "PIP_USER")

_PROBE = """
import sys
try:
    import ensurepip, venv
    missing = ""
except ImportError as error:
    missing = error.name
print(getattr(sys, "_base_executable", sys.executable), sys.version.split()[0], missing, sep="\\n")
"""


class SetupError(SystemExit):
    """Something that the scripts need cannot be had; its message ends the script."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that environments can be made with."""

    executable: Path
    version: str

    @property
    def minor(self) -> str:
        """The version up to the minor, such as ``3.11``."""
        return ".".join(self.version.split(".")[:2])


def environment(name: str, python: str | Path = sys.executable) -> Path:
    """The folder of the environment ``name`` of that Python, made or brought up to date if need be.

    It holds the dependency groups that `GROUPS` names, and the checkout, editable. Raises
    `SetupError` when it cannot be made.
    """
    base = interpreter(python)
    folder = VENVS / f"{name}-{base.minor}"
    make_once(folder, _contents(name, base), lambda: _make(folder, name, base))
    return folder


@cache
def interpreter(python: str | Path) -> Interpreter:
    """The Python behind that command; SetupError when no environment can be made with it."""
    probe = run([python, "-I", "-c", _PROBE], failing=f"{python} does not start")
    executable, version, missing = probe.removesuffix("\n").rsplit("\n", 3)[-3:]
    found = Interpreter(Path(executable), version)
    if tuple(map(int, found.minor.split("."))) < (3, 11):
        raise SetupError(f"plugbay needs Python 3.11 or newer; {python} is Python {version}.")
    if missing:
        raise SetupError(
            f"Python {version} at {executable} has no module {missing!r}, which virtual "
            "environments need.\n"
            f"On Debian and Ubuntu it comes with: apt install python{found.minor}-venv"
        )
    return found


def make_once(folder: Path, contents: Mapping[str, object], make: Callable[[], None]) -> bool:
    """Make a folder by calling ``make``, unless it has these contents; whether that was needed.

    What an interrupted run has left is thrown away, and two processes do not make it both.
    """
    stamp = folder / "made-from.json"
    with alone(folder):
        if stamp.is_file() and stamp.read_text("utf-8") == json.dumps(contents):
            return False
        if folder.exists():
            shutil.rmtree(folder)
        make()
        # Written last: its presence says that everything before it was done.
        stamp.write_text(json.dumps(contents), "utf-8")
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Meanwhile no other process is inside this function for the same folder."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks; there it is for the user not to run two.
        yield
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: Sequence[str | Path], *, failing: str, remedy: str = "", cwd: Path = ROOT) -> str:
    """The output of a command that is expected to succeed; SetupError with all of it otherwise."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise SetupError(f"{failing}: {error.strerror}") from error
    if done.returncode:
        told = (done.stdout.rstrip(), f"{failing} (exit code {done.returncode}).", remedy)
        raise SetupError("\n".join(filter(None, told)))
    return done.stdout


def environ() -> dict[str, str]:
    """The process's environment without the variables that lead into other Python environments."""
    return {name: text for name, text in os.environ.items() if name not in _MISLEADING}


def program(folder: Path, name: str) -> Path:
    """The path of a program in the environment at that folder."""
    return scripts(folder) / name


def scripts(folder: Path) -> Path:
    """The folder in which an environment has its programs."""
    return folder / ("Scripts" if os.name == "nt" else "bin")


def _contents(name: str, base: Interpreter) -> dict[str, object]:
    """What an environment depends on; when any of it changes, it is made anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    # Not the settings of linters and the like: they change often, and what is installed does not.
    parts = [project[part] for part in ("build-system", "project", "dependency-groups")]
    parts.append(project["tool"]["hatch"])
    return {
        "python": base.version,
        "executable": str(base.executable.resolve()),
        "folder": str(VENVS),  # an environment does not survive being moved
        "groups": list(GROUPS[name]),
        "pyproject": hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
    }


def _make(folder: Path, name: str, base: Interpreter) -> None:
    where = folder.relative_to(ROOT)
    run([base.executable, "-m", "venv", folder], failing=f"{where} could not be made")
    pip: list[str | Path] = [
        program(folder, "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
    ]
    # Dependency groups are read by pip 25.1 and later.
    requests: list[list[str | Path]] = [["--upgrade", "pip>=25.1"]]
    requests.append([text for group in GROUPS[name] for text in ("--group", group)])
    if name not in WITHOUT_CHECKOUT:
        requests[-1] += ["--editable", ROOT]
    for request in requests:
        run(
            [*pip, "install", "--progress-bar=off", *request],
            failing=f"pip could not install {' '.join(map(str, request))} into {where}",
            remedy="It needs a package index: see that there is a network, then run this again.",
        )
