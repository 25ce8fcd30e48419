"""Scaffolding: the files of a new project, for a plugin or for a host application."""

import datetime
import os
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from plugbay import __version__
from plugbay.authoring.scaffolds.backends import BACKENDS
from plugbay.authoring.scaffolds.contracts import Contract
from plugbay.authoring.scaffolds.hosts import HostFacts
from plugbay.authoring.scaffolds.imports import arranged
from plugbay.authoring.scaffolds.naming import (
    check_group,
    check_plugin,
    class_name,
    function_name,
    package_name,
)
from plugbay.authoring.scaffolds.requirements import Range
from plugbay.authoring.scaffolds.stubs import stub
from plugbay.compatibility.versions import Version, bounds, clauses
from plugbay.discovery import normalized
from plugbay.errors import InvalidVersionError, ProjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LICENCES", "Layout", "host_files", "plugin_files", "write"]

# By SPDX identifier; the last one is no licence.
LICENCES = ("MIT", "BSD-3-Clause", "ISC", "none")

_PYTHON = ">=3.11"
_SHARED = {
    ".gitignore": "shared/gitignore.tmpl",
    "CHANGELOG.md": "shared/CHANGELOG.md.tmpl",
    "tests/test_check.py": "shared/test_check.py.tmpl",
    "src/{package}/py.typed": "",
}
_PLUGIN = {
    ".github/workflows/ci.yml": "plugin/ci.yml.tmpl",
    "README.md": "plugin/README.md.tmpl",
    "pyproject.toml": "plugin/pyproject.toml.tmpl",
    "src/{package}/__init__.py": "plugin/plugin.py.tmpl",
    "tests/test_plugin.py": "plugin/test_plugin.py.tmpl",
}
_HOST = {
    ".github/workflows/ci.yml": "host/ci.yml.tmpl",
    "README.md": "host/README.md.tmpl",
    "pyproject.toml": "host/pyproject.toml.tmpl",
    "src/{package}/__init__.py": "host/package.py.tmpl",
    "src/{package}/__main__.py": "host/main.py.tmpl",
    "src/{package}/application.py": "host/application.py.tmpl",
    "src/{package}/builtin.py": "host/builtin.py.tmpl",
    "src/{package}/contracts.py": "host/contracts.py.tmpl",
    "src/{package}/plugins.py": "host/plugins.py.tmpl",
    "tests/test_application.py": "host/test_application.py.tmpl",
}


@dataclass(frozen=True)
class Layout:
    """What a project is made of, whether of a plugin or of a host: its name, and how it is built.

    `backend` is a key of `BACKENDS` and `licence` one of `LICENCES`. Raises ProjectError for a
    name that no project or package can have.
    """

    name: str
    backend: str = "hatchling"
    licence: str = "MIT"

    def __post_init__(self) -> None:
        package_name(self.name)

    def files(
        self, templates: "Mapping[str, str]", words: "Mapping[str, str]", plugin: str
    ) -> dict[str, str]:
        """The text of each file by its path, of which `{package}` is a part."""
        package = package_name(self.name)
        backend = BACKENDS[self.backend]
        own = {
            "backend": backend.module,
            "backend_requirement": backend.requirement,
            "holder": f"the developers of {self.name}",
            "licence": self._licence_lines(),
            "licence_told": "No licence" if self.licence == "none" else f"{self.licence} licence",
            "name": self.name,
            "package": package,
            "plugbay": ".".join(__version__.split(".")[:2]),
            "plugin": plugin,
            "plugin_key": plugin if "." not in plugin else f'"{plugin}"',
            "tables": backend.tables.format(package=package),
            "year": str(datetime.datetime.now(datetime.UTC).year),
        }
        licence = {} if self.licence == "none" else {"LICENSE": f"shared/{self.licence}.tmpl"}
        made = {
            path.format(package=package): _rendered(template, {**own, **words})
            for path, template in {**_SHARED, **templates, **licence}.items()
        }
        return dict(sorted({**made, **backend.files}.items()))

    def _licence_lines(self) -> str:
        if self.licence == "none":
            # Package indexes refuse what has this classifier.
            return 'classifiers = ["Private :: Do Not Upload", "Typing :: Typed"]'
        return (
            f'license = "{self.licence}"\nlicense-files = ["LICENSE"]\n'
            'classifiers = ["Typing :: Typed"]'
        )


