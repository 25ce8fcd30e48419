"""Crashes: a call may end or spoil its own process in any way, and costs its host nothing."""

import signal
from pathlib import Path
from typing import Any

import endless
import hostile
import pytest
from watching import LINUX, Program, eventually, is_healthy, is_running

import plugbay
from plugbay import Sandbox


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_an_exit_of_the_process_is_told(code: int, sandbox: Sandbox) -> None:
    """With its code; what would have been done at an exit is not waited for."""
    result = sandbox.run(hostile.leave, code)
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert f"it ended its process with exit code {code}" == str(result.error)
    assert is_healthy(sandbox)


def test_a_segfault_is_told(sandbox: Sandbox) -> None:
    """With its signal."""
    result = sandbox.run(hostile.crash)
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert "its process was ended by SIGSEGV" == str(result.error)
    assert is_healthy(sandbox)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT, signal.SIGHUP])
def test_a_signal_is_told(number: signal.Signals, sandbox: Sandbox) -> None:
    """By its name."""
    result = sandbox.run(hostile.kill, int(number))
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert f"its process was ended by {number.name}" == str(result.error)
    assert is_healthy(sandbox)


@LINUX
def test_a_signal_without_a_name_is_told(sandbox: Sandbox) -> None:
    """By its number."""
    result = sandbox.run(hostile.kill, 40)
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert "40" in str(result.error)
    assert is_healthy(sandbox)


@LINUX
def test_the_group_of_a_call_is_its_own(tmp_path: Path) -> None:
    """Who kills it does not kill the host."""
    code = """
with Sandbox("process", timeout=30) as sandbox:
    say(sandbox.run(hostile.kill_group).error)
    say(sandbox.run(hostile.add, 1, 2).value)
"""
    program = Program(code, tmp_path)
    assert (0, ["its process was ended by SIGKILL", "3"]) == program.end()


def test_a_process_that_has_ended_between_calls_is_replaced(sandbox: Sandbox) -> None:
    """The call after that is not told."""
    process = sandbox.run(hostile.leave_later, 0.05).unwrap()
    assert process > 0
    assert eventually(lambda: not is_running(process))
    assert process != sandbox.run(hostile.process).unwrap()


THROWN = {
    "an error that cannot be rebuilt": ("NeedsMuchError", "needs much"),
    "an error that says nothing": ("MuteError", ""),
    "an error that exits when asked": ("LeavingError", ""),
    "an exit": ("SystemExit", "3"),
    "an interrupt": ("KeyboardInterrupt", ""),
    "the end of a generator": ("GeneratorExit", ""),
    "a group": ("BaseExceptionGroup", "many (2 sub-exceptions)"),
    "a lone surrogate": ("ValueError", "\ud800"),
}


@pytest.mark.parametrize("kind", THROWN)
def test_errors_come_out_in_words(kind: str, sandbox: Sandbox) -> None:
    """Whatever they are and do, and the process is kept."""
    before = sandbox.run(hostile.process).unwrap()
    result = sandbox.run(hostile.throw, kind)
    assert isinstance(result.error, plugbay.SandboxedError)
    assert THROWN[kind] == (result.error.type, result.error.message)
    assert before == sandbox.run(hostile.process).unwrap()


def test_an_error_that_cannot_be_told_costs_no_more_than_its_process(sandbox: Sandbox) -> None:
    """It is a result of some kind."""
    result = sandbox.run(hostile.throw, "an error without a name")
    assert isinstance(result.error, plugbay.SandboxError)
    assert is_healthy(sandbox)


def test_endless_recursion_is_told(sandbox: Sandbox) -> None:
    """As the error that Python makes of it."""
    result = sandbox.run(hostile.recurse)
    assert "RecursionError" == getattr(result.error, "type", result)
    assert is_healthy(sandbox)


UNFIT = [
    "a set",
    "bytes",
    "an object",
    "a function",
    "a circle",
    "a tuple as a key",
    "a number of many digits",
    "too deep",
]


