"""The exact scan of `sys.path`: which distributions count, in which order, and which win.

The rules are those of `importlib.metadata`'s path finder in Python 3.11 to 3.14. The scan keeps
no cache: every call lists each directory and opens each entry_points.txt again, through the
directory's descriptor where the platform has that.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Protocol

    from plugbay.discovery.archives import Archive
    from plugbay.discovery.distributions import Distribution

    # What becomes of an error: (distribution if known, file, error). To raise it is one answer.
    Report = Callable[[Distribution | None, str, Exception], None]

    class Source(Protocol):
        """Where distributions come from, each known by a child of it."""

        def distribution(self, child: Any, /) -> Distribution:
            """The distribution of a child."""
            ...

        def reached(self, children: "list[Any]", filename: str, /) -> "list[Any]":
            """Those that have a file, as far as can be told quickly."""
            ...


__all__ = ["Winners", "absolute", "is_stock", "normalized", "read_file", "scan"]

_COMPARED = sys.version_info < (3, 15)
_SUFFIXES = (".dist-info", ".egg-info")
_BY_DESCRIPTOR = {os.open, os.access} <= os.supports_dir_fd and os.listdir in os.supports_fd
_CHUNK = 16384
_FILE = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_DIRECTORY", 0)


class Winners:
    """The distributions that count, by normalised name.

    Each hides every later one of its name, with or without entry points of its own. Thousands are
    noted and few asked for, so a `Distribution` is made only of the latter.
    """

    __slots__ = ("_hidden", "_sources")

    def __init__(self) -> None:
        # The children of each source by name; a name is in one of them only.
        self._sources: dict[Source, dict[str, Any]] = {}
        self._hidden: list[tuple[str, Source, Any]] = []

    def admit(self, name: str, source: "Source", child: "Any") -> bool:
        """Note the child of a source, and tell whether it is the first of its name."""
        for children in self._sources.values():
            if name in children:
                self._hidden.append((name, source, child))
                return False
        self._sources.setdefault(source, {})[name] = child
        return True

    def admit_all(self, source: "Source", children: "dict[str, Any]") -> bool:
        """Note all children of a source, or none if one of them is not the first of its name."""
        for others in self._sources.values():
            if not children.keys().isdisjoint(others):
                return False
        self._sources[source] = children
        return True

    def get(self, name: str) -> "Distribution | None":
        """The distribution of a normalised name."""
        for source, children in self._sources.items():
            if name in children:
                return source.distribution(children[name])
        return None

    def hidden(self) -> "Iterator[tuple[Distribution, Distribution]]":
        """Each distribution that is hidden, with the one that hides it."""
        for name, source, child in self._hidden:
            winner = self.get(name)
            assert winner is not None  # a name is hidden by one that was noted before
            yield source.distribution(child), winner


def scan(
    path: "Iterable[str]",
    winners: Winners,
    report: "Report",
    sifted: "dict[Source, tuple[list[str], list[str]]] | None" = None,
) -> "Iterator[tuple[Source, str, bytes]]":
    """Yield each winning distribution that has an entry_points.txt, and the file's bytes.

    The distribution is given as a source and its child. `winners` is filled on the way. Errors go
    to `report`; when that returns, the scan goes on. With a dict to note it in, the children of
    each source are `sifted` first, in a quicker way, which cannot tell a file that is not there
    from one that is out of reach: it gets all of them, and those that were read.
    """
    for entry in path:
        try:
            is_egg = os.path.basename(entry).lower().endswith(".egg")
            folder = _open(entry)
        except (TypeError, ValueError) as error:
            report(None, repr(entry), error)
            continue
        if folder is None:
            continue
        try:
            children = _winning(folder, is_egg, winners, report)
            if sifted is not None:
                everyone = list(children)
                children = reached = folder.reached(everyone, "entry_points.txt")
                sifted[folder] = everyone, reached
            for child in children:
                try:
                    data = folder.read(child, "entry_points.txt")
                except Exception as error:  # noqa: BLE001 - an archive may raise anything
                    report(folder.distribution(child), "entry_points.txt", error)
                    continue
                if data is not None:
                    yield folder, child, data
        finally:
            folder.close()


class _Folder:
    """A directory on `sys.path`, held open: files below it are reached without their path."""

    __slots__ = ("_descriptor", "children", "location")

    names_tell = True

    def __init__(self, location: str) -> None:
        self.location = absolute(location)
        self._descriptor = os.open(location or ".", _DIRECTORY) if _BY_DESCRIPTOR else None
        try:
            self.children = os.listdir(
                location or "." if self._descriptor is None else self._descriptor
            )
        except OSError:
            self.close()
            raise

    def distribution(self, child: str) -> "Distribution":
        from plugbay.discovery.distributions import Distribution

        return Distribution(self.location, child)

    def file_name(self, child: str) -> str:
        return child

    def reached(self, children: "list[str]", filename: str) -> "list[str]":
        if self._descriptor is None:
            return children
        # Most distributions have no entry points; an exception for each would be a third of a scan.
        access, is_there, directory = os.access, os.F_OK, self._descriptor
        below = f"/{filename}"
        return [each for each in children if access(each + below, is_there, dir_fd=directory)]

    def read(self, child: str, filename: str) -> "bytes | None":
        if self._descriptor is None:
            return read_file(os.path.join(self.location, child, filename))
        return read_file(f"{child}/{filename}", directory=self._descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def _open(entry: str) -> "_Folder | Archive | None":
    """What an entry of `sys.path` stands for; None where there is nothing to list.

    Raises TypeError and ValueError for what is no path at all.
    """
    try:
        return _Folder(entry)
    except NotADirectoryError:
        from plugbay.discovery.archives import Archive

        return Archive.open(entry)
    except OSError:
        return None


def _winning(
    folder: "_Folder | Archive", is_egg: bool, winners: Winners, report: "Report"
) -> "Iterable[str]":
    """The children that hold the metadata of winning distributions.

    Children of one name stand together, at the place of the first one; EGG-INFO comes last and
    counts only in an egg.
    """
    infos: dict[str, str] = {}
    namesakes: dict[str, list[str]] = {}
    eggs = []
    is_plain = folder.names_tell and "".join(folder.children).isascii()
    for child in folder.children:
        lowered = child.lower()
        if lowered.endswith(_SUFFIXES):
            name = lowered.partition("-")[0]
            if "." in name or "__" in name:
                # A dot may be that of the suffix, where there is no version.
                name = normalized(lowered.rpartition(".")[0].partition("-")[0])
            if infos.setdefault(name, child) is not child:
                namesakes.setdefault(name, []).append(child)
            if not child.endswith(_SUFFIXES) or child[0] == ".":
                is_plain = False
        elif is_egg and lowered == "egg-info":
            eggs.append(child)
    is_plain = is_plain and "" not in infos and not namesakes and not eggs
    if is_plain and winners.admit_all(folder, infos):
        return infos.values()
    children = [
        (child, _name(folder, child, name))
        for name, first in infos.items()
        for child in (first, *namesakes.get(name, ()))
    ]
    # An egg's name is in its metadata alone.
    return _one_by_one(folder, [*children, *((each, "") for each in eggs)], winners, report)


def _one_by_one(
    folder: "_Folder | Archive",
    children: "Iterable[tuple[str, str]]",
    winners: Winners,
    report: "Report",
) -> "Iterator[str]":
    """As `_winning`, of children with their names, which are empty where the metadata tells it."""
    for child, name in children:
        try:
            if winners.admit(name or _name_in_metadata(folder, child), folder, child):
                yield child
        except Exception as error:  # noqa: BLE001 - an archive may raise anything
            report(folder.distribution(child), "entry_points.txt", error)


def _name(folder: "_Folder | Archive", child: str, name: str) -> str:
    """The name that the child is compared by; that in its own name, in all but odd cases."""
    if folder.names_tell and child.endswith(_SUFFIXES) and child[0] != "." and child.isascii():
        return name
    from plugbay.discovery.names import name_in_stem

    return name_in_stem(folder.file_name(child))


def _name_in_metadata(folder: "_Folder | Archive", child: str) -> str:
    from plugbay.discovery.names import name_in_metadata

    return name_in_metadata(folder.distribution(child))


def is_stock() -> bool:
    """Whether the scan's rules are those of this process.

    That is where the only metadata finder is the unpatched one of the import system, in a Python
    whose rules have been compared with the scan's.
    """
    if not _COMPARED:
        return False
    bootstrap = sys.modules["_frozen_importlib_external"]
    stock = bootstrap.PathFinder
    for finder in sys.meta_path:
        if getattr(finder, "find_distributions", None) and finder is not stock:
            return False
    function = getattr(stock, "find_distributions", None)
    if stock not in sys.meta_path or getattr(function, "__globals__", None) is not vars(bootstrap):
        return False
    if "importlib.metadata" not in sys.modules:
        return True
    from plugbay.discovery.providers import is_unpatched

    return is_unpatched(sys.modules["importlib.metadata"])


def absolute(location: str) -> str:
    """The location for later use, when the current directory may be another one.

    Dots stay as they are: behind a link `..` is not what it seems.
    """
    if os.path.isabs(location):
        return location
    try:
        return os.path.join(os.getcwd(), location)
    except OSError:  # the current directory is gone
        return location


def normalized(name: str) -> str:
    """A distribution's name in lower case, each run of `-`, `_` and `.` as one `_`.

    The comparison form of the specification "Names and normalization", with the underscore that
    metadata directories use.
    """
    name = name.lower().replace("-", "_").replace(".", "_")
    while "__" in name:
        name = name.replace("__", "_")
    return name


def read_file(
    path: str, end: "bytes | None" = None, directory: "int | None" = None
) -> "bytes | None":
    """The bytes of a file, at least those before `end`; None where no such file is.

    In as few system calls as it takes. `directory` is the descriptor of the directory that a
    relative path starts from. Raises OSError for a file that is there and cannot be read.
    """
    try:
        handle = os.open(path, _FILE, dir_fd=directory)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        data = os.read(handle, _CHUNK)
        if len(data) < _CHUNK:
            return data
        while not (end and end in data) and (more := os.read(handle, _CHUNK)):
            data += more
        return data
    finally:
        os.close(handle)
