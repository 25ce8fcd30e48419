"""Find: which plugins are installed. Nothing in this room runs plugin code.

Two faces of one scan: `entry_points` answers, and raises, as `importlib.metadata` does; `find`
takes a broken distribution for a recorded problem and finds the rest as usual.
"""

import os
import sys

from plugbay.discovery.distributions import Distribution, read_file
from plugbay.discovery.entry_points import EntryPoint, parse
from plugbay.discovery.scan import Winners, is_stock, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.discovery.manifests import Manifest
    from plugbay.discovery.scan import Source
    from plugbay.discovery.strict import EntryPoints
    from plugbay.errors import Problem

# What only a broken or a foreign installation needs is imported where it is needed: importing it
# would cost a host more than finding its plugins.

__all__ = ["MANIFEST_GROUP", "Findings", "entry_points", "find"]

# Its entry points lead to manifests, see `manifests`.
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

    `entry_points` are in the order of discovery, `distributions` by normalised name, together
    with those that they hide; `absent` are those without an entry_points.txt, as far as known.
    """

    __slots__ = (
        "_manifests",
        "_problems",
        "_references",
        "absent",
        "distributions",
        "entry_points",
    )

    def __init__(self) -> None:
        self.entry_points: list[EntryPoint] = []
        self.distributions = Winners()
        self.absent: dict[Source, list[str]] = {}
        self._manifests: dict[Distribution, Manifest | None] = {}
        self._references: dict[Distribution | None, str] | None = None
        self._problems: list[Problem] = []

    @property
    def problems(self) -> "list[Problem]":
        """What is wrong with any distribution.

        Whether an absent file is out of reach, as in a directory that may not be entered, is
        looked into when this is first asked for: hosts seldom ask, and start sooner for it.
        """
        absent, self.absent = self.absent, {}
        for distribution in (
            source.distribution(child) for source, children in absent.items() for child in children
        ):
            try:
                read_file(os.path.join(distribution.path, "entry_points.txt"))
            except OSError as error:
                self.report(distribution, "entry_points.txt", error)
        return self._problems

    def manifest(self, distribution: Distribution) -> "Manifest | None":
        """The manifest of a distribution that was found, read once; its faults are problems."""
        if distribution not in self._manifests:
            manifest = self._manifest_of(distribution)
            self._manifests[distribution] = manifest
            self._problems += manifest.problems if manifest else ()
        return self._manifests[distribution]

    def _manifest_of(self, distribution: Distribution) -> "Manifest | None":
        if self._references is None:
            self._references = {
                each.dist: each.value for each in self.entry_points if each.group == MANIFEST_GROUP
            }
        reference = self._references.get(distribution)
        if reference is None and not distribution.has("extra_metadata/plugbay.json"):
            return None
        from plugbay.discovery.manifests import read_manifest

        return read_manifest(distribution, reference)

    def report(self, distribution: Distribution | None, file: str, error: Exception) -> None:
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
        found = scan(sys.path, findings.distributions, findings.report, findings.absent)
    else:
        from plugbay.discovery.providers import foreign_scan

        found = foreign_scan(findings.distributions, findings.report)
    wanted = [group.encode() for group in groups]
    for source, child, data in found:
        if wanted and not _concerns(data, wanted):
            continue
        distribution = source.distribution(child)
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            findings.report(distribution, "entry_points.txt", error)
            continue
        fault = _take(text, groups, distribution, findings.entry_points)
        if fault is not None:
            findings.report(distribution, "entry_points.txt", fault)
    return findings


def _take(
    text: str, groups: tuple[str, ...], distribution: Distribution, found: list[EntryPoint]
) -> SyntaxError | None:
    """Add the entry points of the groups to those found; gives the first fault of the text."""
    fault = None
    if text[:1] == "\ufeff":
        sentence = "a byte order mark hides the first section from every reader"
        fault = SyntaxError(sentence, (None, 1, 0, ""))
    for number, group, name, value in parse(text):
        if value is None:
            sentence = f"this line has no '=': {name!r}"
            fault = fault or SyntaxError(sentence, (None, number, 0, name))
        elif not groups or group in groups:
            found.append(EntryPoint(name, value, group, distribution))
    return fault


def _concerns(data: bytes, groups: list[bytes]) -> bool:
    """Whether a file may have something to say about the groups, or may not be text at all."""
    for group in groups:
        if group in data:
            return True
    return not data.isascii()
