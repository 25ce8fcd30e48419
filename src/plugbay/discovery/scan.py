"""The exact scan of `sys.path`: which distributions count, in which order, and which win.

The rules are those of `importlib.metadata`'s path finder in Python 3.11 to 3.14. The scan keeps
no cache: every call lists each directory and opens each entry_points.txt again, through the
directory's descriptor where the platform has that.
"""

import os
import sys

from plugbay.discovery.distributions import Distribution, absolute, normalized, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from plugbay.discovery.archives import Archive

    # What becomes of an error: (distribution if known, file, error). To raise it is one answer.
    Report = Callable[[Distribution | None, str, Exception], None]

__all__ = ["Winners", "is_stock", "scan"]

_SUFFIXES = (".dist-info", ".egg-info")
_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.listdir in os.supports_fd
_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)

# What a program might replace in importlib.metadata to change its answers.
_SEAMS = (
    "entry_points",
    "distributions",
    "Distribution.discover",
    "Distribution.entry_points.fget",
    "MetadataPathFinder.find_distributions",
    "PathDistribution.read_text",
)


class Winners(dict[str, Distribution]):
    """The distributions that count, by normalised name.

    Each hides every later one of its name, with or without entry points of its own; `hidden` has
    the pairs (hidden, winner).
    """

    __slots__ = ("hidden",)

    def __init__(self) -> None:
        self.hidden: list[tuple[Distribution, Distribution]] = []


def scan(
    path: "Iterable[str]", winners: Winners, report: "Report"
) -> "Iterator[tuple[Distribution, bytes]]":
    """Yield each winning distribution that has an entry_points.txt, with the file's bytes.

    `winners` is filled on the way. Errors go to `report`; when that returns, the scan goes on.
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
            for child, name in _metadata_children(folder, is_egg):
                distribution = folder.distribution(child)
                try:
                    name = name or _name_in_metadata(distribution)
                    winner = winners.setdefault(name, distribution)
                    if winner is not distribution:
                        winners.hidden.append((distribution, winner))
                        continue
                    data = folder.read(child, "entry_points.txt")
                except Exception as error:  # noqa: BLE001 - an archive may raise anything
                    report(distribution, "entry_points.txt", error)
                    continue
                if data is not None:
                    yield distribution, data
        finally:
            folder.close()


class _Folder:
    """A directory on `sys.path`, held open: files below it are reached without their path."""

    __slots__ = ("_descriptor", "children", "location")

    names_tell = True

    def __init__(self, location: str) -> None:
        self.location = absolute(location)
        self._descriptor = os.open(location or ".", _FLAGS) if _BY_DESCRIPTOR else None
        try:
            self.children = os.listdir(
                location or "." if self._descriptor is None else self._descriptor
            )
        except OSError:
            self.close()
            raise

    def distribution(self, child: str) -> Distribution:
        return Distribution(self.location, child)

    def file_name(self, child: str) -> str:
        return child

    def read(self, child: str, filename: str) -> bytes | None:
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


def _metadata_children(folder: "_Folder | Archive", is_egg: bool) -> "Iterator[tuple[str, str]]":
    """The children that hold metadata, each with its distribution's normalised name.

    The name is empty where only the metadata itself can tell it. Children of one name stand
    together, at the place of the first one; EGG-INFO comes last and counts only in an egg.
    """
    infos: dict[str, list[str]] = {}
    eggs = []
    for child in folder.children:
        lowered = child.lower()
        if lowered.endswith(_SUFFIXES):
            name = lowered.rpartition(".")[0].partition("-")[0]
            if "." in name or "__" in name:
                name = normalized(name)
            infos.setdefault(name, []).append(child)
        elif is_egg and lowered == "egg-info":
            eggs.append(child)
    for name, children in infos.items():
        for child in children:
            # The stem tells the name only for the exact suffixes; splitext knows of leading dots.
            if (
                folder.names_tell
                and child.endswith(_SUFFIXES)
                and child[0] != "."
                and child.isascii()
            ):
                yield child, name
            else:
                yield child, _name_in_stem(folder.file_name(child))
    for child in eggs:
        yield child, ""


def _name_in_stem(file_name: str) -> str:
    stem, suffix = os.path.splitext(file_name)
    return normalized(stem.partition("-")[0]) if suffix in _SUFFIXES else ""


def _name_in_metadata(distribution: Distribution) -> str:
    """The normalised name that the metadata states; for directories whose own name says nothing.

    Raises MalformedMetadataError when it states none and UnicodeDecodeError when it is not UTF-8.
    """
    # So few distributions need this that the standard library may read the header in its own way.
    metadata: Any = distribution.standard().metadata
    name = metadata.get("Name")
    if name is None:
        from plugbay.errors import MalformedMetadataError

        raise MalformedMetadataError(
            f"neither the name of {distribution.path!r} nor a METADATA file in it says which "
            f"distribution this is; reinstall it, or delete what is left of it"
        )
    return normalized(name)


def is_stock() -> bool:
    """Whether the only metadata finder here is the unpatched one of the import system."""
    bootstrap = sys.modules["_frozen_importlib_external"]
    stock = bootstrap.PathFinder
    providers = [each for each in sys.meta_path if getattr(each, "find_distributions", None)]
    return (
        providers == [stock]
        and _is_at_home(stock.find_distributions, bootstrap)
        and _is_unpatched(sys.modules.get("importlib.metadata"))
    )


def _is_unpatched(metadata: object) -> bool:
    """Whether importlib.metadata is not imported, or none of its seams was replaced."""
    if metadata is None:
        return True
    for seam in _SEAMS:
        function = metadata
        for attribute in seam.split("."):
            function = getattr(function, attribute, None)
        if not _is_at_home(function, metadata):
            return False
    return True


def _is_at_home(function: object, module: object) -> bool:
    # A wrapper copies names from what it wraps, but its globals are those of where it was written.
    return getattr(function, "__globals__", None) is vars(module)
