"""Trees of installed distributions, planted on disk from a seed, with every known oddity by name.

A tree is what discovery has to read: folders and archives on ``sys.path`` holding metadata. The
registries name each oddity, so that a failing test names what it failed on:

- ``ODDITIES``: strange, but the standard library answers;
- ``FATALITIES``: one of them makes the standard library's whole call raise.
"""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Entry(NamedTuple):
    """One entry of ``sys.path`` in a form that JSON can carry: its kind and its text."""

    kind: str
    text: str


class Broken(NamedTuple):
    """What a fatal oddity broke, and what a lenient reader is expected to say about it."""

    name: str = ""  # The stem of its metadata: leaving it out makes the tree healthy again.
    entry: Entry | None = None  # The same for an entry of sys.path that is broken itself.
    file: str = ""  # What the path in the recorded problem has to end with.
    line: int | None = None  # The 1-based line, where the fault is a line.


Oddity = Callable[["Tree"], None]
Fatality = Callable[["Tree"], Broken]

ODDITIES: dict[str, Oddity] = {}
FATALITIES: dict[str, Fatality] = {}


def oddity(plant: Oddity) -> Oddity:
    """Register a planting function under its own name."""
    ODDITIES[plant.__name__] = plant
    return plant


def fatality(plant: Fatality) -> Fatality:
    """Register a planting function that makes the whole call raise."""
    FATALITIES[plant.__name__] = plant
    return plant


class Tree:
    """Folders under one root, and the ``sys.path`` entries that lead to them.

    ``root`` is also the working directory a reader should have, for relative entries.
    """

    def __init__(self, root: Path, seed: int) -> None:
        root.mkdir(parents=True)
        self.root = root
        self.random = random.Random(seed)  # noqa: S311  # the same tree for each seed
        self.entries: list[Entry] = []
        self.folders: list[Path] = []
        self._serial = 0

    def fresh(self, prefix: str = "odd") -> str:
        """Return a name that no other distribution of this tree has."""
        self._serial += 1
        return f"{prefix}{self._serial}"

    def enter(self, path: Path | str, kind: str = "str") -> Entry:
        """Append an entry to ``sys.path``."""
        entry = Entry(kind, str(path))
        self.entries.append(entry)
        return entry

    def folder(self, name: str = "") -> Path:
        """Make a folder that is on ``sys.path``."""
        folder = self.root / (name or self.fresh("site"))
        folder.mkdir()
        self.folders.append(folder)
        self.enter(folder)
        return folder

    def somewhere(self) -> Path:
        """Return one of the folders, so that oddities end up beside ordinary distributions."""
        return self.random.choice(self.folders)

    def two_folders(self) -> tuple[Path, Path]:
        """Return two different folders, the one that is earlier on ``sys.path`` first."""
        first, second = sorted(self.random.sample(range(len(self.folders)), 2))
        return self.folders[first], self.folders[second]


