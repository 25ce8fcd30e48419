"""Reloads: what a plugin costs that was replaced, and what replacing it costs.

Two hosts of one process have the same plugin, a package of ten modules; in one of them it was
replaced. A ratio is the median of the ratios within the rounds, in which their calls alternate.
Replacing is compared with importing the same modules, compiled from their sources.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import answer, table
from trees import clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Row", "measure", "report"]

WORKER = Path(__file__).with_name("generations.py")
# Each with what it is compared with, and its unit in nanoseconds.
COMPARED = {
    "call, never replaced": ("call, never replaced", "ns", 1),
    "call, replaced five times": ("call, never replaced", "ns", 1),
    "import of ten modules": ("import of ten modules", "ms", 1e6),
    "reload of ten modules": ("import of ten modules", "ms", 1e6),
}


class Row(NamedTuple):
    """What something takes, the median and the least in its unit, and relative to another."""

    name: str
    unit: str
    middle: float
    least: float
    ratio: float


def measure(python: Path, rounds: int) -> list[Row]:
    """Time the contenders in a process of their own, so many rounds."""
    environ = {**clean_environ(), "PYTHONPATH": str(WORKER.parent)}
    times: dict[str, list[float]] = answer([str(python), str(WORKER), str(rounds)], environ)
    return [
        Row(
            name,
            unit,
            median(times[name]) / scale,
            min(times[name]) / scale,
            median(one / other for one, other in zip(times[name], times[of], strict=True)),
        )
        for name, (of, unit, scale) in COMPARED.items()
    ]


def report(rows: Iterable[Row]) -> str:
    """The rows as a table."""
    cells = [
        (f"{row.name}, {row.unit}", f"{row.middle:.1f}", f"{row.least:.1f}", f"{row.ratio:.2f}")
        for row in rows
    ]
    return f"A plugin that is replaced\n{table(('', 'median', 'min', 'ratio'), cells)}"
