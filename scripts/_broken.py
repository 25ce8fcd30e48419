"""Broken projects: one that is fine, and what goes wrong when one thing of it is changed.

`plugbay check` has to find each of them by the code that stands here, which the tests see to; what
other tools say of them is in docs/broken-projects.md, which scripts/broken-projects writes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "EXPORTER",
    "MANIFEST",
    "PROJECT",
    "TARGET",
    "Broken",
    "base",
    "every",
    "host_site",
    "more",
    "swapped",
    "with_code",
    "with_manifest",
    "with_setuptools",
    "write",
]

Files = dict[str, str]

HATCHLING = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
PACKAGES = """
[tool.hatch.build.targets.wheel]
packages = ["src/tabletop_base"]
"""
PROJECT = f"""\
{HATCHLING}
[project]
name = "tabletop-base"
version = "1.0"
description = "Exports tables"
requires-python = ">=3.11"
dependencies = ["tabletop>=1.3,<2"]

[project.optional-dependencies]
fast = []

[project.entry-points."tabletop.exporters"]
base = "tabletop_base.exporter:export"
{PACKAGES}"""
MODULE = '''"""Exports tables."""


def export(table, stream):
    stream.write(str(table))
'''
SETUPTOOLS = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"
"""
MANIFEST = {
    "api": ">=1.3,<2",
    "plugins": {"tabletop.exporters": {"base": {"summary": "Exports tables"}}},
}
PYPROJECT = "pyproject.toml"
EXPORTER = "src/tabletop_base/exporter.py"
TARGET = "tabletop_base.exporter:export"


def base() -> Files:
    """The files of the project that is fine."""
    return {PYPROJECT: PROJECT, "src/tabletop_base/__init__.py": "", EXPORTER: MODULE}


@dataclass(frozen=True)
class Broken:
    """One thing that is wrong, and the code it is found by.

    `change` changes the files of the project, and `damage` what was built of it: a wheel, where
    `checked` is "wheel", or a site of installed distributions, where it is "installed". With
    "both", the wheel is held against the project.
    """

    name: str
    mistake: str
    code: str
    change: Callable[[Files], None] = lambda files: None
    checked: str = "tree"
    damage: Callable[[Path], None] | None = None
    imports: bool = False

    def files(self) -> Files:
        """The files of the project with its mistake."""
        files = base()
        self.change(files)
        return files


def write(folder: Path, files: Files) -> Path:
    """Write the files below a folder."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def host_site(folder: Path) -> Path:
    """A site with the host tabletop 1.3.0 and one plugin of it, `csv`, as if installed there."""
    metadata = "Metadata-Version: 2.1\nName: {}\nVersion: 1.3.0\nRequires-Python: >=3.11\n\n"
    words = ("exporters", "plugins", "transforms", "validators")
    host = "".join(f'{each.upper()} = "tabletop.{each}"\n' for each in words)
    csv = "[tabletop.exporters]\ncsv = tabletop_csv:export\n"
    return write(
        folder,
        {
            "tabletop/__init__.py": host,
            "tabletop-1.3.0.dist-info/METADATA": metadata.format("tabletop"),
            "tabletop_csv.py": MODULE,
            "tabletop_csv-1.3.0.dist-info/METADATA": metadata.format("tabletop-csv"),
            "tabletop_csv-1.3.0.dist-info/entry_points.txt": csv,
        },
    )


def swapped(old: str, new: str, path: str = PYPROJECT) -> Callable[[Files], None]:
    """A change of one text for another, which has to be there."""

    def change(files: Files) -> None:
        assert old in files[path], old
        files[path] = files[path].replace(old, new)

    return change


def more(text: str, path: str = PYPROJECT) -> Callable[[Files], None]:
    """A change that puts text behind what is in a file."""

    def change(files: Files) -> None:
        files[path] = files.get(path, "") + text

    return change


def every(*changes: Callable[[Files], None]) -> Callable[[Files], None]:
    """One change of several."""

    def change(files: Files) -> None:
        for each in changes:
            each(files)

    return change


def with_code(text: str) -> Callable[[Files], None]:
    """A module that has more in it."""
    return swapped('"""Exports tables."""\n', f'"""Exports tables."""\n{text}\n', EXPORTER)


def with_manifest(content: object) -> Callable[[Files], None]:
    """A manifest in the package, and the entry point that leads to it."""
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    line = 'tabletop-base = "tabletop_base:plugbay.json"'
    entry = f'\n[project.entry-points."plugbay.manifest"]\n{line}\n'
    return every(more(entry), more(text, "src/tabletop_base/plugbay.json"))


def with_setuptools(files: Files) -> None:
    """A change of the build backend."""
    project = files[PYPROJECT].replace(HATCHLING, SETUPTOOLS)
    assert project != files[PYPROJECT]
    files[PYPROJECT] = project.replace(PACKAGES, "")
