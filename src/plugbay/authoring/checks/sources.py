"""Sources: a source tree or sdist as a subject, by what its pyproject.toml says."""

import os

from plugbay.authoring.checks.findings import Finding
from plugbay.authoring.checks.projects import Project
from plugbay.authoring.checks.subjects import Declared, Stated, Subject
from plugbay.authoring.checks.trees import Tree
from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMPILING", "read_source"]

# Build backends that make modules of what is no Python.
COMPILING = ("maturin", "scikit_build_core", "mesonpy", "enscons")

_SCRIPTS = {"scripts": "console_scripts", "gui-scripts": "gui_scripts"}


def read_source(subject: Subject, tree: Tree) -> None:
    """Fill a subject with what the project of a source tree or sdist says of itself."""
    file = tree.shown("pyproject.toml")
    project = _project(subject, tree, file)
    if project is None:
        return
    subject.project = project
    table = project.table
    subject.name = str(table.get("name", ""))
    subject.version = str(table.get("version", ""))
    tree.roots = list(dict.fromkeys([*_roots(project), "src", ""]))
    dynamic = table.get("dynamic")
    told = set(dynamic) if isinstance(dynamic, list) else set()
    _take_requirements(subject, project)
    if "optional-dependencies" not in told and "project" in project.data:
        optional = project.get("project", "optional-dependencies")
        subject.extras = {normalized(each) for each in optional}
    python = table.get("requires-python")
    if isinstance(python, str):
        line = project.line("project", "requires-python")
        subject.requires_python = Stated(python, file, line)
    subject.entry_points = list(_entry_points(project))
    missing = "project" not in project.data
    if missing or told & {"entry-points", "scripts", "gui-scripts"}:
        where = Stated("", file, project.line("project", "dynamic"))
        reason = f"{file} {'has no [project]' if missing else 'calls its entry points dynamic'}"
        subject.findings.append(subject.finding("PB108", reason, where))


def _project(subject: Subject, tree: Tree, file: str) -> Project | None:
    try:
        text = tree.text("pyproject.toml")
        if text is not None:
            return Project(text.replace("\r\n", "\n"), file)
    except ValueError as error:
        line = getattr(error, "lineno", None)  # from Python 3.14 on
        reason = f"{file} is not TOML: {error}"
        subject.findings.append(Finding("PB107", reason, file, line))
        return None
    legacy = {"setup.py", "setup.cfg"} & tree.files
    code = "PB108" if legacy else "PB107"
    there = f"; {' and '.join(sorted(legacy))} would have to be run" if legacy else ""
    subject.findings.append(Finding(code, f"there is no {file}{there}", tree.place))
    return None


def _take_requirements(subject: Subject, project: Project) -> None:
    def stated(text: str, *keys: str) -> Stated:
        return Stated(text, project.file, project.line(*keys, word=text))

    dependencies = project.table.get("dependencies")
    for each in dependencies if isinstance(dependencies, list) else ():
        if isinstance(each, str):
            subject.requires.append(stated(each, "project", "dependencies"))
    for extra, those in project.get("project", "optional-dependencies").items():
        for each in those if isinstance(those, list) else ():
            where = stated(str(each), "project", "optional-dependencies", extra)
            text, _, marker = where.text.partition(";")
            both = f"({marker.strip()}) and " if marker.strip() else ""
            text = f'{text.rstrip()} ; {both}extra == "{extra}"'
            subject.requires.append(Stated(text, where.file, where.line))


def _entry_points(project: Project) -> "Iterator[Declared]":
    for key, group in _SCRIPTS.items():
        for name, value in project.get("project", key).items():
            if isinstance(value, str):
                line = project.line("project", key, name)
                yield Declared(group, name, value, project.file, line)
    for group, those in project.get("project", "entry-points").items():
        for name, value in those.items() if isinstance(those, dict) else ():
            if isinstance(value, str):
                line = project.line("project", "entry-points", group, name)
                yield Declared(group, name, value, project.file, line)


def _roots(project: Project) -> "Iterator[str]":
    """The folders of modules that build backends are told of."""
    for package in _texts(project.get("tool", "hatch", "build", "targets", "wheel"), "packages"):
        yield os.path.dirname(package.strip("/"))
    yield from _texts(project.get("tool", "setuptools", "package-dir"), "")
    yield from _texts(project.get("tool", "setuptools", "packages", "find"), "where")
    yield from _texts(project.get("tool", "pdm", "build"), "package-dir")
    yield from _texts(project.get("tool", "uv", "build-backend"), "module-root")
    yield from _texts(project.get("tool", "maturin"), "python-source")
    packages = project.get("tool", "poetry").get("packages")
    for each in packages if isinstance(packages, list) else ():
        yield from _texts(each if isinstance(each, dict) else {}, "from")


def _texts(table: "dict[str, object]", key: str) -> list[str]:
    """The text, or the list of texts, that a table has under a key."""
    value = table.get(key)
    values = value if isinstance(value, list) else [value]
    return [each.strip("/").removeprefix("./") for each in values if isinstance(each, str)]