def plugin_files(
    layout: Layout,
    host: str,
    group: str,
    plugin: str,
    api_version: str,
    *,
    contract: Contract | None = None,
    facts: HostFacts | None = None,
) -> dict[str, str]:
    """The files of a plugin's project, by their paths.

    The `contract`, else that of the group in `facts`, tells what the plugin has to have. Raises
    ProjectError for names and versions that cannot be used.
    """
    check_group(group)
    check_plugin(plugin)
    if normalized(layout.name) == normalized(host):
        raise ProjectError(
            f"the plugin's project cannot have the name of its host, {host!r}; "
            f"call it, for example, '{host}-{plugin}'"
        )
    contract = contract or (facts.groups.get(group) if facts else None)
    made = stub(plugin, contract)
    admitted = Range(host, api_version, facts)
    python = _python(facts)
    words = {
        "code": made.text,
        "dependencies": admitted.tables(),
        "group": group,
        "host": host,
        "newest": host,
        "object": made.name,
        "oldest": admitted.oldest,
        "prerelease": admitted.prerelease,
        "python": python,
        "python_oldest": _oldest_python(python),
        "range": admitted.specifier,
        "test_imports": _test_imports(layout, contract, admitted, group),
        "test_options": _test_options(contract, admitted, group),
    }
    return layout.files(_PLUGIN, words, plugin)


def host_files(layout: Layout, group: str, plugin: str, api_version: str) -> dict[str, str]:
    """The files of a host application's project, by their paths; raises ProjectError."""
    check_group(group)
    check_plugin(plugin)
    package = package_name(layout.name)
    if normalized(group.partition(".")[0]) != normalized(layout.name) or "." not in group:
        raise ProjectError(
            f"the groups of {layout.name!r} begin with its name; write '{package}.{group}'"
        )
    last = group.rpartition(".")[2]
    words = {
        "api_version": api_version,
        "contract": class_name(last[:-1] if last.endswith("s") and len(last) > 1 else last),
        "group": group,
        "object": function_name(plugin, {"text"}),
        "python": _PYTHON,
        "range": Range(layout.name, api_version, None).specifier,
    }
    return layout.files(_HOST, words, plugin)


def write(files: "Mapping[str, str]", directory: str) -> list[str]:
    """Write the files below a directory, made if need be, and give their paths.

    Raises FileExistsError, which names every file that is there already, with nothing written;
    OSError where one cannot be written, with those taken away that were.
    """
    paths = {os.path.join(directory, *path.split("/")): text for path, text in files.items()}
    there = sorted(path for path in paths if os.path.lexists(path))
    if there:
        raise FileExistsError(f"{', '.join(there)}: there already, and nothing is overwritten")
    written: list[str] = []
    try:
        for path, text in paths.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "x", encoding="utf-8", newline="\n") as stream:
                written.append(path)
                stream.write(text)
    except OSError:
        for path in written:
            os.unlink(path)
        raise
    return written


def _rendered(template: str, words: "Mapping[str, str]") -> str:
    if not template:
        return ""
    source = files("plugbay.authoring.scaffolds") / "templates" / template
    text = Template(source.read_text("utf-8")).substitute(words)
    return f"{text.rstrip()}\n"


def _test_imports(layout: Layout, contract: Contract | None, admitted: Range, group: str) -> str:
    """What the test of a plugin imports."""
    package = package_name(layout.name)
    needed = ["import plugbay", f"import {package}"]
    if contract is not None:
        needed.append(f"from {contract.module} import {contract.name}")
    if not admitted.is_separate and not admitted.is_default(group):
        needed.append("from importlib.metadata import version")
    return "\n".join(arranged(needed, package))


def _test_options(contract: Contract | None, admitted: Range, group: str) -> str:
    """What `load_group` is given in the test: the version of the API, and the contract."""
    options = ""
    if admitted.is_separate:
        options = f', api=plugbay.HostApi("{admitted.host}", "{admitted.api_version}")'
    elif not admitted.is_default(group):
        options = f', api=plugbay.HostApi("{admitted.host}", version("{admitted.host}"))'
    return f"{options}, expect={contract.name}" if contract is not None else options


def _python(facts: HostFacts | None) -> str:
    """The Python that the host requires, as far as that can be read."""
    stated = facts.python if facts else ""
    try:
        return stated if clauses(stated) else _PYTHON
    except InvalidVersionError:
        return _PYTHON


def _oldest_python(specifier: str) -> str:
    """The oldest Python that is worth a test, for which plugbay has to run there too."""
    floor = bounds(clauses(specifier)).floor or "3.11"
    oldest = floor if Version("3.11") <= Version(floor) else "3.11"
    return ".".join(oldest.split(".")[:2])
