"""Distribution: what pip installed, known by its metadata and read only as far as asked."""

import os

from plugbay.discovery import normalized, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import importlib.metadata

    import importlib_metadata

    from plugbay.discovery.metadata import Headers

__all__ = ["ABSENT", "Distribution"]

# The errors at which importlib.metadata takes a metadata file for absent. Others, such as a loop
# of links or an input/output error, are raised.
ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError, KeyError)


class Distribution:
    """One installed distribution; nothing of it is read before it is asked for.

    `location` is the entry of `sys.path` that holds it, and `metadata` the name in there of its
    metadata directory (or, for an old egg-info, file).
    """

    __slots__ = ("_headers", "location", "metadata")

    def __init__(self, location: str, metadata: str) -> None:
        self.location = location
        self.metadata = metadata
        self._headers: Headers | None = None

    @property
    def path(self) -> str:
        """The path of the metadata directory."""
        return os.path.join(self.location, self.metadata)

    @property
    def name(self) -> str:
        """The name as published; the one in the directory's name where the metadata has none."""
        return self._field("name") or self._stem.partition("-")[0]

    @property
    def version(self) -> str:
        """The version as published; the one in the directory's name where the metadata has none."""
        return self._field("version") or self._stem.partition("-")[2].partition("-")[0]

    @property
    def normalized_name(self) -> str:
        """The name in lower case, each run of `-`, `_` and `.` as one `_`."""
        return normalized(self.name)

    def headers(self) -> "Headers":
        """The header fields of METADATA (PKG-INFO for eggs), without its description.

        Empty where there is no such file. Raises OSError when it is there and cannot be read.
        """
        if self._headers is None:
            from plugbay.discovery.metadata import Headers

            for filename in ("METADATA", "PKG-INFO", ""):
                data = self.read_bytes(filename, b"\n\n")
                if data:
                    break
            self._headers = Headers.parse(data or b"")
        return self._headers

    def read_text(self, filename: str) -> "str | None":
        """The text of a metadata file, or None where there is none.

        Raises UnicodeDecodeError when it is not UTF-8 and OSError as `headers` does.
        """
        data = self.read_bytes(filename)
        return None if data is None else data.decode()

    def read_bytes(self, filename: str, end: "bytes | None" = None) -> "bytes | None":
        """The bytes of a metadata file, at least those before `end`; None where there is none."""
        try:
            return read_file(os.path.join(self.path, filename) if filename else self.path, end)
        except ABSENT:
            return None

    def has(self, filename: str) -> bool:
        """Whether the metadata directory has a file of that name."""
        return os.access(os.path.join(self.location, self.metadata, filename), os.F_OK)

    def facts(self) -> "importlib_metadata.Distribution":
        """Everything else there is to know (files, origin, requires), from `importlib-metadata`.

        Importing that library makes this process's `importlib.metadata` answer by its rules, so
        ask for it in tools and reports rather than while a host starts.
        """
        import importlib_metadata

        return importlib_metadata.Distribution.at(self.path)

    def standard(self) -> "importlib.metadata.Distribution":
        """The same distribution as the standard library's record."""
        from importlib.metadata import Distribution as StandardDistribution

        return StandardDistribution.at(self.path)

    def _field(self, name: str) -> "str | None":
        try:
            return self.headers().first(name)
        except Exception:  # noqa: BLE001 - a name is wanted most of all where something is wrong with the rest
            return None

    @property
    def _stem(self) -> str:
        return os.path.splitext(os.path.basename(self.metadata))[0]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def __repr__(self) -> str:
        return f"<Distribution {self} at {self.path!r}>"
