"""Neighbours: what else is installed or lies about, and gets in the way of a plugin."""

import os

from plugbay.authoring.checks.built import editable_folder
from plugbay.authoring.checks.sources import read_source
from plugbay.authoring.checks.subjects import Stated, Subject
from plugbay.authoring.checks.surroundings import Surroundings, is_plugin_group
from plugbay.authoring.checks.trees import Tree
from plugbay.discovery import normalized, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.authoring.checks.findings import Finding
    from plugbay.discovery.distributions import Distribution

__all__ = ["check_clashes", "check_copies", "check_leftovers", "check_snapshot"]


def check_clashes(subject: Subject, around: Surroundings) -> "Iterator[Finding]":
    """Plugins of other installed distributions that have the same name in the same group."""
    own = normalized(subject.name)
    others: dict[tuple[str, str], Distribution] = {
        (each.group, each.name): each.dist
        for each in around.installed.entry_points
        if each.dist is not None and each.dist.normalized_name != own
    }
    for each in subject.entry_points:
        other = others.get((each.group, each.name))
        if other is not None and is_plugin_group(each.group):
            said = f"{other} has a plugin {each.name!r} in {each.group!r} too"
            yield subject.finding("PB501", said, each)


def check_copies(subject: Subject, around: Surroundings) -> "Iterator[Finding]":
    """Other installations of the same distribution, which hide it or which it hides."""
    if subject.distribution is None:
        return
    own = subject.distribution.normalized_name
    for hidden, winner in around.installed.distributions.hidden():
        if hidden.normalized_name == own:
            said = f"{winner} in {winner.location} hides {hidden} in {hidden.location}"
            yield subject.finding("PB502", said, hidden.path)


def check_leftovers(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Metadata in a source tree that no longer fits its pyproject.toml."""
    tree = subject.tree
    if subject.kind != "source tree" or tree is None or _is_untold(subject):
        return
    expected = _entry_points(subject)
    for file in sorted(tree.files):
        folder, _, name = file.rpartition("/")
        if name not in ("METADATA", "PKG-INFO") or not folder.endswith((".egg-info", ".dist-info")):
            continue
        if os.path.dirname(folder) not in tree.roots:
            continue
        text = (tree.text(f"{folder}/entry_points.txt") if expected is not None else "") or ""
        found = {(group, name, value or "") for _, group, name, value in parse(text)}
        if found != expected:
            said = f"{tree.shown(folder)} has other entry points than {subject.place}"
            yield subject.finding("PB503", said, tree.shown(folder))


def check_snapshot(subject: Subject, around: Surroundings) -> "Iterator[Finding]":
    """An editable installation whose entry points are not those of its project any more."""
    distribution = subject.distribution
    if subject.kind == "source tree":
        distribution = around.installed.distributions.get(normalized(subject.name))
    folder = editable_folder(distribution) if distribution is not None else None
    if distribution is None or folder is None or not os.path.isdir(folder):
        return
    source = subject
    if subject.is_installed:
        source = _project_in(folder)
    elif os.path.realpath(folder) != os.path.realpath(subject.place):
        return
    if source.project is None or _is_untold(source):
        return
    text = (distribution.read_bytes("entry_points.txt") or b"").decode(errors="replace")
    found = {(group, name, value or "") for _, group, name, value in parse(text)}
    expected = _entry_points(source)
    for group, name, value in sorted(expected - found):
        said = f"{name!r} = {value!r} of {group!r} is in {source.project.file}, and {distribution} "
        where = Stated("", distribution.path)
        yield subject.finding("PB504", f"{said}was installed before", where)
    for group, name, value in sorted(found - expected):
        said = f"{name!r} = {value!r} of {group!r} is no longer in {source.project.file}"
        yield subject.finding("PB504", said, Stated("", distribution.path))


def _project_in(folder: str) -> Subject:
    """The project of a folder, without looking at more than its pyproject.toml."""
    tree = _OneFile(folder)
    subject = Subject("source tree", folder, tree, tree)
    read_source(subject, tree)
    return subject


class _OneFile(Tree):
    def __init__(self, folder: str) -> None:
        files = [each for each in ("pyproject.toml",) if os.path.exists(os.path.join(folder, each))]
        super().__init__(folder, files, "in the source tree")

    def _content(self, path: str) -> bytes:
        with open(os.path.join(self.place, path), "rb") as stream:
            return stream.read()


def _is_untold(subject: Subject) -> bool:
    return any(each.code in ("PB107", "PB108") for each in subject.findings)


def _entry_points(subject: Subject) -> set[tuple[str, str, str]]:
    return {(each.group, each.name, each.value) for each in subject.entry_points}
