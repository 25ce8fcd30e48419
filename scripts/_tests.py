"""Runs the tests in an environment of their own: test [--all-pythons] [PYTEST ARGUMENTS]."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import _environments
from _environments import ROOT, Interpreter, SetupError

VERSIONS = ("3.11", "3.12", "3.13")


def main(arguments: list[str]) -> int:
    everywhere = "--all-pythons" in arguments
    rest = [argument for argument in arguments if argument != "--all-pythons"]
    pythons = found() if everywhere else [_environments.interpreter(sys.executable)]
    if everywhere:
        for python in pythons:
            print(f"found Python {python.version:<8} {python.executable}")
        for version in sorted(set(VERSIONS) - {python.minor for python in pythons}):
            print(f"found no Python {version}")
    codes = {python.version: tested(python, rest) for python in pythons}
    if everywhere:
        for version, code in codes.items():
            print(f"Python {version}: {'passed' if code == 0 else f'failed, exit code {code}'}")
    return max(codes.values())


def tested(python: Interpreter, arguments: list[str]) -> int:
    """The exit code of pytest in the test environment of that Python."""
    start = time.perf_counter()
    folder = _environments.environment("test", python.executable)
    took = time.perf_counter() - start
    where = folder.relative_to(ROOT)
    print(f"Python {python.version} in {where}, ready in {took:.1f} s", flush=True)
    command: list[str | Path] = [
        _environments.program(folder, "python"),
        "-m",
        "pytest",
        *arguments,
    ]
    code = subprocess.run(command, cwd=ROOT, env=_environments.environ()).returncode
    # A process that was killed by a signal has a negative one.
    return code if code >= 0 else 128 - code


def found() -> list[Interpreter]:
    """One interpreter for each version, the running one among them, from old to new."""
    pythons: dict[str, Interpreter] = {}
    for candidate in candidates():
        try:
            python = _environments.interpreter(candidate)
        except SetupError:
            continue  # a name on PATH that does not start, or not with what it takes
        pythons.setdefault(python.minor, python)
    return [pythons[minor] for minor in sorted(pythons, key=minor_number)]


def candidates() -> Iterator[str]:
    """Commands that may be one of the Pythons, the preferred ones first."""
    yield sys.executable
    for version in VERSIONS:
        on_path = shutil.which(f"python{version}")
        if on_path:
            yield on_path
        for folder in pyenv_versions():
            # The newest patch release first.
            patches = sorted(folder.glob(f"{version}.*"), key=patch, reverse=True)
            yield from (str(path / "bin" / f"python{version}") for path in patches)


def pyenv_versions() -> Iterator[Path]:
    """The folders in which pyenv keeps the Pythons that it has installed."""
    root = os.environ.get("PYENV_ROOT")
    if root:
        yield Path(root) / "versions"
    beside = Path(sys.base_prefix).parent
    if beside.name == "versions":
        yield beside


def patch(path: Path) -> tuple[int, str]:
    """The patch release that a folder such as ``3.12.1`` is named after, for sorting."""
    last = path.name.rpartition(".")[2]
    return (int(last), "") if last.isdecimal() else (-1, last)


def minor_number(version: str) -> int:
    return int(version.split(".")[1])
