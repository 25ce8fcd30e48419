"""Exports a table as XML."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from tabletop import Cell, Table

# XML 1.0 has no way to write these characters, not even as references.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export(table: Table, /) -> str:
    """The table as ``row`` elements of ``cell`` elements, each with the name of its column.

    A column name can be any text, so it is an attribute and not the name of the element. A missing
    value is marked ``missing="true"``; a character XML cannot express becomes U+FFFD.
    """
    return "\n".join(('<?xml version="1.0"?>', "<table>", *_rows(table), "</table>", ""))


def _rows(table: Table) -> Iterator[str]:
    names = [quoteattr(_expressible(name)) for name in table.columns]
    for record in table.records():
        yield "  <row>"
        yield from map(_cell, names, record)
        yield "  </row>"


def _cell(name: str, cell: Cell) -> str:
    if cell is None:
        return f'    <cell column={name} missing="true"/>'
    # A parser reads a bare carriage return as a line feed.
    text = escape(_expressible(str(cell)), {"\r": "&#13;"})
    return f"    <cell column={name}>{text}</cell>"


def _expressible(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
