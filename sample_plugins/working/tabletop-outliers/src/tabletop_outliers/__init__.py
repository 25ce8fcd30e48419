"""Leaves out rows whose value is an outlier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tabletop import Table
    from tabletop.contracts import Transform

    from plugbay import Context


@dataclass
class Limits:
    """Which values are none: those between `low` and `high`, of the column scaled to 0..1."""

    low: float = 0.05
    high: float = 0.95


class Outliers:
    """A transform; it uses the plugin `normalise`."""

    config_model = Limits

    def initialize(self, context: Context) -> None:
        """Take the limits, and the transform that scales."""
        self._limits: Limits = context.config
        self._normalise: Transform = context.plugin("normalise")

    def __call__(self, table: Table, /, **options: str) -> Table:
        """The table without the rows whose number in ``column`` is too low or too high.

        Rows without a number stay. Raises what the transform ``normalise`` does.
        """
        scaled = self._normalise(table, **options).numbers(options["column"])
        limits = self._limits
        kept = [
            row
            for row, number in zip(table.rows, scaled, strict=True)
            if number is None or limits.low <= number <= limits.high
        ]
        return replace(table, rows=kept)
