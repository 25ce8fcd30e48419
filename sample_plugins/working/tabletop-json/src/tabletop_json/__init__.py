"""Exports a table as JSON."""

import json

from tabletop import Table

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def export(table: Table, /) -> str:
    """The table as an array of objects, one a line; a missing value is null.

    Raises ValueError for infinity and NaN, which JSON cannot express.
    """
    objects = (dict(zip(table.columns, record, strict=True)) for record in table.records())
    return "[\n" + ",\n".join(map(_encode, objects)) + "\n]\n"
