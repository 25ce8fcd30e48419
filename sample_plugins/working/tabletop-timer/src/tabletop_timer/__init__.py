"""Times how long plugins take to prepare a table."""

from collections.abc import Generator
from time import perf_counter

from tabletop import Table
from tabletop.hooks import hooks


class Timer:
    """Runs around everything that prepares a table, and tells afterwards how long it took."""

    def __init__(self) -> None:
        self._told: str | None = None

    @hooks.impl(wrapper=True, first=True)
    def prepare_rows(self) -> Generator[None, Table, Table]:
        """The table as it is; asks to run first, so that other wrappers are timed as well."""
        started = perf_counter()
        table = yield
        took = (perf_counter() - started) * 1000
        self._told = f"prepared {len(table.rows)} rows in {took:.2f} ms"
        return table

    @hooks.impl(last=True)
    def describe(self) -> str | None:
        """How long the latest preparation took, below what others say of the table itself."""
        return self._told
