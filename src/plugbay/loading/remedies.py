"""What to do about an import that failed, as far as the metadata can tell."""

from plugbay.discovery.metadata import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.markers import Marker

    from plugbay.discovery.distributions import Distribution

__all__ = ["for_missing_module"]


def for_missing_module(target: str, distribution: "Distribution", missing: str) -> str:
    """How to get a module that the plugin's import did not find, as the end of a sentence.

    `missing` is the dotted name that was not found. A requirement of that name is looked for among
    those of the distribution: its extra, if it has one, is what to install.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    top = missing.partition(".")[0]
    if top == target.partition(":")[0].partition(".")[0]:
        return f"reinstall or upgrade {distribution.name}, which should bring {missing!r}"
    try:
        headers = distribution.headers()
    except Exception:  # noqa: BLE001 - an archive or a provider may raise anything
        headers = Headers()
    for line in headers.get("requires-dist", ()):
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.name.lower().replace("-", "_") != top.lower():
            continue
        if _holds(requirement.marker, ""):
            return f"install what it requires: pip install {requirement.name}"
        for extra in headers.get("provides-extra", ()):
            if _holds(requirement.marker, extra):
                return f"install it with its extra: pip install '{distribution.name}[{extra}]'"
    return f"install the package that provides {top!r}, or ask its author to require it"


def _holds(marker: "Marker | None", extra: str) -> bool:
    try:
        return marker is None or marker.evaluate({"extra": extra})
    except ValueError:
        return False  # it compares what cannot be compared here, such as a kernel's release
