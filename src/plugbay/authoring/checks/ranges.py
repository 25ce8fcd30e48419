"""Ranges: what a distribution declares about its hosts, before any host has to refuse it."""

from packaging.requirements import InvalidRequirement, Requirement

from plugbay.authoring.checks.described import described
from plugbay.authoring.checks.subjects import Stated, Subject
from plugbay.authoring.checks.surroundings import Host, Surroundings, is_plugin_group
from plugbay.compatibility.declarations import Declaration, read_declarations
from plugbay.compatibility.versions import Version, bounds, clauses, is_contradictory
from plugbay.discovery import normalized
from plugbay.errors import InvalidVersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.authoring.checks.findings import Finding

__all__ = ["check_ranges"]


class _Requirements:
    """One requirement, as declarations are read of a distribution."""

    def __init__(self, *texts: str) -> None:
        self._texts = texts

    def headers(self) -> "dict[str, tuple[str, ...]]":
        return {"requires-dist": self._texts}


class _Claim:
    """All that a subject declares for one host, each with its place."""

    def __init__(self, subject: Subject, name: str, host: Host | None) -> None:
        self.subject = subject
        self.host = host
        self.name = host.api.name if host else name
        wanted = normalized(name)
        self.declared: list[tuple[Declaration, Stated]] = [
            (each, stated)
            for stated in subject.requires
            for each in _declarations(wanted, _Requirements(stated.text))
        ]
        manifest, where = described(subject)
        if manifest is not None:
            nothing: Any = _Requirements()
            found = read_declarations(nothing, wanted, manifest)
            self.declared += [(each, where) for each in found]
        self.bare = [each for each in subject.requires if _is_on(each.text, wanted)]
        good = [each for each, _ in self.declared if not each.error]
        self.clauses = [clause for each in good for clause in each.clauses]

    @property
    def text(self) -> str:
        """All that is declared."""
        return " and ".join(f"{self.name}{each.specifier}" for each, _ in self.declared)

    @property
    def where(self) -> Stated:
        """The first place that declares something, else the first entry point."""
        places = [*(where for _, where in self.declared), *self.bare]
        if places:
            return places[0]
        first = next(each for each in self.subject.entry_points if is_plugin_group(each.group))
        return Stated("", first.file, first.line)


def check_ranges(subject: Subject, around: Surroundings) -> "Iterator[Finding]":
    """For each host: whether a range is declared, can be read, and can be kept."""
    names = dict.fromkeys(
        each.group.partition(".")[0] for each in subject.entry_points if is_plugin_group(each.group)
    )
    own = normalized(subject.name)
    found: list[Finding] = []
    for name in names:
        claim = _Claim(subject, name, around.host(name))
        known = claim.host is not None or claim.declared or claim.bare
        if known and normalized(name) != own:
            found += _about(claim)
    yield from found
    told = {(each.file, each.line) for each in found if each.code == "PB306"}
    for each in subject.requires if subject.is_source else ():
        if (each.file, each.line) not in told:
            yield from _unreadable(subject, each)


def _unreadable(subject: Subject, stated: Stated) -> "Iterator[Finding]":
    try:
        Requirement(stated.text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        said = f"the requirement {stated.text!r} cannot be read: {reason}"
        yield subject.finding("PB306", said, stated)


def _about(claim: _Claim) -> "Iterator[Finding]":
    subject, name = claim.subject, claim.name
    unreadable = [(each, where) for each, where in claim.declared if each.error]
    for each, where in unreadable:
        yield subject.finding("PB306", f"it declares {name}{each.specifier}: {each.error}", where)
    if unreadable:
        return
    if not claim.declared:
        if claim.bare and "@" not in claim.bare[0].text:
            said = f"it depends on any version of {name}"
            yield subject.finding("PB302", said, claim.where, _range(claim))
        else:
            said = f"it is a plugin of {name}, and does not say of which versions"
            yield subject.finding("PB301", said, claim.where, _range(claim))
        return
    if is_contradictory(claim.clauses):
        said = f"it declares {claim.text}, which no version can satisfy"
        yield subject.finding("PB304", said, claim.where)
        return
    yield from _about_ends(claim)
    yield from _about_host(claim)


def _about_ends(claim: _Claim) -> "Iterator[Finding]":
    subject, said = claim.subject, f"it declares {claim.text}"
    exact = [
        each for each in claim.clauses if each.operator in ("==", "===") and not each.is_prefix
    ]
    if exact:
        yield subject.finding("PB305", f"{said}, which is one version only", claim.where)
        return
    ends = bounds(claim.clauses)
    if ends.lower is None:
        said += ", which any old version satisfies"
        yield subject.finding("PB302", said, claim.where, _range(claim))
    elif ends.upper is None:
        said += ", which has no end"
        yield subject.finding("PB303", said, claim.where)


def _about_host(claim: _Claim) -> "Iterator[Finding]":
    """What can only be told where the host is known."""
    host = claim.host
    version = host.api.known_version() if host else None
    if host is None or version is None:
        return
    if version.is_development and not any(each.names_development for each in claim.clauses):
        version = version.base()
    if not all(each.admits(version) for each in claim.clauses):
        said = f"it declares {claim.text}, and this is {host.api}"
        yield claim.subject.finding("PB307", said, claim.where)
    floor = bounds(claim.clauses).floor
    numbers = version.release or version.parsed().release
    minor = Version(".".join(map(str, (*numbers, 0)[:2])))
    if floor is not None and minor <= Version(floor):
        # An older host, which may run on an older Python, would not do either.
        yield from _about_python(claim, host)


def _about_python(claim: _Claim, host: Host) -> "Iterator[Finding]":
    stated = claim.subject.requires_python
    try:
        theirs = bounds(clauses(host.python)).floor
        ours = bounds(clauses(stated.text if stated else "")).floor
    except InvalidVersionError as error:
        if stated is not None:
            yield claim.subject.finding("PB306", f"requires-python: {error}", stated)
        return
    if theirs is None or (ours is not None and Version(theirs) <= Version(ours)):
        return
    said = f"it requires Python {stated.text}" if stated else "it requires no Python"
    said += f", and {host.api} requires {host.python}"
    remedy = f'Write requires-python = "{host.python}".'
    yield claim.subject.finding("PB308", said, stated or claim.where, remedy)


def _declarations(host: str, requirements: "Any") -> list[Declaration]:
    return read_declarations(requirements, host, None)


def _is_on(requirement: str, host: str) -> bool:
    """Whether a requirement is on the host, in whatever way and under whatever marker."""
    end = next((at for at, each in enumerate(requirement) if each in " ;[(@<>=!~"), None)
    return normalized(requirement[:end]) == host


def _range(claim: _Claim) -> str:
    version = claim.host.api.known_version() if claim.host else None
    if version is None:
        return ""
    numbers = version.release or version.parsed().release
    minor = ".".join(map(str, (*numbers, 0)[:2]))
    return f"Depend on a range, such as '{claim.name}>={minor},<{numbers[0] + 1}'."
