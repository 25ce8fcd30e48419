"""Manifest files: `plugbay.json` in a package, and the entry point that leads to it.

For build backends that put nothing into the metadata of a wheel, which are all but hatchling.
"""

import json
import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from plugbay.authoring.checks.opening import open_subject
from plugbay.authoring.checks.surroundings import is_plugin_group
from plugbay.authoring.manifests import manifest_of
from plugbay.authoring.pyproject import entry_point_lines, with_entry_point
from plugbay.discovery import MANIFEST_GROUP
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError, ProjectError, SubjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.authoring.checks.projects import Project
    from plugbay.authoring.checks.subjects import Subject

__all__ = ["ManifestFile", "manifest_text", "staleness", "write_manifest"]

_NAME = "plugbay.json"


@dataclass
class ManifestFile:
    """What came of writing a manifest: the `files` that were written, and `advice` what is left.

    `untold` is what the manifest could not be told, see `manifest_of`.
    """

    files: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


def manifest_text(folder: str) -> tuple[str, list[str]]:
    """The manifest of the project in a folder as JSON, and what it could not be told.

    Raises ProjectError where there is no project, and ManifestError for a table that is none.
    """
    return _text_of(*_opened(folder))


def write_manifest(folder: str) -> ManifestFile:
    """Write the manifest into the package of a project, and lead to it in its pyproject.toml.

    What is in the file is replaced, and a file that has the same already is left alone. Raises
    ProjectError where there is no place for it, and ManifestError for a table that is none; then
    nothing was written.
    """
    subject, project = _opened(folder)
    if _has_hook(project):
        raise ProjectError(
            f"{project.file} has the build hook of plugbay, which puts the manifest into each "
            f"wheel; a file of it would never be read"
        )
    reference, file = _place(subject)
    text, untold = _text_of(subject, project)
    made = ManifestFile(untold=untold)
    if _content(file) != text:
        with open(file, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        made.files.append(file)
    if _reference(subject) is None:
        _lead_to_it(made, project, reference)
    made.advice += _left_out_by_setuptools(project, reference.partition(":")[0])
    return made


def staleness(folder: str) -> str:
    """Why the manifest in the package of a project is not what it should be; "" where it is.

    Also where there is none, or where it could not be told everything. Raises as `write_manifest`.
    """
    subject, project = _opened(folder)
    if _reference(subject) is None:
        return ""
    text, untold = _text_of(subject, project)
    _, file = _place(subject)
    written = _content(file)
    if written is None:
        return f"there is no {file}"
    try:
        is_same = json.loads(written) == json.loads(text)
    except ValueError:
        return f"{file} is not JSON"
    return "" if is_same or untold else f"{file} is not what the project says by now"


def _opened(folder: str) -> "tuple[Subject, Project]":
    try:
        subject = open_subject(folder)
    except SubjectError as error:
        raise ProjectError(str(error)) from None
    if subject.kind != "source tree":
        raise ProjectError(f"{folder} is no project but a {subject.kind}; name a folder")
    if subject.project is None:
        raise ProjectError(subject.findings[0].message)
    if not subject.name:
        raise ProjectError(f"there is no [project] with a name in {subject.project.file}")
    return subject, subject.project


def _text_of(subject: "Subject", project: "Project") -> tuple[str, list[str]]:
    table = project.get("tool", "plugbay")
    manifest, untold = manifest_of(project.table, table, os.path.abspath(subject.place))
    plugins = {group: those for group, those in manifest["plugins"].items() if those}
    return json.dumps({**manifest, "plugins": plugins}, indent=2, sort_keys=True) + "\n", untold


def _has_hook(project: "Project") -> bool:
    build = project.get("tool", "hatch", "build")
    wheel = project.get("tool", "hatch", "build", "targets", "wheel")
    return any("plugbay" in each.get("hooks", {}) for each in (build, wheel))


def _reference(subject: "Subject") -> str | None:
    """What the entry point of the manifest says, if there is one."""
    found = (each.value for each in subject.entry_points if each.group == MANIFEST_GROUP)
    return next(found, None)


def _place(subject: "Subject") -> tuple[str, str]:
    """The value of the entry point that leads to the manifest, and the path of its file."""
    reference = _reference(subject)
    if reference is not None:
        try:
            package, name, _ = parse_reference(reference)
        except InvalidReferenceError as error:
            raise ProjectError(f"the entry point in {MANIFEST_GROUP!r}: {error}") from None
        return reference, os.path.join(_folder(subject, package), name or _NAME)
    for each in subject.entry_points:
        if is_plugin_group(each.group):
            package = _package(subject, each.value.partition(":")[0].strip())
            return f"{package}:{_NAME}", os.path.join(_folder(subject, package), _NAME)
    raise ProjectError(f"{subject.name} has no plugins in [project.entry-points]")


def _package(subject: "Subject", module: str) -> str:
    """The outermost package of a module that is more than a namespace."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        package = ".".join(parts[:end])
        place = subject.modules.find(package)
        if place is not None and os.path.basename(place.path).startswith("__init__."):
            return package
    found = subject.modules.find(module)
    raise ProjectError(
        f"{module!r} is {'not in a package' if found else 'no module of the project'}, so no file "
        f"can be installed beside it; put it into a package"
    )


def _folder(subject: "Subject", package: str) -> str:
    place = subject.modules.find(package)
    if place is None:
        raise ProjectError(f"there is no package {package!r}, which is to have the manifest")
    return place.path if os.path.isdir(place.path) else os.path.dirname(place.path)


def _lead_to_it(made: ManifestFile, project: "Project", reference: str) -> None:
    """Add the entry point to pyproject.toml, or advise to."""
    name = reference.partition(":")[0].rpartition(".")[2]
    with open(project.file, encoding="utf-8", newline="") as stream:
        edited = with_entry_point(stream.read(), MANIFEST_GROUP, name, reference)
    dynamic = project.table.get("dynamic", ())
    if edited is None or "entry-points" in dynamic:
        lines = entry_point_lines(MANIFEST_GROUP, name, reference).rstrip()
        made.advice.append(
            f"{project.file} could not be changed safely; add this to its entry points:\n{lines}"
        )
        return
    with open(project.file, "w", encoding="utf-8", newline="") as stream:
        stream.write(edited)
    made.files.append(project.file)


def _left_out_by_setuptools(project: "Project", package: str) -> list[str]:
    """What to do where setuptools would not put the file into the wheel."""
    if not str(project.get("build-system").get("build-backend", "")).startswith("setuptools"):
        return []
    data = project.get("tool", "setuptools", "package-data")
    patterns = [*data.get("*", ()), *data.get(package, ())]
    if any(fnmatchcase(_NAME, each) for each in patterns):
        return []
    key = f'"{package}"' if "." in package else package
    lines = f'[tool.setuptools.package-data]\n{key} = ["{_NAME}"]'
    return [f"setuptools leaves it out of the wheel, unless {project.file} says:\n{lines}"]


def _content(file: str) -> str | None:
    try:
        with open(file, encoding="utf-8", newline="") as stream:
            return stream.read()
    except OSError:
        return None
