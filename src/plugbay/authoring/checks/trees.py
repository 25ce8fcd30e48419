"""Trees: the files of what is checked, on a disk or in an archive, behind one interface."""

import os
import tarfile
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES

from plugbay.discovery.modules import SEALED_SUFFIX, ModuleFile, find_module, package_directories
from plugbay.loading.references import ImportPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Installed", "Tree", "read_folder", "read_tar", "read_zip"]

# Folders in which nothing of a project itself is.
_SKIPPED = frozenset(("__pycache__", "node_modules", "build", "dist", "site-packages"))

# What modules are compiled from, which the text of a target cannot tell.
_COMPILED = (".pyx", ".pxd", ".c", ".cc", ".cpp", ".rs", ".f90", ".so", ".pyd")


class Tree(ImportPath):
    """Files by their path, with `/`, below a place; `roots` are folders that modules are in.

    `place` is how the whole is named for people, and `files` are the paths.
    """

    def __init__(self, place: str, files: "Iterable[str]", name: str) -> None:
        self.place = place
        self.files = frozenset(files)
        self.roots: list[str] = [""]
        self.name = name
        self._folders = {
            "/".join(parts[:end])
            for parts in (file.split("/") for file in self.files)
            for end in range(1, len(parts))
        }

    def shown(self, path: str) -> str:
        """A path as it is shown to people."""
        return f"{self.place}/{path}" if self.place not in ("", ".") else path

    def find(self, module: str) -> ModuleFile | None:
        for path in self._candidates(module):
            if path in self.files:
                return ModuleFile(self.shown(path), path.endswith(".py"))
        for path in self._below_roots(module):
            if path in self._folders:
                return ModuleFile(self.shown(path), False)
        return None

    def find_file(self, package: str, name: str) -> str | None:
        """The path of a file beside the modules of a package; None where there is none."""
        for path in self._below_roots(package):
            if f"{path}/{name}" in self.files:
                return self.shown(f"{path}/{name}")
        return None

    def is_compiled(self, module: str) -> bool:
        """Whether there is something that the module may be compiled from."""
        stem = f"/{module.replace('.', '/')}."
        return any(stem in f"/{file}" and file.endswith(_COMPILED) for file in self.files)

    def read(self, path: str) -> bytes:
        """What is in a file; raises OSError for one that is not there."""
        inner = path.removeprefix(self.shown(""))
        if inner not in self.files:
            raise FileNotFoundError(path)
        return self._content(inner)

    def text(self, path: str) -> str | None:
        """The text of a file, None where there is none; raises UnicodeDecodeError."""
        return self._content(path).decode() if path in self.files else None

    def _content(self, path: str) -> bytes:
        raise NotImplementedError

    def _below_roots(self, module: str) -> "list[str]":
        below = module.replace(".", "/")
        return [
            f"{root}/{below}" if root else below
            for root in self.roots
            # The folder of a source layout is no package of its own.
            if root or not below.startswith("src/") or "src" not in self.roots
        ]

    def _candidates(self, module: str) -> "Iterable[str]":
        for path in self._below_roots(module):
            yield f"{path}/__init__.py"
            yield from (path + suffix for suffix in EXTENSION_SUFFIXES)
            yield f"{path}.py"
            yield f"{path}/__init__{SEALED_SUFFIX}"
            yield f"{path}{SEALED_SUFFIX}"


class _Folder(Tree):
    def __init__(self, place: str, files: "Iterable[str]") -> None:
        super().__init__(os.path.normpath(place), files, "in the source tree")
        self.folder = place

    def _content(self, path: str) -> bytes:
        with open(os.path.join(self.folder, path), "rb") as stream:
            return stream.read()


class _Archive(Tree):
    """What an archive has in it, all of it read."""

    def __init__(self, place: str, contents: "Mapping[str, bytes]", name: str) -> None:
        super().__init__(place, contents, name)
        self._contents = contents

    def _content(self, path: str) -> bytes:
        return self._contents[path]


class Installed(ImportPath):
    """Modules as they are installed: below these folders, else as they are imported here."""

    name = "where it is installed"

    def __init__(self, roots: "list[str]", *, is_here: bool) -> None:
        self.roots = roots
        self._is_here = is_here

    def find(self, module: str) -> ModuleFile | None:
        below = os.path.join(*module.split(".")) if module.strip(".") else module
        for root in self.roots:
            path = os.path.join(root, below)
            for suffix in (os.path.join("", "__init__.py"), *EXTENSION_SUFFIXES, ".py"):
                file = os.path.join(path, "__init__.py") if "__init__" in suffix else path + suffix
                if os.path.isfile(file):
                    return ModuleFile(file, file.endswith(".py"))
            if os.path.isdir(path):
                return ModuleFile(path, False)
        return find_module(module) if self._is_here else None

    def find_file(self, package: str, name: str) -> str | None:
        """The path of a file beside the modules of a package; None where there is none."""
        folders = [os.path.join(root, *package.split(".")) for root in self.roots]
        top, *below = package.split(".")
        if self._is_here:
            folders += [os.path.join(each, *below) for each in package_directories(top)]
        found = (os.path.join(folder, name) for folder in folders)
        return next(filter(os.path.isfile, found), None)


def read_folder(place: str) -> Tree:
    """The files of a source tree."""
    found = []
    for folder, folders, files in os.walk(place):
        inside = os.path.relpath(folder, place).replace(os.sep, "/")
        folders[:] = [
            each
            for each in folders
            if not ((each in _SKIPPED and inside == ".") or each.startswith("."))
            and each not in ("__pycache__", "node_modules")
            and not os.path.exists(os.path.join(folder, each, "pyvenv.cfg"))
        ]
        found += [each if inside == "." else f"{inside}/{each}" for each in files]
    return _Folder(place, found)


def read_zip(place: str) -> Tree:
    """The files of a wheel; raises OSError or zipfile.BadZipFile for what is none."""
    with zipfile.ZipFile(place) as archive:
        contents = {
            each: archive.read(each) for each in archive.namelist() if not each.endswith("/")
        }
    return _Archive(place, contents, "in the wheel")


def read_tar(place: str) -> Tree:
    """The files of an sdist without its outermost folder; raises OSError or tarfile.TarError."""
    contents = {}
    with tarfile.open(place) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                contents[member.name.partition("/")[2]] = stream.read()
    return _Archive(place, contents, "in the sdist")
