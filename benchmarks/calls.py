"""Calls: the worker of `inprocess.py`; times one family of calls in this process.

Run as `calls.py FAMILY LEADER GROUP ROUNDS`, inside a planted environment. It prints a Python
literal: for each call of the family a list of CPU times in nanoseconds, the first one of which is
a first call only for the leader. It imports next to nothing, since what is imported already would
be missing from what a first call costs.
"""

import sys
from time import process_time_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plugbay import Plugin

    Calls = dict[str, Callable[[], object]]


def plugbay_calls(group: str) -> "Calls":
    from plugbay.discovery import entry_points, find
    from plugbay.groups import load_group

    return {
        "find": lambda: find(group),
        "load_group": lambda: load_group(group),
        "load_group, gate": lambda: load_group(group, api_version="1.3"),
        "plugbay.entry_points": lambda: entry_points(group=group),
    }


def stdlib_calls(group: str) -> "Calls":
    from importlib.metadata import entry_points

    return {"importlib.metadata": lambda: entry_points(group=group)}


def backport_calls(group: str) -> "Calls":
    from importlib_metadata import entry_points

    return {"importlib_metadata": lambda: entry_points(group=group)}


def loading_calls(group: str) -> "Calls":
    """100 000 times `plugin.load()` of a loaded plugin, and 100 000 calls of an attribute."""
    from timeit import Timer

    from plugbay import load_group

    class Holder:
        __slots__ = ("function",)

        def __init__(self) -> None:
            self.function = lambda: None

    holder = Holder()
    plugin: Plugin[object] = next(iter(load_group(group).plugins.values()))
    plugin.load()
    # Twenty in a row, so that the loop around them does not count.
    loading = Timer(";".join(["plugin.load()"] * 20), globals={"plugin": plugin})
    calling = Timer(";".join(["holder.function()"] * 20), globals={"holder": holder})
    return {
        "plugin.load()": lambda: loading.timeit(5000),
        "holder.function()": lambda: calling.timeit(5000),
    }


FAMILIES = {
    "plugbay": plugbay_calls,
    "stdlib": stdlib_calls,
    "backport": backport_calls,
    "loading": loading_calls,
}


def main(family: str, leader: str, group: str, rounds: str) -> None:
    calls = FAMILIES[family](group)
    order = [leader, *(name for name in calls if name != leader)]
    times: dict[str, list[int]] = {name: [] for name in order}
    for _ in range(int(rounds)):
        for name in order:
            call = calls[name]
            started = process_time_ns()
            call()
            times[name].append(process_time_ns() - started)
    print(times)


if __name__ == "__main__":
    main(*sys.argv[1:])
