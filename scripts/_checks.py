"""Checks style, types and the direction of imports: a line for each check, then what failed."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import _environments
from _environments import ROOT

AT_ONCE = 2


@dataclass(frozen=True)
class Result:
    """How a check went."""

    name: str
    passed: bool
    seconds: float
    output: str


def main(_arguments: list[str]) -> int:
    commands = checks(_environments.environment("check"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = []
        for result in pool.map(lambda item: run(*item), commands.items()):
            word = "passed" if result.passed else "FAILED"
            print(f"{result.name:<14} {word}   {result.seconds:5.1f} s", flush=True)
            results.append(result)
    failed = [result for result in results if not result.passed]
    for result in failed:
        print(f"\n{result.name}\n{'-' * len(result.name)}\n{result.output.strip()}")
    return 1 if failed else 0


def checks(folder: Path) -> dict[str, list[str | Path]]:
    """The checks by name, each a command of the environment in that folder."""
    program = partial(_environments.program, folder)
    sources = [".", *scripts_without_suffix()]
    return {
        "ruff check": [program("ruff"), "check", *sources],
        "ruff format": [program("ruff"), "format", "--check", *sources],
        "mypy": [program("mypy")],
        "pyright": [program("pyright"), "--pythonpath", program("python")],
        "lint-imports": [program("lint-imports")],
        # They need both type checkers, which the environment of the tests does not have.
        "typing tests": [program("python"), "-m", "pytest", "-q", "tests/typing"],
    }


def scripts_without_suffix() -> list[str]:
    """The Python scripts that ruff would not know for what they are."""
    files = (path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix)
    return sorted(
        str(file.relative_to(ROOT))
        for file in files
        if file.read_bytes().startswith(b"#!/usr/bin/env python3")
    )


def run(name: str, command: list[str | Path]) -> Result:
    start = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=_environments.environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return Result(name, done.returncode == 0, time.perf_counter() - start, done.stdout)