def plant(root: Path, size: int, seed: int, oddities: Iterable[str] | None = None) -> Tree:
    """Plant ``size`` ordinary distributions and the named oddities (all of them by default)."""
    tree = Tree(root, seed)
    for _ in range(3 + size // 200):
        tree.folder()
    wanted = list(ODDITIES if oddities is None else oddities)
    tree.random.shuffle(wanted)
    half = size // 2
    for number in range(half):
        ordinary(tree, number)
    for name in wanted:
        ODDITIES[name](tree)
    for number in range(half, size):
        ordinary(tree, number)
    return tree


GROUPS = ("console_scripts", "acme.exporters", "acme.themes", "Acme.Themes", "zebra", "alpha")


def ordinary(tree: Tree, number: int) -> None:
    """Plant what installers write: one in three has entry points, one in ten has no METADATA."""
    stem = f"{tree.random.choice(('plain', 'Plain', 'plain.x', 'plain_x'))}{number % 900}"
    version = tree.random.choice(("1.0", "2.0b1", "0"))
    text = entry_points_text(tree, stem) if tree.random.random() < 0.4 else None
    folder = tree.somewhere() / f"{stem}-{version}.dist-info"
    if folder.exists():
        return
    bare = tree.random.random() < 0.1
    describe(folder, None if bare else metadata(stem, version), text)


def entry_points_text(tree: Tree, stem: str) -> str:
    """Return an entry_points.txt of one to three groups, in no particular order."""
    lines: list[str] = []
    for group in tree.random.sample(GROUPS, tree.random.randint(1, 3)):
        lines.append(f"[{group}]")
        for number in range(tree.random.randint(1, 3)):
            lines.append(f"{stem}-{number} = {stem}.mod:attr{number}")
    return "\n".join(lines) + "\n"


def metadata(name: str, version: str = "1") -> str:
    """Return a METADATA text that has what readers ask for, and a body with a misleading line."""
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not-this-one\n"


def describe(
    folder: Path, about: str | bytes | None, text: str | bytes | None, about_file: str = "METADATA"
) -> Path:
    """Write a metadata folder: what it says about itself and its entry_points.txt, if any."""
    folder.mkdir(parents=True)
    if about is not None:
        write(folder / about_file, about)
    if text is not None:
        write(folder / "entry_points.txt", text)
    return folder


def write(path: Path, content: str | bytes) -> None:
    """Write bytes, so that no line separator is translated on the way."""
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def archive(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """Write a zip file with these members; a name that ends in a slash makes a folder."""
    with zipfile.ZipFile(path, "w") as handle:
        for name, content in members.items():
            handle.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return path


def simple(name: str, group: str = "acme.exporters") -> str:
    """Return an entry_points.txt with one entry named after its distribution."""
    return f"[{group}]\n{name} = {name}.mod:attr\n"


# --- The text of entry_points.txt --------------------------------------------------------------

SEPARATORS = {
    "carriage_return": "\r",
    "carriage_return_newline": "\r\n",
    "newline_carriage_return": "\n\r",
    "vertical_tab": "\x0b",
    "form_feed": "\x0c",
    "file_separator": "\x1c",
    "group_separator": "\x1d",
    "record_separator": "\x1e",
    "next_line": "\x85",
    "line_separator": "\u2028",
    "paragraph_separator": "\u2029",
    # These are not line separators, though some of them are stripped as white space.
    "unit_separator": "\x1f",
    "no_break_space": "\xa0",
    "ideographic_space": "\u3000",
    "zero_width_space": "\u200b",
    "byte_order_mark_inside": "\ufeff",
    "nul_character": "\0",
}

TEXTS: dict[str, str | bytes] = {
    "empty_text": "",
    "only_comments": "# nothing\n\n   # here\n",
    "no_final_newline": "[g]\na = m:a",
    "byte_order_mark": "\ufeff[lost]\na = m:a\n[found]\nb = m:b\n",
    "double_brackets": "[[double]]\na = m:a\n[[[]]]\nb = m:b\n",
    "spaced_header": "[ spaced ]\na = m:a\n  [indented]  \n  b = m:b\n",
    "empty_header": "[]\na = m:a\n[ ]\nb = m:b\n",
    "header_with_comment": "[g]\na = m:a\n[h] # c = d\nb = m:b\n",
    "header_with_inner_brackets": "[a]b]\nx = m:x\n[a[b]\ny = m:y\n[a] [b]\nz = m:z\n",
    "header_never_closed": "[g]\n[h = m:h\n]i[ = m:i\n",
    "header_that_looks_like_an_entry": "[x] = m:a [e]\nb = m:b\n",
    "section_without_entries": "[none]\n[some]\na = m:a\n[none too]\n",
    "comment_lines": "[g]\n# a = m:a\n  #b = m:b\nc#d = m:c#d\n#[h]\ne = m:e\n[h#i]\nf = m:f\n",
    "inline_comment": "[g]\na = m:a # comment\nb = m:b;c\n",
    "semicolon_lines": "[g]\n; a = m:a\nb = m:b\n",
    "broken_lines_before_the_first_header": "no equals sign\na = m:a\n]\n[g]\nb = m:b\n",
    "equals_in_value": "[g]\na=b=c\nd = e == f\n==\n===\n",
    "empty_name_and_value": "[g]\n = m:a\nb =\n=\n",
    "repeated_section": "[g]\na = m:a\n[h]\nb = m:b\n[g]\nc = m:c\n[h]\n[g]\n",
    "repeated_name": "[g]\na = m:one\na = m:two\nA = m:three\n[g]\na = m:one\n",
    "inner_spaces": "[a group]\nthe  name\there = mod : attr\n\ta\t=\tm:a\t\n",
    "continuation_lines": "[g]\na = m:\\\n b = c\n",
    "percent_signs": "[g]\na = %(here)s:b\n%(x)s = ${m}:x\n",
    "not_ascii": "[gr\u00fcn]\n\u00e9 = m\u00f6d:\u00e4ttr [\u00fc]\n\U0001f600 = m:e\u0301\n",
    "long_line": "[g]\n" + "a" * 9000 + " = m:" + "b" * 9000 + "\n",
    "long_text": "[g]\n" + "".join(f"n{i} = m:a{i}\n" for i in range(300)),
    "invalid_values": (
        "[bad]\na = not-valid\nb = m:a b\nc = :a\nd = m:\ne = m:a [e\nf = m:a] [e]\ng = m a\n"
        "h = m:a:b\ni = [e]\nj = \u200bm:a\nk = m/x:a\nl = m:a [e] f\nm = ''\n"
    ),
    "odd_but_valid_values": (
        "[odd]\na = .\nb = m..x:.\nc = 1:2\nd = m : a\ne = m:a[e]\nf = m[e]\ng = m:a []\n"
        "h = m:a [] []\ni = m:a [e] [f]\nj = m:a.b.c\nk = m\nl = m:a ]]\nm = m [[e]]\n"
    ),
    "odd_extras": "[e]\na = m:a [e-1]\nb = m:a [e,f , g]\nc = m:a [e=1]\nd = m [\u00e9-\u00fc.x]\n",
}
TEXTS.update(
    (name, mark.join(("[g]\na = m:a", "b = m:b", "[h]", "", "c = m:c", "# d = m:d", "[i] = 1", "")))
    for name, mark in SEPARATORS.items()
)


def text_oddity(text: str | bytes, tree: Tree) -> None:
    """Plant an ordinary distribution whose entry_points.txt is this text."""
    name = tree.fresh("text")
    describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), text)


ODDITIES.update((name, partial(text_oddity, text)) for name, text in TEXTS.items())


# --- Which distribution wins -------------------------------------------------------------------


@oddity
def duplicate_across_entries(tree: Tree) -> None:
    name = tree.fresh("twice")
    for number, folder in enumerate(tree.two_folders()):
        text = f"[g]\n{name} = m:from{number}\n"
        describe(folder / f"{name}-{number}.dist-info", metadata(name, str(number)), text)


