"""What to do about an import that failed, as far as the metadata can tell."""

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    for line in distribution.headers().get("requires-dist", ()):
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.name.lower().replace("-", "_") != top.lower():
            continue
        for extra in distribution.headers().get("provides-extra", ()):
            if requirement.marker and requirement.marker.evaluate({"extra": extra}):
                return f"install it with its extra: pip install '{distribution.name}[{extra}]'"
        return f"install what it requires: pip install {requirement.name}"
    return f"install the package that provides {top!r}, or ask its author to require it"
