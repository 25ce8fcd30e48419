"""Exports a table through an engine that has to be installed beside it."""

import tabletop_arrow_engine
from tabletop import Table


def export(table: Table, /) -> str:
    """What the engine makes of the table."""
    return str(tabletop_arrow_engine.render(table.columns, table.rows))