@oddity
def shadowed_by_one_without_entry_points(tree: Tree) -> None:
    name = tree.fresh("silent")
    first, second = tree.two_folders()
    describe(first / f"{name}-1.dist-info", metadata(name), None)
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def shadowed_by_an_empty_folder(tree: Tree) -> None:
    name = tree.fresh("hollow")
    first, second = tree.two_folders()
    describe(first / f"{name}-1.dist-info", None, None)
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def duplicate_by_normalized_name(tree: Tree) -> None:
    name = tree.fresh("norm")
    first, second = tree.two_folders()
    for folder, stem in (
        (first, f"A.{name}__x"),
        (first, f"a_.{name}_x"),
        (second, f"a{name}_x"),
        (second, f"a_{name}.X"),
    ):
        describe(folder / f"{stem}-1.dist-info", metadata(stem), f"[g]\n{stem} = m:a\n")


@oddity
def duplicate_by_number_of_underscores(tree: Tree) -> None:
    name = tree.fresh("under")
    for number, folder in enumerate(tree.two_folders(), 1):
        stem = f"{name}{'_' * number}x"
        describe(folder / f"{stem}-1.dist-info", metadata(stem), f"[g]\n{stem} = m:a\n")


@oddity
def two_versions_apart_in_one_folder(tree: Tree) -> None:
    folder, name = tree.somewhere(), tree.fresh("apart")
    for number in range(6):
        between = tree.fresh("between")
        stem = f"{name if number % 2 else name.upper()}-{number}"
        describe(folder / f"{stem}.dist-info", metadata(name), f"[g]\n{name} = m:v{number}\n")
        describe(folder / f"{between}-1.dist-info", metadata(between), simple(between))


