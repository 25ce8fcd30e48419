"""Requirements: the range of a host's versions that a new plugin declares."""

from dataclasses import dataclass, field

from plugbay.authoring.scaffolds.hosts import HostFacts
from plugbay.authoring.scaffolds.naming import check_name
from plugbay.compatibility.versions import Version, clauses
from plugbay.discovery import normalized
from plugbay.errors import InvalidVersionError, ProjectError

__all__ = ["Range"]


@dataclass
class Range:
    """The versions of a host from one of its API on, up to the next major one.

    `specifier` is that range. A development version is its own lower bound, as installers would
    not take it otherwise. `is_separate` says that the API has versions of its own, which are not
    those that an installer could choose by.

    Raises ProjectError for what is no version, or says nothing.
    """

    host: str
    api_version: str
    facts: HostFacts | None
    specifier: str = field(init=False)
    is_separate: bool = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.host)
        self.specifier = _specifier(self.host, self.api_version)
        facts = self.facts
        self.is_separate = facts is not None and not _admits(
            _specifier(self.host, facts.api_version), facts.version
        )

    def is_default(self, group: str) -> bool:
        """Whether `load_group` compares with the installed version of this host by itself."""
        return normalized(group.partition(".")[0]) == normalized(self.host)

    def tables(self) -> str:
        """The lines of pyproject.toml that declare it."""
        whole = f'"{self.host}{self.specifier}"'
        if not self.is_separate:
            return f"dependencies = [{whole}]"
        return (
            f'dependencies = ["{self.host}"]\n\n[project.optional-dependencies]\n'
            f"# The API has versions of its own, other than those of the distribution.\n"
            f"{self.host}-api = [{whole}]"
        )

    @property
    def oldest(self) -> str:
        """The requirement that the oldest supported host meets."""
        if self._version.is_development:
            return f"{self.host}=={self._version.parsed().public}"
        return f"{self.host}=={_minor(self._version)}.*"

    @property
    def prerelease(self) -> str:
        """A requirement that pre-releases of the host meet, and those of nothing else."""
        return f"{self.host}>={_minor(self._version)}.dev0"

    @property
    def _version(self) -> Version:
        """What can be installed: of a host whose API has versions of its own, the one here."""
        facts = self.facts if self.is_separate else None
        return Version(facts.version if facts else self.api_version)


def _specifier(host: str, api_version: str) -> str:
    try:
        version = Version(api_version)
    except InvalidVersionError as error:
        raise ProjectError(f"the API version of {host}: {error}") from None
    lowest = version.parsed().public if version.is_development else _minor(version)
    return f">={lowest},<{_epoch(version)}{version.parsed().major + 1}"


def _minor(version: Version) -> str:
    parsed = version.parsed()
    return f"{_epoch(version)}{parsed.major}.{parsed.minor}"


def _epoch(version: Version) -> str:
    epoch = version.parsed().epoch
    return f"{epoch}!" if epoch else ""


def _admits(specifier: str, version: str) -> bool:
    try:
        known = Version(version)
    except InvalidVersionError:
        return True  # nothing can be told of it
    return all(each.admits(known) for each in clauses(specifier))
