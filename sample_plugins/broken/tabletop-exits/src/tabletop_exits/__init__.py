"""Ends the process that imports it."""

import sys


def export(table: object) -> str:
    """Would export the table, if the module could be imported."""
    return str(table)


sys.exit(3)
