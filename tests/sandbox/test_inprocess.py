"""The level "inprocess": whatever a call raises becomes a result, and nothing else is promised."""

import asyncio
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import hostile
import pytest

import plugbay
from plugbay import Sandbox
from plugbay.loading.failures import Terminated

sandbox = Sandbox("inprocess")
ERRORS = {
    "an error that cannot be rebuilt": ("NeedsMuchError", "needs much"),
    "an error that says nothing": ("MuteError", ""),
    "an error that exits when asked": ("LeavingError", ""),
    "an exit": ("SystemExit", "3"),
    "the end of a generator": ("GeneratorExit", ""),
    "a group": ("BaseExceptionGroup", "many (2 sub-exceptions)"),
    "a lone surrogate": ("ValueError", "\ud800"),
}


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("level", ["inprocess", "thread"])
def test_every_error_becomes_a_result(level: str, kind: str) -> None:
    """Also one that would end the program, and one that fails when it is asked what it is."""
    result = Sandbox(level).run(hostile.throw, kind)  # type: ignore[arg-type]
    assert isinstance(result.error, plugbay.SandboxedError)
    assert ERRORS[kind] == (result.error.type, result.error.message)
    with pytest.raises(plugbay.SandboxedError):
        result.unwrap()


@pytest.mark.parametrize("error", [KeyboardInterrupt, Terminated])
@pytest.mark.parametrize("level", ["inprocess", "thread"])
def test_what_is_no_doing_of_a_plugin_passes(level: str, error: type[BaseException]) -> None:
    """An interrupt by the user, and a signal that ends the program."""

    def interrupted() -> None:
        raise error

    used = Sandbox(level)  # type: ignore[arg-type]
    with pytest.raises(error):
        used.run(interrupted)
    with pytest.raises(error):
        asyncio.run(used.run_async(interrupted))


@pytest.mark.parametrize("level", ["inprocess", "thread"])
def test_an_error_without_a_name_becomes_a_result(level: str) -> None:
    """As each other does."""
    used = Sandbox(level)  # type: ignore[arg-type]
    is_told = False
    with suppress(RuntimeError):  # which nobody could print
        is_told = isinstance(
            used.run(hostile.throw, "an error without a name").error, plugbay.SandboxedError
        )
    assert is_told


def _nowhere(name: object) -> Callable[[], None]:
    """A function that fails in a module of that name."""
    names: dict[str, Any] = {"__name__": name}
    exec("def fail(): raise ValueError('no')", names)  # noqa: S102 - modules may be made so
    found: Callable[[], None] = names["fail"]
    return found


def test_an_error_in_a_module_with_an_odd_name_becomes_a_result() -> None:
    """Names of modules are no more than variables."""
    result = sandbox.run(_nowhere(3))
    assert isinstance(result.error, plugbay.SandboxedError)
    assert "ValueError" == result.error.type


def test_an_error_of_a_module_without_a_name_becomes_a_result() -> None:
    """As the code that templates are compiled to."""
    result = sandbox.run(_nowhere(""))
    assert isinstance(result.error, plugbay.SandboxedError)
    assert "ValueError" == result.error.type


def test_a_time_limit_is_refused() -> None:
    """Nothing could hold a call to it."""
    with pytest.raises(plugbay.SandboxError, match="'inprocess' cannot limit timeout; take 'thr"):
        Sandbox("inprocess", timeout=1)


def test_objects_come_and_go_as_they_are() -> None:
    """There is nothing between them and the call."""
    given = object()
    assert given is sandbox.run(lambda value: value, given).unwrap()
    assert {"a": given} == sandbox.run(lambda **each: each, a=given).unwrap()


def test_coroutines_are_awaited() -> None:
    """In a loop of their own, or in the task's."""
    assert 3 == sandbox.run(hostile.later, 3).unwrap()
    assert 3 == asyncio.run(sandbox.run_async(hostile.later, 3)).unwrap()
    assert 3 == asyncio.run(sandbox.run_async(hostile.add, 1, 2)).unwrap()

    async def loop() -> object:
        return asyncio.get_running_loop()

    async def here() -> bool:
        result = await sandbox.run_async(loop)
        return result.unwrap() is asyncio.get_running_loop()

    assert asyncio.run(here())


