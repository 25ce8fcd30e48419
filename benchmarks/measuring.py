"""Measuring: processes and what they cost or answer, rounds of contenders, and plain tables."""

from __future__ import annotations

import ast
import os
import random
import subprocess
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Cost", "alternate", "answer", "process_cost", "share", "table"]

T = TypeVar("T")


class Cost(NamedTuple):
    """What one process took, in milliseconds: user and system time together, and elapsed time."""

    cpu: float
    wall: float


def process_cost(arguments: list[str], environ: Mapping[str, str]) -> Cost:
    """Run a program to its end, without its output; raises RuntimeError when it fails."""
    silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    started = time.perf_counter()
    child = os.posix_spawn(arguments[0], arguments, environ, file_actions=[silent])
    _, status, usage = os.wait4(child, 0)
    elapsed = time.perf_counter() - started
    if status:
        raise RuntimeError(f"exit code {os.waitstatus_to_exitcode(status)} of {arguments}")
    return Cost((usage.ru_utime + usage.ru_stime) * 1000, elapsed * 1000)


def answer(arguments: Sequence[str], environ: Mapping[str, str]) -> Any:
    """Run a program to its end, and give the Python literal that it prints."""
    done = subprocess.run(arguments, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return ast.literal_eval(done.stdout)


def alternate(contenders: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """The costs of each contender, one a round, after one round that does not count.

    Each round has its own order, the same in every run, so that none always follows the same one.
    """
    costs: dict[str, list[T]] = {name: [] for name in contenders}
    order = list(contenders)
    shuffle = random.Random(0).shuffle  # noqa: S311  # an order, not a secret
    for name in order:
        contenders[name]()
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            costs[name].append(contenders[name]())
    return costs


def share(ratio: float) -> str:
    """A ratio as people read it: as one part in so many where it is small."""
    return f"1/{1 / ratio:.1f}" if 0 < ratio < 1 / 3 else f"{ratio:.2f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows under headings, the first column to the left and numbers to the right."""
    lines = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
