"""Outcomes: what an installer has changed, and what the gate says to it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugbay.compatibility.host_api import HostApi
from plugbay.discovery import normalized
from plugbay.installing.plans import Command, Plan
from plugbay.installing.requests import Request
from plugbay.installing.snapshots import Snapshot, take_snapshot

__all__ = ["Outcome", "carry_out", "outcome_of"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of a request.

    `failed` is the command that failed and how, in a clause, None if all went well. `changes` are
    (name, version before, version after), the versions empty where there was or is none. `moved`
    are those of the changes that a pin was to prevent. `plugins` are the records of plugins of
    what was named or has changed, or that can be used no more, or only now; `problems` those of
    the same distributions. Of both there are also those that a command that failed may have
    stumbled over. `unmet` has a sentence for each name that is not as requested.
    """

    failed: tuple[Command, str] | None
    changes: list[tuple[str, str, str]]
    moved: list[tuple[str, str, str]]
    plugins: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    unmet: list[str]

    @property
    def fine(self) -> bool:
        """Whether all is as requested, no host was changed, and every plugin can be used."""
        wrong = self.failed or self.moved or self.problems or self.unmet
        return not wrong and not any(each["finding"] for each in self.plugins)

    def record(self) -> dict[str, Any]:
        """The outcome as plain data."""
        return {
            "fine": self.fine,
            "failed": {"command": self.failed[0], "how": self.failed[1]} if self.failed else None,
            "changes": [_change(each) for each in self.changes],
            "hosts_changed": [_change(each) for each in self.moved],
            "plugins": self.plugins,
            "problems": self.problems,
            "unmet": self.unmet,
        }


def carry_out(
    plan: Plan,
    request: Request,
    apis: Iterable[HostApi],
    *,
    tell: Callable[[Command], object] = bool,
    output: Any = None,
) -> Outcome:
    """Run the commands of a plan, up to the first that fails, and see what has come of it.

    `tell` is called with each before it is run. What they say goes to `output`, a file, or to where
    this process writes. Raises SnapshotError.
    """
    apis = list(apis)
    before = take_snapshot(apis, request.names)
    failed = None
    with _constrained(plan) as environment:
        for command in plan.commands:
            tell(command)
            if how := _run(command, environment, output):
                failed = (command, how)
                break
    after = take_snapshot(apis, request.names, before)
    return outcome_of(request, before, after, failed)


def outcome_of(
    request: Request, before: Snapshot, after: Snapshot, failed: tuple[Command, str] | None = None
) -> Outcome:
    """What the difference between two snapshots means for a request."""
    changes = _changes(before, after)
    pinned = {normalized(each) for each in request.pins}
    meant = {*request.names, *(normalized(name) for name, _, _ in changes)}
    usable = {_key(each): each["usable"] for each in before.plugins}
    return Outcome(
        failed,
        changes,
        [each for each in changes if normalized(each[0]) in pinned],
        [
            each
            for each in after.plugins
            if normalized(each["distribution"]["name"]) in meant
            or usable.get(_key(each), True) != each["usable"]
            or (failed and _is_unreadable(each))
        ],
        [each for each in after.problems if failed or normalized(each["distribution"]) in meant],
        [] if failed else list(_unmet(request, after)),
    )


@contextmanager
def _constrained(plan: Plan) -> Iterator[dict[str, str]]:
    """The environment for the commands, with a file of the constraints beside the user's own."""
    environment = dict(os.environ)
    if not plan.constraints:
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        file = Path(folder, "constraints.txt")
        file.write_text("\n".join(plan.constraints) + "\n", encoding="utf-8")
        for variable in ("PIP_CONSTRAINT", "UV_CONSTRAINT"):
            environment[variable] = f"{environment.get(variable, '')} {file}".strip()
        yield environment


def _run(command: Command, environment: dict[str, str], output: Any) -> str:
    """Run a command; gives how it failed, empty where it did not."""
    sys.stdout.flush()  # so that what was said before stands before it
    try:
        code = subprocess.run(command, stdout=output, env=environment, check=False).returncode
    except OSError as error:
        return str(error)
    return f"exit code {code}" if code else ""


def _changes(before: Snapshot, after: Snapshot) -> list[tuple[str, str, str]]:
    found = []
    for key in sorted(before.versions.keys() | after.versions.keys()):
        name, old = before.versions.get(key, ["", ""])
        name, new = after.versions.get(key, [name, ""])
        if old != new:
            found.append((name, old, new))
    return found


def _unmet(request: Request, after: Snapshot) -> Iterable[str]:
    for name in request.names:
        there = after.versions.get(name)
        if request.verb == "uninstall" and there:
            yield f"{' '.join(there)} is still installed: something needs it, or is in its place"
        elif request.verb != "uninstall" and not there:
            yield f"{name.replace('_', '-')} is not installed where this application looks"


def _is_unreadable(plugin: dict[str, Any]) -> bool:
    return any(each["question"] == "readable" for each in plugin["steps"][-1:])


def _key(plugin: dict[str, Any]) -> tuple[str, str, str]:
    return plugin["group"], plugin["name"], normalized(plugin["distribution"]["name"])


def _change(change: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("name", "before", "after"), change, strict=True))
