"""Sandbox: what a call in a worker process costs, against a bare pipe and a pool of processes.

Elapsed time. The contenders alternate in the same process, and a ratio is the median of the ratios
within the rounds. Where caller and worker run makes more of a difference than anything else, so
that is settled: they share a core, or have one each.
"""

from __future__ import annotations

import os
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import answer, table
from trees import clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PLACEMENTS", "Trip", "measure", "report"]

# By their names, on how many cores; where this cannot be settled, the system does it.
PLACEMENTS = {"one core": 1, "two cores": 2}
WORKER = Path(__file__).with_name("roundtrips.py")


class Trip(NamedTuple):
    """One call and its answer, in microseconds, and relative to a bare pipe and to the pool."""

    name: str
    time: float
    of_pipe: float
    of_pool: float


def measure(python: Path, cores: int, rounds: int) -> list[Trip]:
    """Time the contenders on so many cores, so many rounds."""
    can_settle = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) >= cores
    environ = {**clean_environ(), "PYTHONPATH": str(WORKER.parent)}
    command = [str(python), str(WORKER), str(cores if can_settle else 0), str(rounds)]
    times: dict[str, list[float]] = answer(command, environ)

    def ratio(name: str, of: str) -> float:
        return median(time / base for time, base in zip(times[name], times[of], strict=True))

    return [
        Trip(
            name,
            median(each) / 1000,
            ratio(name, "bare pipe"),
            ratio(name, "ProcessPoolExecutor"),
        )
        for name, each in times.items()
    ]


def report(rows: Iterable[Trip], placement: str) -> str:
    """The rows as a table."""
    cells = [
        (row.name, f"{row.time:.1f}", f"{row.of_pipe:.2f}", f"{row.of_pool:.2f}") for row in rows
    ]
    title = f"A call answered by another process, on {placement}, in us"
    return f"{title}\n{table(('', 'median', 'of a pipe', 'of the pool'), cells)}"
