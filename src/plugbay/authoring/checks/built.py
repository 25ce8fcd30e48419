"""Built: wheels and installed distributions as subjects, by what their metadata says."""

import json
import os
import sys
from urllib.parse import unquote, urlsplit

from plugbay.authoring.checks.findings import Finding
from plugbay.authoring.checks.subjects import Declared, Stated, Subject
from plugbay.authoring.checks.trees import Installed, Tree
from plugbay.discovery import MANIFEST_FILE, normalized, parse
from plugbay.discovery.distributions import Distribution
from plugbay.discovery.metadata import Headers

__all__ = ["editable_folder", "open_installed", "open_wheel"]


def open_wheel(place: str, tree: Tree) -> Subject:
    """A wheel."""
    subject = Subject("wheel", place, tree, tree)
    tree.roots += [
        f"{each}/{part}"
        for each in {file.partition("/")[0] for file in tree.files}
        for part in ("purelib", "platlib")
        if each.endswith(".data")
    ]
    folders = sorted({file.partition("/")[0] for file in tree.files if ".dist-info/" in file})
    if not folders or f"{folders[0]}/METADATA" not in tree.files:
        subject.findings.append(Finding("PB406", f"{place} has no METADATA", place))
        return subject
    info = folders[0]
    _take_metadata(subject, tree.read(tree.shown(f"{info}/METADATA")), f"{info}/METADATA")
    file = f"{info}/entry_points.txt"
    if file in tree.files:
        _take_entry_points(subject, tree.read(tree.shown(file)), tree.shown(file))
    manifest = f"{info}/{MANIFEST_FILE}"
    if manifest in tree.files:
        text = tree.read(tree.shown(manifest)).decode(errors="replace")
        subject.manifest = Stated(text, tree.shown(manifest))
    return subject


def open_installed(distribution: Distribution) -> Subject:
    """An installed distribution."""
    roots = [distribution.location, *_editable_roots(distribution)]
    here = {os.path.realpath(each or os.curdir) for each in sys.path}
    modules = Installed(roots, is_here=os.path.realpath(distribution.location) in here)
    subject = Subject("installed", distribution.name, modules, distribution=distribution)
    for name in ("METADATA", "PKG-INFO"):
        data = distribution.read_bytes(name)
        if data is not None:
            _take_metadata(subject, data, os.path.join(distribution.path, name))
            break
    else:
        reason = f"{distribution.path} has no METADATA"
        subject.findings.append(Finding("PB406", reason, distribution.path, None, "", True))
    entry_points = distribution.read_bytes("entry_points.txt")
    if entry_points is not None:
        _take_entry_points(
            subject, entry_points, os.path.join(distribution.path, "entry_points.txt")
        )
    manifest = distribution.read_bytes(MANIFEST_FILE)
    if manifest is not None:
        file = os.path.join(distribution.path, MANIFEST_FILE)
        subject.manifest = Stated(manifest.decode(errors="replace"), file)
    return subject


def _editable_roots(distribution: Distribution) -> list[str]:
    """Where the sources are of a distribution that is installed editable."""
    folder = editable_folder(distribution)
    return [os.path.join(folder, "src"), folder] if folder else []


def editable_folder(distribution: Distribution) -> str | None:
    """The source tree that an editable distribution is of; None for any other distribution."""
    try:
        said = json.loads(distribution.read_bytes("direct_url.json") or b"{}")
        if said.get("dir_info", {}).get("editable"):
            return unquote(urlsplit(said["url"]).path)
    except (ValueError, KeyError, AttributeError, TypeError):
        pass  # another tool's file, and not what this is about
    return None


def _take_metadata(subject: Subject, data: bytes, file: str) -> None:
    file = subject.tree.shown(file) if subject.tree else file
    headers = Headers.parse(data)
    lines = data.decode(errors="replace").splitlines()

    def stated(name: str, value: str) -> Stated:
        start = value.partition("\n")[0]
        found = (
            number
            for number, line in enumerate(lines, 1)
            if line.lower().startswith(f"{name}:") and start in line
        )
        return Stated(value, file, next(found, None))

    if headers.undecodable is not None:
        where = Stated("", file, headers.undecodable)
        subject.findings.append(
            subject.finding("PB406", f"line {headers.undecodable} of METADATA is not UTF-8", where)
        )
    subject.name = headers.first("name") or ""
    subject.version = headers.first("version") or ""
    if not subject.name:
        subject.findings.append(subject.finding("PB406", "METADATA has no Name", file))
    subject.extras = {normalized(each) for each in headers.get("provides-extra", ())}
    subject.requires = [stated("requires-dist", each) for each in headers.get("requires-dist", ())]
    python = headers.first("requires-python")
    subject.requires_python = stated("requires-python", python) if python else None


def _take_entry_points(subject: Subject, data: bytes, file: str) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        where = Stated("", file, line)
        subject.findings.append(
            subject.finding("PB406", f"line {line} of entry_points.txt is not UTF-8", where)
        )
        return
    if text.startswith("\ufeff"):
        reason = "a byte order mark hides the first section of entry_points.txt from every reader"
        subject.findings.append(subject.finding("PB406", reason, Stated("", file, 1)))
    seen = set()
    for number, group, name, value in parse(text):
        where = Stated("", file, number)
        if value is None:
            reason = f"line {number} of entry_points.txt has no '=': {name!r}"
            subject.findings.append(subject.finding("PB406", reason, where))
            continue
        if (group, name) in seen:
            reason = f"entry_points.txt has {name!r} twice in {group!r}"
            subject.findings.append(subject.finding("PB406", reason, where))
        seen.add((group, name))
        subject.entry_points.append(Declared(group, name, value, file, number))
