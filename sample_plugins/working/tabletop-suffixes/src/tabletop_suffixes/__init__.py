"""Chooses an exporter by the suffix of a file name, and tells how large a table is."""

from pathlib import PurePath

from tabletop import Table
from tabletop.hooks import hooks

_EXPORTERS = {
    ".csv": "csv",
    ".json": "json",
    ".markdown": "markdown",
    ".md": "markdown",
    ".xml": "xml",
}


@hooks.impl
def choose_exporter(filename: str) -> str | None:
    """The exporter for the suffix of the name, in any case of letters; None for other suffixes."""
    return _EXPORTERS.get(PurePath(filename).suffix.lower())


@hooks.impl
def describe(table: Table) -> str:
    """How many rows the table has, and which columns."""
    return f"{len(table.rows)} rows of {len(table.columns)} columns: {', '.join(table.columns)}"
