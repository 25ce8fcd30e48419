"""In process: what finding costs once the code is imported, and what a loaded plugin costs.

CPU time of calls. The calls of one family alternate in the same process; families that would
change each other's answers, as importing `importlib_metadata` does, have processes of their own.
A first call is always the first one of its process.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import answer, table
from trees import GROUP, Site, clean_environ, planted

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Calls", "measure", "measure_loading", "report", "report_loading"]

FAMILIES = {
    "plugbay": ("find", "load_group", "load_group, gate", "plugbay.entry_points"),
    "stdlib": ("importlib.metadata",),
    "backport": ("importlib_metadata",),
}
LOADING = ("plugin.load()", "holder.function()")
WORKER = Path(__file__).with_name("calls.py")
BATCH = 100_000  # calls in one time of the family "loading"


class Calls(NamedTuple):
    """One call, in milliseconds: median of first calls, median and least of later ones.

    `ratio` is the median of later calls relative to the family's first call, `find` for plugbay.
    """

    name: str
    first: float
    later: float
    least: float
    ratio: float


def measure(python: Path, distributions: int, processes: int, rounds: int) -> list[Calls]:
    """Plant a tree and time every family: so many processes for each leader, rounds in each."""
    firsts: dict[str, list[float]] = {}
    later: dict[str, list[float]] = {}
    with planted(python, distributions) as site:
        for _ in range(processes):
            for family, names in FAMILIES.items():
                for leader in names:
                    times = _times(site, family, leader, rounds)
                    firsts.setdefault(leader, []).append(times[leader][0] / 1e6)
                    for name in names:
                        later.setdefault(name, []).extend(time / 1e6 for time in times[name][1:])
    return list(_rows(firsts, later))


def measure_loading(python: Path, rounds: int) -> list[Calls]:
    """Time `plugin.load()` of a loaded plugin against the call of an attribute; per call."""
    with planted(python, 10) as site:
        times = _times(site, "loading", LOADING[1], rounds)
    scale = 1e6 * BATCH
    middle = {name: median(each) / scale for name, each in times.items()}
    base = middle[LOADING[1]]
    return [
        Calls(
            name,
            times[name][0] / scale,
            middle[name],
            min(times[name]) / scale,
            middle[name] / base,
        )
        for name in LOADING
    ]


def _rows(firsts: dict[str, list[float]], later: dict[str, list[float]]) -> Iterable[Calls]:
    for names in FAMILIES.values():
        base = median(later[names[0]])
        for name in names:
            middle = median(later[name])
            yield Calls(name, median(firsts[name]), middle, min(later[name]), middle / base)


def _times(site: Site, family: str, leader: str, rounds: int) -> dict[str, list[int]]:
    command = [str(site.python), str(WORKER), family, leader, GROUP, str(rounds)]
    times: dict[str, list[int]] = answer(command, clean_environ())
    return times


def report(rows: list[Calls], distributions: int) -> str:
    """The rows as a table."""
    title = f"Calls in one process among {distributions} distributions, CPU time in ms"
    cells = [
        (
            row.name,
            f"{row.first:.2f}",
            f"{row.later:.2f}",
            f"{row.least:.2f}",
            "" if row.name.startswith("importlib") else f"{row.ratio:.2f}",
        )
        for row in rows
    ]
    return f"{title}\n{table(('', 'first', 'later', 'min', 'of find'), cells)}"


def report_loading(rows: list[Calls]) -> str:
    """The rows of `measure_loading` as a table."""
    cells = [
        (row.name, f"{row.later * 1e6:.1f}", f"{row.least * 1e6:.1f}", f"{row.ratio:.2f}")
        for row in rows
    ]
    return f"A loaded plugin, ns a call\n{table(('', 'median', 'min', 'ratio'), cells)}"
