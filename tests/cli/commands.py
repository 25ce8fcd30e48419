"""The command for tests, run as a person runs it: in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["SOURCES", "Run", "runner"]

SOURCES = Path(__file__).parents[2] / "src"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def runner(site: Path) -> Run:
    """What runs the command where this directory is on the path, without colour."""

    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        path = os.pathsep.join([str(site), str(SOURCES)])
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PLUGBAY_")}
        kept = {key: kept[key] for key in kept if key not in ("NO_COLOR", "FORCE_COLOR")}
        return subprocess.run(
            [sys.executable, "-m", "plugbay", *arguments],
            env={**kept, "PYTHONPATH": path, **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run
