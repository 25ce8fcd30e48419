"""What tabletop expects of a plugin, one protocol for each group."""

from typing import Protocol

from tabletop.tables import Table


class Exporter(Protocol):
    """A format that tables are written in."""

    def __call__(self, table: Table, /) -> str:
        """The whole table as the text of one document."""
        ...


class Validator(Protocol):
    """A kind of value."""

    def __call__(self, value: str, /) -> bool:
        """Whether the value, which is never a missing one, is of this kind."""
        ...


class Transform(Protocol):
    """A way to make a table from a table."""

    # The table is positional-only so that a column named "table" can be an option.
    def __call__(self, table: Table, /, **options: str) -> Table:
        """A new table; the given one stays as it is.

        Raises ValueError when the options do not fit the table.
        """
        ...
