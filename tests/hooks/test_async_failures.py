"""Failures of asynchronous hooks: named, as the policy says, and with nothing left running."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import pytest
from asking import WAYS, answering, asking, later, now, plugin, run

from plugbay import HookExitError, HookFailureError, Hooks, PluginWarning

KINDS = pytest.mark.parametrize("kind", [now, later], ids=["synchronous", "asynchronous"])
Kind = Callable[[Any], Callable[[str], Any]]
NOTE = "raised by plugin 'poor' in the hook 'ask'"


def notes(error: BaseException) -> list[str]:
    """What was added to it."""
    return getattr(error, "__notes__", [])


async def iterated(hook: Any) -> None:
    """Ask for one result after the other."""
    async for _ in hook.iterate("x"):
        pass


async def by_name(hook: Any) -> None:
    """Ask the one that fails."""
    await hook.of("poor")("x")


async def by_call(hook: Any) -> None:
    """Make each call."""
    for call in hook.calls("x"):
        await asyncio.ensure_future(call())


@KINDS
@pytest.mark.parametrize(
    "use",
    [
        lambda hook: hook("x"),
        lambda hook: hook.pairs("x"),
        iterated,
        by_name,
        by_call,
    ],
    ids=["call", "pairs", "iterate", "of", "calls"],
)
def test_a_failure_is_named(kind: Kind, use: Callable[[Any], Any]) -> None:
    """Once, however the plugin is called and whatever it is written in."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    hooks.register(plugin(hooks, "poor", kind(ValueError("broken"))))
    with pytest.raises(ValueError, match="broken") as raised:
        run(use(ask))
    assert [NOTE] == notes(raised.value)


@KINDS
def test_a_failure_is_named_under_a_strategy_of_ones_own(kind: Kind) -> None:
    """As that of any call."""
    hooks = Hooks("tabletop")

    async def first(calls: list[Any]) -> Any:
        return await asyncio.ensure_future(calls[0]())

    ask = asking(hooks, strategy=first)
    hooks.register(plugin(hooks, "poor", kind(ValueError("broken"))))
    with pytest.raises(ValueError, match="broken") as raised:
        run(ask("x"))
    assert [NOTE] == notes(raised.value)


@KINDS
def test_a_pipeline_goes_on_with_what_it_had(kind: Kind) -> None:
    """A step that is skipped changes nothing."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy="pipeline", on_failure="skip")
    hooks.register(
        plugin(hooks, "poor", kind(ValueError("broken"))),
        plugin(hooks, "fine", lambda what: [what]),
    )
    with pytest.warns(PluginWarning, match="'poor' in the hook 'ask' was skipped"):
        assert ["x"] == run(ask("x"))


@KINDS
def test_failures_together_come_in_a_group(kind: Kind) -> None:
    """Each of them named; it is the group that a TaskGroup raises, even of one alone."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=True)
    answering(hooks, a="a", b="b")
    hooks.register(plugin(hooks, "poor", kind(ValueError("broken"))))
    with pytest.raises(ExceptionGroup) as raised:
        run(ask("x"))
    [error] = raised.value.exceptions
    assert (ValueError, [NOTE]) == (type(error), notes(error))
    assert not isinstance(raised.value, HookFailureError)


@WAYS
@KINDS
def test_skipped(kind: Kind, together: bool) -> None:
    """The others answer, and a warning names the one that did not."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together, on_failure="skip")
    hooks.register(plugin(hooks, "poor", kind(ValueError("broken"))))
    answering(hooks, a="a", b="b")
    with pytest.warns(PluginWarning, match="plugin 'poor' in the hook 'ask' was skipped: ValueErr"):
        assert ["a", "b"] == run(ask("x"))


@WAYS
@KINDS
def test_collected(kind: Kind, together: bool) -> None:
    """All failures when all have run, with the results of the others; an attempt to exit too."""
    hooks = Hooks("tabletop", on_failure="collect")
    ask = asking(hooks, together=together)
    answering(hooks, a="a", b="b")
    hooks.register(plugin(hooks, "poor", kind(ValueError("broken"))))
    hooks.register(plugin(hooks, "rude", kind(SystemExit(3))))
    with pytest.raises(
        HookFailureError, match="'poor', plugin 'rude' failed in the hook 'ask'"
    ) as raised:
        run(ask("x"))
    poor, rude = raised.value.exceptions
    assert (("a", "b"), [NOTE]) == (raised.value.results, notes(poor))
    assert (HookExitError, 3) == (type(rude), getattr(rude.__cause__, "code", None))


@WAYS
def test_the_plugins_policy_counts_more_than_the_hooks(together: bool) -> None:
    """One may be skipped where another one is raised."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together)
    hooks.register(plugin(hooks, "poor", later(ValueError("broken"))), on_failure="skip")
    answering(hooks, a="a")
    with pytest.warns(PluginWarning, match="'poor'"):
        assert ["a"] == run(ask("x"))
    answering(hooks, other=KeyError("raised"))
    with (
        pytest.warns(PluginWarning, match="'poor'"),
        pytest.raises((KeyError, ExceptionGroup)) as raised,
    ):
        run(ask("x"))
    assert "raised" in repr(raised.value)


