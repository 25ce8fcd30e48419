"""Reads a CSV table, transforms it and exports it; every format is a plugin."""

from tabletop.contracts import Exporter, Transform, Validator
from tabletop.tables import MISSING, Cell, Table, TableError, read_csv

__all__ = [
    "MISSING",
    "Cell",
    "Exporter",
    "Table",
    "TableError",
    "Transform",
    "Validator",
    "read_csv",
]
