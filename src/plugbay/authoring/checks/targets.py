"""Targets: whether what the entry points name is there, told by the text of the modules."""

import sys

from plugbay.authoring.checks.sources import COMPILING
from plugbay.authoring.checks.subjects import Declared, Stated, Subject
from plugbay.authoring.checks.surroundings import SCRIPTS, Surroundings
from plugbay.compatibility.versions import Version, clauses
from plugbay.discovery import MANIFEST_GROUP, normalized
from plugbay.errors import InvalidVersionError, did_you_mean
from plugbay.loading.references import Sighting, look_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.authoring.checks.findings import Finding

__all__ = ["check_targets"]

_CODES = {"reference": "PB201", "module": "PB202", "attribute": "PB203", "syntax": "PB205"}


def check_targets(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """References that are none, and modules and attributes that are not there."""
    for each in subject.entry_points:
        if each.group == MANIFEST_GROUP:
            continue
        sighting = look_up(each.value, subject.modules)
        if sighting.fault == "reference":
            yield subject.finding(
                "PB201", f"{each.name!r} in {each.group!r}: {sighting.reason}", each
            )
            continue
        if each.group in SCRIPTS and ":" not in each.value:
            said = f"the script {each.name!r} is a module, {each.value!r}"
            yield subject.finding("PB207", said, each)
        found = _finding(subject, each, sighting)
        if found is not None:
            yield found


def _finding(subject: Subject, declared: Declared, sighting: Sighting) -> "Finding | None":
    if sighting.exists:
        return None
    said = f"{declared.name!r} is {declared.value!r}, and {sighting.reason}"
    said += f"; {sighting.hint}" if sighting.hint else ""
    if sighting.exists is None or _is_beyond(subject, declared, sighting):
        return subject.finding("PB204", said, declared)
    code = _CODES[sighting.fault]
    if code == "PB205":
        return subject.finding(code, said, Stated("", sighting.path, sighting.line))
    if code == "PB202":
        said += _closest(subject, declared)
    return subject.finding(code, said, declared)


def _is_beyond(subject: Subject, declared: Declared, sighting: Sighting) -> bool:
    """Whether what is missing may be there all the same, where this cannot look."""
    if sighting.fault == "syntax":
        return not _is_for_this_python(subject)
    if sighting.fault != "module":
        return False
    module = declared.value.partition(":")[0].strip()
    top = module.partition(".")[0]
    if any(_name(each.text) == normalized(top) for each in subject.requires):
        return subject.modules.find(top) is None
    if not subject.is_source:
        return False
    backend = (
        str(subject.project.get("build-system").get("build-backend")) if subject.project else ""
    )
    is_compiled = subject.tree is not None and subject.tree.is_compiled(module)
    return backend.partition(".")[0] in COMPILING or is_compiled


def _is_for_this_python(subject: Subject) -> bool:
    here = Version(".".join(map(str, sys.version_info[:3])))
    try:
        wanted = clauses(subject.requires_python.text if subject.requires_python else "")
    except InvalidVersionError:
        return True
    return all(each.admits(here) for each in wanted)


def _name(requirement: str) -> str:
    import re

    return normalized(re.match(r"[\w.-]*", requirement)[0])  # type: ignore[index]  # it matches all


def _closest(subject: Subject, declared: Declared) -> str:
    """The end of a message about a module that is not there: one that is, and is called alike."""
    if subject.tree is None:
        return ""
    modules = {
        file[len(root) + bool(root) :]
        .removesuffix(".py")
        .removesuffix("/__init__")
        .replace("/", ".")
        for file in subject.tree.files
        for root in subject.tree.roots
        if file.endswith(".py") and file.startswith(f"{root}/" if root else "")
        if root or not file.startswith("src/")
    }
    hint = did_you_mean(declared.value.partition(":")[0].strip(), modules, ())
    return f"; {hint}" if hint.startswith("did") else ""
