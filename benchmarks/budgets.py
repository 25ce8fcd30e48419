"""Budgets: what plugbay may cost, in one place, and whether it stays within it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from measuring import share, table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BUDGETS", "Budget", "is_kept", "report"]


class Budget(NamedTuple):
    """A limit on one figure: `figure` is its key among those measured, and `source` its script.

    `unit` is "ratio" or "ms"; a figure up to the limit is within the budget.
    """

    name: str
    figure: str
    limit: float
    unit: str
    source: str


BUDGETS = (
    *(
        Budget(
            f"process with load_group, of importlib.metadata's, {distributions} distributions",
            f"startup {distributions} load_group",
            limit,
            "ratio",
            "startup.py, of stdlib",
        )
        for distributions, limit in ((10, 1 / 20), (100, 1 / 20), (1000, 1 / 12), (5000, 1 / 8))
    ),
    Budget(
        "import plugbay above the bare interpreter",
        "startup 100 import plugbay",
        2.0,
        "ms",
        "startup.py, above bare",
    ),
    Budget(
        "load_group with the gate, of the scan alone, 1000 distributions",
        "inprocess 1000 load_group, gate",
        1.5,
        "ratio",
        "inprocess.py, of find",
    ),
    Budget(
        "plugin.load() when loaded, of an attribute access and a call",
        "loading plugin.load()",
        2.0,
        "ratio",
        "inprocess.py, ratio",
    ),
    Budget(
        "plugbay --version, of python -c pass, 100 distributions",
        "command 100 plugbay --version",
        2.0,
        "ratio",
        "command.py, of bare",
    ),
    Budget(
        "plugbay list, of python -c pass, 100 distributions",
        "command 100 plugbay list",
        4.0,
        "ratio",
        "command.py, of bare",
    ),
    *(
        Budget(
            f"hook call{how}, with {count} to run, of a hand-written loop",
            f"hooks {count} plain: plugbay{how} / loop{how}",
            limit,
            "ratio",
            "hooks.py, plain",
        )
        for how, limits in (
            ("", {1: 1.3, 10: 1.2, 100: 1.2}),
            (", keywords", {1: 1.9, 10: 1.2, 100: 1.2}),
        )
        for count, limit in limits.items()
    ),
    *(
        Budget(
            f"hook call, keywords, with {count} to run, of pluggy's",
            f"hooks {count} plain: plugbay, keywords / pluggy, keywords",
            1 / 5,
            "ratio",
            "hooks.py, plain",
        )
        for count in (1, 5, 10, 100)
    ),
    *(
        Budget(
            f"call in a sandbox's process, of {what}, on {placement}",
            f"sandbox {placement} plugbay, of {what}",
            limit,
            "ratio",
            "sandbox.py",
        )
        for placement in ("one core", "two cores")
        for what, limit in (("a pipe", 5.0), ("the pool", 1.0))
    ),
    Budget(
        "call of a plugin that was replaced, of one that was not",
        "reloads call, replaced five times",
        1.05,  # as much, within what two equal ones differ by
        "ratio",
        "reloads.py",
    ),
    *(
        Budget(
            f"registration of plugin number {count}, with 20 hooks, of pluggy's",
            f"hooks {count} registration: plugbay / pluggy",
            1.0,
            "ratio",
            "hooks.py, registration",
        )
        for count in (1, 5, 10, 100)
    ),
)


def is_kept(figures: Mapping[str, float]) -> bool:
    """Whether every budget whose figure was measured is kept."""
    return all(figures.get(budget.figure, 0) <= budget.limit for budget in BUDGETS)


def report(figures: Mapping[str, float]) -> str:
    """The budgets as a table: what, measured, budget, whether it is kept, and where it is from."""
    cells = [
        (
            budget.name,
            _text(figures.get(budget.figure), budget.unit),
            _text(budget.limit, budget.unit),
            _answer(figures.get(budget.figure), budget.limit),
            budget.source,
        )
        for budget in BUDGETS
    ]
    return f"Budgets\n{table(('', 'measured', 'budget', '', 'source'), cells)}"


def _answer(measured: float | None, limit: float) -> str:
    if measured is None:
        return "not measured"
    return "ok" if measured <= limit else "MISSED"


def _text(figure: float | None, unit: str) -> str:
    if figure is None:
        return "-"
    if unit == "ms":
        return f"{figure:.2f} ms"
    return share(figure)
