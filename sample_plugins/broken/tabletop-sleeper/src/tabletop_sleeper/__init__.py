"""Exports the number of rows, after a slow and talkative import."""

import time

from tabletop import Table

print("tabletop-sleeper is getting up")
time.sleep(0.3)


def export(table: Table, /) -> str:
    """The number of rows, on a line."""
    return f"{len(table.rows)}\n"
