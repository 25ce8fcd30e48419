"""Checking: every check on every subject, all findings at once, and nothing imported."""

from plugbay.authoring.checks.answers import check_hooks
from plugbay.authoring.checks.artefacts import check_places, check_record, compare
from plugbay.authoring.checks.described import check_age, check_manifest
from plugbay.authoring.checks.findings import Finding, in_order
from plugbay.authoring.checks.neighbours import (
    check_clashes,
    check_copies,
    check_leftovers,
    check_snapshot,
)
from plugbay.authoring.checks.ranges import check_ranges
from plugbay.authoring.checks.rules import ERROR
from plugbay.authoring.checks.sources import read_source
from plugbay.authoring.checks.subjects import Subject
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.authoring.checks.tables import check_extras, check_groups, check_names, check_tables
from plugbay.authoring.checks.targets import check_targets
from plugbay.authoring.checks.trees import read_folder
from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["check", "errors_of"]

# What can be told of the project alone; the build hook asks for these.
_OF_PROJECTS: "list[Callable[[Subject, Surroundings], Iterable[Finding]]]" = [
    check_tables,
    check_names,
    check_targets,
    check_extras,
    check_ranges,
    check_manifest,
    check_age,
    check_hooks,
]
_OTHERS: "list[Callable[[Subject, Surroundings], Iterable[Finding]]]" = [
    check_groups,
    check_places,
    check_record,
    check_clashes,
    check_copies,
    check_leftovers,
    check_snapshot,
]


def check(subjects: "list[Subject]", around: Surroundings) -> list[Finding]:
    """Everything that is found, in the order of the files.

    Of subjects of one name, what was built is also held against the project.
    """
    found = []
    for subject in subjects:
        found += subject.findings
        for each in (*_OF_PROJECTS, *_OTHERS):
            found += each(subject, around)
    for source, built in _pairs(subjects):
        found += compare(source, built)
    return in_order(found)


def errors_of(folder: str) -> list[Finding]:
    """The errors of the project in a folder, whatever else is installed; with paths in there."""
    tree = read_folder(folder)
    tree.place = "."
    subject = Subject("source tree", ".", tree, tree)
    read_source(subject, tree)
    found = [*subject.findings]
    for each in _OF_PROJECTS:
        found += each(subject, Surroundings())
    return in_order([each for each in found if each.severity == ERROR])


def _pairs(subjects: "list[Subject]") -> "Iterator[tuple[Subject, Subject]]":
    """Each source with each artefact that may be made of it; a wheel may be made of an sdist."""
    order = ("source tree", "sdist", "wheel")
    for source in subjects:
        for built in subjects:
            if source.kind in order[:2] and built.kind in order[1:]:
                same = normalized(source.name) == normalized(built.name)
                if same and order.index(source.kind) < order.index(built.kind):
                    yield source, built
