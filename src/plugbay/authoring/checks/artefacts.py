"""Artefacts: whether what was built has what it ought to have, and nothing else."""

import base64
import csv
import hashlib
import os

from plugbay.authoring.checks.subjects import Declared, Subject
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError
from plugbay.loading.references import look_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.authoring.checks.findings import Finding

__all__ = ["check_places", "check_record", "compare"]

_COMMON = ("benchmarks", "doc", "docs", "example", "examples", "scripts", "test", "tests")
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
# What a build leaves out with good reason.
_LEFT_OUT = (".c", ".cpp", ".h", ".pyc", ".pyx", ".rs", ".in", ".md", ".rst")


def check_places(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Top-level names in a wheel, or installed, that are no package of the project."""
    files = _files(subject)
    place = subject.distribution.path if subject.distribution else subject.place
    tops: dict[str, str] = {}
    for file in files:
        top, _, rest = file.partition("/")
        if rest.endswith(".py"):
            tops.setdefault(top, file)
    for top in sorted(tops):
        if top == "src":
            yield subject.finding("PB403", f"it has {tops[top]!r}, and more below 'src'", place)
        elif top in _COMMON:
            yield subject.finding("PB404", f"it has {tops[top]!r}, and more below {top!r}", place)


def _files(subject: Subject) -> "list[str]":
    """The files of a wheel, or those that RECORD has of an installed distribution."""
    if subject.kind == "wheel" and subject.tree is not None:
        return sorted(subject.tree.files)
    if subject.distribution is None:
        return []
    try:
        text = subject.distribution.read_text("RECORD") or ""
    except UnicodeDecodeError:
        return []
    return [row[0].replace("\\", "/") for row in csv.reader(text.splitlines()) if row]


def check_record(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Files that RECORD does not know, or knows otherwise."""
    if subject.kind == "wheel" and subject.tree is not None:
        yield from _about_record(subject)
    if subject.distribution is None:
        return
    location = subject.distribution.location
    gone = [
        file
        for file in _files(subject)
        if not file.endswith(".pyc") and not os.path.lexists(os.path.join(location, file))
    ]
    if gone:
        said = f"RECORD has {len(gone)} file{'s' * (len(gone) > 1)} not there, first {gone[0]!r}"
        yield subject.finding("PB405", said, os.path.join(subject.distribution.path, "RECORD"))


def _about_record(subject: Subject) -> "Iterator[Finding]":
    tree = subject.tree
    assert tree is not None
    record = next((file for file in tree.files if file.endswith(".dist-info/RECORD")), None)
    if record is None:
        yield subject.finding("PB405", "the wheel has no RECORD", subject.place)
        return
    where = tree.shown(record)
    rows = list(csv.reader(tree.read(where).decode(errors="replace").splitlines()))
    told = {row[0]: row[1] if len(row) > 1 else "" for row in rows if row}
    expected = {each for each in tree.files if not each.endswith(_SIGNATURES)}
    for file in sorted(expected - set(told)):
        yield subject.finding("PB405", f"{file!r} is in the wheel and not in RECORD", where)
    for file in sorted(set(told) - tree.files):
        yield subject.finding("PB405", f"{file!r} is in RECORD and not in the wheel", where)
    for file, digest in sorted(told.items()):
        if digest.startswith("sha256=") and file in tree.files:
            found = hashlib.sha256(tree.read(tree.shown(file))).digest()
            if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != digest[7:].rstrip("="):
                yield subject.finding("PB405", f"{file!r} is not what RECORD says", where)


def compare(source: Subject, built: Subject) -> "Iterator[Finding]":
    """What a project has, and an sdist or wheel of it has not; both have to be of one name."""
    kind = f"the {built.kind}"
    if not any(each.code == "PB108" for each in source.findings):
        yield from _entry_points(source, built)
    told = set()
    for each in source.entry_points:
        here, there = look_up(each.value, source.modules), look_up(each.value, built.modules)
        if here.exists and there.exists is False:
            told.add(_package(each))
            said = f"{each.value!r} is in the {source.kind} and not in {kind}: {there.reason}"
            yield built.finding("PB401", said, built.place)
    for package in sorted({_package(each) for each in source.entry_points} - told - {""}):
        yield from _package_files(source, built, package)


def _entry_points(source: Subject, built: Subject) -> "Iterator[Finding]":
    if built.kind == "sdist" and built.project is None:
        return
    ours, theirs = (
        {(each.group, each.name): each.value.replace(" ", "") for each in those.entry_points}
        for those in (source, built)
    )
    for key in sorted({*ours, *theirs}):
        if ours.get(key) != theirs.get(key):
            said = _difference(ours.get(key), theirs.get(key), source, built)
            yield built.finding("PB407", f"{key[1]!r} of {key[0]!r} {said}", built.place)


def _difference(ours: str | None, theirs: str | None, source: Subject, built: Subject) -> str:
    if theirs is None:
        return f"is in the {source.kind} and not in the {built.kind}"
    if ours is None:
        return f"is in the {built.kind} and not in the {source.kind}"
    return f"is {theirs!r} in the {built.kind} and {ours!r} in the {source.kind}"


def _package(declared: Declared) -> str:
    """The top-level package of a target, "" for what is no target."""
    try:
        return parse_reference(declared.value)[0].partition(".")[0]
    except InvalidReferenceError:
        return ""


def _package_files(source: Subject, built: Subject, package: str) -> "Iterator[Finding]":
    """The files below a package that only the source has."""
    ours, theirs = _below(source, package), _below(built, package)
    if not theirs:
        return
    missing = {file for file in ours - theirs if "tests/" not in file and "/." not in f"/{file}"}
    for file in sorted(missing):
        if file.endswith(".py"):
            said = f"the module {package}/{file} is not in the {built.kind}"
            yield built.finding("PB401", said, built.place)
        elif not file.endswith(_LEFT_OUT):
            said = f"{package}/{file} is not in the {built.kind}"
            yield built.finding("PB402", said, built.place)


def _below(subject: Subject, package: str) -> set[str]:
    tree = subject.tree
    if tree is None:
        return set()
    for root in tree.roots:
        start = f"{root}/{package}/" if root else f"{package}/"
        found = {file[len(start) :] for file in tree.files if file.startswith(start)}
        if found:
            return found
    return set()
