"""Probe: load a plugin in a process of its own, with a time limit, and report how that went."""

import json
import os
import subprocess
import sys
import tempfile

from plugbay.sandbox.process_groups import end_group, own_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.plugins import Plugin

__all__ = ["TIME_LIMIT", "probe", "run_child"]

# Seconds. Long enough for a slow import on a cold disk, short enough to wait for.
TIME_LIMIT = 20.0


def probe(
    plugin: "Plugin[Any]",
    time_limit: float = TIME_LIMIT,
    *,
    schema: bool = False,
    path: "list[str] | None" = None,
) -> "dict[str, Any]":
    """Load the plugin in a child process, and say how that went.

    Gives `loaded`; `milliseconds` and `kind`, the type of what was loaded; `reason` and `remedy`
    where it failed; `output`, what it printed meanwhile; and `told`, all of it in a clause. With
    `schema`, also the JSON Schema of its configuration under that name, None where it has no model.

    The child has this process's import path, unless another `path` is given, and no standard
    input, and is ended with its children when the time limit, in seconds, has passed.
    """
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        answer = os.path.join(folder, "answer.json")
        printed = os.path.join(folder, "printed")
        question = {
            "entry_point": [plugin.name, plugin.target, plugin.group],
            "distribution": [plugin.distribution.location, plugin.distribution.metadata],
            "path": path or sys.path,
            "schema": schema,
            "answer": answer,
        }
        ending = run_child(
            "plugbay.reporting.child", json.dumps(question), printed, time_limit=time_limit
        )
        try:
            with open(answer, encoding="utf-8") as stream:
                result: dict[str, Any] = json.load(stream)
        except (OSError, ValueError):
            result = {
                "loaded": False,
                "reason": f"the process that loaded it {ending}",
                "remedy": f"disable or uninstall {plugin.distribution.name}",
            }
        with open(printed, encoding="utf-8", errors="replace") as stream:
            result["output"] = stream.read()
    result["told"] = _told(result)
    return result


def _told(result: "dict[str, Any]") -> str:
    if not result["loaded"]:
        return str(result["reason"])
    lines = len(result["output"].splitlines())
    printing = f", printing {lines} line{'s' * (lines > 1)}" if lines else ""
    return f"a {result['kind']}, in {result['milliseconds']:.0f} ms{printing}"


def run_child(module: str, question: str, printed: str, *, time_limit: float = TIME_LIMIT) -> str:
    """Run a module in a process of its own, with the question as its argument.

    What it prints goes to the file `printed`. Gives how it ended, as a clause.
    """
    # To a file and not through a pipe, which a process that the plugin leaves behind keeps open.
    with open(printed, "wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", module, question],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": own_path(), "PYTHONIOENCODING": "utf-8"},
        )
    try:
        code = child.wait(time_limit)
    except subprocess.TimeoutExpired:
        return f"did not finish within {time_limit:g} s"
    finally:
        # Also when this process is interrupted, and also what a finished child left behind.
        end_group(child)
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
