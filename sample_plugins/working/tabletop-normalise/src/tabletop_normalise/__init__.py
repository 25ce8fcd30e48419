"""Scales a column to the range from 0 to 1."""

from dataclasses import replace

from tabletop import Table


def normalise(table: Table, /, **options: str) -> Table:
    """The table with the numeric column ``column`` scaled to 0..1; missing values stay missing.

    A column in which all numbers are equal becomes 0. Raises ValueError for any other options,
    TableError when there is no such column or there is text in it.
    """
    if options.keys() != {"column"}:
        raise ValueError("write column=NAME and nothing else")
    name = options["column"]
    scaled = _scaled(table.numbers(name))
    rows = [row | {name: cell} for row, cell in zip(table.rows, scaled, strict=True)]
    return replace(table, rows=rows)


def _scaled(cells: list[float | None]) -> list[float | None]:
    present = [cell for cell in cells if cell is not None]
    low = min(present, default=0.0)
    span = max(present, default=0.0) - low or 1.0
    return [None if cell is None else (cell - low) / span for cell in cells]
