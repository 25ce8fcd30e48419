"""Endless calls: at the deadline they are over, whatever they do, with what they have started."""

import time
from typing import Any

import endless
import hostile
import pytest
from watching import LINUX, eventually, is_healthy, is_running, numbers

import plugbay
from plugbay import Sandbox

ENDLESS = {
    "sleeping": endless.sleep,
    "spinning": endless.spin,
    "swallowing exceptions": endless.swallow,
    "matching an expression": endless.match,
    "ignoring signals": endless.ignore,
    "halting its own process": endless.halt,
}


@LINUX
@pytest.mark.parametrize("call", ENDLESS.values(), ids=ENDLESS)
def test_a_call_is_over_at_the_deadline(call: Any, hasty: Sandbox) -> None:
    """Its process is gone when the caller is back, and the next call works."""
    result = hasty.run(call)
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    assert isinstance(result.error, TimeoutError)
    assert "it took more than 0.3 s" == str(result.error)
    assert 0.3 <= result.elapsed < 10
    (process,) = numbers(result.output)
    assert not is_running(process)
    assert is_healthy(hasty, "endless")


def test_a_coroutine_is_over_at_the_deadline(hasty: Sandbox) -> None:
    """As a function is."""
    result = hasty.run("asyncio:sleep", 60)
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    assert hasty.run("asyncio:sleep", 0, "done").unwrap() == "done"


def test_a_module_that_is_imported_for_ever_is_over_at_the_deadline(
    hasty: Sandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a call imports is part of it."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shade_endless.py").write_text("while True: pass\n")
    result = hasty.run("shade_endless:thing")
    assert isinstance(result.error, plugbay.SandboxTimeoutError)


def test_a_result_that_is_encoded_for_ever_is_over_at_the_deadline(
    hasty: Sandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done to carry it is part of the call."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "shade_encoded.py").write_text(
        "class Slow(dict):\n"
        "    def items(self):\n"
        "        while True: pass\n"
        "def thing(): return Slow(a=1)\n"
    )
    result = hasty.run("shade_encoded:thing")
    assert isinstance(result.error, plugbay.SandboxTimeoutError)


@LINUX
@pytest.mark.parametrize("session", [False, True], ids=["in the group", "in its own session"])
def test_what_a_call_has_started_is_over_at_the_deadline(session: bool, hasty: Sandbox) -> None:
    """In its group, or in a session of its own."""
    result = hasty.run(endless.beget, session, "sleep")
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    processes = numbers(result.output)
    assert 2 == len(processes)
    assert eventually(lambda: not any(map(is_running, processes)), 2)
    assert is_healthy(hasty, "endless")


@LINUX
def test_a_family_is_over_at_the_deadline(hasty: Sandbox) -> None:
    """Children, and children of theirs that have left the group."""
    result = hasty.run(endless.beget_family)
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    processes = numbers(result.output)
    assert 3 == len(processes)
    assert eventually(lambda: not any(map(is_running, processes)), 2)
    assert is_healthy(hasty, "endless")


@LINUX
def test_what_is_left_behind_ends_with_its_process() -> None:
    """A call may leave processes in its group; they end when the sandbox is closed."""
    with Sandbox("process", timeout=30) as sandbox:
        result = sandbox.run(endless.beget, False, "return")
        processes = numbers(result.output)
        assert result.unwrap() == processes[1]
        assert is_healthy(sandbox, "endless")
    assert eventually(lambda: not any(map(is_running, processes)), 2)


@LINUX
def test_what_holds_the_pipes_open_does_not_hide_an_exit() -> None:
    """A child has them too; the caller is back long before the deadline."""
    with Sandbox("process", timeout=60) as sandbox:
        result = sandbox.run(endless.beget, False, "leave")
        assert isinstance(result.error, plugbay.SandboxWorkerError)
        assert "it ended its process with exit code 3" == str(result.error)
        assert result.elapsed < 30
        assert eventually(lambda: not any(map(is_running, numbers(result.output))), 2)
        assert is_healthy(sandbox, "endless")


def test_what_holds_the_pipes_open_does_not_hide_an_exit_between_calls() -> None:
    """The process that has ended is not asked again."""
    with Sandbox("process", timeout=30) as sandbox:
        sandbox.run(endless.beget, False, "return").unwrap()
        process = sandbox.run("endless:leave_later", 0.05).unwrap()
        assert eventually(lambda: not is_running(process))
        assert sandbox.run("endless:process").success


@LINUX
def test_an_idle_process_outlives_the_deadline() -> None:
    """What ends a call whose host is gone does not count the time between calls."""
    with Sandbox("process", timeout=0.2) as sandbox:
        process = sandbox.run(hostile.process).unwrap()
        time.sleep(1.3)
        assert process == sandbox.run(hostile.process).unwrap()


def test_without_a_deadline_a_call_may_take_its_time() -> None:
    """Longer than between two looks at whether its process is there."""
    with Sandbox("process") as sandbox:
        assert isinstance(sandbox.run(hostile.nap, 0.5).unwrap(), int)
        assert isinstance(sandbox.run(hostile.leave, 3).error, plugbay.SandboxWorkerError)


def test_the_start_of_a_process_is_no_part_of_the_call() -> None:
    """A deadline that is shorter than a start can be kept."""
    with Sandbox("process", timeout=0.02) as sandbox:
        sandbox.run("os:getpid")
        assert sandbox.run("os:getpid").success
