"""Command: what `plugbay` costs from the shell, against an interpreter that does nothing."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import alternate, process_cost, table
from trees import clean_environ, planted

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Command", "measure", "report"]

BARE = "python -c pass"
COMMANDS = (("--version",), ("list",))


class Command(NamedTuple):
    """One command line, in milliseconds; `ratio` is its CPU time relative to the bare one's."""

    name: str
    cpu: float
    least: float
    wall: float
    ratio: float


def measure(python: Path, distributions: int, rounds: int) -> list[Command]:
    """Plant a tree and run the environment's own console script on it."""
    script = python.with_name("plugbay")
    with planted(python, distributions) as site:
        lines = {BARE: [str(site.python), "-c", "pass"]}
        for words in COMMANDS:
            lines[" ".join(("plugbay", *words))] = [str(site.python), str(script), *words]
        run = {name: partial(process_cost, line, clean_environ()) for name, line in lines.items()}
        costs = alternate(run, rounds)
    cpu = {name: [cost.cpu for cost in each] for name, each in costs.items()}
    bare = median(cpu[BARE])
    return [
        Command(
            name,
            median(cpu[name]),
            min(cpu[name]),
            median(cost.wall for cost in each),
            median(cpu[name]) / bare,
        )
        for name, each in costs.items()
    ]


def report(rows: list[Command], distributions: int) -> str:
    """The rows as a table."""
    cells = [
        (row.name, f"{row.cpu:.1f}", f"{row.least:.1f}", f"{row.wall:.1f}", f"{row.ratio:.2f}")
        for row in rows
    ]
    title = f"Commands among {distributions} distributions, whole processes, ms"
    return f"{title}\n{table(('', 'CPU', 'min', 'wall', 'of bare'), cells)}"
