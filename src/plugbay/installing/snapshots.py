"""Snapshots: what is installed and how the gate judges it, as a host that is started now finds it.

The running process has imported modules of what an installer replaces, and has an import path
from before; so a new process looks.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from plugbay.compatibility.host_api import HostApi
from plugbay.sandbox.process_groups import own_path

__all__ = ["Snapshot", "SnapshotError", "take_snapshot"]

# Seconds. It reads metadata only, of thousands of distributions on a slow disk at worst.
TIME_LIMIT = 120.0

# Wherever this plugbay comes from: one that is installed is found first.
_PROGRAM = """
import sys
sys.path.append(sys.argv[2])
from plugbay.installing.child import main
main(sys.argv[1])
"""


class SnapshotError(RuntimeError):
    """The process that had to look did not answer; the message has the last it said."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is installed: `versions` are (name, version) by normalised name.

    `plugins` are records as of `plugbay why --json`, with `usable` and `finding`; those of admitted
    plugins that were not looked into have no steps. `problems` are those of distributions.
    """

    versions: dict[str, list[str]]
    plugins: list[dict[str, Any]]
    problems: list[dict[str, Any]]


def take_snapshot(
    apis: Iterable[HostApi] = (), names: Iterable[str] = (), before: Snapshot | None = None
) -> Snapshot:
    """Look in a fresh process; `apis` are what plugins are judged by instead of installed hosts.

    The plugins of the distributions of these normalised names are looked into, down to whether
    their targets exist, and of those that have changed since `before`. Raises SnapshotError.
    """
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        answer = os.path.join(folder, "answer.json")
        question = {
            "apis": [_told(each) for each in apis],
            "names": list(names),
            "before": before.versions if before else None,
            "answer": answer,
        }
        asked = os.path.join(folder, "question.json")
        with open(asked, "w", encoding="utf-8") as stream:
            json.dump(question, stream)
        said = _run([sys.executable, "-P", "-c", _PROGRAM, asked, own_path()])
        try:
            with open(answer, encoding="utf-8") as stream:
                found = json.load(stream)
        except (OSError, ValueError) as error:
            last = (said.strip().splitlines() or ["it said nothing"])[-1]
            raise SnapshotError(f"what is installed now cannot be told: {last}") from error
    return Snapshot(found["distributions"], found["plugins"], found["problems"])


def _run(command: list[str]) -> str:
    """What a command says; its answer is in a file, since `.pth` files may print at any start."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it took more than {TIME_LIMIT:g} s"
    except OSError as error:
        return str(error)
    return done.stdout.decode("utf-8", "replace")


def _told(api: HostApi) -> dict[str, Any]:
    return {
        "name": api.name,
        "version": api.version,
        "compatible_since": api.compatible_since,
        "capabilities": sorted(api.capabilities),
        "deprecated": api.deprecated,
        "denied": [
            (each.distribution, each.versions, {"reason": each.reason, "fixed_in": each.fixed_in})
            for each in api.denied
        ],
    }
