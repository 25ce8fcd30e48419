"""Mistakes: the broken projects, one by one."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

from _broken import (
    MANIFEST,
    TARGET,
    Broken,
    every,
    more,
    swapped,
    with_code,
    with_manifest,
    with_setuptools,
)

__all__ = ["BROKEN"]


def _rewritten(wheel: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """A wheel anew with other files, and a RECORD that fits unless that is the change."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    record = next(name for name in files if name.endswith("/RECORD"))
    del files[record]
    change(files)
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name.removesuffix(':unrecorded')},sha256={digest},{len(content)}\n")
    lines = [line for line, name in zip(lines, files, strict=True) if ":unrecorded" not in name]
    files[record] = "".join([*lines, f"{record},,\n"]).encode()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.removesuffix(":unrecorded"), content)


def _info(files: "dict[str, bytes]", name: str) -> str:
    return next(each for each in files if each.endswith(f".dist-info/{name}"))


def _bad_line(files: "dict[str, bytes]") -> None:
    files[_info(files, "entry_points.txt")] += b"a line without an equals sign\n"


def _unrecorded(files: "dict[str, bytes]") -> None:
    files["tabletop_base/more.py:unrecorded"] = b"MORE = 1\n"


def _renamed(files: "dict[str, bytes]") -> None:
    path = _info(files, "entry_points.txt")
    files[path] = files[path].replace(b"base = ", b"bass = ")


def _twice(site: Path) -> None:
    (info,) = site.glob("tabletop_base-1.0.dist-info")
    older = site.parent / "older" / "tabletop_base-0.9.dist-info"
    older.mkdir(parents=True)
    for file in ("METADATA", "entry_points.txt"):
        (older / file).write_text((info / file).read_text().replace("Version: 1.0", "Version: 0.9"))