@oddity
def empty_leftover_beside_the_real_one(tree: Tree) -> None:
    folder, name = tree.somewhere(), tree.fresh("left")
    describe(folder / f"{name}-0.dist-info", None, None)
    describe(folder / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def leftover_of_an_interrupted_install(tree: Tree) -> None:
    folder, name = tree.somewhere(), tree.fresh("oo")
    describe(folder / f"f{name}-1.dist-info", metadata(f"f{name}"), simple(f"f{name}"))
    describe(folder / f"~{name}-1.dist-info", metadata(f"f{name}"), simple(f"f{name}"))


@oddity
def egg_info_beside_dist_info(tree: Tree) -> None:
    folder, name = tree.somewhere(), tree.fresh("both")
    describe(folder / f"{name}-1.egg-info", metadata(name), simple(name, "egg"), "PKG-INFO")
    describe(folder / f"{name}-1.dist-info", metadata(name), simple(name, "dist"))


@oddity
def shadowed_and_not_decodable(tree: Tree) -> None:
    name = tree.fresh("hidden")
    first, second = tree.two_folders()
    describe(first / f"{name}-1.dist-info", metadata(name), simple(name))
    describe(second / f"{name}-1.dist-info", metadata(name), b"[g]\na = m:\xff\n")


@oddity
def shadowed_and_without_equals_sign(tree: Tree) -> None:
    name = tree.fresh("hidden")
    first, second = tree.two_folders()
    describe(first / f"{name}-1.dist-info", metadata(name), None)
    describe(second / f"{name}-1.dist-info", metadata(name), "[g]\nno equals sign\n")


# --- Names of metadata folders -----------------------------------------------------------------

STEMS = {
    "upper_case_name": "UPPER{}-1",
    "name_with_runs": "Run--{}__.._X-1",
    "name_with_dots": "dot.{}.x-1",
    "name_without_version": "bare{}",
    "name_with_empty_version": "dash{}-",
    "name_with_many_parts": "many{}-1-py3-none.any",
    "name_with_spaces": " space {} -1",
    "name_with_leading_dot": ".hidden{}-1",
    "name_with_leading_underscore": "__{}__-1",
    "name_with_newline": "new\nline{}-1",
    "name_not_ascii": "\u00c4\u00df\u0130\u212a{}-1",
    "name_not_decodable": os.fsdecode(b"caf\xe9{}-1"),
    "name_with_both_suffixes": "suffix{}.egg-info-1",
}


def stem_oddity(pattern: str, tree: Tree) -> None:
    """Plant the same odd name in two folders, so that its normal form decides who wins."""
    serial = tree.fresh("")
    for number, folder in enumerate(tree.two_folders()):
        stem = pattern.format(serial)
        stem = stem.lower() if number else stem
        describe(folder / f"{stem}.dist-info", metadata(f"n{serial}"), f"[g]\na{number} = m:a\n")


ODDITIES.update((name, partial(stem_oddity, stem)) for name, stem in STEMS.items())


@oddity
def names_that_only_look_like_metadata(tree: Tree) -> None:
    folder, name = tree.somewhere(), tree.fresh("looks")
    for tail in (".dist-info.bak", ".dist-infos", ".dist_info", ".egg", ".egg-link", "-dist-info"):
        describe(folder / f"{name}-1{tail}", metadata(name), simple(name))


# --- Names that only METADATA knows ------------------------------------------------------------


def named_by_metadata(tree: Tree, stem: str, about: str | bytes, about_file: str) -> None:
    """Plant a folder named by its METADATA before one of that name, which it then shadows.

    The second folder has the stem ``known<serial>``; ``{}`` in ``about`` stands for that name.
    """
    name = tree.fresh("known")
    first, second = tree.folder(), tree.folder()
    about = about.replace("{}", name) if isinstance(about, str) else about
    describe(first / stem, about, f"[g]\n{name} = m:first\n", about_file)
    describe(second / f"{name}-1.dist-info", metadata(name), f"[g]\n{name} = m:second\n")


FALLBACK_STEMS = (
    "-1.dist-info",
    ".dist-info",
    "..dist-info",
    "-.egg-info",
    ".egg-info",
    "Other-1.DIST-INFO",
    "Other-1.Egg-Info",
)

FALLBACK_ABOUTS = {
    "plain": "Name: {}\n",
    "lower_case_header": "Metadata-Version: 2.1\nname: {}\n",
    "upper_case_value": "NAME: {}\n",
    "two_names": "Name: {}\nName: other\n",
    "no_space": "Name:{}\n",
    "folded": "Name:\n {}\nVersion: 1\n",
    "folded_twice": "Name: {}\n  tail\nVersion: 1\n",
    "after_a_folded_header": "Summary: a\n Name: other\nName: {}\n",
    "trailing_space": "Name: {} \t\nVersion: 1\n",
    "normalized": "Name: {}.--_x\n",
    "carriage_returns": "Metadata-Version: 2.1\r\nName: {}\r\nVersion: 1\r\n",
    "line_separator": "Summary: a\u2028Name: other\nName: {}\n",
    "vertical_tab": "Summary: a\x0bName: other\nName: {}\n",
    "next_line": "Summary: a\x85Name: other\nName: {}\n",
    "unix_from": "From someone\nName: {}\n",
    "name_with_encoded_word": "Name: =?utf-8?q?{}?=\n",
    "not_ascii": "Name: {}\u00e9\u00df\n",
    "empty_name": "Name:\nVersion: 1\n",
    "after_a_header_without_a_name": ": nothing\nName: {}\n",
    "after_a_leading_continuation": " Name: other\nName: {}\n",
    "after_a_misplaced_unix_from": "Summary: a\nFrom someone\nName: {}\nVersion: 1\n",
    "after_many_headers": "Classifier: Private :: x\n" * 2000 + "Name: {}\n",
    "before_a_long_body": "Name: {}\n\n" + "Name: other\n" * 4000,
}


def fallback_stem_oddity(stem: str, tree: Tree) -> None:
    """Plant a folder whose name says nothing, so that METADATA has to."""
    named_by_metadata(tree, stem, metadata("{}"), "METADATA")


def fallback_about_oddity(about: str, tree: Tree) -> None:
    """Plant a folder that only its METADATA names, written in an odd way."""
    named_by_metadata(tree, "-1.dist-info", about, "METADATA")


ODDITIES.update(
    (f"fallback_for_{stem}", partial(fallback_stem_oddity, stem)) for stem in FALLBACK_STEMS
)
ODDITIES.update(
    (f"fallback_name_{name}", partial(fallback_about_oddity, about))
    for name, about in FALLBACK_ABOUTS.items()
)


@oddity
def fallback_to_pkg_info(tree: Tree) -> None:
    named_by_metadata(tree, "-1.egg-info", metadata("{}"), "PKG-INFO")


@oddity
def fallback_past_an_empty_metadata(tree: Tree) -> None:
    named_by_metadata(tree, "-1.dist-info", metadata("{}"), "PKG-INFO")
    write(tree.folders[-2] / "-1.dist-info" / "METADATA", "")


@oddity
def fallback_past_a_metadata_folder(tree: Tree) -> None:
    named_by_metadata(tree, "-1.dist-info", metadata("{}"), "PKG-INFO")
    (tree.folders[-2] / "-1.dist-info" / "METADATA").mkdir()


@oddity
def fallback_prefers_metadata_to_pkg_info(tree: Tree) -> None:
    named_by_metadata(tree, "-1.dist-info", metadata("{}"), "METADATA")
    write(tree.folders[-2] / "-1.dist-info" / "PKG-INFO", metadata("other"))


@oddity
def fallback_to_the_egg_info_file_itself(tree: Tree) -> None:
    name = tree.fresh("known")
    first, second = tree.folder(), tree.folder()
    write(first / "-1.egg-info", metadata(name))
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name))


# --- Kinds of metadata -------------------------------------------------------------------------


@oddity
def egg_info_file(tree: Tree) -> None:
    name = tree.fresh("eggfile")
    first, second = tree.two_folders()
    write(first / f"{name}-1.egg-info", metadata(name))
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def egg_info_folder(tree: Tree) -> None:
    name = tree.fresh("eggdir")
    text = simple(name)
    describe(tree.somewhere() / f"{name}.egg-info", metadata(name), text, "PKG-INFO")


@oddity
def egg_info_names_that_differ_in_the_last_letter(tree: Tree) -> None:
    folder, name = tree.somewhere(), tree.fresh("last")
    for letter in "ab":
        stem = f"{name}{letter}"
        describe(folder / f"{stem}.egg-info", metadata(stem), simple(stem), "PKG-INFO")


@oddity
def egg_info_without_version_before_dist_info(tree: Tree) -> None:
    name = tree.fresh("develop")
    first, second = tree.two_folders()
    describe(first / f"{name}.egg-info", metadata(name), simple(name, "egg"), "PKG-INFO")
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name, "dist"))


@oddity
def egg_info_link(tree: Tree) -> None:
    name = tree.fresh("egglink")
    real = describe(tree.root / tree.fresh("real"), metadata(name), simple(name), "PKG-INFO")
    (tree.somewhere() / f"{name}-1.egg-info").symlink_to(real, target_is_directory=True)


