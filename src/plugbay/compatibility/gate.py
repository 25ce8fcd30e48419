"""Gate: may this plugin run in this host? Decided before any of its code is imported."""

import sys

from plugbay.compatibility.declarations import Declaration, read_declarations
from plugbay.compatibility.policy import Policy
from plugbay.compatibility.verdict import UNCHECKED, Verdict
from plugbay.compatibility.versions import Clause, Version, bounds, clauses, is_contradictory
from plugbay.discovery.distributions import normalized
from plugbay.errors import InvalidVersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.compatibility.host_api import HostApi
    from plugbay.discovery.distributions import Distribution
    from plugbay.discovery.entry_points import EntryPoint
    from plugbay.discovery.manifests import Manifest

__all__ = ["Gate"]

_PYTHON = ".".join(map(str, sys.version_info[:3]))


class Gate:
    """Judges plugins for one host.

    `api` is None where the host's version is not known; then only the policies decide. Later
    policies add their rules to those of earlier ones.
    """

    def __init__(self, api: "HostApi | None", *policies: Policy, host: str = "") -> None:
        self._api = api
        self._policies = policies
        self._policy = policies[0] if policies else Policy()
        self._host = api.normalized_name if api else normalized(host)
        self._version = api.known_version() if api else None
        self._verdicts: dict[int, Verdict] = {}

    def judge(
        self,
        entry_point: "EntryPoint",
        distribution: "Distribution",
        manifest: "Manifest | None",
    ) -> Verdict:
        """The verdict for one plugin; that of the compatibility is shared by its distribution."""
        for policy in self._policies:
            refusal = policy.refusal(
                entry_point.name, distribution.name, entry_point.group, self._host
            )
            if refusal:
                return self._verdict(
                    "denied",
                    distribution,
                    clause=refusal.rule,
                    source=refusal.source,
                    reason=refusal.reason,
                    remedy=refusal.remedy,
                )
        if self._api is None or self._policy.strictness == "off":
            return UNCHECKED
        verdict = self._verdicts.get(id(distribution))
        if verdict is None:
            verdict = self._compatibility(self._api, distribution, manifest)
            if not verdict.admitted and self._policy.strictness == "warn":
                verdict.admitted = True
            self._verdicts[id(distribution)] = verdict
        return verdict

    def _verdict(self, status: str, distribution: "Distribution", **facts: "Any") -> Verdict:
        return Verdict(
            status,
            host=str(self._api or self._host),
            distribution=f"{distribution.name} {distribution.version}",
            **facts,
        )

    def _compatibility(
        self, api: "HostApi", distribution: "Distribution", manifest: "Manifest | None"
    ) -> Verdict:
        """The first check that has something to say decides."""
        try:
            headers = distribution.headers()
        except Exception as error:  # noqa: BLE001 - an archive or a provider may raise anything
            return self._unreadable(distribution, str(error))
        if headers.undecodable is not None:
            return self._unreadable(distribution, f"line {headers.undecodable} is not UTF-8")
        declarations = read_declarations(distribution, api.normalized_name, manifest)
        return (
            self._denied(api, distribution)
            or self._wrong_python(distribution)
            or self._invalid(distribution, declarations, manifest)
            or self._unknown_host(api, distribution)
            or self._out_of_range(api, distribution, declarations, manifest)
            or self._missing_capability(api, distribution, manifest)
            or self._undeclared(api, distribution, declarations)
            or self._deprecated(api, distribution, declarations)
            or self._ok(api, distribution, declarations)
        )

    def _unreadable(self, distribution: "Distribution", what: str) -> Verdict:
        return self._verdict(
            "invalid-declaration",
            distribution,
            source="METADATA",
            reason=f"its METADATA cannot be read ({what}), so what it declares cannot be checked",
            remedy="install it anew over the damaged one: "
            f"pip install --ignore-installed --no-deps {distribution.name}",
        )

    def _denied(self, api: "HostApi", distribution: "Distribution") -> Verdict | None:
        for denial in api.denied:
            if normalized(denial.distribution) != distribution.normalized_name:
                continue
            version = _version_or_none(distribution.version)
            if version and all(each.admits(version) for each in clauses(denial.versions)):
                because = f" because {denial.reason}" if denial.reason else ""
                newer = f" {denial.fixed_in} or later" if denial.fixed_in else ""
                return self._verdict(
                    "denied",
                    distribution,
                    clause=f"{denial.distribution}{denial.versions}",
                    source=f"{api.name}'s deny list",
                    reason=f"{api} does not work with it{because}",
                    remedy=f"install {distribution.name}{newer}" if newer else "uninstall it",
                )
        return None

    def _wrong_python(self, distribution: "Distribution") -> Verdict | None:
        requires = distribution.headers().first("requires-python") or ""
        python = Version(_PYTHON)
        try:
            failing = next((each for each in clauses(requires) if not each.admits(python)), None)
        except InvalidVersionError:
            return None  # what cannot be read forbids nothing; installers read it the same way
        if failing is None:
            return None
        return self._verdict(
            "wrong-python",
            distribution,
            clause=str(failing),
            source="METADATA, Requires-Python",
            reason=f"it needs Python {requires}, and this is Python {_PYTHON}",
            remedy="run the host on such a Python, or install another release of it",
        )

    def _invalid(
        self,
        distribution: "Distribution",
        declarations: list[Declaration],
        manifest: "Manifest | None",
    ) -> Verdict | None:
        facts = next(
            ((each.specifier, each.source, each.error) for each in declarations if each.error), None
        )
        if facts is None and manifest is not None and manifest.api_problem:
            facts = ("", manifest.source, manifest.api_problem)
        if facts is None:
            return None
        specifier, source, error = facts
        return self._verdict(
            "invalid-declaration",
            distribution,
            clause=specifier,
            source=source,
            reason=f"its declaration in {source} cannot be read: {error}",
            remedy=f"ask the author of {distribution.name} to mend it, or install another release",
        )

    def _unknown_host(self, api: "HostApi", distribution: "Distribution") -> Verdict | None:
        if self._version is not None:
            return None
        return self._verdict(
            "unknown-host",
            distribution,
            warns=True,
            reason=f"the version of {api.name} is {api.version!r}, so its plugins are not checked",
            remedy=f"reinstall {api.name} from a release or a checkout with its version tags",
        )

    def _out_of_range(
        self,
        api: "HostApi",
        distribution: "Distribution",
        declarations: list[Declaration],
        manifest: "Manifest | None",
    ) -> Verdict | None:
        parts = [(part, each) for each in declarations for part in each.clauses]
        failing = [(part, each) for part, each in parts if not part.admits(self._counted(parts))]
        if not failing:
            return None
        part, declaration = next(
            ((part, each) for part, each in failing if not self._is_cap(part)), failing[0]
        )
        status = "too-new-host" if self._is_cap(part) else "too-old-host"
        if is_contradictory([part for part, _ in parts]):
            status = "contradictory"
        trusted = status == "too-new-host" and self._is_trusted(api, [part for part, _ in parts])
        # A host is trusted with its version; what it does not offer is missing all the same.
        if trusted and (missing := self._missing_capability(api, distribution, manifest)):
            return missing
        declared = " and ".join(f"{api.name}{each.specifier}" for each in declarations)
        return self._verdict(
            status,
            distribution,
            admitted=trusted,
            warns=True,
            clause=f"{api.name}{part}",
            source=declaration.source,
            **_range_words(
                status, api, distribution, declared, bounds([p for p, _ in parts]).floor
            ),
        )

    def _counted(self, parts: "list[tuple[Clause, Declaration]]") -> Version:
        """The host's version as the clauses see it.

        A development version counts as the release it leads to, unless a clause names one: by the
        letter of the specification 2.0.dev1 satisfies neither `>=2` nor `<2`.
        """
        version = self._version
        assert version is not None
        if version.is_development and not any(part.names_development for part, _ in parts):
            return version.base()
        return version

    def _is_cap(self, part: Clause) -> bool:
        """Whether a failing clause fails because the host is too new for it."""
        assert self._version is not None
        if part.operator in ("<", "<="):
            return True
        if part.operator not in ("==", "~=", "==="):
            return False
        bound = _version_or_none(part.version.removesuffix(".*"))
        return bound is not None and bound <= self._version

    def _is_trusted(self, api: "HostApi", parts: list[Clause]) -> bool:
        floor = bounds(parts).floor
        return (
            self._policy.caps == "trust-host"
            and api.compatible_since is not None
            and floor is not None
            and Version(api.compatible_since) <= Version(floor)
        )

    def _missing_capability(
        self, api: "HostApi", distribution: "Distribution", manifest: "Manifest | None"
    ) -> Verdict | None:
        missing = [] if manifest is None else sorted(set(manifest.needs) - api.capabilities)
        if not missing or manifest is None:
            return None
        listed = ", ".join(missing)
        return self._verdict(
            "missing-capability",
            distribution,
            clause=listed,
            source=manifest.source,
            reason=f"it needs {listed}, which {api} does not offer",
            remedy=f"upgrade {api.name}, or enable what offers {listed}",
        )

    def _undeclared(
        self, api: "HostApi", distribution: "Distribution", declarations: list[Declaration]
    ) -> Verdict | None:
        if declarations or distribution.normalized_name == api.normalized_name:
            return None
        return self._verdict(
            "undeclared",
            distribution,
            admitted=self._policy.undeclared != "refuse",
            warns=self._policy.undeclared != "allow",
            source="METADATA",
            reason=f"it does not say which versions of {api.name} it works with",
            remedy=f"ask the author of {distribution.name} to depend on {_suggested(api)}",
        )

    def _deprecated(
        self, api: "HostApi", distribution: "Distribution", declarations: list[Declaration]
    ) -> Verdict | None:
        if not api.deprecated:
            return None
        floor = bounds([part for each in declarations for part in each.clauses]).floor
        for version, gone in api.deprecated.items():
            if floor is not None and Version(floor) <= Version(version):
                return self._verdict(
                    "ok-deprecated",
                    distribution,
                    warns=True,
                    clause=f"{api.name}{declarations[0].specifier}",
                    source=declarations[0].source,
                    reason=f"it is written for {api.name} {floor}, "
                    f"and {api.name} {gone} will drop what {version} promised",
                    remedy=f"look for a newer release of {distribution.name} before that",
                )
        return None

    def _ok(
        self, api: "HostApi", distribution: "Distribution", declarations: list[Declaration]
    ) -> Verdict:
        declared = " and ".join(f"{api.name}{each.specifier}" for each in declarations)
        facts = {
            "clause": declared,
            "source": ", ".join(dict.fromkeys(each.source for each in declarations)),
        }
        parts = [(part, each) for each in declarations for part in each.clauses]
        counted = self._counted(parts)
        if counted is not self._version:
            reason = f"{api} counts as {counted} during its development"
            return self._verdict("ok-development", distribution, reason=reason, **facts)
        return self._verdict("ok", distribution, **facts)


def _range_words(
    status: str, api: "HostApi", distribution: "Distribution", declared: str, floor: str | None
) -> dict[str, str]:
    """Reason and remedy for a host outside the declared range."""
    name = distribution.name
    if status == "contradictory":
        reason = f"it declares {declared}, which no version can satisfy"
        remedy = f"ask the author of {name} to mend the range, or install another release"
    elif status == "too-old-host":
        reason = f"it needs {declared}, and this is {api}"
        newer = f" to {floor} or later" if floor else ""
        remedy = f"upgrade {api.name}{newer}, or install an older release of {name}"
    else:
        reason = f"it works with {declared}, and this is {api}"
        remedy = f"upgrade it: pip install --upgrade {name}"
    return {"reason": reason, "remedy": remedy}


def _suggested(api: "HostApi") -> str:
    """A declaration that would admit this host: from its minor version to before the next major."""
    version = api.known_version()
    numbers = (version.release or version.parsed().release) if version else (0,)
    minor = ".".join(map(str, (*numbers, 0)[:2]))
    return f"'{api.name}>={minor},<{numbers[0] + 1}'"


def _version_or_none(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersionError:
        return None