def _editable(site: Path) -> None:
    (info,) = site.glob("tabletop_base-1.0.dist-info")
    project = site.parent / "project"
    origin = {"url": project.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    file = info / "entry_points.txt"
    file.write_text(file.read_text().replace("base = ", "former = "))


_HOOKED = {"tabletop.plugins": {"base": {"hooks": ["prepare_rows", "describe"]}}}
_HOOKS = """
from tabletop.hooks import hooks


class Plugin:
    @hooks.impl
    def prepare_rows(self, table):
        return table
"""

BROKEN = [
    Broken("module-typo", "a typo in the module", "PB202", swapped(".exporter:", ".exportr:")),
    Broken("attribute-typo", "a typo in the attribute", "PB203", swapped(":export", ":exprot")),
    Broken(
        "wrong-group",
        "a group that the host does not read",
        "PB103",
        swapped("tabletop.exporters", "tabletop.exporter"),
    ),
    Broken(
        "entry_points-table",
        "`[project.entry_points]`",
        "PB101",
        swapped("project.entry-points", "project.entry_points"),
    ),
    Broken(
        "kebab-module",
        "a dash in the module",
        "PB201",
        swapped("tabletop_base.e", "tabletop-base.e"),
    ),
    Broken(
        "raw-specifier",
        "a specifier as the value of an entry point",
        "PB201",
        more('\n[project.entry-points."tabletop.api"]\ntabletop = ">=1.3,<2"\n'),
    ),
    Broken(
        "no-dependency", "no dependency on the host", "PB301", swapped('"tabletop>=1.3,<2"', "")
    ),
    Broken("contradiction", "`>=2,<1`", "PB304", swapped(">=1.3,<2", ">=2,<1")),
    Broken("exact", "an exact pin, `==1.3.0`", "PB305", swapped(">=1.3,<2", "==1.3.0")),
    Broken("no-bound", "a dependency on any version of the host", "PB302", swapped(">=1.3,<2", "")),
    Broken(
        "undefined-extra",
        "an undefined extra in an entry point",
        "PB206",
        swapped(f'"{TARGET}"', f'"{TARGET} [turbo]"'),
    ),
    Broken(
        "not-in-wheel",
        "the package is not in the wheel",
        "PB401",
        every(
            swapped('["src/tabletop_base"]', '["src/tabletop_other"]'),
            more("", "src/tabletop_other/__init__.py"),
        ),
        checked="both",
    ),
    Broken(
        "src-kept",
        "the prefix `src/` kept in the wheel",
        "PB403",
        swapped('packages = ["src/tabletop_base"]', 'only-include = ["src"]'),
        checked="wheel",
    ),
    Broken(
        "tests-at-top",
        "`tests` at the top level",
        "PB404",
        every(
            swapped('["src/tabletop_base"]', '["src/tabletop_base", "tests"]'),
            more("", "tests/__init__.py"),
        ),
        checked="wheel",
    ),
    Broken("syntax-error", "a syntax error in the target", "PB205", with_code("def broken(:")),
    Broken(
        "name-clash",
        "the name of another plugin that is installed",
        "PB501",
        swapped("\nbase = ", "\ncsv = "),
    ),
    Broken(
        "prints",
        "side effects: the import prints",
        "PB703",
        with_code("print('hello')"),
        imports=True,
    ),
    Broken(
        "slow", "a slow import", "PB702", with_code("import time\n\ntime.sleep(0.7)"), imports=True
    ),
    Broken(
        "writes",
        "side effects: the import writes a file",
        "PB704",
        with_code("import tempfile\n\ntempfile.TemporaryFile().close()"),
        imports=True,
    ),
    Broken(
        "threads",
        "side effects: the import starts a thread",
        "PB707",
        with_code(
            "import threading\n\nthreading.Thread(target=print, args=('',), kwargs={'end': ''})"
            ".start()"
        ),
        imports=True,
    ),
    Broken(
        "changes",
        "side effects: the import changes `os.environ`",
        "PB708",
        with_code("import os\n\nos.environ['TABLETOP'] = '1'"),
        imports=True,
    ),
    Broken(
        "starts",
        "side effects: the import starts a process",
        "PB706",
        with_code("import subprocess\nimport sys\n\nsubprocess.run([sys.executable, '-c', ''])"),
        imports=True,
    ),
    Broken("raises", "the import raises", "PB701", with_code("1 / 0"), imports=True),
    Broken(
        "unquoted-group",
        "`[project.entry-points.tabletop.exporters]`, not in quotes",
        "PB105",
        swapped('."tabletop.exporters"', ".tabletop.exporters"),
    ),
    Broken(
        "scripts",
        "`[project.entry-points.console_scripts]`",
        "PB106",
        more(f'\n[project.entry-points.console_scripts]\nbase = "{TARGET}"\n'),
    ),
    Broken(
        "unknown-key",
        "`homepage` in `[project]`",
        "PB102",
        swapped("description", 'homepage = "https://example.org"\ndescription'),
    ),
    Broken(
        "script-module",
        "a script that names no function",
        "PB207",
        more('\n[project.scripts]\nbase = "tabletop_base.exporter"\n'),
    ),
    Broken(
        "re-export",
        "a re-export of a name that is gone",
        "PB203",
        every(
            swapped(TARGET, "tabletop_base:exporter_of"),
            more("from .exporter import exporter_of\n", "src/tabletop_base/__init__.py"),
        ),
    ),
    Broken(
        "type-checking",
        "a name that is there for type checkers only",
        "PB203",
        every(
            swapped(TARGET, "tabletop_base:Table"),
            more(
                "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from x import Table\n",
                "src/tabletop_base/__init__.py",
            ),
        ),
    ),
    Broken(
        "package-data",
        "package data that setuptools leaves out",
        "PB402",
        every(with_setuptools, more("x", "src/tabletop_base/words.txt")),
        checked="both",
    ),
    Broken(
        "manifest-not-built",
        "a manifest that setuptools leaves out",
        "PB602",
        every(with_manifest(MANIFEST), with_setuptools),
        checked="wheel",
    ),
    Broken(
        "manifest-unknown",
        "facts in the manifest about a plugin that is none",
        "PB603",
        with_manifest(MANIFEST | {"plugins": {"tabletop.exporters": {"bass": {}}}}),
    ),
    Broken(
        "manifest-hooks",
        "hooks in the manifest that the code does not answer",
        "PB604",
        every(
            with_manifest(MANIFEST | {"plugins": _HOOKED}),
            swapped("exporters", "plugins"),
            swapped(TARGET, "tabletop_base.exporter:Plugin"),
            with_code(_HOOKS),
        ),
    ),
    Broken(
        "manifest-key",
        "an unknown key in the manifest",
        "PB601",
        with_manifest(MANIFEST | {"plugin": {}}),
    ),
    Broken(
        "manifest-range",
        "`^1.3` in the manifest",
        "PB306",
        with_manifest(MANIFEST | {"api": "^1.3"}),
    ),
    Broken(
        "tool-table",
        "`[tool.plugbay]` without the build hook",
        "PB101",
        more('\n[tool.plugbay]\napi = ">=1.3,<2"\n'),
    ),
    Broken(
        "tool-misspelt", "`[tool.plugbey]`", "PB101", more('\n[tool.plugbey]\napi = ">=1.3,<2"\n')
    ),
    Broken(
        "other-host",
        "a range without the host that is installed",
        "PB307",
        swapped(">=1.3,<2", ">=2,<3"),
    ),
    Broken(
        "older-python",
        "a Python that the host does not run on",
        "PB308",
        swapped('">=3.11"', '">=3.8"'),
    ),
    Broken(
        "stale-egg-info",
        "old metadata in the source tree",
        "PB503",
        every(
            more("Name: tabletop-base\nVersion: 0.9\n", "src/tabletop_base.egg-info/PKG-INFO"),
            more(
                "[tabletop.exporters]\nbass = tabletop_base:export\n",
                "src/tabletop_base.egg-info/entry_points.txt",
            ),
        ),
    ),
    Broken(
        "group-name",
        "a dash in the name of a group",
        "PB104",
        swapped('"tabletop.exporters"', '"table-top.exporters"'),
    ),
    Broken(
        "not-toml", "a `pyproject.toml` that is not TOML", "PB107", swapped('base = "', "base = ")
    ),
    Broken(
        "malformed",
        "a bad line in `entry_points.txt`",
        "PB406",
        checked="wheel",
        damage=lambda wheel: _rewritten(wheel, _bad_line),
    ),
    Broken(
        "unrecorded",
        "a file that RECORD does not know",
        "PB405",
        checked="wheel",
        damage=lambda wheel: _rewritten(wheel, _unrecorded),
    ),
    Broken(
        "stale-wheel",
        "a wheel that was built before a plugin was renamed",
        "PB407",
        checked="both",
        damage=lambda wheel: _rewritten(wheel, _renamed),
    ),
    Broken(
        "twice",
        "two installations of one distribution",
        "PB502",
        checked="installed",
        damage=_twice,
    ),
    Broken(
        "stale-editable",
        "an editable installation of before a plugin was renamed",
        "PB504",
        checked="installed",
        damage=_editable,
    ),
]