@oddity
def dist_info_link(tree: Tree) -> None:
    name = tree.fresh("distlink")
    real = describe(tree.root / tree.fresh("real"), metadata(name), simple(name))
    (tree.somewhere() / f"{name}-1.dist-info").symlink_to(real, target_is_directory=True)


@oddity
def dist_info_link_to_nowhere(tree: Tree) -> None:
    name = tree.fresh("nowhere")
    first, second = tree.two_folders()
    (first / f"{name}-1.dist-info").symlink_to(tree.root / "nowhere")
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def dist_info_file(tree: Tree) -> None:
    name = tree.fresh("distfile")
    first, second = tree.two_folders()
    write(first / f"{name}-1.dist-info", metadata(name))
    describe(second / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def entry_points_folder(tree: Tree) -> None:
    name = tree.fresh("epdir")
    folder = describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), None)
    (folder / "entry_points.txt").mkdir()


@oddity
def entry_points_link(tree: Tree) -> None:
    name = tree.fresh("eplink")
    write(tree.root / f"{name}.txt", simple(name))
    folder = describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), None)
    (folder / "entry_points.txt").symlink_to(tree.root / f"{name}.txt")


@oddity
def entry_points_link_to_nowhere(tree: Tree) -> None:
    name = tree.fresh("eplost")
    folder = describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), None)
    (folder / "entry_points.txt").symlink_to(tree.root / "nowhere")


@oddity
def entry_points_in_upper_case(tree: Tree) -> None:
    name = tree.fresh("epupper")
    folder = describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), None)
    write(folder / "ENTRY_POINTS.TXT", simple(name))


@oddity
def entry_points_not_readable(tree: Tree) -> None:
    name = tree.fresh("epclosed")
    folder = describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), simple(name))
    (folder / "entry_points.txt").chmod(0)


@oddity
def dist_info_not_readable(tree: Tree) -> None:
    name = tree.fresh("closed")
    describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), simple(name)).chmod(0)


@oddity
def dist_info_not_listable(tree: Tree) -> None:
    name = tree.fresh("blind")
    describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), simple(name)).chmod(0o100)


@oddity
def egg_info_inside_an_egg_inside_a_folder(tree: Tree) -> None:
    name = tree.fresh("inner")
    describe(tree.somewhere() / f"{name}-1.egg/EGG-INFO", metadata(name), simple(name), "PKG-INFO")


@oddity
def bare_egg_info_in_an_ordinary_folder(tree: Tree) -> None:
    name = tree.fresh("bareegg")
    describe(tree.folder() / "EGG-INFO", metadata(name), simple(name), "PKG-INFO")


# --- Eggs on sys.path --------------------------------------------------------------------------


def egg(tree: Tree, name: str, folder: str = "EGG-INFO", suffix: str = ".egg") -> Path:
    """Plant an unpacked egg; it is not yet on ``sys.path``."""
    path = tree.root / f"{name}-1-py3{suffix}"
    describe(path / folder, metadata(name), simple(name), "PKG-INFO")
    return path


@oddity
def egg_on_the_path(tree: Tree) -> None:
    tree.enter(egg(tree, tree.fresh("egg")))


@oddity
def egg_in_other_case(tree: Tree) -> None:
    tree.enter(egg(tree, tree.fresh("Egg"), "Egg-Info", ".EGG"))


@oddity
def egg_as_a_path_object(tree: Tree) -> None:
    tree.enter(egg(tree, tree.fresh("egg")), "path")


@oddity
def egg_with_trailing_slash(tree: Tree) -> None:
    tree.enter(f"{egg(tree, tree.fresh('egg'))}/")


@oddity
def egg_with_distributions_inside(tree: Tree) -> None:
    name, inner = tree.fresh("egg"), tree.fresh("inside")
    path = egg(tree, name)
    describe(path / f"{inner}-1.dist-info", metadata(inner), simple(inner))
    describe(path / f"{name}-2.dist-info", metadata(name), simple(name, "from dist-info"))
    tree.enter(path)


@oddity
def egg_whose_metadata_has_another_name(tree: Tree) -> None:
    name = tree.fresh("egg")
    path = tree.root / f"{name}-1.egg"
    describe(path / "EGG-INFO", metadata(f"other-{name}"), simple(name), "PKG-INFO")
    tree.enter(path)
    late = tree.folder()
    describe(late / f"other_{name}-1.dist-info", metadata(f"other-{name}"), simple(name, "late"))


@oddity
def egg_archive(tree: Tree) -> None:
    name = tree.fresh("zipegg")
    members = {"EGG-INFO/PKG-INFO": metadata(name), "EGG-INFO/entry_points.txt": simple(name)}
    tree.enter(archive(tree.root / f"{name}-1.egg", members))


# --- Archives on sys.path ----------------------------------------------------------------------


def packed(name: str, text: str | bytes, stem: str = "") -> dict[str, str | bytes]:
    """Return the members of an archive with one distribution."""
    folder = f"{stem or name}-1.dist-info"
    return {
        f"{name}/__init__.py": "",
        f"{folder}/METADATA": metadata(name),
        f"{folder}/entry_points.txt": text,
    }


@oddity
def wheel_on_the_path(tree: Tree) -> None:
    name = tree.fresh("wheel")
    tree.enter(archive(tree.root / f"{name}-1-py3-none-any.whl", packed(name, simple(name))))


