"""Records: a distribution, as pip installed it, and an entry point that it declares.

A distribution is known by its metadata, which is read only as far as it is asked for. The format
of entry points is the packaging specification "Entry points".
"""

import os

from plugbay.discovery import normalized, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import importlib.metadata
    from typing import Any

    import importlib_metadata

    from plugbay.discovery.metadata import Headers

__all__ = ["ABSENT", "Distribution", "EntryPoint"]

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


class EntryPoint:
    """One line of entry_points.txt: `name = value` in a group, and the distribution it is of.

    Immutable. Equal to any entry point, also `importlib.metadata`'s, that has the same name,
    group and value.
    """

    __slots__ = ("dist", "group", "name", "value")

    name: str
    value: str
    group: str
    dist: "Distribution | None"

    def __init__(
        self, name: str, value: str, group: str, dist: "Distribution | None" = None
    ) -> None:
        fill = object.__setattr__
        fill(self, "name", name)
        fill(self, "value", value)
        fill(self, "group", group)
        fill(self, "dist", dist)

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"EntryPoint objects are immutable: {attribute!r} cannot be set")

    # Copying and unpickling would set the attributes.
    def __reduce__(self) -> "tuple[Any, ...]":
        return EntryPoint, (self.name, self.value, self.group, self.dist)

    @property
    def module(self) -> str:
        """The dotted module name of the value.

        Raises InvalidReferenceError, as `attr` and `extras` do.
        """
        return self._reference()[0]

    @property
    def attr(self) -> "str | None":
        """The dotted attribute of the value, or None where the module itself is meant."""
        return self._reference()[1]

    @property
    def extras(self) -> "list[str]":
        """The extras in brackets behind the value."""
        return self._reference()[2]

    def load(self) -> "Any":
        """Import the module and return what the value refers to.

        Raises InvalidReferenceError, or whatever importing and getting the attribute raise.
        """
        from importlib import import_module

        module, attr, _ = self._reference()
        found: Any = import_module(module)
        for name in filter(None, (attr or "").split(".")):
            found = getattr(found, name)
        return found

    def _reference(self) -> "tuple[str, str | None, list[str]]":
        from plugbay.discovery.object_reference import parse_reference

        return parse_reference(self.value)

    def matches(self, **params: object) -> bool:
        """Whether every given attribute has the given value.

        Raises AttributeError for an attribute that entry points do not have.
        """
        return all(getattr(self, attribute) == value for attribute, value in params.items())

    # importlib.metadata compares entry points by calling this name on both sides.
    def _key(self) -> "tuple[str, str, str]":
        return self.name, self.value, self.group

    def __eq__(self, other: object) -> bool:
        try:
            return bool(self._key() == other._key())  # type: ignore[attr-defined]  # duck-typed, see above
        except AttributeError:
            return NotImplemented

    def __lt__(self, other: "EntryPoint") -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"EntryPoint(name={self.name!r}, value={self.value!r}, group={self.group!r})"