@WAYS
def test_disabled_after_two(together: bool) -> None:
    """It is called twice, and then no more until it is unblocked."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together, on_failure="skip", disable_after=2)
    count = 0

    async def fail(what: str) -> None:
        nonlocal count
        count += 1
        raise ValueError

    hooks.register(plugin(hooks, "poor", fail))
    for _ in range(2):
        with pytest.warns(PluginWarning, match="'poor'"):
            run(ask("x"))
    assert ([], 2) == (run(ask("x")), count)
    hooks.unblock("poor")
    with pytest.warns(PluginWarning, match="'poor'"):
        run(ask("x"))
    assert 3 == count


@WAYS
@pytest.mark.parametrize("policy", ["raise", "skip", "collect"])
def test_an_interrupt_passes(policy: Any, together: bool) -> None:
    """Whatever the policy is; the others do not go on."""
    hooks = Hooks("tabletop", on_failure=policy)
    ask = asking(hooks, together=together)
    heard: list[str] = []

    async def slow(what: str) -> None:
        await asyncio.sleep(5)
        heard.append("slow went on")

    async def main() -> None:
        try:
            await ask("x")
        except KeyboardInterrupt:
            heard.append("interrupt")

    hooks.register(plugin(hooks, "poor", later(KeyboardInterrupt())), plugin(hooks, "slow", slow))
    with suppress(KeyboardInterrupt):  # asyncio itself passes on that of a task
        asyncio.run(main())
    assert ["interrupt"] == heard


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_failure_of_a_wrapper_is_named(where: str) -> None:
    """Before its yield and after it."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)

    @hooks.impl(name="ask", wrapper=True)
    def poor() -> Generator[None, Any, Any]:
        if where == "before":
            raise ValueError("broken")
        yield
        raise ValueError("broken")

    hooks.register(poor)
    answering(hooks, a="a")
    with pytest.raises(ValueError, match="broken") as raised:
        run(ask("x"))
    assert [NOTE] == notes(raised.value)


# -- cancellation ---------------------------------------------------------------------------------


class Sleeper:
    """Notes when it begins, and how it ends."""

    def __init__(self, count: int) -> None:
        self.log: list[str] = []
        self._left = count
        self._all_begun: asyncio.Event | None = None

    async def sleep(self, what: str) -> None:
        try:
            self._left -= 1
            if not self._left:
                self.begun().set()
            await asyncio.sleep(5)
            self.log.append("woke up")
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise
        finally:
            await asyncio.sleep(0)
            self.log.append("tidied up")

    def begun(self) -> asyncio.Event:
        """Set when as many as are expected sleep."""
        if self._all_begun is None:
            self._all_begun = asyncio.Event()
        return self._all_begun


@WAYS
@pytest.mark.parametrize("policy", ["raise", "skip", "collect"])
@pytest.mark.parametrize("is_wrapped", [False, True], ids=["plain", "wrapped"])
def test_cancellation_leaves_nothing_running(policy: Any, together: bool, is_wrapped: bool) -> None:
    """Every implementation tidies up before the caller goes on; it is no failure of a plugin."""
    hooks = Hooks("tabletop", on_failure=policy, disable_after=1)
    ask = asking(hooks, together=together)
    running = 3 if together else 1
    sleeper = Sleeper(running)
    hooks.register(*(plugin(hooks, name, sleeper.sleep) for name in "abc"))

    @hooks.impl(name="ask", wrapper=True)
    def around() -> Generator[None, Any, Any]:
        try:
            return (yield)
        finally:
            sleeper.log.append("unwrapped")

    if is_wrapped:
        hooks.register(around)

    async def main() -> None:
        task = asyncio.create_task(ask("x"))
        await sleeper.begun().wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        expected = ["cancelled"] * running + ["tidied up"] * running
        assert expected + ["unwrapped"] * is_wrapped == sleeper.log

    run(main())
    assert [{}] * 3 == [hooks.plugins[name].failures for name in "abc"]


def test_one_that_fails_cancels_those_that_run_with_it() -> None:
    """They have tidied up when the caller gets the group."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=True)
    sleeper = Sleeper(2)

    async def fail(what: str) -> None:
        await sleeper.begun().wait()
        raise ValueError

    hooks.register(*(plugin(hooks, name, sleeper.sleep) for name in "ab"))
    hooks.register(plugin(hooks, "poor", fail))
    with pytest.raises(ExceptionGroup) as raised:
        run(ask("x"))
    assert [ValueError] == [type(each) for each in raised.value.exceptions]
    assert ["cancelled"] * 2 + ["tidied up"] * 2 == sleeper.log


def test_one_that_is_skipped_cancels_nobody() -> None:
    """Those that run with it come to their end."""
    hooks = Hooks("tabletop", on_failure="skip")
    ask = asking(hooks, together=True)

    async def slow(what: str) -> str:
        await asyncio.sleep(0.01)
        return "done"

    answering(hooks, poor=ValueError("broken"))
    hooks.register(plugin(hooks, "slow", slow))
    with pytest.warns(PluginWarning, match="'poor'"):
        assert ["done"] == run(ask("x"))


def test_iteration_that_is_left_leaves_nothing_running() -> None:
    """Cancelled while it waits for a result, that implementation tidies up, and no other begins."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    sleeper = Sleeper(1)
    answering(hooks, a="a")
    hooks.register(plugin(hooks, "b", sleeper.sleep), plugin(hooks, "c", sleeper.sleep))
    seen: list[Any] = []

    async def iterate() -> None:
        async for each in ask.iterate("x"):
            seen.append(each)

    async def main() -> None:
        task = asyncio.create_task(iterate())
        await sleeper.begun().wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert (["a"], ["cancelled", "tidied up"]) == (seen, sleeper.log)


@WAYS
def test_a_call_that_is_never_awaited_runs_nothing(together: bool) -> None:
    """As any coroutine."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together)
    answering(hooks, a=AssertionError("it ran"))
    never = ask("x")
    never.close()
