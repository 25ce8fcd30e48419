"""Exports the number of rows."""

from tabletop import Table


def export(table: Table, /) -> str:
    """The number of rows, on a line."""
    return f"{len(table.rows)}\n"
