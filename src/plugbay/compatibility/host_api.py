"""HostApi: what a host promises to plugins, and whom it turns away."""

import plugbay  # whose errors are imported when one is raised or looked for
from plugbay.compatibility.versions import Version, clauses
from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Denial", "HostApi"]

# What version tools write when they found none (versioneer, setuptools-scm and their kin).
_UNKNOWN = ("", "0+unknown", "0.0.0", "unknown")


class Denial:
    """Releases of a distribution that the host is known not to work with.

    `versions` is a specifier (empty: all), `reason` a clause behind "because", `fixed_in` the
    first good release if there is one. Raises InvalidVersionError for a wrong specifier.
    """

    __slots__ = ("distribution", "fixed_in", "reason", "versions")

    def __init__(
        self, distribution: str, versions: str = "", *, reason: str = "", fixed_in: str = ""
    ) -> None:
        clauses(versions)
        self.distribution = distribution
        self.versions = versions
        self.reason = reason
        self.fixed_in = fixed_in

    def __repr__(self) -> str:
        return f"Denial({self.distribution!r}, {self.versions!r}, reason={self.reason!r})"


class HostApi:
    """The API that a host offers to plugins.

    `name` is that of the host's distribution and `version` the API's version; a version that
    cannot be read is an unknown one, which has a verdict of its own. `compatible_since` is the
    oldest version whose promises are still kept, `capabilities` names what plugins may need,
    `deprecated` maps an API version to the one that will drop it, and `denied` lists releases of
    plugins that are known to be broken.

    Raises InvalidVersionError when `compatible_since` or a version in `deprecated` is none, or
    `compatible_since` is later than `version`.
    """

    __slots__ = (
        "_known",
        "capabilities",
        "compatible_since",
        "denied",
        "deprecated",
        "name",
        "version",
    )

    def __init__(
        self,
        name: str,
        version: str,
        compatible_since: str | None = None,
        capabilities: "Iterable[str]" = (),
        *,
        deprecated: "Mapping[str, str] | None" = None,
        denied: "Iterable[Denial]" = (),
    ) -> None:
        self.name = name
        self.version = str(version)
        self.compatible_since = compatible_since
        self.capabilities = frozenset(capabilities)
        self.deprecated = dict(deprecated or {})
        self.denied = tuple(denied)
        for each in (*self.deprecated, *self.deprecated.values()):
            Version(each)
        self._known = _known(self.version)
        since = None if compatible_since is None else Version(compatible_since)
        if since and self._known and not since <= self._known:
            raise plugbay.InvalidVersionError(
                f"{self} cannot be compatible since {since}, which is a later version"
            )

    @property
    def normalized_name(self) -> str:
        """The name as distributions are compared by it."""
        return normalized(self.name)

    def known_version(self) -> Version | None:
        """The version, or None where it is a placeholder or no version at all."""
        return self._known

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def __repr__(self) -> str:
        return f"HostApi({self.name!r}, {self.version!r})"


def _known(version: str) -> Version | None:
    if version in _UNKNOWN:
        return None
    try:
        return Version(version)
    except plugbay.InvalidVersionError:
        return None
