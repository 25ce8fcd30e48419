"""Described: the manifest of what is checked, and whether it is true."""

import json

from plugbay.authoring.checks.subjects import Stated, Subject
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.discovery import MANIFEST_GROUP
from plugbay.discovery.manifests import Manifest
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.authoring.checks.findings import Finding
    from plugbay.authoring.checks.subjects import Declared

__all__ = ["check_age", "check_manifest", "described"]

_EXTRA = ("tool", "hatch", "build", "targets", "wheel", "extra-metadata")


def described(subject: Subject) -> "tuple[Manifest | None, Stated]":
    """The manifest of a subject as far as it can be read, and where it is."""
    for where in (_stated(subject), _referred(subject), _written(subject)):
        if where is None:
            continue
        try:
            content = json.loads(where.text)
        except (ValueError, RecursionError):
            return None, where
        return Manifest(where.file, content, subject.name, where.file), where
    return None, Stated("", subject.place)


def check_manifest(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """A manifest that is missing, cannot be read, or speaks of plugins that there are not."""
    for each in subject.entry_points:
        if each.group == MANIFEST_GROUP and _file(subject, each) is None:
            said = f"{each.value!r} leads to no file {subject.modules.name}"
            yield subject.finding("PB602", said, each)
    manifest, where = described(subject)
    if manifest is None and where.text:
        yield subject.finding("PB601", f"the manifest is not JSON: {_fault(where.text)}", where)
    if manifest is None:
        return
    for problem in manifest.problems:
        yield subject.finding("PB601", f"the manifest is wrong: {problem.reason}", where)
    if any(each.code == "PB108" for each in subject.findings):
        return  # which plugins there are is not known before it is built
    groups = json.loads(where.text).get("plugins", {}) if not manifest.problems else {}
    names = {(each.group, each.name) for each in subject.entry_points}
    for group, plugins in groups.items():
        for name in plugins:
            if (group, name) in names:
                continue
            known = [each for of, each in names if of == group]
            said = f"the manifest has facts about {name!r} in {group!r}, which is no entry point"
            hint = did_you_mean(name, known, ())
            end = f"; {hint}" if hint.startswith("did") else ""
            yield subject.finding("PB603", said + end, _within(where, subject, group, name))


def check_age(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """A manifest in the package that was not written again since the project has changed.

    JSON Schemas are not compared: they are made of the code, which is not imported for this.
    """
    where, project = _referred(subject), subject.project
    if where is None or project is None or "plugbay" not in project.get("tool"):
        return
    try:
        content = json.loads(where.text)
    except (ValueError, RecursionError):
        return  # which is told already
    if _without_schemas(content) != _without_schemas(project.get("tool", "plugbay")):
        said = f"{where.file} is not what [tool.plugbay] of {project.file} says"
        yield subject.finding("PB605", said, where)


def _without_schemas(content: "Any") -> "Any":
    """A manifest without what is made of the code, and without groups that say nothing."""
    if isinstance(content, dict):
        kept = {key: _without_schemas(each) for key, each in content.items() if key != "config"}
        return {key: each for key, each in kept.items() if each != {}}
    return content


def _fault(text: str) -> str:
    try:
        json.loads(text)
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:
        return str(error)
    return ""


def _within(where: Stated, subject: Subject, group: str, name: str) -> Stated:
    """The place of a plugin in the text of a manifest."""
    if subject.project and where.file == subject.project.file:
        line = subject.project.line("tool", "plugbay", "plugins", group, name)
        return Stated("", where.file, line)
    word = json.dumps(name)
    lines = where.text.splitlines()
    found = (number for number, line in enumerate(lines, 1) if f"{word}:" in line)
    return Stated("", where.file, next(found, None))


def _stated(subject: Subject) -> Stated | None:
    """The manifest in the metadata, or what the build backend will put there."""
    if subject.manifest is not None or subject.project is None or subject.tree is None:
        return subject.manifest
    for source, target in subject.project.get(*_EXTRA).items():
        path = source.removeprefix("./")
        if target == "plugbay.json" and path in subject.tree.files:
            text = subject.tree.read(subject.tree.shown(path)).decode(errors="replace")
            return Stated(text, subject.tree.shown(path))
    return None


def _referred(subject: Subject) -> Stated | None:
    """The manifest that an entry point leads to."""
    for each in subject.entry_points:
        path = _file(subject, each) if each.group == MANIFEST_GROUP else None
        if path is not None:
            return Stated(subject.modules.read(path).decode(errors="replace"), path)
    return None


def _file(subject: Subject, declared: "Declared") -> str | None:
    try:
        package, file, _ = parse_reference(declared.value)
    except InvalidReferenceError:
        return None
    return subject.modules.find_file(package, file or "plugbay.json")


def _written(subject: Subject) -> Stated | None:
    """The manifest that the build hook makes of `[tool.plugbay]`."""
    if subject.project is None or "plugbay" not in subject.project.get("tool"):
        return None
    text = json.dumps(subject.project.get("tool", "plugbay"), default=str)
    return Stated(text, subject.project.file, subject.project.line("tool", "plugbay"))
