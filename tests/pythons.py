"""The Pythons on this machine that plugbay has to work on, and a fresh process of each."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["INTERPRETERS", "SOURCE", "run"]

SOURCE = str(Path(__file__).resolve().parents[1] / "src")
VERSIONS = ("3.11", "3.12", "3.13")


def run(
    code: str,
    *arguments: str,
    python: str = sys.executable,
    stdin: str = "",
    path: tuple[str, ...] = (),
) -> str:
    """What a program prints in a process that sees the standard library, plugbay and `path` only.

    No site-packages and no `.pth` file has a say. Fails with what the process wrote to stderr.
    """
    start = f"import sys; sys.path[:0] = {[*path, SOURCE]!r}\n"
    done = subprocess.run(
        [python, "-I", "-S", "-B", "-c", start + code, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _candidates() -> Iterator[str]:
    yield sys.executable
    for version in VERSIONS:
        roots = [Path(sys.base_prefix).parent, Path.home() / ".pyenv" / "versions"]
        for root in roots:
            yield from map(str, sorted(root.glob(f"{version}.*/bin/python")))
        yield shutil.which(f"python{version}") or ""


def _version_of(python: str) -> str:
    tell = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [python, "-I", "-S", "-c", tell], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _interpreters() -> dict[str, str]:
    found = {"{}.{}".format(*sys.version_info): sys.executable}
    for python in _candidates():
        version = _version_of(python) if python else ""
        if version in VERSIONS:
            found.setdefault(version, python)
    return dict(sorted(found.items()))


# One interpreter for each version that is here; a version that is missing is not tested.
INTERPRETERS = _interpreters()
