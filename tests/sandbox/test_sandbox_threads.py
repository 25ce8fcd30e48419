"""The level "thread": the caller is back at the deadline, and what goes on is counted."""

import asyncio
import contextvars
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hostile
import pytest
from watching import LINUX, Program, eventually

import plugbay
from plugbay import Sandbox


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What calls wait for, and may go through when the test is done."""
    event = threading.Event()
    yield event
    event.set()


def test_the_caller_is_back_at_the_deadline(gate: threading.Event) -> None:
    """With the error that says so, though the work goes on."""
    sandbox = Sandbox("thread", timeout=0.1)
    result = sandbox.run(gate.wait, 30)
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    assert "it took more than 0.1 s, and goes on" == str(result.error)
    assert 0.1 <= result.elapsed < 5
    assert 1 == sandbox.abandoned
    gate.set()
    assert eventually(lambda: sandbox.abandoned == 0)


def test_the_task_is_back_at_the_deadline(gate: threading.Event) -> None:
    """As the caller is, while other tasks run."""
    sandbox = Sandbox("thread", timeout=0.1)
    ticks = 0

    async def both() -> plugbay.Result:
        nonlocal ticks
        task = asyncio.create_task(sandbox.run_async(gate.wait, 30))
        while not task.done():
            ticks += 1
            await asyncio.sleep(0.01)
        return await task

    result = asyncio.run(both())
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    assert ticks > 2
    assert 1 == sandbox.abandoned


def test_so_many_may_go_on(gate: threading.Event) -> None:
    """Then there are no others, until one of them has ended."""
    sandbox = Sandbox("thread", timeout=0.1, max_abandoned=2)
    waits = [threading.Event() for _ in range(2)]
    for each in waits:
        assert isinstance(sandbox.run(each.wait, 30).error, plugbay.SandboxTimeoutError)
    refused = sandbox.run(hostile.add, 1, 2)
    assert "2 calls go on after their deadline, and no more may; take the level 'process', " in str(
        refused.error
    )
    assert "SandboxError" == getattr(refused.error, "type", "")
    assert not asyncio.run(sandbox.run_async(hostile.add, 1, 2)).success
    waits[0].set()
    assert eventually(lambda: sandbox.abandoned == 1)
    assert 3 == sandbox.run(hostile.add, 1, 2).unwrap()
    waits[1].set()
    assert eventually(lambda: sandbox.abandoned == 0)


def test_calls_at_once_are_capped_too(gate: threading.Event) -> None:
    """No more go on than may, in whatever order they began."""
    sandbox = Sandbox("thread", timeout=0.1, max_abandoned=2)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: sandbox.run(gate.wait, 30), range(6)))
        assert 2 == sandbox.abandoned
    late = [str(each.error) for each in results if "goes on" in str(each.error)]
    assert 2 == len(late)
    assert all(isinstance(each.error, plugbay.SandboxError) for each in results)


def test_tasks_at_once_are_capped_too(gate: threading.Event) -> None:
    """As threads are."""
    sandbox = Sandbox("thread", timeout=0.1, max_abandoned=2)

    async def main() -> list[plugbay.Result]:
        return await asyncio.gather(*(sandbox.run_async(gate.wait, 30) for _ in range(6)))

    results = asyncio.run(main())
    assert 2 == sandbox.abandoned
    assert 2 == len([each for each in results if "goes on" in str(each.error)])
    assert all(isinstance(each.error, plugbay.SandboxError) for each in results)


def test_calls_wait_for_others_that_end_in_time() -> None:
    """As long as they may take, and are made then."""
    sandbox = Sandbox("thread", timeout=30, max_abandoned=1)

    async def main() -> list[plugbay.Result]:
        return await asyncio.gather(*(sandbox.run_async(hostile.echo, each) for each in range(5)))

    with ThreadPoolExecutor(5) as pool:
        results = list(pool.map(lambda each: sandbox.run(hostile.echo, each), range(5)))
    for those in (results, asyncio.run(main())):
        assert [0, 1, 2, 3, 4] == [each.unwrap() for each in those]
    assert 0 == sandbox.abandoned


@pytest.mark.parametrize("limited", [None, 30.0])
def test_calls_that_end_in_time_are_not_counted(limited: float | None) -> None:
    """Whatever came of them."""
    sandbox = Sandbox("thread", timeout=limited, max_abandoned=1)
    for _ in range(3):
        assert 3 == sandbox.run(hostile.add, 1, 2).unwrap()
        assert not sandbox.run(hostile.fail, "no").success
        assert 3 == asyncio.run(sandbox.run_async(hostile.later, 3)).unwrap()
        assert 3 == sandbox.run(hostile.later, 3).unwrap()
    assert 0 == sandbox.abandoned


def test_a_timeout_of_the_plugins_own_is_no_deadline() -> None:
    """It is told as what it raised."""

    def slow() -> None:
        raise TimeoutError("of its own")

    for result in (
        Sandbox("thread", timeout=30).run(slow),
        asyncio.run(Sandbox("thread", timeout=30).run_async(slow)),
    ):
        assert isinstance(result.error, plugbay.SandboxedError)
        assert "TimeoutError" == result.error.type


def test_a_task_that_is_cancelled_leaves_its_work_counted(gate: threading.Event) -> None:
    """It goes on, as it does after a deadline."""
    sandbox = Sandbox("thread", timeout=30)

    async def cancel() -> None:
        task = asyncio.create_task(sandbox.run_async(gate.wait, 30))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert 1 == sandbox.abandoned

    asyncio.run(cancel())
    gate.set()
    assert eventually(lambda: sandbox.abandoned == 0)


def test_work_may_end_after_the_loop_that_waited(
    gate: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is told, and nothing is logged."""
    sandbox = Sandbox("thread", timeout=0.05)
    with caplog.at_level(logging.DEBUG):
        assert not asyncio.run(sandbox.run_async(gate.wait, 30)).success
        caplog.clear()
        gate.set()
        assert eventually(lambda: sandbox.abandoned == 0)
    assert [] == caplog.records


def test_calls_have_the_context_of_their_caller() -> None:
    """And a thread of their own."""
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("of the caller")
    sandbox = Sandbox("thread")
    assert "of the caller" == sandbox.run(variable.get).unwrap()
    assert threading.get_ident() != sandbox.run(threading.get_ident).unwrap()


@LINUX
@pytest.mark.parametrize("way", ["sandbox.run(endless.sleep)", "raise ValueError"])
def test_what_goes_on_does_not_keep_the_program(tmp_path: Path, way: str) -> None:
    """It ends when its main thread does."""
    program = Program(
        f"sandbox = Sandbox('thread', timeout=0.1); sandbox.run(endless.sleep); {way}", tmp_path
    )
    assert (1 if "raise" in way else 0) == program.end()[0]


@pytest.mark.parametrize("timeout", [float("inf"), 1e12])
def test_a_deadline_in_the_far_future_is_refused_or_held(timeout: float) -> None:
    """But no error of another kind comes from a call."""
    try:
        sandbox = Sandbox("thread", timeout=timeout)
    except plugbay.SandboxError:
        return
    assert isinstance(sandbox.run(hostile.nap, 0.05).unwrap(), int)
