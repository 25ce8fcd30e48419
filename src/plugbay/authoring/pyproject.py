"""Pyproject: a text edit of pyproject.toml that leaves everything else in it as it is."""

import re
import tomllib
from copy import deepcopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["entry_point_lines", "with_entry_point"]

_HEADER = re.compile(r"^[ \t]*\[.*$", re.MULTILINE)
_ENTRY_POINTS = re.compile(r"""^[ \t]*\[[ \t]*project[ \t]*\.[ \t]*["']?entry-points\b""")


def entry_point_lines(group: str, name: str, value: str) -> str:
    """The lines that declare one entry point in a group of its own."""
    return f'[project.entry-points."{group}"]\n{name} = "{value}"\n'


def with_entry_point(text: str, group: str, name: str, value: str) -> str | None:
    """The text with an entry point added in a group that it does not have yet.

    None where no place was found at which exactly that would come of it, as when the entry points
    are an inline table. Raises tomllib.TOMLDecodeError for a text that is no TOML.
    """
    expected = _expected(tomllib.loads(_unix(text)), group, name, value)
    if expected is None:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = entry_point_lines(group, name, value).replace("\n", newline)
    for place in _places(text):
        edited = text[:place] + _gap(text[:place], newline) + lines
        edited += newline + text[place:] if text[place:] else ""
        if _means(edited, expected):
            return edited
    return None


def _gap(before: str, newline: str) -> str:
    """What makes an empty line between a text and what follows."""
    if not before or before.endswith(newline * 2):
        return ""
    return newline if before.endswith(newline) else newline * 2


def _places(text: str) -> list[int]:
    """Where a table may be put: behind the last one of entry points, else at the end."""
    headers = [(each.start(), each.group()) for each in _HEADER.finditer(text)]
    own = [index for index, (_, line) in enumerate(headers) if _ENTRY_POINTS.match(line)]
    if own and own[-1] + 1 < len(headers):
        return [_above_comments(text, headers[own[-1] + 1][0]), len(text)]
    return [len(text)]


def _above_comments(text: str, place: int) -> int:
    """The place above the comments that stand directly before it."""
    lines = text[:place].splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        place -= len(lines.pop())
    return place


def _expected(data: "dict[str, Any]", group: str, name: str, value: str) -> "dict[str, Any] | None":
    expected = deepcopy(data)
    project = expected.get("project")
    groups = project.setdefault("entry-points", {}) if isinstance(project, dict) else None
    if not isinstance(groups, dict) or group in groups:
        return None
    groups[group] = {name: value}
    return expected


def _means(text: str, expected: "dict[str, Any]") -> bool:
    try:
        return tomllib.loads(_unix(text)) == expected
    except tomllib.TOMLDecodeError:
        return False


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")
