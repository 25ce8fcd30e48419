"""Render: tables and marks for people, on terminals and in pipes."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

__all__ = ["complain", "emphasise", "show_json", "show_table"]

_STYLES = {"good": "32", "bad": "31", "doubt": "33", "strong": "1"}


def emphasise(text: str, style: str) -> str:
    """The text in a style ("good", "bad", "doubt", "strong") where standard output shows colour."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if _shows_colour() else text


def show_json(document: "dict[str, Any]") -> None:
    """Print a report as JSON."""
    import json

    print(json.dumps(document, indent=2, ensure_ascii=True))


def show_table(headings: "Sequence[str]", rows: "Iterable[Sequence[str]]") -> None:
    """Print rows under headings: with rich on a terminal that has it, else as aligned text."""
    cells = [[heading.upper() for heading in headings], *map(list, rows)]
    if _shows_colour() and _show_rich(cells):
        return
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    for row in cells:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def complain(message: str) -> None:
    """Print a message to standard error."""
    print(f"plugbay: {message}", file=sys.stderr)


def _show_rich(cells: "list[list[str]]") -> bool:
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        return False
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in cells[0]:
        table.add_column(heading, overflow="fold")
    for row in cells[1:]:
        table.add_row(*row)
    Console(force_terminal=True, highlight=False, markup=False).print(table)
    return True


def _shows_colour() -> bool:
    """In the order of the common conventions: NO_COLOR, FORCE_COLOR, TERM=dumb, a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and sys.stdout is not None and sys.stdout.isatty()