@oddity
def zip_of_several_distributions(tree: Tree) -> None:
    members: dict[str, str | bytes] = {}
    for number in range(5):
        name = tree.fresh("zipped")
        members |= packed(name, f"[g{number % 2}]\n{name} = m:a\n")
    tree.enter(archive(tree.root / f"{tree.fresh('bundle')}.zip", members))


@oddity
def zip_with_folder_members(tree: Tree) -> None:
    name = tree.fresh("zipped")
    members = {f"{name}-1.dist-info/": "", **packed(name, simple(name))}
    tree.enter(archive(tree.root / f"{name}.zip", members))


@oddity
def zip_whose_metadata_has_another_name(tree: Tree) -> None:
    name = tree.fresh("zipped")
    tree.enter(archive(tree.root / f"{name}.zip", packed(name, simple(name), f"stem{name}")))
    for stem in (name, f"stem{name}"):
        describe(tree.folder() / f"{stem}-1.dist-info", metadata(stem), simple(stem, "late"))


@oddity
def zip_without_entry_points(tree: Tree) -> None:
    name = tree.fresh("zipped")
    members = {f"{name}-1.dist-info/METADATA": metadata(name)}
    tree.enter(archive(tree.root / f"{name}.zip", members))
    describe(tree.folder() / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def zip_with_entry_points_folder(tree: Tree) -> None:
    name = tree.fresh("zipped")
    folder = f"{name}-1.dist-info"
    members = {f"{folder}/METADATA": metadata(name), f"{folder}/entry_points.txt/x": ""}
    tree.enter(archive(tree.root / f"{name}.zip", members))


@oddity
def zip_with_an_egg_info_file(tree: Tree) -> None:
    name = tree.fresh("zipped")
    tree.enter(archive(tree.root / f"{name}.zip", {f"{name}-1.egg-info": metadata(name)}))
    describe(tree.folder() / f"{name}-1.dist-info", metadata(name), simple(name))


@oddity
def zip_with_other_separators(tree: Tree) -> None:
    name = tree.fresh("zipped")
    text = "[g]\r\na = m:a\rb = m:b\x0bc = m:c\u2028[[h]]\n\x85d = m:d"
    tree.enter(archive(tree.root / f"{name}.zip", packed(name, text)))


@oddity
def zip_with_leading_slashes(tree: Tree) -> None:
    name = tree.fresh("zipped")
    members = {f"/{key}": value for key, value in packed(name, simple(name)).items()}
    tree.enter(archive(tree.root / f"{name}.zip", members))


@oddity
def zip_of_two_versions(tree: Tree) -> None:
    name = tree.fresh("zipped")
    members = packed(name, simple(name, "one"))
    members |= packed(name, simple(name, "two"), f"x{name}")
    tree.enter(archive(tree.root / f"{name}.zip", members))


@oddity
def folder_inside_a_zip(tree: Tree) -> None:
    name = tree.fresh("zipped")
    members = {f"sub/{key}": value for key, value in packed(name, simple(name)).items()}
    path = archive(tree.root / f"{name}.zip", members)
    tree.enter(path)
    tree.enter(path / "sub")


@oddity
def zip_with_trailing_slash(tree: Tree) -> None:
    name = tree.fresh("zipped")
    tree.enter(f"{archive(tree.root / f'{name}.zip', packed(name, simple(name)))}/")


@oddity
def zip_as_a_path_object(tree: Tree) -> None:
    name = tree.fresh("zipped")
    tree.enter(archive(tree.root / f"{name}.zip", packed(name, simple(name))), "path")


@oddity
def zip_by_a_relative_path(tree: Tree) -> None:
    name = tree.fresh("zipped")
    archive(tree.root / f"{name}.zip", packed(name, simple(name)))
    tree.enter(f"{name}.zip")


@oddity
def zip_that_is_cut_off(tree: Tree) -> None:
    name = tree.fresh("zipped")
    path = archive(tree.root / f"{name}.zip", packed(name, simple(name)))
    path.write_bytes(path.read_bytes()[:-30])
    tree.enter(path)


@oddity
def zip_with_a_prefix(tree: Tree) -> None:
    name = tree.fresh("zipped")
    path = archive(tree.root / f"{name}.pyz", packed(name, simple(name)))
    path.write_bytes(b"#!/usr/bin/env python3\n" + path.read_bytes())
    tree.enter(path)


# --- Entries of sys.path -----------------------------------------------------------------------


def lone_folder(tree: Tree) -> Path:
    """Plant a folder with one distribution that is not on ``sys.path`` yet."""
    name = tree.fresh("lone")
    folder = tree.root / f"folder-{name}"
    describe(folder / f"{name}-1.dist-info", metadata(name), simple(name))
    return folder


@oddity
def path_object(tree: Tree) -> None:
    tree.enter(lone_folder(tree), "path")


@oddity
def relative_entry(tree: Tree) -> None:
    tree.enter(lone_folder(tree).name)


@oddity
def relative_entry_with_dots(tree: Tree) -> None:
    tree.enter(f"./{lone_folder(tree).name}/../{lone_folder(tree).name}")


@oddity
def entry_with_dots_after_a_link(tree: Tree) -> None:
    # What ".." means there depends on where the link leads, not on how the entry is spelled.
    spelled, meant = lone_folder(tree), lone_folder(tree)
    (meant / "deep").mkdir()
    lone_folder(tree).rename(meant / spelled.name)
    link = tree.root / tree.fresh("link")
    link.symlink_to(meant / "deep", target_is_directory=True)
    tree.enter(f"{link}/../{spelled.name}")


@oddity
def entry_with_dots_after_a_missing_folder(tree: Tree) -> None:
    tree.enter(f"{tree.root}/missing/../{lone_folder(tree).name}")


@oddity
def empty_entry(tree: Tree) -> None:
    name = tree.fresh("cwd")
    describe(tree.root / f"{name}.egg-info", metadata(name), simple(name), "PKG-INFO")
    tree.enter("")


@oddity
def empty_path_object(tree: Tree) -> None:
    name = tree.fresh("cwd")
    describe(tree.root / f"{name}.egg-info", metadata(name), simple(name), "PKG-INFO")
    tree.enter("", "path")


@oddity
def dot_entry(tree: Tree) -> None:
    tree.enter(".")


@oddity
def entry_twice(tree: Tree) -> None:
    tree.entries.append(tree.random.choice(tree.entries))


@oddity
def entry_as_text_and_path(tree: Tree) -> None:
    folder = lone_folder(tree)
    tree.enter(folder)
    tree.enter(folder, "path")


@oddity
def entry_with_slashes(tree: Tree) -> None:
    folder = lone_folder(tree)
    tree.enter(f"{folder.parent}//{folder.name}//")


@oddity
def entry_is_a_link(tree: Tree) -> None:
    folder, link = lone_folder(tree), tree.root / tree.fresh("link")
    link.symlink_to(folder, target_is_directory=True)
    tree.enter(link)
    tree.enter(folder)


@oddity
def entry_is_a_loop(tree: Tree) -> None:
    link = tree.root / tree.fresh("loop")
    link.symlink_to(link.name)
    tree.enter(link)


@oddity
def entry_is_missing(tree: Tree) -> None:
    tree.enter(tree.root / tree.fresh("missing"))


@oddity
def entry_is_a_file(tree: Tree) -> None:
    path = tree.root / tree.fresh("file")
    write(path, "not an archive")
    tree.enter(path)


@oddity
def entry_below_a_file(tree: Tree) -> None:
    path = tree.root / tree.fresh("file")
    write(path, "not an archive")
    tree.enter(path / "below")


@oddity
def entry_is_too_long(tree: Tree) -> None:
    tree.enter(tree.root / ("x" * 300))


@oddity
def entry_is_not_decodable(tree: Tree) -> None:
    folder = tree.root / (tree.fresh("raw") + os.fsdecode(b"\xe9"))
    lone_folder(tree).rename(folder)
    tree.enter(folder)


@oddity
def entry_is_not_readable(tree: Tree) -> None:
    folder = lone_folder(tree)
    folder.chmod(0)
    tree.enter(folder)


@oddity
def entry_is_not_listable(tree: Tree) -> None:
    folder = lone_folder(tree)
    folder.chmod(0o100)
    tree.enter(folder)


@oddity
def entry_is_not_searchable(tree: Tree) -> None:
    folder = lone_folder(tree)
    folder.chmod(0o400)
    tree.enter(folder)


@oddity
def entry_is_a_metadata_folder(tree: Tree) -> None:
    tree.enter(next(lone_folder(tree).iterdir()))


# --- What ends the whole call ------------------------------------------------------------------


def broken_text(tree: Tree, text: bytes, line: int | None) -> Broken:
    """Plant a distribution, among others, that only its entry_points.txt breaks."""
    name = tree.fresh("broken")
    describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), text)
    return Broken(f"{name}-1.dist-info", file="entry_points.txt", line=line)