def test_errors_of_coroutines_become_results() -> None:
    """Awaited in either way."""

    async def leave() -> None:
        raise SystemExit(3)

    for result in (sandbox.run(leave), asyncio.run(sandbox.run_async(leave))):
        assert isinstance(result.error, plugbay.SandboxedError)
        assert "SystemExit" == result.error.type


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=1)


def test_warnings_are_told_in_the_result() -> None:
    """And not to the host."""
    assert ("UserWarning: rain",) == sandbox.run(_warn, "rain").warnings
    assert () == sandbox.run(hostile.add, 1, 2).warnings


def test_warnings_of_tasks_are_the_hosts() -> None:
    """Others may run meanwhile, so that nobody could tell whose they are."""
    with pytest.warns(UserWarning, match="snow"):
        assert () == asyncio.run(sandbox.run_async(_warn, "snow")).warnings


def test_warnings_are_not_raised_in_the_host() -> None:
    """Whatever its filters say, which are the same afterwards."""
    before = [*warnings.filters], warnings.showwarning
    assert sandbox.run(_warn, "rain").success
    assert before == ([*warnings.filters], warnings.showwarning)
    with pytest.warns(UserWarning, match="of the host"):
        _warn("of the host")


class Rude(UserWarning):
    """Says something once."""

    asked = 0

    def __str__(self) -> str:
        self.asked += 1
        if self.asked > 1:
            raise ValueError("asked before")
        return "rude"


def test_a_warning_that_fails_when_it_is_asked_raises_nothing() -> None:
    """As errors do not."""
    result = sandbox.run(lambda: warnings.warn(Rude(), stacklevel=1))
    assert isinstance(result, plugbay.Result)


@pytest.mark.filterwarnings("ignore")
def test_tasks_at_once_leave_the_warnings_of_the_host_alone() -> None:
    """Though the one that began first ends first."""

    async def both() -> None:
        await asyncio.gather(*(sandbox.run_async(asyncio.sleep, each) for each in (0.02, 0.05)))

    with warnings.catch_warnings():
        before = [*warnings.filters], warnings.__dict__["_showwarnmsg_impl"]
        asyncio.run(both())
        assert before == ([*warnings.filters], warnings.__dict__["_showwarnmsg_impl"])


@pytest.mark.filterwarnings("ignore")
def test_threads_at_once_leave_the_warnings_of_the_host_alone() -> None:
    """Though the one that began first ends first."""
    first, second = threading.Event(), threading.Event()

    def long() -> None:
        second.set()
        first.wait(5)

    with warnings.catch_warnings():
        before = [*warnings.filters], warnings.__dict__["_showwarnmsg_impl"]
        others = threading.Thread(target=sandbox.run, args=[lambda: second.wait(5)])
        others.start()
        more = threading.Thread(target=sandbox.run, args=[long])
        more.start()
        others.join()
        first.set()
        more.join()
        assert before == ([*warnings.filters], warnings.__dict__["_showwarnmsg_impl"])


def test_a_task_that_is_cancelled_is_cancelled() -> None:
    """It is the host that wants it, so that its deadlines hold."""

    async def impatient() -> None:
        async with asyncio.timeout(0.05):
            await sandbox.run_async(asyncio.sleep, 1)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


def test_what_cannot_be_called_becomes_a_result() -> None:
    """A target that is none, that is not there, and that is nothing to call."""
    kinds = {
        "not a target": "InvalidReferenceError",
        "no_such_module:a": "ModuleNotFoundError",
        "hostile:nothing": "AttributeError",
        "hostile:made": "TypeError",
    }
    found = {each: sandbox.run(each).error for each in kinds}
    assert kinds == {each: getattr(error, "type", "") for each, error in found.items()}


def test_closing_ends_nothing() -> None:
    """There are no processes to end."""
    with Sandbox("inprocess") as used:
        assert 3 == used.run(hostile.add, 1, 2).unwrap()
        assert "inprocess" == used.level
        assert "<Sandbox 'inprocess': no limits>" == repr(used)
