"""Find: which plugins are installed. Nothing in this room runs plugin code.

Two faces of one scan: `entry_points` answers, and raises, as `importlib.metadata` does; `find`
takes a broken distribution for a recorded problem and finds the rest as usual.
"""

import os
import sys

from plugbay.discovery.scan import Winners, is_stock, read_file, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.discovery.distributions import Distribution
    from plugbay.discovery.entry_points import EntryPoint
    from plugbay.discovery.manifests import Manifest
    from plugbay.discovery.scan import Source
    from plugbay.discovery.strict import EntryPoints
    from plugbay.errors import Problem

    # Name, value and group of an entry point.
    Line = tuple[str, str, str]

# What is needed only later, or of a broken or a foreign installation, is imported where it is
# needed: importing it would cost a host more than finding its plugins.

__all__ = ["MANIFEST_FILE", "MANIFEST_GROUP", "Findings", "entry_points", "find", "parse"]

# Where a distribution's manifest is among its metadata, and the group of entry points that lead
# to one elsewhere, see `manifests`.
MANIFEST_FILE = "extra_metadata/plugbay.json"
MANIFEST_GROUP = "plugbay.manifest"


def entry_points(**params: object) -> "EntryPoints":
    """The entry points of all installed distributions, those that match every parameter.

    Same entry points, same winners, same order and same exceptions as
    `importlib.metadata.entry_points(**params)` of the running Python, also for one undecodable or
    malformed file anywhere; `load_group` is the face that survives it. Without parameters Python
    3.11 gives a dict of groups, and this gives the entry points in that dict's order.
    """
    from plugbay.discovery.strict import all_entry_points

    return all_entry_points(params).select(**params)


class Findings:
    """What `find` found.

    `distributions` are those that count, together with those that they hide; `sifted` has of each
    source all children that count, and those that were seen to have an entry_points.txt.
    `has_manifests` is False where none of the distributions has a manifest.
    """

    __slots__ = (
        "_entry_points",
        "_files",
        "_manifests",
        "_problems",
        "_references",
        "distributions",
        "has_manifests",
        "sifted",
    )

    def __init__(self) -> None:
        self.distributions = Winners()
        self.sifted: dict[Source, tuple[list[str], list[str]]] = {}
        self.has_manifests = False
        self._files: list[tuple[Source, Any, list[Line]]] = []
        self._entry_points: list[EntryPoint] | None = None
        self._manifests: dict[Distribution, Manifest | None] = {}
        self._references: dict[Distribution | None, str] | None = None
        self._problems: list[Problem] = []

    def note(self, source: "Source", child: "Any", lines: "list[Line]") -> None:
        """Note what the entry_points.txt of a child has, while its source is open."""
        self._files.append((source, child, lines))
        leads = any(group == MANIFEST_GROUP for *_, group in lines)
        if leads or source.reached([child], MANIFEST_FILE):
            self.has_manifests = True

    def names(self, group: str) -> "list[str]":
        """The names in a group, in the order of discovery."""
        return [name for *_, lines in self._files for name, _, each in lines if each == group]

    @property
    def entry_points(self) -> "list[EntryPoint]":
        """The entry points in the order of discovery."""
        if self._entry_points is None:
            from plugbay.discovery.entry_points import EntryPoint

            found = []
            for source, child, lines in self._files:
                distribution = source.distribution(child)
                found += [EntryPoint(*line, distribution) for line in lines]
            self._entry_points = found
        return self._entry_points

    @property
    def problems(self) -> "list[Problem]":
        """What is wrong with any distribution.

        Whether an absent file is out of reach, as in a directory that may not be entered, is
        looked into when this is first asked for: hosts seldom ask, and start sooner for it.
        """
        sifted, self.sifted = self.sifted, {}
        for source, (children, reached) in sifted.items():
            for child in dict.fromkeys(children).keys() - reached:
                self._look_again(source.distribution(child))
        return self._problems

    def _look_again(self, distribution: "Distribution") -> None:
        try:
            read_file(os.path.join(distribution.path, "entry_points.txt"))
        except OSError as error:
            self.report(distribution, "entry_points.txt", error)

    def manifest(self, distribution: "Distribution") -> "Manifest | None":
        """The manifest of a distribution that was found, read once; its faults are problems."""
        if distribution not in self._manifests:
            manifest = self._manifest_of(distribution)
            self._manifests[distribution] = manifest
            self._problems += manifest.problems if manifest else ()
        return self._manifests[distribution]

    def _manifest_of(self, distribution: "Distribution") -> "Manifest | None":
        if self._references is None:
            self._references = {
                each.dist: each.value for each in self.entry_points if each.group == MANIFEST_GROUP
            }
        reference = self._references.get(distribution)
        if reference is None and not distribution.has(MANIFEST_FILE):
            return None
        from plugbay.discovery.manifests import read_manifest

        return read_manifest(distribution, reference)

    def report(self, distribution: "Distribution | None", file: str, error: Exception) -> None:
        """Record an error of the scan as a problem."""
        from plugbay.discovery.problems import problem_of

        self._problems.append(problem_of(distribution, file, error))


def find(*groups: str) -> Findings:
    """The entry points of the given groups, or of all groups when none is given; never raises.

    An unreadable or malformed distribution is one `Problem`; lines of its entry_points.txt that
    can be read count all the same. A file that does not mention the groups is not looked into
    further than that it is text.
    """
    findings = Findings()
    if is_stock():
        found = scan(sys.path, findings.distributions, findings.report, findings.sifted)
    else:
        from plugbay.discovery.providers import foreign_scan

        found = foreign_scan(findings.distributions, findings.report)
    for source, child, data in found:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            findings.report(source.distribution(child), "entry_points.txt", error)
            continue
        if groups and not _mentions(text, groups):
            continue
        lines, fault = _read(text, groups)
        if lines:
            findings.note(source, child, lines)
        if fault is not None:
            findings.report(source.distribution(child), "entry_points.txt", fault)
    return findings


def _read(text: str, groups: "tuple[str, ...]") -> "tuple[list[Line], SyntaxError | None]":
    """The lines of a text that are in the groups, and its first fault."""
    found = []
    fault = None
    if text[:1] == "\ufeff":
        sentence = "a byte order mark hides the first section from every reader"
        fault = SyntaxError(sentence, (None, 1, 0, ""))
    for number, group, name, value in parse(text):
        if value is None:
            sentence = f"this line has no '=': {name!r}"
            fault = fault or SyntaxError(sentence, (None, number, 0, name))
        elif not groups or group in groups:
            found.append((name, value, group))
    return found, fault


def _mentions(text: str, groups: "tuple[str, ...]") -> bool:
    for group in groups:  # noqa: SIM110 - a generator for each file would take longer than its search
        if group in text:
            return True
    return False


def parse(text: str) -> "Iterator[tuple[int, str, str, str | None]]":
    """Read the text of an entry_points.txt: (line number from 1, group, name, value) of each entry.

    A line that is neither a header nor `name = value` is yielded as a name without a value (None).
    Lines before the first header say nothing.
    """
    group = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] == "#":
            continue
        if line[0] == "[" and line[-1] == "]":
            group = line.strip("[]")
        elif group is not None:
            name, equals, value = line.partition("=")
            yield number, group, name.strip(), value.strip() if equals else None