@fatality
def line_without_equals_sign(tree: Tree) -> Broken:
    return broken_text(tree, b"[broken]\n\n# a comment\nno equals sign\n", 4)


@fatality
def line_without_equals_sign_after_odd_separators(tree: Tree) -> Broken:
    return broken_text(tree, "[broken]\ra = m:a\x0b\u2028\r\nno equals sign".encode(), 5)


@fatality
def lines_without_equals_sign(tree: Tree) -> Broken:
    return broken_text(tree, b"ignored\n[broken]\nfirst\nsecond\n", 3)


@fatality
def entry_with_a_colon(tree: Tree) -> Broken:
    return broken_text(tree, b"[broken]\na : m.b\n", 2)


@fatality
def byte_that_is_not_utf8(tree: Tree) -> Broken:
    return broken_text(tree, b"[broken]\na = m:a\nb = m:\xff\n", None)


@fatality
def byte_that_is_not_utf8_in_a_comment(tree: Tree) -> Broken:
    return broken_text(tree, b"# caf\xe9\n[broken]\na = m:a\n", None)


@fatality
def surrogate_in_utf8(tree: Tree) -> Broken:
    return broken_text(tree, b"[broken]\na = m:\xed\xa0\x80\n", None)


@fatality
def text_in_utf16(tree: Tree) -> Broken:
    return broken_text(tree, "[broken]\na = m:a\n".encode("utf-16"), None)


@fatality
def byte_that_is_not_utf8_in_both_files(tree: Tree) -> Broken:
    name = tree.fresh("broken")
    about = b"Name: caf\xe9\n"
    describe(tree.somewhere() / f"{name}-1.dist-info", about, b"[broken]\na = \xff\n")
    return Broken(f"{name}-1.dist-info", file="entry_points.txt")


