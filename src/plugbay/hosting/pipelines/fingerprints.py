"""Fingerprints: which plugins a process has, so that those of two can be compared.

The digest of an installed distribution is that of its RECORD, which has the digests of its files
(specification "Recording installed projects"); of an editable one, that of its plugin's sources.
"""

import json
import os
from dataclasses import dataclass
from hashlib import sha256

from plugbay.discovery import find
from plugbay.discovery.distributions import read_file
from plugbay.discovery.modules import find_module, package_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plugbay.discovery.distributions import Distribution
    from plugbay.discovery.entry_points import EntryPoint

__all__ = ["Reference", "difference", "fingerprint", "reference_to"]


@dataclass(frozen=True, slots=True)
class Reference:
    """An installed plugin as another process can find it; the digest is empty if any will do."""

    group: str
    name: str
    distribution: str
    version: str
    digest: str = ""


def reference_to(entry_point: "EntryPoint", *, has_digest: bool) -> Reference:
    """The reference to what an entry point declares."""
    distribution = entry_point.dist
    assert distribution is not None  # what was discovered has one
    digest = _digest(distribution, entry_point.module) if has_digest else ""
    names = distribution.name, distribution.version
    return Reference(entry_point.group, entry_point.name, *names, digest)


def fingerprint(groups: "Iterable[str]") -> "dict[tuple[str, str], Reference]":
    """The plugins of these groups that this process has, with digests, by group and name."""
    found: dict[tuple[str, str], Reference] = {}
    for each in find(*groups).entry_points:
        if (each.group, each.name) not in found:  # of two plugins of a name the first one wins
            found[each.group, each.name] = reference_to(each, has_digest=True)
    return found


def difference(wanted: Reference, have: Reference | None) -> str:
    """What is different of a plugin that a process has, as a clause; empty where nothing is."""
    if have is None:
        return f"it has no plugin {wanted.name!r} in {wanted.group!r}"
    if have.distribution != wanted.distribution:
        release = f"{have.distribution} {have.version}"
        return f"its {wanted.name!r} is of {release}, and not of {wanted.distribution}"
    if have.version != wanted.version:
        return f"it has {have.distribution} {have.version}, and not {wanted.version}"
    if wanted.digest and have.digest != wanted.digest:
        return f"its {have.distribution} {have.version} has other files"
    return ""


def _digest(distribution: "Distribution", module: str) -> str:
    record = None if _is_editable(distribution) else distribution.read_bytes("RECORD")
    if record is not None:
        return sha256(record).hexdigest()
    hashed = sha256()
    for path in _sources(module.partition(".")[0]):
        hashed.update(os.path.basename(path).encode() + b"\0" + (read_file(path) or b"") + b"\0")
    return hashed.hexdigest()


def _is_editable(distribution: "Distribution") -> bool:
    """Whether it is a link to sources (specification "Direct URL Data Structure")."""
    try:
        told = json.loads(distribution.read_bytes("direct_url.json") or b"{}")
        return bool(told["dir_info"]["editable"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _sources(top: str) -> "Iterator[str]":
    """The Python files of a top-level module or package, always in the same order."""
    directories = package_directories(top)
    if not directories and (file := find_module(top)):
        yield file.path
    for directory in directories:
        for folder, folders, files in os.walk(directory):
            folders.sort()
            yield from (os.path.join(folder, each) for each in sorted(files) if each[-3:] == ".py")
