"""Cleans the cells of a table, as they come from people and spreadsheets."""

from collections.abc import Callable
from dataclasses import replace

from tabletop import MISSING, Cell, Table
from tabletop.hooks import hooks

_GAPS = frozenset({"-", "?", "n/a", "null"})


@hooks.impl(name="prepare_rows", last=True)
def tidy(table: Table) -> Table:
    """The table without blanks around its texts; one that is empty or ``NA`` then is missing.

    It runs last, so that it also cleans what other plugins write into a table.
    """
    return _with_texts(table, _stripped)


@hooks.impl(name="prepare_rows", last=True, after="tidy")
def gaps(table: Table) -> Table:
    """The table with every ``n/a``, ``null``, ``-`` and ``?`` missing, in any case of letters.

    It runs after `tidy`: blanks around one of these do not make it a value.
    """
    return _with_texts(table, lambda text: None if text.lower() in _GAPS else text)


def _stripped(text: str) -> str | None:
    stripped = text.strip()
    return None if stripped in MISSING else stripped


def _with_texts(table: Table, change: Callable[[str], str | None]) -> Table:
    """The table with each text changed; numbers and missing values stay as they are."""

    def changed(cell: Cell) -> Cell:
        return change(cell) if isinstance(cell, str) else cell

    rows = [{name: changed(cell) for name, cell in row.items()} for row in table.rows]
    return replace(table, rows=rows)
