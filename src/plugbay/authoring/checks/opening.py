"""Opening: from a path or name on the command line to a subject."""

import os
import tarfile
import zipfile

from plugbay.authoring.checks.built import open_installed, open_wheel
from plugbay.authoring.checks.findings import Finding
from plugbay.authoring.checks.sources import read_source
from plugbay.authoring.checks.subjects import Subject
from plugbay.authoring.checks.trees import Tree, read_folder, read_tar, read_zip
from plugbay.discovery import find, normalized
from plugbay.discovery.distributions import Distribution
from plugbay.errors import SubjectError

__all__ = ["open_subject"]


def open_subject(path: str) -> Subject:
    """What is at a path, or the installed distribution of that name.

    Raises SubjectError, which says what was looked for.
    """
    if path.endswith((".dist-info", ".egg-info")) and os.path.exists(path):
        location, metadata = os.path.split(os.path.abspath(path))
        return open_installed(Distribution(location, metadata))
    if os.path.isdir(path):
        return _open_source("source tree", os.path.normpath(path), read_folder(path))
    if os.path.isfile(path):
        return _open_file(path)
    installed = find().distributions.get(normalized(path))
    if installed is None:
        raise SubjectError(
            f"there is no file, folder or installed distribution {path!r}; name a folder with a "
            f"pyproject.toml, a wheel, an sdist, or a distribution as pip lists it"
        )
    return open_installed(installed)


def _open_file(path: str) -> Subject:
    try:
        if path.endswith(".whl"):
            return open_wheel(path, read_zip(path))
        if os.path.basename(path) == "pyproject.toml":
            folder = os.path.dirname(path) or "."
            return _open_source("source tree", folder, read_folder(folder))
        return _open_source("sdist", path, read_tar(path))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        wheel = path.endswith(".whl")
        code, kind = ("PB406", "wheel") if wheel else ("PB107", "sdist")
        subject = Subject(kind, path, Tree(path, (), "there"))
        subject.findings.append(Finding(code, f"{path} cannot be read as a {kind}: {error}", path))
        return subject


def _open_source(kind: str, place: str, tree: Tree) -> Subject:
    tree.place = place
    subject = Subject(kind, place, tree, tree)
    read_source(subject, tree)
    return subject
