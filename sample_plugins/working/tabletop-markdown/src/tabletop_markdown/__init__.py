"""Exports a table as a Markdown table."""

from collections.abc import Iterable

from tabletop import Cell, Table

_ESCAPES = str.maketrans({"\\": "\\\\", "|": "\\|", "<": "&lt;", "&": "&amp;"})


def export(table: Table, /) -> str:
    """The table with numbers to the right; a missing value is an empty cell."""
    rules = ("---:" if _is_numeric(table.column(name)) else "---" for name in table.columns)
    lines = [_line(map(_text, table.columns)), _line(rules)]
    lines += [_line(map(_text, record)) for record in table.records()]
    return "\n".join(lines) + "\n"


def _is_numeric(cells: Iterable[Cell]) -> bool:
    present = [cell for cell in cells if cell is not None]
    return bool(present) and not any(isinstance(cell, str) for cell in present)


def _text(cell: Cell) -> str:
    """The cell on one line, with nothing in it that would end the cell or be read as HTML."""
    if cell is None:
        return ""
    return "<br>".join(str(cell).translate(_ESCAPES).splitlines())


def _line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"
