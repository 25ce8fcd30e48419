"""Runs of pytest in processes of their own, over files that a test has written."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

__all__ = ["outcomes", "run_pytest"]


def run_pytest(
    folder: Path, files: Mapping[str, str], *options: str, path: tuple[str, ...] = ()
) -> str:
    """All that pytest prints about these files, with warnings in them as errors."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text), "utf-8")
    command = ["-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "-ra"]
    done = subprocess.run(
        [sys.executable, *command, f"--rootdir={folder}", *options, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path), "COLUMNS": "500"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.stdout


def outcomes(output: str) -> dict[str, int]:
    """How many tests passed, failed and so on, as the last line says."""
    last = output.rstrip().splitlines()[-1]
    return {word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", last)}
