"""Generations: the worker of `reloads.py`; run as `generations.py ROUNDS`.

It prints a Python literal: for each contender a list of times in nanoseconds, of a call or of all
modules.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from time import perf_counter_ns
from timeit import Timer

from measuring import alternate

from plugbay import Host

MODULES, FUNCTIONS, RELOADS = 10, 40, 5
BATCH = 20_000  # calls in one time
GROUP = "bench.plugins"
CALL = "plugins['tool']()"


def main(rounds: int) -> None:
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plant(folder / "tool")
        hosts = [Host("bench"), Host("bench")]
        for host in hosts:
            host.add_directory(folder)
            host[GROUP]["tool"]
        for _ in range(RELOADS):
            hosts[1].reload("tool")
        never, often = (Timer(CALL, globals={"plugins": host[GROUP]}) for host in hosts)
        times = alternate(
            {
                "call, never replaced": lambda: call_time(never),
                "call, replaced five times": lambda: call_time(often),
            },
            rounds,
        )
        sys.path.insert(0, name)
        times |= alternate(
            {
                "import of ten modules": import_time,
                "reload of ten modules": lambda: reload_time(hosts[1]),
            },
            rounds,
        )
    print(times)


def plant(package: Path) -> None:
    """Write a package of which one function is the plugin, and modules with more to compile."""
    package.mkdir()
    parts = [f"part{number}" for number in range(1, MODULES)]
    (package / "__init__.py").write_text(
        "PLUGIN_METADATA = {'id': 'tool'}\n"
        f"from . import {', '.join(parts)}\n"
        "def create_plugin():\n    return tool\n"
        "def tool():\n    return None\n"
    )
    body = "".join(
        f"def f{number}(a, b=1, *c, **d):\n    return [a + b for a in range(b)], c, d\n"
        for number in range(FUNCTIONS)
    )
    for part in parts:
        (package / f"{part}.py").write_text(body)


def call_time(timer: Timer) -> float:
    return timer.timeit(BATCH) / BATCH * 1e9


def import_time() -> float:
    for each in [each for each in sys.modules if f"{each}.".startswith("tool.")]:
        del sys.modules[each]
    started = perf_counter_ns()
    import_module("tool")
    return perf_counter_ns() - started


def reload_time(host: Host) -> float:
    started = perf_counter_ns()
    host.reload("tool")
    return perf_counter_ns() - started


if __name__ == "__main__":
    main(int(sys.argv[1]))
