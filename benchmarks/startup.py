"""Startup: what finding the plugins of a group adds to a process, from its start to its end.

CPU time (user and system) of whole processes, which alternate within one run. "Above bare" is the
median of the differences to the bare interpreter of the same round; "of stdlib" is that as a
share of what `importlib.metadata` adds.
"""

from __future__ import annotations

import shutil
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from measuring import Cost, alternate, process_cost, share, table
from trees import GROUP, Site, clean_environ, planted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["ROUNDS", "measure", "report"]

# By distributions. What plugbay adds to a small tree is a tenth of what a process costs, and less
# than its cost varies by from one to the next.
ROUNDS = {10: 101, 100: 101, 1000: 31, 5000: 11}

BARE = "bare interpreter"
STDLIB = "importlib.metadata"

# Every contender finds the group and imports no plugin; `n` is how many it has to find.
CODE = {
    BARE: "pass",
    "import plugbay": "import plugbay",
    "load_group": "from plugbay import load_group as f; assert len(f(g)) == n",
    "load_group, gate": "from plugbay import load_group as f; "
    "assert len(f(g, api_version='1.3')) == n",
    "plugbay.entry_points": "from plugbay import entry_points as f; assert len(f(group=g)) == n",
    STDLIB: "from importlib.metadata import entry_points as f; assert len(f(group=g)) == n",
    "importlib_metadata": "from importlib_metadata import entry_points as f; "
    "assert len(f(group=g)) == n",
    # For a group that nobody has, so that it imports no plugin: it has no call that only lists.
    "pluggy, no match": "from pluggy import PluginManager as f; "
    "assert f('myapp').load_setuptools_entrypoints('nobody') == 0",
}

# An ExtensionManager imports what it finds. One made from a list of none does not, and then lists
# the entry points of its namespace in the way that every manager does, through the disk cache.
STEVEDORE = (
    "from stevedore import ExtensionManager as f; "
    "assert len(f.make_test_instance([], namespace=g).list_entry_points()) == n"
)


class Row(NamedTuple):
    """One contender, in milliseconds of CPU time; `share` is `above` relative to the stdlib's."""

    name: str
    median: float
    least: float
    above: float
    share: float


def measure(python: Path, distributions: int, rounds: int) -> list[Row]:
    """Plant a tree of so many distributions and run every contender on it."""
    with planted(python, distributions) as site:
        costs = alternate(_contenders(site), rounds)
    times = {name: [cost.cpu for cost in each] for name, each in costs.items()}
    above = {
        name: median(time - bare for time, bare in zip(each, times[BARE], strict=True))
        for name, each in times.items()
    }
    return [
        Row(name, median(each), min(each), above[name], above[name] / above[STDLIB])
        for name, each in times.items()
    ]


def _contenders(site: Site) -> dict[str, Callable[[], Cost]]:
    caches = site.python.parent / "caches"
    contenders: dict[str, Callable[[], Cost]] = {
        name: partial(_run, site, code, caches / "none") for name, code in CODE.items()
    }
    contenders["stevedore, cold cache"] = partial(_run_cold, site, STEVEDORE, caches / "cold")
    contenders["stevedore, warm cache"] = partial(_run, site, STEVEDORE, caches / "warm")
    return contenders


def _run(site: Site, code: str, cache: Path) -> Cost:
    environ = {**clean_environ(), "XDG_CACHE_HOME": str(cache)}
    return process_cost([str(site.python), "-c", f"g={GROUP!r}; n={site.plugins}; {code}"], environ)


def _run_cold(site: Site, code: str, cache: Path) -> Cost:
    shutil.rmtree(cache, ignore_errors=True)
    return _run(site, code, cache)


def report(rows: list[Row], distributions: int) -> str:
    """The rows as a table."""
    cells = [
        (
            row.name,
            f"{row.median:.1f}",
            f"{row.least:.1f}",
            f"{row.above:.2f}",
            "" if row.name == BARE else share(row.share),
        )
        for row in rows
    ]
    headings = ("", "median", "min", "above bare", "of stdlib")
    title = f"Whole processes among {distributions} distributions, CPU time in ms"
    return f"{title}\n{table(headings, cells)}"
