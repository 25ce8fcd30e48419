"""At once: many threads and tasks call, some of them are cancelled, and somebody closes."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hostile
import pytest
from sites import Site
from watching import LINUX, Program, children, eventually, is_healthy, is_running

import plugbay
from plugbay import Result, Sandbox

# Notes its process in a file, and goes on for long; or not, if it is told so.
NOTING = """
import os, time
def thing(path, seconds):
    with open(path, "w") as file: print(os.getpid(), file=file)
    time.sleep(seconds)
    return os.getpid()
"""


def _noted(path: Path) -> int:
    """The process that has noted itself, which may take a while."""
    assert eventually(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


@pytest.fixture
def noting(site: Site) -> str:
    """What a sandbox calls to have a process noted."""
    site.write("shade_noting.py", NOTING)
    return "shade_noting:thing"


def test_many_threads_get_their_own_answers() -> None:
    """Each that to its own call, and the processes are no more than the threads."""
    with Sandbox("process", timeout=60) as sandbox, ThreadPoolExecutor(8) as pool:

        def call(number: int) -> object:
            if number % 10 == 3:
                return str(sandbox.run(hostile.fail, f"no {number}").error)
            return sandbox.run(hostile.echo, [number, "x" * number]).unwrap()

        expected = [
            f"ValueError: no {each}" if each % 10 == 3 else [each, "x" * each]
            for each in range(400)
        ]
        assert expected == list(pool.map(call, range(400)))
        processes = set(pool.map(lambda _: sandbox.run(hostile.process).unwrap(), range(40)))
        assert len(processes) <= 8


def test_calls_at_once_have_a_process_each() -> None:
    """None waits for another one, and the processes are kept for later calls."""
    with Sandbox("process", timeout=60) as sandbox, ThreadPoolExecutor(3) as pool:
        processes = set(pool.map(lambda _: sandbox.run(hostile.nap, 0.4).unwrap(), range(3)))
        assert 3 == len(processes)
        assert {sandbox.run(hostile.process).unwrap() for _ in range(5)} <= processes


def test_threads_at_once_see_each_others_crashes_not() -> None:
    """Whatever the others call, an answer is an answer."""
    with Sandbox("process", timeout=60) as sandbox, ThreadPoolExecutor(4) as pool:

        def call(number: int) -> bool:
            if number % 2:
                return not sandbox.run(hostile.leave, 3).success
            return bool(number == sandbox.run(hostile.echo, number).unwrap())

        assert all(pool.map(call, range(40)))
        assert is_healthy(sandbox)


def test_tasks_run_while_one_waits(sandbox: Sandbox) -> None:
    """And get their own answers."""

    async def main() -> tuple[int, list[Result]]:
        ticks = 0
        tasks = [asyncio.create_task(sandbox.run_async(hostile.nap, 0.2)) for _ in range(2)]
        tasks += [asyncio.create_task(sandbox.run_async(hostile.echo, each)) for each in range(4)]
        while not all(each.done() for each in tasks):
            ticks += 1
            await asyncio.sleep(0.01)
        return ticks, [await each for each in tasks]

    ticks, results = asyncio.run(main())
    assert ticks > 4
    assert [0, 1, 2, 3] == [each.unwrap() for each in results[2:]]
    assert all(each.success for each in results)


def test_tasks_get_results_of_all_kinds(hasty: Sandbox) -> None:
    """As threads do."""

    async def main() -> list[str]:
        calls: list[Any] = [
            (hostile.fail, "no"),
            (hostile.leave, 3),
            (hostile.nap, 60),
            (hostile.unfit, "a set"),
            (hostile.echo, {1}),
            (len,),
            ("no_such_module:f",),
            (lambda: 1,),
        ]
        results = await asyncio.gather(*(hasty.run_async(*each) for each in calls))
        return [each.error.type if each.error else "" for each in results]

    assert [
        "ValueError",
        "SandboxWorkerError",
        "SandboxTimeoutError",
        "SandboxDataError",
        "SandboxDataError",
        "TypeError",
        "ModuleNotFoundError",
        "SandboxError",
    ] == asyncio.run(main())


# -- cancelling ---------------------------------------------------------------------------------


@LINUX
def test_a_task_that_is_cancelled_ends_its_process(noting: str, tmp_path: Path) -> None:
    """Whatever it was doing, and the next call has another one."""
    path = tmp_path / "process"
    with Sandbox("process", timeout=60) as sandbox:

        async def main() -> int:
            task = asyncio.create_task(sandbox.run_async(noting, str(path), 60))
            process = await asyncio.to_thread(_noted, path)
            assert is_running(process)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert eventually(lambda: not is_running(process))
            assert eventually(lambda: process not in children())
            again = await sandbox.run_async(noting, str(path), 0)
            assert process != again.unwrap()
            return process

        process = asyncio.run(main())
        assert not is_running(process)


@LINUX
def test_a_task_that_is_cancelled_at_once_leaves_nothing_behind(noting: str) -> None:
    """Neither before its process is there, nor after."""
    before = children()
    with Sandbox("process", timeout=60) as sandbox:

        async def main(pause: float) -> None:
            task = asyncio.create_task(sandbox.run_async(hostile.nap, 60))
            await asyncio.sleep(pause)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        for pause in (0, 0.001, 0.02, 0.04):
            asyncio.run(main(pause))
        assert eventually(lambda: children() <= before)
        assert is_healthy(sandbox)


@LINUX
def test_a_deadline_of_the_host_ends_a_call_too(noting: str, tmp_path: Path) -> None:
    """As `asyncio.timeout` has it."""
    path = tmp_path / "process"
    with Sandbox("process") as sandbox:

        async def main() -> None:
            async with asyncio.timeout(0.4):
                await sandbox.run_async(noting, str(path), 60)

        with pytest.raises(TimeoutError):
            asyncio.run(main())
        process = _noted(path)
        assert eventually(lambda: not is_running(process))
        assert 1 == len({sandbox.run(hostile.process).unwrap() for _ in range(2)})


def test_a_task_that_is_cancelled_when_it_is_done_ends_no_other_call() -> None:
    """Its process may be at work for somebody else by then."""
    with Sandbox("process", timeout=60) as sandbox, ThreadPoolExecutor(1) as pool:
        process = sandbox.run(hostile.process).unwrap()

        async def main() -> Result:
            task = asyncio.create_task(sandbox.run_async(hostile.nap, 0.05))
            await asyncio.sleep(0.01)
            time.sleep(0.3)  # it is done, and the loop has not heard of it
            other = pool.submit(sandbox.run, hostile.nap, 0.4)
            time.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await asyncio.to_thread(other.result)

        assert process == asyncio.run(main()).unwrap()


# -- closing ------------------------------------------------------------------------------------


@LINUX
def test_closing_ends_the_calls_of_others() -> None:
    """Each gets a result that says so; no process is left, and none is made any more."""
    before = children()
    sandbox = Sandbox("process", timeout=60)
    sandbox.run(hostile.add, 1, 2)
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(sandbox.run, hostile.nap, 60) for _ in range(3)]
        assert eventually(lambda: len(children() - before) == 3)
        time.sleep(0.2)
        sandbox.close()
        results = [each.result(20) for each in calls]
    assert all(isinstance(each.error, plugbay.SandboxError) for each in results)
    assert children() <= before
    error = sandbox.run(hostile.add, 1, 2).error
    assert ("SandboxError", "the sandbox was closed") == (getattr(error, "type", ""), str(error))
    assert not asyncio.run(sandbox.run_async(hostile.add, 1, 2)).success
    sandbox.close()
    assert children() <= before


@LINUX
def test_closing_ends_a_call_whose_process_is_being_made() -> None:
    """It is not made then, though it has begun before."""
    before = children()
    sandbox = Sandbox("process", timeout=60)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(sandbox.run, hostile.nap, 3)
        assert eventually(lambda: children() > before)
        sandbox.close()
        assert isinstance(call.result(20).error, plugbay.SandboxError)
    assert children() <= before


@LINUX
def test_closing_while_processes_are_made_and_given_back_leaves_none() -> None:
    """Whichever moment it comes at."""
    before = children()
    for pause in (0.0, 0.01, 0.03, 0.05):
        sandbox = Sandbox("process", timeout=60)
        stop = threading.Event()

        def call(sandbox: Sandbox = sandbox, stop: threading.Event = stop) -> bool:
            results = [sandbox.run(hostile.add, 1, 2)]
            while not stop.is_set() and results[-1].success:
                results.append(sandbox.run(hostile.add, 1, 2))
            return all(each.success or each.error for each in results)

        with ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(call) for _ in range(4)]
            time.sleep(pause)
            sandbox.close()
            stop.set()
            assert all(each.result(20) for each in calls)
        assert eventually(lambda: children() <= before, 2)


@LINUX
def test_an_interrupt_ends_the_call_and_passes(tmp_path: Path) -> None:
    """The host can go on with others."""
    code = """
with Sandbox("process", timeout=60) as sandbox:
    process = sandbox.run(hostile.process).value
    threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()
    try: sandbox.run(hostile.nap, 60)
    except KeyboardInterrupt: say("interrupted")
    say(os.path.exists(f"/proc/{process}"), sandbox.run(hostile.add, 1, 2).value)
"""
    program = Program(code, tmp_path)
    assert (0, ["interrupted", "False 3"]) == program.end()
    assert [] == program.left
