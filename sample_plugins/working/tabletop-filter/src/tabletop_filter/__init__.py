"""Keeps the rows with the given values."""

from dataclasses import replace

from tabletop import MISSING, Cell, Table


def keep(table: Table, /, **options: str) -> Table:
    """The rows in which every column named by an option has the option's value.

    Numbers are compared as numbers; ``NA`` and nothing stand for a missing value. Raises
    ValueError without options, TableError for a column the table does not have.
    """
    if not options:
        raise ValueError("name at least one column=value")
    columns = [[_is(cell, value) for cell in table.column(name)] for name, value in options.items()]
    kept = [row for row, *fits in zip(table.rows, *columns, strict=True) if all(fits)]
    return replace(table, rows=kept)


def _is(cell: Cell, value: str) -> bool:
    if cell is None or isinstance(cell, str):
        return cell == (None if value in MISSING else value)
    try:
        return cell == float(value)
    except ValueError:
        return False
