"""Tables of text and numbers, and how they are read from CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

Cell = str | float | None

MISSING = frozenset({"", "NA"})
"""The texts that stand for a missing value."""

# Digits beyond these, or leading zeros, mean an identifier: as a number it would lose characters.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")


class TableError(ValueError):
    """The table does not have the shape that was asked of it."""


@dataclass(frozen=True)
class Table:
    """Named columns and the rows under them; every row has a cell for every column.

    A missing value is None. Nobody changes a table: a transform makes a new one.
    """

    columns: tuple[str, ...]
    rows: list[dict[str, Cell]]

    def __post_init__(self) -> None:
        if len(set(self.columns)) < len(self.columns):
            raise TableError(f"column names repeat: {', '.join(self.columns)}")

    def column(self, name: str) -> list[Cell]:
        """The cells of one column from top to bottom; TableError when there is no such column."""
        if name not in self.columns:
            raise TableError(f"no column {name!r}, only {', '.join(self.columns)}")
        return [row[name] for row in self.rows]

    def numbers(self, name: str) -> list[float | None]:
        """The cells of a numeric column; TableError when there is text in it."""
        cells: list[float | None] = []
        for cell in self.column(name):
            if isinstance(cell, str):
                raise TableError(f"column {name!r} is not numeric: it has {cell!r}")
            cells.append(cell)
        return cells

    def records(self) -> Iterator[tuple[Cell, ...]]:
        """The rows as tuples in column order."""
        return (tuple(row[name] for name in self.columns) for row in self.rows)


class _Codec:
    """Tables as JSON has them, for transforms in another process."""

    def encode(self, value: object) -> object:
        if isinstance(value, Table):
            return {"columns": list(value.columns), "records": list(value.records())}
        return value

    def decode(self, value: object) -> object:
        """The table, or another value as it is; raises TableError for what is no table."""
        match value:
            case {"columns": list(columns), "records": list(records)}:
                cells = [*columns, *(cell for record in records for cell in record)]
                if not all(cell is None or type(cell) in (str, int, float) for cell in cells):
                    raise TableError("a table has cells that are neither text nor number")
                if any(len(record) != len(columns) for record in records):
                    raise TableError("a table has rows that are not as long as the first")
                rows = [dict(zip(columns, record, strict=True)) for record in records]
                return Table(tuple(columns), rows)
        return value


codec = _Codec()


def read_csv(source: Path | Traversable) -> Table:
    """The table in a UTF-8 file whose first line names the columns.

    Empty cells and ``NA`` are missing. A column whose present cells are all numbers is numeric.
    Raises TableError when the file is not such a table, OSError when it cannot be read.
    """
    # Decoded from bytes: reading as text would change line breaks inside quoted cells.
    try:
        text = source.read_bytes().decode("utf-8-sig")
        records = _records(text)
        columns = next(records, None)
        if columns is None:
            raise TableError(f"{source.name} is empty: there is no line of column names")
        cells = [_typed(column) for column in zip(*records, strict=True)]
    except UnicodeDecodeError as error:
        raise TableError(f"{source.name} is not UTF-8: {error}") from error
    except csv.Error as error:
        raise TableError(f"{source.name} is not CSV: {error}") from error
    rows = [dict(zip(columns, record, strict=True)) for record in zip(*cells, strict=True)]
    return Table(tuple(columns), rows)


def _records(text: str) -> Iterator[list[str]]:
    """The records of a CSV text without blank lines, each as long as the first."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    width = 0
    for record in filter(None, reader):
        width = width or len(record)
        if len(record) != width:
            raise TableError(f"line {reader.line_num}: {len(record)} cells instead of {width}")
        yield record


def _typed(texts: Iterable[str]) -> list[Cell]:
    present = [None if text in MISSING else text for text in texts]
    if all(text is None or _NUMBER.fullmatch(text) for text in present):
        return [None if text is None else _number(text) for text in present]
    return list(present)


def _number(text: str) -> float:
    return int(text) if text.lstrip("-").isdecimal() else float(text)
