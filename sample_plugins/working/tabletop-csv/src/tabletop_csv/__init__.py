"""Exports a table as CSV."""

import csv
import io

from tabletop import Table


def export(table: Table, /) -> str:
    """The table as RFC 4180 CSV, a line of column names first; a missing value is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows(table.records())
    return text.getvalue()
