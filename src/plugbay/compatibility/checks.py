"""Checks: the questions that the gate asks about a distribution, in order.

Each is a function that gives a verdict, or None where it has nothing to say; the first verdict
decides.
"""

import sys

import plugbay  # whose errors are imported when one is raised or looked for
from plugbay.compatibility.declarations import read_declarations
from plugbay.compatibility.verdict import Verdict
from plugbay.compatibility.versions import Clause, Version, bounds, clauses, is_contradictory
from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.compatibility.declarations import Declaration
    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.discovery.distributions import Distribution
    from plugbay.discovery.manifests import Manifest

__all__ = ["Case", "decide"]

_PYTHON = Version(".".join(map(str, sys.version_info[:3])))


class Case:
    """A distribution, the host that it is judged for, and what it declares about that host.

    `clauses` are those of all declarations together, and `host` is the host's version as they see
    it, None where it is unknown. Raises whatever reading METADATA raises.
    """

    __slots__ = ("api", "clauses", "declarations", "distribution", "host", "manifest", "policy")

    def __init__(
        self,
        api: "HostApi",
        policy: "Policy",
        distribution: "Distribution",
        manifest: "Manifest | None",
    ) -> None:
        self.api = api
        self.policy = policy
        self.distribution = distribution
        self.manifest = manifest
        self.declarations: list[Declaration] = read_declarations(
            distribution, api.normalized_name, manifest
        )
        self.clauses = [clause for each in self.declarations for clause in each.clauses]
        self.host = _counted(api.known_version(), self.clauses)

    @property
    def declared(self) -> str:
        """All that is declared, as one text."""
        return " and ".join(f"{self.api.name}{each.specifier}" for each in self.declarations)

    @property
    def floor(self) -> str | None:
        """The oldest host that is declared to do."""
        return bounds(self.clauses).floor

    def source_of(self, clause: Clause) -> str:
        """Where a clause is declared."""
        return next(each.source for each in self.declarations if clause in each.clauses)

    def verdict(self, status: str, **facts: "Any") -> Verdict:
        """A verdict on this case."""
        name = f"{self.distribution.name} {self.distribution.version}"
        return Verdict(status, host=str(self.api), distribution=name, **facts)


def decide(case: Case) -> Verdict:
    """The verdict of the first check that has one."""
    for check in _CHECKS:
        verdict = check(case)
        if verdict is not None:
            return verdict
    return _ok(case)


def _counted(version: Version | None, parts: list[Clause]) -> Version | None:
    """The host's version as the clauses see it.

    A development version counts as the release it leads to, unless a clause names one: by the
    letter of the specification 2.0.dev1 satisfies neither `>=2` nor `<2`.
    """
    if version is None or not version.is_development:
        return version
    return version if any(part.names_development for part in parts) else version.base()


def _denied(case: Case) -> Verdict | None:
    api, distribution = case.api, case.distribution
    for denial in api.denied:
        if normalized(denial.distribution) != distribution.normalized_name:
            continue
        version = _version_or_none(distribution.version)
        meant = clauses(denial.versions)
        if not meant or (version and all(each.admits(version) for each in meant)):
            because = f" because {denial.reason}" if denial.reason else ""
            newer = f"install {distribution.name} {denial.fixed_in} or later"
            return case.verdict(
                "denied",
                clause=f"{denial.distribution}{denial.versions}",
                source=f"{api.name}'s deny list",
                reason=f"{api} does not work with it{because}",
                remedy=newer if denial.fixed_in else f"uninstall {distribution.name}",
            )
    return None


def _wrong_python(case: Case) -> Verdict | None:
    requires = case.distribution.headers().first("requires-python") or ""
    try:
        failing = next((each for each in clauses(requires) if not each.admits(_PYTHON)), None)
    except plugbay.InvalidVersionError:
        return None  # what cannot be read forbids nothing; installers take it the same way
    if failing is None:
        return None
    return case.verdict(
        "wrong-python",
        clause=str(failing),
        source="METADATA, Requires-Python",
        reason=f"it needs Python {requires}, and this is Python {_PYTHON}",
        remedy=f"run the host on such a Python, or install another release of "
        f"{case.distribution.name}",
    )


def _invalid(case: Case) -> Verdict | None:
    wrong = [(each.specifier, each.source, each.error) for each in case.declarations if each.error]
    if case.manifest is not None and case.manifest.api_problem:
        wrong.append(("", case.manifest.source, case.manifest.api_problem))
    if not wrong:
        return None
    specifier, source, error = wrong[0]
    return case.verdict(
        "invalid-declaration",
        clause=specifier,
        source=source,
        reason=f"its declaration in {source} cannot be read: {error}",
        remedy=f"install another release of {case.distribution.name}, or tell its author",
    )


def _unknown_host(case: Case) -> Verdict | None:
    if case.host is not None:
        return None
    name = case.api.name
    return case.verdict(
        "unknown-host",
        warns=True,
        reason=f"the version of {name} is {case.api.version!r}, so its plugins are not checked",
        remedy=f"reinstall {name} from a release, or from a checkout with its version tags",
    )


