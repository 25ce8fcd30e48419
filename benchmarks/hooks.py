"""Hooks: what a call of a hook and a registration cost, against a hand-written loop and peers.

CPU time. The contenders of one family alternate in the same process, and several processes follow
each other, since where one puts its objects in memory is a matter of luck. A ratio is the median of
the ratios within the rounds.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import answer, share, table
from trees import clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COUNTS", "FAMILIES", "Row", "measure", "report"]

COUNTS = (1, 5, 10, 100)  # implementations of the hook, or plugins that are registered

# The families of the worker, with what is compared in each: who, and relative to whom. Who is
# called by keyword is compared with who is called by keyword.
FAMILIES = {
    "plain": (
        ("plugbay", "loop"),
        ("plugbay, keywords", "loop, keywords"),
        ("pluggy, keywords", "loop, keywords"),
        ("stevedore map_method", "loop"),
        ("simplug", "loop"),
        ("plugbay, keywords", "pluggy, keywords"),
    ),
    "first result": (("plugbay", "pluggy"),),
    "one wrapper": (("plugbay", "pluggy"),),
    "monitored": (("plugbay", "pluggy"),),
    "registration": (("plugbay", "pluggy"), ("simplug", "pluggy")),
    "first call": (),
}

WORKER = Path(__file__).with_name("hookcalls.py")

# Of each contender, the time of one call in each round, in nanoseconds.
Times = dict[str, list[float]]


class Row(NamedTuple):
    """Of one contender, by `COUNTS`: microseconds a call, or, with `of`, how they relate to its."""

    name: str
    of: str | None
    figures: dict[int, float]

    @property
    def label(self) -> str:
        return f"{self.name} / {self.of}" if self.of else self.name


def measure(python: Path, family: str, processes: int, rounds: int) -> list[Row]:
    """Time a family: so many processes for each of `COUNTS`, and so many rounds in each process."""
    by_count = {count: _times(python, family, count, processes, rounds) for count in COUNTS}
    return [
        *(
            Row(name, None, {count: median(by_count[count][name]) / 1000 for count in COUNTS})
            for name in by_count[COUNTS[0]]
        ),
        *(
            Row(name, of, {count: _ratio(by_count[count], name, of) for count in COUNTS})
            for name, of in FAMILIES[family]
        ),
    ]


def _times(python: Path, family: str, count: int, processes: int, rounds: int) -> Times:
    # It imports `measuring`, and clean_environ() keeps its own directory off `sys.path`.
    environ = {**clean_environ(), "PYTHONPATH": str(WORKER.parent)}
    command = [str(python), str(WORKER), family, str(count), str(rounds)]
    times: Times = {}
    for _ in range(processes):
        for name, each in answer(command, environ).items():
            times.setdefault(name, []).extend(each)
    return times


def _ratio(times: Times, name: str, of: str) -> float:
    return median(time / base for time, base in zip(times[name], times[of], strict=True))


def report(rows: Iterable[Row], family: str) -> str:
    """The rows as a table."""
    cells = [
        (row.label, *(share(each) if row.of else f"{each:.2f}" for each in row.figures.values()))
        for row in rows
    ]
    title = f"Hooks, {family}, by the number of plugins, CPU time in us"
    return f"{title}\n{table(('', *map(str, COUNTS)), cells)}"