@pytest.mark.parametrize("kind", UNFIT)
def test_results_that_json_does_not_have_are_told(kind: str, sandbox: Sandbox) -> None:
    """With the reason."""
    result = sandbox.run(hostile.unfit, kind)
    assert isinstance(result.error, plugbay.SandboxDataError), result.error
    assert isinstance(result.error, TypeError)
    assert "what it gave cannot be carried as JSON: " in str(result.error)
    assert is_healthy(sandbox)


@pytest.mark.parametrize("kind", UNFIT)
def test_arguments_that_json_does_not_have_are_told(kind: str, sandbox: Sandbox) -> None:
    """With the reason; nothing is called, and no process is lost."""
    value: Any = hostile.unfit(kind)
    before = sandbox.run(hostile.process).unwrap()
    for result in (sandbox.run(hostile.echo, value), sandbox.run(hostile.echo, other=value)):
        assert isinstance(result.error, plugbay.SandboxDataError)
        assert "the arguments cannot be carried to another process as JSON: " in str(result.error)
    assert before == sandbox.run(hostile.process).unwrap()
    while type(value) is list and value and value[0] is not value:
        value = value.pop()  # one after the other, since each would free the next


def test_arguments_that_do_not_fit_are_told(sandbox: Sandbox) -> None:
    """As the error of the call that they are."""
    assert "TypeError" == getattr(sandbox.run(hostile.add, 1).error, "type", "")
    assert "TypeError" == getattr(sandbox.run("hostile:add", 1, 2, more=3).error, "type", "")
    assert [1, {"self": 2, "target": 3}] == sandbox.run(hostile.echo, 1, self=2, target=3).unwrap()


SPOILED: dict[str, tuple[Any, Any]] = {
    "forks and comes back in each process": (endless.fork_twice, int),
    "forks and fails in the other process": (endless.fork_and_fail, 1),
    "replaces the standard output": (hostile.replace_output, 1),
    "closes the standard output": (hostile.close_output, 1),
    "starts threads": (hostile.start_threads, 21),
    "changes the folder": (hostile.change_folder, "/"),
    "removes its folder": (hostile.lose_folder, 1),
    "sets signal handlers and a timer": (hostile.set_handlers, 1),
    "forgets modules": (hostile.forget_modules, 1),
}


@pytest.mark.parametrize(("spoiling", "value"), SPOILED.values(), ids=SPOILED)
def test_a_call_that_spoils_its_process_is_answered(spoiling: Any, value: Any) -> None:
    """Once, and so are those after it."""
    with Sandbox("process", timeout=30) as sandbox:
        result = sandbox.run(spoiling)
        assert result.success, result
        assert result.value == value or isinstance(result.value, value)
        for number in range(20):
            assert number + 1 == sandbox.run(hostile.add, number, 1).unwrap()


def test_a_call_that_closes_all_descriptors_loses_its_process(sandbox: Sandbox) -> None:
    """At once, and not at the deadline."""
    result = sandbox.run(hostile.close_descriptors)
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert result.elapsed < 20
    assert is_healthy(sandbox)


@LINUX
def test_a_host_that_does_not_wait_for_children_gets_results(tmp_path: Path) -> None:
    """The system waits for them where a host ignores SIGCHLD."""
    code = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
with Sandbox("process", timeout=2) as sandbox:
    say(sandbox.run(hostile.nap, 0.5).success)
    say(sandbox.run(hostile.leave, 3).error.type)
    say(sandbox.run(hostile.add, 1, 2).value)
"""
    program = Program(code, tmp_path)
    assert (0, ["True", "SandboxWorkerError", "3"]) == program.end()
    assert [] == program.left


@LINUX
def test_a_host_that_does_not_wait_for_children_gets_results_of_families(tmp_path: Path) -> None:
    """Also where another process holds the pipes open."""
    code = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
with Sandbox("process", timeout=2) as sandbox:
    say(sandbox.run(endless.beget, False, "leave").success)
"""
    assert (0, ["False"]) == Program(code, tmp_path).end()
