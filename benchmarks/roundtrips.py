"""Round trips: the worker of `sandbox.py`; times calls that are answered by another process.

Run as `roundtrips.py CORES ROUNDS`: with 1, this process and those that answer share a core, with
2 they do not, and with 0 the system decides. It prints a Python literal: for each contender a list
with the time of one call in nanoseconds, one a round.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from operator import add
from time import perf_counter_ns
from typing import TYPE_CHECKING

from measuring import alternate

from plugbay import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = 200  # for one time
MESSAGE = b"x" * 64
ECHO = "import os\nwhile part := os.read(0, 4096):\n    os.write(1, part)"


def main(cores: int, rounds: int) -> None:
    everywhere = sorted(os.sched_getaffinity(0)) if cores else []
    if cores:  # those that answer inherit where this process may run when it starts them
        os.sched_setaffinity(0, {everywhere[cores - 1]})
    pipe = subprocess.PIPE
    echo = subprocess.Popen([sys.executable, "-I", "-S", "-c", ECHO], stdin=pipe, stdout=pipe)
    assert echo.stdin is not None
    assert echo.stdout is not None
    requests, replies = echo.stdin.fileno(), echo.stdout.fileno()

    def bare() -> None:
        os.write(requests, MESSAGE)
        os.read(replies, 4096)

    with echo, Sandbox("process", timeout=10) as sandbox, ProcessPoolExecutor(1) as pool:
        calls: dict[str, Callable[[], object]] = {
            "bare pipe": bare,
            "plugbay": lambda: sandbox.run(add, 1, 2).unwrap(),
            "ProcessPoolExecutor": lambda: pool.submit(add, 1, 2).result(),
        }
        for call in calls.values():
            call()
        if cores:
            os.sched_setaffinity(0, {everywhere[0]})
        print(alternate({name: timed(call) for name, call in calls.items()}, rounds))
        echo.stdin.close()


def timed(call: Callable[[], object]) -> Callable[[], float]:
    def one_time() -> float:
        started = perf_counter_ns()
        for _ in range(CALLS):
            call()
        return (perf_counter_ns() - started) / CALLS

    return one_time


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
