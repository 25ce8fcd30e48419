"""Fingerprints: which plugins a process has, so that those of two can be compared.

The digest of an installed distribution is that of its RECORD, which has the digests of its files
(specification "Recording installed projects"); of an editable one, that of its plugin's sources.
"""

import json
import os
from dataclasses import dataclass
from hashlib import sha256

from plugbay.discovery import MANIFEST_GROUP, find, read_file
from plugbay.discovery.modules import find_module, package_directories
from plugbay.groups import Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from plugbay.discovery.distributions import Distribution, EntryPoint

__all__ = ["Reference", "difference", "fingerprint", "installed_reference"]


@dataclass(frozen=True, slots=True)
class Reference:
    """An installed plugin as another process can find it; the digest is empty if any will do."""

    group: str
    name: str
    distribution: str
    version: str
    digest: str = ""


def installed_reference(name: str, entry_point: "EntryPoint", *, has_digest: bool) -> Reference:
    """The reference to what an entry point declares, by its name in the host."""
    distribution = entry_point.dist
    assert distribution is not None  # what was discovered has one
    digest = _digest(distribution, entry_point) if has_digest else ""
    release = distribution.name, distribution.version
    return Reference(entry_point.group, name, *release, digest)


def fingerprint(groups: "Mapping[str, Mapping[str, Any]]") -> "dict[tuple[str, str], Reference]":
    """The plugins of these groups that this process has, with digests, by group and name.

    `groups` has the options with which each is discovered.
    """
    found: dict[tuple[str, str], Reference] = {}
    findings = find(*groups, MANIFEST_GROUP)
    for group, options in groups.items():
        conflict = options.get("on_conflict", "first")
        settled: Group[Any] = Group(group, findings, on_conflict=conflict)
        for name, plugin in settled.plugins.items():
            entry_point = plugin.entry_point
            found[group, name] = installed_reference(name, entry_point, has_digest=True)
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


def _digest(distribution: "Distribution", entry_point: "EntryPoint") -> str:
    record = None if _is_editable(distribution) else distribution.read_bytes("RECORD")
    hashed = sha256(entry_point.value.encode())
    if record is not None:
        hashed.update(b"\n".join(sorted(filter(_counts, record.splitlines()))))
        return hashed.hexdigest()
    for name, path in _sources(entry_point.module.partition(".")[0]):
        hashed.update(name.encode() + b"\0" + (read_file(path) or b"") + b"\0")
    return hashed.hexdigest()


def _counts(line: bytes) -> bool:
    """Whether a line of RECORD is the same wherever a distribution is installed.

    Scripts have the path of their interpreter, and installers note what they have done.
    """
    path, digest, *_ = [*line.split(b","), b""]
    is_own = path.endswith((b"/INSTALLER", b"/REQUESTED", b"/direct_url.json", b".pyc"))
    return bool(digest) and not is_own and not path.startswith((b"..", b"/"))


def _is_editable(distribution: "Distribution") -> bool:
    """Whether it is a link to sources (specification "Direct URL Data Structure")."""
    try:
        told = json.loads(distribution.read_bytes("direct_url.json") or b"{}")
        return bool(told["dir_info"]["editable"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _sources(top: str) -> "Iterator[tuple[str, str]]":
    """The Python files of a top-level module or package, with their names below it, in order."""
    directories = package_directories(top)
    if not directories and (file := find_module(top)):
        yield os.path.basename(file.path), file.path
    for directory in directories:
        for folder, folders, files in os.walk(directory):
            folders.sort()
            for path in (os.path.join(folder, each) for each in sorted(files)):
                if path.endswith(".py"):
                    yield os.path.relpath(path, directory), path
