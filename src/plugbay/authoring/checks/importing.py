"""Importing: what a target does when it is imported, in a process of its own."""

import json
import os
import sys
import tempfile
from contextlib import contextmanager

from plugbay.authoring.checks.subjects import Declared, Subject
from plugbay.authoring.checks.trees import Installed, Tree
from plugbay.discovery import MANIFEST_GROUP
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError
from plugbay.reporting.probe import run_child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.authoring.checks.findings import Finding

__all__ = ["BUDGET", "findings_of", "import_targets"]

# Milliseconds that an import may take, unless somebody says otherwise.
BUDGET = 500.0

_SEEN = {
    "files": ("PB704", "writes"),
    "sockets": ("PB705", "uses the network:"),
    "processes": ("PB706", "starts"),
    "threads": ("PB707", "starts the threads"),
    "changes": ("PB708", "changes"),
}


def import_targets(subject: Subject) -> "list[tuple[Declared, dict[str, Any]]]":
    """Import the target of each entry point in a process of its own, and say what that did.

    Each answer has `loaded`, and `reason` where that is False; `milliseconds`; `kind`, the type of
    what was found; `modules` that were imported; `output`; and what was seen of `files` written,
    `sockets`, `processes`, `threads` and `changes` to the process.
    """
    answers = []
    asked = {}
    with _import_path(subject) as path:
        for each in subject.entry_points:
            try:
                module, attribute, _ = parse_reference(each.value)
            except InvalidReferenceError:
                continue
            target = (module, attribute or "")
            if each.group == MANIFEST_GROUP:
                continue
            if target not in asked:
                asked[target] = _imported(target, path)
            answers.append((each, asked[target]))
    return answers


def findings_of(
    subject: Subject, answers: "list[tuple[Declared, dict[str, Any]]]", budget: float = BUDGET
) -> "Iterator[Finding]":
    """What is wrong in the answers; of entry points with one target only for the first."""
    told = set()
    for declared, answer in answers:
        if declared.value not in told:
            told.add(declared.value)
            yield from _about(subject, declared, answer, budget)


def _about(
    subject: Subject, declared: Declared, answer: "dict[str, Any]", budget: float
) -> "Iterator[Finding]":
    what = f"importing {declared.value!r}"
    if not answer["loaded"]:
        yield subject.finding("PB701", f"{what} fails: {answer['reason']}", declared)
    if answer["milliseconds"] > budget:
        took = f"{answer['milliseconds']:.0f} ms, {len(answer['modules'])} modules"
        yield subject.finding("PB702", f"{what} takes {took}; {budget:g} ms are fine", declared)
    if answer["output"] and answer["loaded"]:
        lines = answer["output"].splitlines()
        said = f"{what} prints {len(lines)} line{'s' * (len(lines) > 1)}, first {lines[0]!r}"
        yield subject.finding("PB703", said, declared)
    for key, (code, verb) in _SEEN.items():
        if answer[key]:
            more = f" and {len(answer[key]) - 3} more" if len(answer[key]) > 3 else ""
            said = f"{what} {verb} {', '.join(answer[key][:3])}{more}"
            yield subject.finding(code, said, declared)


def _imported(target: "tuple[str, str]", path: list[str]) -> "dict[str, Any]":
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        file, printed = os.path.join(folder, "answer.json"), os.path.join(folder, "printed")
        module, attribute = target
        question = {"target": (module, ":", attribute), "path": path, "answer": file}
        ending = run_child("plugbay.authoring.checks.watched", json.dumps(question), printed)
        nothing: dict[str, Any] = {key: [] for key in (*_SEEN, "modules")}
        answer = {**nothing, "milliseconds": 0.0, "kind": "", "loaded": False}
        answer["reason"] = f"the process {ending}"
        try:
            with open(file, encoding="utf-8") as stream:
                answer |= json.load(stream)
        except (OSError, ValueError):
            pass  # it has ended before it could answer
        with open(printed, encoding="utf-8", errors="replace") as stream:
            answer["output"] = stream.read()
    return answer


@contextmanager
def _import_path(subject: Subject) -> "Iterator[list[str]]":
    """`sys.path` for the import of a subject; of an archive, with its files in a folder."""
    if isinstance(subject.modules, Installed):
        yield [*subject.modules.roots, *sys.path]
        return
    tree = subject.modules
    if os.path.isdir(tree.place):
        yield [*_roots(tree, tree.place), *sys.path]
        return
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        for file in tree.files:
            path = os.path.join(folder, *file.split("/"))
            if os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as stream:
                    stream.write(tree.read(tree.shown(file)))
        yield [*_roots(tree, folder), *sys.path]


def _roots(tree: Tree, folder: str) -> list[str]:
    return [os.path.abspath(os.path.join(folder, each)) for each in tree.roots]
