"""Declarations: what a distribution says about the host APIs that it works with.

Three places count, and all that are found must hold: a `Requires-Dist` on the host's
distribution, one under the extra `<host>-api` (which installs nothing), and the manifest.
"""

import plugbay  # whose errors are imported when one is raised or looked for
from plugbay.compatibility.versions import Clause, clauses
from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.discovery.distributions import Distribution
    from plugbay.discovery.manifests import Manifest

__all__ = ["Declaration", "compatible", "read_declarations"]

_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


class Declaration:
    """One specifier for a host API, and the `source` that states it.

    `error` says what is wrong with a specifier that cannot be read; it then has no `clauses`.
    """

    __slots__ = ("clauses", "error", "source", "specifier")

    def __init__(self, source: str, specifier: str) -> None:
        self.source = source
        self.specifier = specifier
        self.error = ""
        self.clauses: list[Clause] = []
        try:
            self.clauses = clauses(specifier)
        except plugbay.InvalidVersionError as error:
            self.error = str(error)
            return
        if specifier.startswith(("<", "!")):
            # Build backends sort the clauses as text; people read the lower bound first.
            ordered = sorted(self.clauses, key=lambda each: each.operator[0] in "<!")
            self.specifier = ",".join(each.text for each in ordered)


def read_declarations(
    distribution: "Distribution", host: str, manifest: "Manifest | None"
) -> list[Declaration]:
    """Every declaration of the distribution for the host, given by its normalised name."""
    found = []
    start = host.partition("_")[0]  # which is the same in every spelling, but for its case
    for requirement in distribution.headers().get("requires-dist", ()):
        if not requirement.lower().startswith(start):
            continue  # as most are on something else
        name, rest = _split_name(requirement)
        if normalized(name) == host and (declaration := _declaration(requirement, rest, host)):
            found.append(declaration)
    if manifest is not None:
        for name, specifier in manifest.api.items():
            if normalized(name or host) == host and specifier.strip():
                found.append(Declaration(manifest.source, compatible(specifier)))
    return found


def compatible(specifier: str) -> str:
    """A bare version in a manifest means the releases compatible with it."""
    bare = specifier.strip()
    return f"~={bare}" if bare[:1].isdigit() and "." in bare else bare


def _declaration(requirement: str, rest: str, host: str) -> Declaration | None:
    """The declaration that a requirement on the host makes, if it makes one here.

    `rest` is what follows the name: extras, specifier or address, and a marker behind `;`.
    """
    if rest[:1] == "[":
        rest = rest.partition("]")[2].lstrip()
    if rest[:1] == "@":
        return None  # an address says where to get the host, not which versions will do
    specifier, _, marker = rest.partition(";")
    source = _source(marker.strip(), host)
    specifier = specifier.strip()
    if specifier[:1] == "(" and specifier[-1:] == ")":
        specifier = specifier[1:-1]
    if source is None or not specifier.strip():
        return None
    return Declaration(source, specifier.strip())


def _source(marker: str, host: str) -> str | None:
    """Where a declaration with this marker stands; None when the marker rules it out here."""
    plain = "METADATA, Requires-Dist"
    if not marker:
        return plain
    extra = _plain_extra(marker)
    if extra is None:
        extra = _extra_that_admits(marker, host)
    if extra == "":
        return plain
    if extra is not None and normalized(extra) == f"{host}_api":
        return f"{plain} under the extra {extra}"
    return None


def _plain_extra(marker: str) -> str | None:
    """The name in a marker that is just `extra == "name"`; None for any other marker."""
    left, equals, right = marker.partition("==")
    name = right.strip()
    if not equals or left.strip() != "extra" or name[:1] not in ("'", '"'):
        return None
    quote, name = name[0], name[1:]
    return name[:-1] if name.find(quote) == len(name) - 1 else None


def _extra_that_admits(marker: str, host: str) -> str | None:
    """The extra under which the marker holds: '' for none, the API extra, None for neither."""
    from packaging.markers import InvalidMarker, Marker

    try:
        parsed = Marker(marker)
    except InvalidMarker:
        return ""  # what it restricts cannot be told, so it is taken to restrict nothing
    if _compares_extra_otherwise(marker):
        return None
    api_extra = f"{host}-api".replace("_", "-")
    try:
        return next((extra for extra in ("", api_extra) if parsed.evaluate({"extra": extra})), None)
    except ValueError:
        return ""  # it compares what cannot be compared here, such as a kernel's release


def _compares_extra_otherwise(marker: str) -> bool:
    """Whether `extra` is compared by something else than `==`, which no tool reads alike."""
    import re

    return bool(re.search(r"\bextra\b(?!\s*==)", re.sub(r"'[^']*'|\"[^\"]*\"", "''", marker)))


def _split_name(requirement: str) -> tuple[str, str]:
    end = 0
    for character in requirement:
        if character not in _NAME:
            break
        end += 1
    return requirement[:end], requirement[end:].lstrip()
