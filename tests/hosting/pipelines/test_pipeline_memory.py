"""Memory: streams that are larger than it."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from parts import child
from piping import GROUP, add_step, of_functions
from sites import Site

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux")


class Batch(list[int]):
    """A batch that counts how many of its kind are still there."""

    alive = 0

    def __init__(self, *rows: int) -> None:
        super().__init__(rows)
        type(self).alive += 1

    def __del__(self) -> None:
        type(self).alive -= 1


def fresh(rows: list[int]) -> list[int]:
    return [*rows]


@pytest.mark.parametrize("threads", [0, 2])
def test_what_has_come_out_is_let_go(threads: int) -> None:
    """Of the batches that are done only the last one is still known, as its record has it."""
    Batch.alive = 0
    with ThreadPoolExecutor(threads or 1) as pool:
        pipeline = of_functions(fresh).pipeline(GROUP, executor=pool if threads else None, ahead=3)
        run = pipeline.stream(Batch(number) for number in range(30))
        for _ in run:
            # Those that wait, the last one out, and the one that a thread has yet to drop.
            assert Batch.alive <= (3 + 2 * threads if threads else 2)
    del run, pipeline
    assert 0 == Batch.alive


# What a program does with more data than it may hold, 2000 batches of a megabyte.
LARGE = """
import resource, sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from plugbay import Host
count = 0
def batches(number):
    global count
    for count in range(1, number + 1):
        yield bytes([count % 256]) * 1_000_000
host = Host('tabletop')
host.register('turned', lambda data: data[::-1])
pool = ThreadPoolExecutor(2)
pool.submit(int).result()
resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000))
run = host.pipeline('tabletop.plugins', executor={executor}).stream(batches({count}))
"""


@LINUX
@pytest.mark.parametrize(("executor", "count"), [("None", 2000), ("pool", 800)])
def test_a_stream_may_be_larger_than_memory(executor: str, count: int) -> None:
    """Two gigabytes go through a process that may have a fifth of that; threads hold no more."""
    tell = "print(sum(len(each) for each in run), count)"
    code = LARGE.format(executor=executor, count=count)
    assert (0, [f"{1_000_000 * count} {count}"]) == child(code + tell)


@LINUX
def test_a_process_cannot_hold_all_of_such_a_stream() -> None:
    """Who keeps what comes out has no room for it, so that the limit is one."""
    keep = "try: list(run)\nexcept Exception as error: print(type(error).__name__, count < 450)"
    code = LARGE.format(executor="None", count=2000)
    assert (0, ["PipelineError True"]) == child(code + keep)


@LINUX
def test_a_stream_may_be_larger_than_memory_in_other_processes_too(tmp_path: Path) -> None:
    """Neither what waits for a worker nor what came from one is kept."""
    add_step(Site(tmp_path), "same")
    code = (
        LARGE.partition("host = ")[0] + f"host = Host('tabletop')\nhost.discover({GROUP!r})\n"
        "pool = ProcessPoolExecutor(1)\n"
        f"run = host.pipeline({GROUP!r}, executor=pool).stream(batches(300))\n"
        "next(run)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (300_000_000, 300_000_000))\n"
        "print(sum(len(each) for each in run), count)\n"
        "pool.shutdown()\n"
    )
    assert (0, [f"{1_000_000 * 299} 300"]) == child(code, str(tmp_path))
