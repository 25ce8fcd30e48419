"""Where plugbay and the `packaging` of this process disagree about versions and specifiers.

Run by `test_versions.py` in processes of their own, with a corpus on standard input.
"""

from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion
from packaging.version import Version as Reference

from plugbay.compatibility.versions import Version, clauses
from plugbay.errors import InvalidVersionError

__all__ = ["disagreements", "ours", "theirs"]


def ours(specifier: str, version: str) -> str:
    """What plugbay says: "yes", "no", "no version" or "no specifier"."""
    try:
        parts = clauses(specifier)
    except InvalidVersionError:
        return "no specifier"
    try:
        host = Version(version)
    except InvalidVersionError:
        return "no version"
    return "yes" if all(part.admits(host) for part in parts) else "no"


def theirs(specifier: str, version: str) -> str:
    """The same from `packaging`, pre-releases counted."""
    try:
        parts = SpecifierSet(specifier)
    except InvalidSpecifier:
        return "no specifier"
    try:
        host = Reference(version)
    except InvalidVersion:
        return "no version"
    return "yes" if parts.contains(host, prereleases=True) else "no"


def disagreements(specifiers: Iterable[str], versions: list[str]) -> list[list[str]]:
    """Each (specifier, version, what packaging says, what plugbay says) that differs."""
    return [
        [specifier, version, expected, found]
        for specifier in specifiers
        for version in versions
        if (expected := theirs(specifier, version)) != (found := ours(specifier, version))
    ]


if __name__ == "__main__":
    import json
    import sys

    import packaging

    corpus = json.load(sys.stdin)
    found = disagreements(corpus["specifiers"], corpus["versions"])
    print(json.dumps({"file": packaging.__file__, "found": found}))  # noqa: T201  # the answer
