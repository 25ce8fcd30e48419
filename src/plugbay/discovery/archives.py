"""Archives on `sys.path`: wheels, zipped eggs and zip applications."""

import os
import zipfile

from plugbay.discovery import absolute
from plugbay.discovery.distributions import ABSENT, Distribution

TYPE_CHECKING = False
if TYPE_CHECKING:
    import importlib.metadata

    import importlib_metadata

__all__ = ["Archive", "ArchivedDistribution"]


class Archive:
    """A zip file on `sys.path`, with the same questions that the scan asks a directory."""

    __slots__ = ("_root", "children", "location")

    names_tell = False

    def __init__(self, location: str) -> None:
        self.location = absolute(location)
        self._root = zipfile.Path(location)
        names = self._root.root.namelist()
        self.children = list(dict.fromkeys(name.split("/", 1)[0] for name in names))

    @classmethod
    def open(cls, location: str) -> "Archive | None":
        """The archive at a path, or None where there is none that can be read."""
        try:
            return cls(location)
        except Exception:  # noqa: BLE001 - to importlib.metadata, too, nothing is there then
            return None

    def distribution(self, child: str) -> "ArchivedDistribution":
        return ArchivedDistribution(self.location, child)

    def file_name(self, child: str) -> str:
        # A directory in an archive has an empty last component, and so its name is always read
        # from its metadata. That is importlib.metadata's rule, and it decides who wins.
        return os.path.basename(str(self._root / child))

    def reached(self, children: list[str], filename: str) -> list[str]:
        return children  # reading is as quick

    def read(self, child: str, filename: str) -> bytes | None:
        try:
            return (self._root / child / filename).read_bytes()
        except (FileNotFoundError, NotADirectoryError, KeyError):
            return None

    def close(self) -> None:
        """Close the file; distributions open it again when they read from it."""
        self._root.root.close()


class ArchivedDistribution(Distribution):
    """A distribution whose metadata is in an archive."""

    __slots__ = ()

    def read_bytes(self, filename: str, end: bytes | None = None) -> bytes | None:
        try:
            with zipfile.ZipFile(self.location) as archive:
                return self._file(archive, filename).read_bytes()
        except ABSENT:
            return None

    def has(self, filename: str) -> bool:
        with zipfile.ZipFile(self.location) as archive:
            return self._file(archive, filename).exists()

    def _file(self, archive: zipfile.ZipFile, filename: str = "") -> zipfile.Path:
        files = zipfile.Path(archive) / self.metadata
        return files / filename if filename else files

    def facts(self) -> "importlib_metadata.Distribution":
        import importlib_metadata

        # A path in a zip has the methods that are used, if not all that are declared.
        files = self._file(zipfile.ZipFile(self.location))
        return importlib_metadata.PathDistribution(files)  # type: ignore[arg-type]

    def standard(self) -> "importlib.metadata.Distribution":
        from importlib.metadata import PathDistribution

        return PathDistribution(self._file(zipfile.ZipFile(self.location)))
