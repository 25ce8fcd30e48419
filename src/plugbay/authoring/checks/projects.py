"""Projects: what a pyproject.toml says, and on which line it says it."""

import tomllib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["Project"]


class Project:
    """A pyproject.toml: `data` is all of it, `table` its `[project]`, and `file` its path.

    Raises ValueError, which says why, for what is not TOML.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.data: dict[str, Any] = tomllib.loads(text)
        self.table: dict[str, Any] = _table(self.data, "project")
        self._text = text
        self._lines: dict[tuple[str, ...], tuple[int, int]] | None = None

    def get(self, *keys: str) -> "dict[str, Any]":
        """The table below the keys, empty where there is none."""
        return _table(self.data, *keys)

    def line(self, *keys: str, word: str = "") -> int | None:
        """The line of a key, or of the closest above it; below that, the first with the word."""
        if self._lines is None:
            self._lines = {}
            for path, place in _places(self._text):
                self._lines.setdefault(path, place)
        for end in range(len(keys), 0, -1):
            if keys[:end] in self._lines:
                first, last = self._lines[keys[:end]]
                break
        else:
            return None
        for number, text in enumerate(self._text.split("\n")[first - 1 : last], first):
            if word and word in text:
                return number
        return first


def _table(data: "dict[str, Any]", *keys: str) -> "dict[str, Any]":
    for key in keys:
        found = data.get(key)
        data = found if isinstance(found, dict) else {}
    return data


def _places(text: str) -> "Iterator[tuple[tuple[str, ...], tuple[int, int]]]":
    """The keys of the text with the lines of each, first to last."""
    above: tuple[str, ...] = ()
    pending: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        pending.append(line)
        try:
            found = tomllib.loads("\n".join(pending))
        except tomllib.TOMLDecodeError:
            continue  # it goes on in the next line
        place = (number - len(pending) + 1, number)
        pending = []
        is_header = line.lstrip().startswith("[") and place[0] == number
        paths = list(_paths(found))
        if is_header and paths:
            above = ()
        for path in paths:
            yield (*above, *path), place
        if is_header and paths:
            above = paths[-1]


def _paths(value: object) -> "Iterator[tuple[str, ...]]":
    """The path of each key of nested tables, the outer ones first."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]  # [[table]]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (key,)
            yield from ((key, *below) for below in _paths(inner))
