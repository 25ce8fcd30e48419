"""Measure plugbay against its budgets and its peers, and print tables.

Exits with 1 when a budget is missed. Takes about six minutes, and about one with --quick.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import budgets
import command
import hooks
import inprocess
import reloads
import sandbox
import startup
from _environments import environment, program

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["main"]

Figures = dict[str, float]  # as measured, by the keys that budgets.py uses


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    python = program(environment("bench", options.python), "python")
    figures: Figures = {}
    for each in options.only or PARTS:
        PARTS[each](python, options.quick, figures)
    print(budgets.report(figures))
    return 0 if budgets.is_kept(figures) else 1


def run_startup(python: Path, quick: bool, figures: Figures) -> None:
    for distributions, rounds in startup.ROUNDS.items():
        if quick and distributions > 1000:
            continue
        rows = startup.measure(python, distributions, max(5, rounds // 3) if quick else rounds)
        print(startup.report(rows, distributions), end="\n\n", flush=True)
        for row in rows:
            is_import = row.name == "import plugbay"
            figures[f"startup {distributions} {row.name}"] = row.above if is_import else row.share


def run_inprocess(python: Path, quick: bool, figures: Figures) -> None:
    for distributions in startup.ROUNDS:
        if quick and distributions > 1000:
            continue
        processes, rounds = (2, 11) if quick else (5, 11 if distributions > 1000 else 21)
        rows = inprocess.measure(python, distributions, processes, rounds)
        print(inprocess.report(rows, distributions), end="\n\n", flush=True)
        figures |= {f"inprocess {distributions} {row.name}": row.ratio for row in rows}
    rows = inprocess.measure_loading(python, 11 if quick else 31)
    print(inprocess.report_loading(rows), end="\n\n", flush=True)
    figures |= {f"loading {row.name}": row.ratio for row in rows}


def run_command(python: Path, quick: bool, figures: Figures) -> None:
    rows = command.measure(python, 100, 9 if quick else 31)
    print(command.report(rows, 100), end="\n\n", flush=True)
    figures |= {f"command 100 {row.name}": row.ratio for row in rows}


def run_hooks(python: Path, quick: bool, figures: Figures) -> None:
    for family in hooks.FAMILIES:
        rows = hooks.measure(python, family, *((3, 7) if quick else (7, 15)))
        print(hooks.report(rows, family), end="\n\n", flush=True)
        for row in rows:
            for count, figure in row.figures.items():
                figures[f"hooks {count} {family}: {row.label}"] = figure


def run_sandbox(python: Path, quick: bool, figures: Figures) -> None:
    for placement, cores in sandbox.PLACEMENTS.items():
        rows = sandbox.measure(python, cores, 15 if quick else 51)
        print(sandbox.report(rows, placement), end="\n\n", flush=True)
        for row in rows:
            figures[f"sandbox {placement} {row.name}, of a pipe"] = row.of_pipe
            figures[f"sandbox {placement} {row.name}, of the pool"] = row.of_pool


def run_reloads(python: Path, quick: bool, figures: Figures) -> None:
    rows = reloads.measure(python, 15 if quick else 51)
    print(reloads.report(rows), end="\n\n", flush=True)
    figures |= {f"reloads {row.name}": row.ratio for row in rows}


PARTS = {
    "startup": run_startup,
    "inprocess": run_inprocess,
    "command": run_command,
    "hooks": run_hooks,
    "sandbox": run_sandbox,
    "reloads": run_reloads,
}


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "only", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them if none is named"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and not 5000")
    parser.add_argument(
        "--python", default=sys.executable, metavar="PATH", help="the Python to measure with"
    )
    options = parser.parse_args(arguments)
    unknown = [each for each in options.only if each not in PARTS]
    if unknown:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    return options
