"""Memory: modules and distributions whose files are in memory, found as those of a folder are.

One object finds the modules, makes them, and lists the distributions. Nothing is written to a
disk, neither sources nor byte-code.
"""

import linecache
import os
import sys
from collections import UserDict
from contextlib import suppress
from importlib.abc import SourceLoader
from importlib.metadata import DistributionFinder, PathDistribution
from importlib.resources.abc import TraversableResources
from importlib.util import decode_source, spec_from_file_location
from io import BytesIO, StringIO
from itertools import count
from threading import Lock
from zipfile import Path, ZipFile

from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Final, Self

__all__ = ["MemoryModules"]

# A number is never used again, so that no two have files of one name, not even in a traceback.
_numbers = count(1)
_ALL = DistributionFinder.Context()


class MemoryModules(DistributionFinder, SourceLoader):  # type: ignore[misc]  # so is SourceLoader
    """A folder in memory, asked first for every import while its `with` block runs.

    `files` maps paths below the folder, such as `"package/module.py"`, to what is in them: text, or
    bytes, which are decoded as Python does with sources. A package is what has an `__init__.py`, a
    folder `name-1.0.dist-info` is an installed distribution, and other files are resources. `files`
    may be changed at any time; imports and reloads from then on go by it. Raises TypeError or
    ValueError for what cannot be a file.

    At the end of the block the modules that were made of these files are imported no longer; all
    others are left alone. It may be entered again, but not within itself, which is a RuntimeError.
    """

    def __init__(self, files: "Mapping[str, str | bytes]") -> None:
        # Not `<memory 1>`: to tools what is in angle brackets has no source.
        self.location: Final = f"memory:/{next(_numbers)}"
        self.files: Final = _Files(files)
        self._made: set[str] = set()
        self._entered = Lock()

    def __enter__(self) -> "Self":
        if not self._entered.acquire(blocking=False):
            raise RuntimeError(f"{self!r} is entered already; leave it first, or make another one")
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ValueError):  # somebody else may have taken it out
            sys.meta_path.remove(self)
        self._forget_modules()
        for path in list(linecache.cache):
            if path.startswith(f"{self.location}/"):
                linecache.cache.pop(path, None)
        self._entered.release()

    def __repr__(self) -> str:
        return f"<MemoryModules {self.location!r} with {len(self.files)} files>"

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        package = fullname.rpartition(".")[0]
        if self._file(fullname) is None:
            return None
        # Where another package of that name is imported, it does not get modules of this one.
        if path is not None and self._file(package) and self._folder(package) not in path:
            return None
        return spec_from_file_location(fullname, loader=self)

    def exec_module(self, module: "ModuleType") -> None:
        self._made.add(module.__name__)
        super().exec_module(module)

    def get_filename(self, fullname: str) -> str:
        file = self._file(fullname)
        if file is None:
            raise ImportError(f"{self!r} has no module {fullname!r}", name=fullname)
        return f"{self.location}/{file}"

    def get_code(self, fullname: str) -> "CodeType":
        path = self.get_filename(fullname)
        source = self._content(path)
        code: CodeType = self.source_to_code(source, path)
        # Noted now, since the file may be another one by the time that a line of it is shown.
        lines = list(StringIO(_text(source), newline=None))
        linecache.cache[path] = len(source), None, lines, path
        return code

    def get_source(self, fullname: str) -> str:
        return _text(self._content(self.get_filename(fullname)))

    def get_data(self, path: str) -> bytes:
        content = self._content(path.replace(os.sep, "/"))
        return content.encode() if isinstance(content, str) else content

    def get_resource_reader(self, fullname: str) -> TraversableResources:
        """What `importlib.resources` asks for the files beside a module."""
        return _Resources(self._archive(), self._folder(fullname).removeprefix(self.location))

    def find_distributions(
        self, context: DistributionFinder.Context = _ALL
    ) -> list[PathDistribution]:
        """The distributions of these files; none for a question about other folders."""
        if context.path != sys.path and self.location not in context.path:
            return []
        paths = list(self.files.data)
        folders = dict.fromkeys(each.partition("/")[0] for each in paths if "/" in each)
        found = [each for each in folders if each.endswith(".dist-info")]
        if context.name is not None:
            wanted = normalized(context.name)
            found = [each for each in found if normalized(each.partition("-")[0]) == wanted]
        archive = self._archive() if found else None
        return [PathDistribution(Path(archive, each)) for each in found if archive]

    def _file(self, name: str) -> str | None:
        stem = name.replace(".", "/")
        candidates = (f"{stem}/__init__.py", f"{stem}.py") if "/" not in name else ()
        return next((each for each in candidates if each in self.files), None)

    def _folder(self, name: str) -> str:
        return self.get_filename(name).rpartition("/")[0]

    def _content(self, path: str) -> str | bytes:
        try:
            return self.files[path.removeprefix(f"{self.location}/")]
        except KeyError:
            raise FileNotFoundError(f"there is no file {path!r}") from None

    def _archive(self) -> ZipFile:
        """The files as they are now, for those who walk through folders."""
        buffer = BytesIO()
        with ZipFile(buffer, "w") as archive:
            for path, content in self.files.data.copy().items():
                archive.writestr(path, content)
        archive = ZipFile(buffer)
        archive.filename = self.location
        return archive

    def _forget_modules(self) -> None:
        made = {}
        while self._made:
            name = self._made.pop()
            module = sys.modules.get(name)
            if getattr(getattr(module, "__spec__", None), "loader", None) is self:
                made[name] = sys.modules.pop(name)
        # Packages of memory are gone by now, and whoever still holds one needs its modules.
        for name, module in made.items():
            parent, _, child = name.rpartition(".")
            package = sys.modules.get(parent)
            if getattr(package, "__dict__", {}).get(child) is module:
                delattr(package, child)


class _Files(UserDict[str, "str | bytes"]):
    """Paths and what is in them; refuses what cannot be a file."""

    def __setitem__(self, path: str, content: str | bytes) -> None:
        if not isinstance(path, str):
            raise TypeError(f"the path {path!r} is no str; write it as 'package/module.py'")
        if not isinstance(content, (str, bytes)):
            raise TypeError(f"{path!r} is to hold a {type(content).__name__}; give str or bytes")
        if not {"", ".", ".."}.isdisjoint(path.split("/")) or {"\\", "\0"} & set(path):
            raise ValueError(f"{path!r} is no path below a folder, such as 'package/module.py'")
        try:
            f"{path}{content if isinstance(content, str) else ''}".encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{path!r} is no text: {error}; give it as bytes") from None
        super().__setitem__(path, content)


class _Resources(TraversableResources):
    def __init__(self, archive: ZipFile, folder: str) -> None:
        self._files = Path(archive, f"{folder}/".lstrip("/"))

    def files(self) -> Path:
        return self._files


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else decode_source(content)
