"""The exact scan of `sys.path`: which distributions count, in which order, and which win.

The rules are those of `importlib.metadata`'s path finder in Python 3.11 to 3.14. The scan keeps
no cache: every call lists each directory and opens each entry_points.txt again, through the
directory's descriptor where the platform has that.
"""

import os

from plugbay.discovery.distributions import Distribution, normalized, read_file
from plugbay.errors import MalformedMetadataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from plugbay.discovery.archives import Archive

    # What becomes of an error: (distribution if known, file, error). To raise it is one answer.
    Report = Callable[[Distribution | None, str, Exception], None]

__all__ = ["Winners", "scan"]

_SUFFIXES = (".dist-info", ".egg-info")
_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.listdir in os.supports_fd
_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


class Winners(dict[str, Distribution]):
    """The distributions that count, by normalised name.

    Each hides every later one of its name, with or without entry points of its own; `hidden` has
    the pairs (hidden, winner).
    """

    __slots__ = ("hidden",)

    def __init__(self) -> None:
        self.hidden: list[tuple[Distribution, Distribution]] = []

    def admit(self, name: str, distribution: Distribution) -> bool:
        """Take a distribution in, unless an earlier one has its name."""
        winner = self.setdefault(name, distribution)
        if winner is distribution:
            return True
        self.hidden.append((distribution, winner))
        return False


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
                    if not winners.admit(name or _name_in_metadata(distribution), distribution):
                        continue
                    data = folder.read(child, "entry_points.txt")
                except (FileNotFoundError, NotADirectoryError, KeyError):
                    continue
                except (OSError, ValueError, TypeError) as error:
                    report(distribution, "entry_points.txt", error)
                    continue
                yield distribution, data
        finally:
            folder.close()


class _Folder:
    """A directory on `sys.path`, held open so that files below it are reached without their path."""

    __slots__ = ("_descriptor", "children", "location")

    def __init__(self, location: str) -> None:
        # The current directory may be another one by the time that metadata is asked for.
        self.location = os.path.join(os.getcwd(), location)
        self._descriptor = os.open(location or ".", _FLAGS) if _BY_DESCRIPTOR else None
        self.children = os.listdir(location or "." if self._descriptor is None else self._descriptor)

    def distribution(self, child: str) -> Distribution:
        return Distribution(self.location, os.path.join(self.location, child))

    def file_name(self, child: str) -> str:
        return child

    def read(self, child: str, filename: str) -> bytes:
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
            infos.setdefault(normalized(lowered[:-10].partition("-")[0]), []).append(child)
        elif is_egg and lowered == "egg-info":
            eggs.append(child)
    for name, children in infos.items():
        for child in children:
            file_name = folder.file_name(child)
            # The stem tells the name only for the exact suffixes; splitext knows of leading dots.
            if file_name.endswith(_SUFFIXES) and file_name[0] != "." and file_name.isascii():
                yield child, name
            else:
                yield child, _name_in_stem(file_name)
    for child in eggs:
        yield child, ""


def _name_in_stem(file_name: str) -> str:
    stem, suffix = os.path.splitext(file_name)
    return normalized(stem.partition("-")[0]) if suffix in _SUFFIXES else ""


def _name_in_metadata(distribution: Distribution) -> str:
    """The normalised name that the metadata states; for directories whose own name says nothing.

    Raises MalformedMetadataError when it states none and UnicodeDecodeError when it is not UTF-8.
    """
    for filename in ("METADATA", "PKG-INFO", ""):
        if distribution.read_text(filename):
            break
    name = distribution.headers().first("name")
    if name is None:
        raise MalformedMetadataError(
            f"neither the name of {distribution.path!r} nor a METADATA file in it says which "
            f"distribution this is; reinstall it, or delete what is left of it"
        )
    return normalized(name)