def _out_of_range(case: Case) -> Verdict | None:
    host = case.host
    if host is None:
        return None
    failing = [clause for clause in case.clauses if not clause.admits(host)]
    if not failing:
        return None
    floors = [clause for clause in failing if not _is_cap(clause, host)]
    facts = {
        "clause": f"{case.api.name}{(floors or failing)[0]}",
        "source": case.source_of((floors or failing)[0]),
    }
    if is_contradictory(case.clauses):
        return _contradictory(case, facts)
    return _too_old_host(case, facts) if floors else _too_new_host(case, facts)


def _contradictory(case: Case, facts: dict[str, str]) -> Verdict:
    return case.verdict(
        "contradictory",
        reason=f"it declares {case.declared}, which no version can satisfy",
        remedy=f"install another release of {case.distribution.name}, or tell its author",
        **facts,
    )


def _too_old_host(case: Case, facts: dict[str, str]) -> Verdict:
    assert case.host is not None
    # A floor that the host is above already is not the clause that failed.
    below = case.floor is not None and not Version(case.floor) <= case.host
    newer = f" to {case.floor} or later" if below else " to a release that satisfies it"
    return case.verdict(
        "too-old-host",
        reason=f"it needs {case.declared}, and this is {case.api}",
        remedy=f"upgrade {case.api.name}{newer}, "
        f"or install an older release of {case.distribution.name}",
        **facts,
    )


def _too_new_host(case: Case, facts: dict[str, str]) -> Verdict | None:
    trusted = _is_trusted(case)
    if trusted and (missing := _missing_capability(case)):
        return missing  # a host is trusted with its version, not with what it does not offer
    since = case.api.compatible_since
    keeps = f", compatible since {since}" if since else ""
    name = case.distribution.name
    return case.verdict(
        "too-new-host",
        admitted=trusted,
        warns=True,
        reason=f"it works with {case.declared}, and this is {case.api}{keeps}",
        remedy=f"upgrade {name}: pip install --upgrade {name}",
        **facts,
    )


def _is_cap(clause: Clause, host: Version) -> bool:
    """Whether a clause fails because the host is too new for it."""
    if clause.operator in ("<", "<="):
        return True
    if clause.operator not in ("==", "~=", "==="):
        return False
    bound = _version_or_none(clause.version.removesuffix(".*"))
    return bound is not None and bound <= host


def _is_trusted(case: Case) -> bool:
    """Whether the host asks to be trusted, and still keeps what the plugin was written for."""
    since, floor = case.api.compatible_since, case.floor
    asked = case.policy.caps == "trust-host"
    return bool(asked and since and floor and Version(since) <= Version(floor))


def _missing_capability(case: Case) -> Verdict | None:
    if case.manifest is None:
        return None
    missing = ", ".join(sorted(set(case.manifest.needs) - case.api.capabilities))
    if not missing:
        return None
    return case.verdict(
        "missing-capability",
        clause=missing,
        source=case.manifest.source,
        reason=f"it needs {missing}, which {case.api} does not offer",
        remedy=f"upgrade {case.api.name}, or enable what offers {missing}",
    )


def _undeclared(case: Case) -> Verdict | None:
    own = case.distribution.normalized_name == case.api.normalized_name
    refused = case.policy.undeclared == "refuse"
    if case.declarations or own or (case.host is None and not refused):
        return None
    return case.verdict(
        "undeclared",
        admitted=not refused,
        warns=case.policy.undeclared != "allow",
        reason=f"it does not say which versions of {case.api.name} it works with",
        remedy=f"ask the author of {case.distribution.name} to depend on a range of "
        f"{case.api.name}, such as {_range_around(case)}",
    )


def _range_around(case: Case) -> str:
    """A range that would admit this host: from its minor version to before the next major."""
    if case.host is None:
        return f"'{case.api.name}>=1,<2'"
    numbers = case.host.release or case.host.parsed().release
    minor = ".".join(map(str, (*numbers, 0)[:2]))
    return f"'{case.api.name}>={minor},<{numbers[0] + 1}'"


def _deprecated(case: Case) -> Verdict | None:
    if not case.api.deprecated:
        return None
    name, floor = case.api.name, case.floor
    ending = [
        (version, gone)
        for version, gone in case.api.deprecated.items()
        if floor is not None and Version(floor) <= Version(version)
    ]
    if not ending:
        return None
    version, gone = ending[0]
    for later in ending[1:]:  # the promise that goes first is the one to hear of
        if Version(later[1]) <= Version(gone):
            version, gone = later
    return case.verdict(
        "ok-deprecated",
        warns=True,
        clause=case.declared,
        source=case.declarations[0].source,
        reason=f"it is written for {name} {floor}, "
        f"and {name} {gone} will drop what {version} promised",
        remedy=f"look for a newer release of {case.distribution.name} before that",
    )


def _ok(case: Case) -> Verdict:
    facts = {
        "clause": case.declared,
        "source": ", ".join(dict.fromkeys(each.source for each in case.declarations)),
    }
    if str(case.host) == case.api.version:
        return case.verdict("ok", **facts)
    reason = f"{case.api} counts as {case.host} during its development"
    return case.verdict("ok-development", reason=reason, **facts)


def _version_or_none(text: str) -> Version | None:
    try:
        return Version(text)
    except plugbay.InvalidVersionError:
        return None


_CHECKS = (
    _denied,
    _wrong_python,
    _invalid,
    _out_of_range,
    _missing_capability,
    _undeclared,
    _unknown_host,
    _deprecated,
)