@fatality
def line_without_equals_sign_beside_a_loop(tree: Tree) -> Broken:
    broken = broken_text(tree, b"[broken]\nno equals sign\n", 2)
    (folder,) = (path for path in tree.folders if (path / broken.name).exists())
    (folder / broken.name / "METADATA").unlink()
    (folder / broken.name / "METADATA").symlink_to("METADATA")
    return broken


@fatality
def loop_as_entry_points(tree: Tree) -> Broken:
    name = tree.fresh("broken")
    folder = describe(tree.somewhere() / f"{name}-1.dist-info", metadata(name), None)
    (folder / "entry_points.txt").symlink_to("entry_points.txt")
    return Broken(folder.name, file="entry_points.txt")


@fatality
def loop_as_dist_info(tree: Tree) -> Broken:
    name = f"{tree.fresh('broken')}-1.dist-info"
    (tree.somewhere() / name).symlink_to(name)
    return Broken(name, file="")


def broken_name(tree: Tree, stem: str, about: str | bytes | None) -> Broken:
    """Plant a distribution whose name cannot be known; its entry points would be fine."""
    describe(tree.somewhere() / stem, about, simple("broken", "broken"))
    return Broken(stem)


@fatality
def empty_stem_without_metadata(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", None)


@fatality
def no_stem_without_metadata(tree: Tree) -> Broken:
    return broken_name(tree, ".dist-info", None)


@fatality
def upper_case_suffix_without_metadata(tree: Tree) -> Broken:
    return broken_name(tree, "broken-1.DIST-INFO", None)


@fatality
def fallback_to_an_empty_metadata(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "")


@fatality
def fallback_without_a_name_header(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "Version: 1\n\nName: in-the-body\n")


@fatality
def fallback_with_a_byte_order_mark(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "\ufeffName: x\nVersion: 1\n")


@fatality
def fallback_after_a_line_that_is_no_header(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "no header\nName: x\n")


@fatality
def fallback_after_a_name_header_with_a_space(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "Name : other\nName: x\n")


@fatality
def fallback_after_a_header_with_a_tab(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "Sum\tmary: a\nName: x\n")


@fatality
def fallback_after_an_empty_line(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", "\nName: x\n")


@fatality
def fallback_not_decodable_far_in_the_body(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", b"Name: x\n\n" + b"words\n" * 9000 + b"\xe9\n")


@fatality
def fallback_not_decodable(tree: Tree) -> Broken:
    return broken_name(tree, "-1.dist-info", b"Name: caf\xe9\n")


@fatality
def fallback_to_a_loop(tree: Tree) -> Broken:
    broken = broken_name(tree, "-1.dist-info", None)
    (folder,) = (path for path in tree.folders if (path / "-1.dist-info").exists())
    (folder / "-1.dist-info" / "METADATA").symlink_to("METADATA")
    return broken


@fatality
def egg_without_pkg_info(tree: Tree) -> Broken:
    path = tree.root / "broken-1.egg"
    describe(path / "EGG-INFO", None, simple("broken", "broken"))
    return Broken("EGG-INFO", tree.enter(path))


def broken_zip(tree: Tree, members: Mapping[str, str | bytes], file: str) -> Broken:
    """Plant an archive that holds nothing but a broken distribution."""
    return Broken(entry=tree.enter(archive(tree.root / "broken.zip", members)), file=file)


@fatality
def zip_without_metadata(tree: Tree) -> Broken:
    members = {"broken-1.dist-info/entry_points.txt": simple("broken", "broken")}
    return broken_zip(tree, members, "")


@fatality
def zip_not_decodable(tree: Tree) -> Broken:
    return broken_zip(tree, packed("broken", b"[broken]\na = m:\xff\n"), "entry_points.txt")


@fatality
def zip_without_equals_sign(tree: Tree) -> Broken:
    broken = broken_zip(tree, packed("broken", "[broken]\nno equals sign\n"), "entry_points.txt")
    return broken._replace(line=2)


@fatality
def zip_with_a_password(tree: Tree) -> Broken:
    broken = broken_zip(tree, packed("broken", "[broken]\na = m:a\n"), "")
    path = tree.root / "broken.zip"
    data = bytearray(path.read_bytes())
    # The lowest bit of the flags says "encrypted", in each member's own header and in the index.
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(mark, place + 1)
    path.write_bytes(data)
    return broken


@fatality
def zip_with_a_wrong_checksum(tree: Tree) -> Broken:
    broken = broken_zip(tree, packed("broken", "[broken]\nspoiled = m:a\n"), "entry_points.txt")
    path = tree.root / "broken.zip"
    path.write_bytes(path.read_bytes().replace(b"spoiled", b"changed"))
    return broken


WRONG_ENTRIES = {
    "none_on_the_path": Entry("none", ""),
    "bytes_on_the_path": Entry("bytes", "folder"),
    "int_on_the_path": Entry("int", "0"),
    "large_int_on_the_path": Entry("int", "999999"),
    "float_on_the_path": Entry("float", "0.5"),
    "list_on_the_path": Entry("list", ""),
    "nul_on_the_path": Entry("str", "nul\0nul"),
    "surrogate_on_the_path": Entry("str", "\ud800"),
}


def wrong_entry(entry: Entry, tree: Tree) -> Broken:
    """Put an entry on ``sys.path`` that the standard library does not accept."""
    tree.entries.insert(len(tree.entries) // 2, entry)
    return Broken(entry=entry)


FATALITIES.update((name, partial(wrong_entry, entry)) for name, entry in WRONG_ENTRIES.items())
