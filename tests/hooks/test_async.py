"""Asynchronous hooks: awaited in order or together, with whatever the plugins are written in.

What becomes of failures and of cancellation is in test_async_failures.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest
from asking import WAYS, answering, asking, now, plugin, run

from plugbay import (
    CallRecord,
    HookResultError,
    Hooks,
    HookValidationError,
    PluginNotFoundError,
    PluginWarning,
)

# -- results --------------------------------------------------------------------------------------

ANSWERS = {"a": None, "b": 1, "c": 2, "d": None}
STRATEGIES = {
    "all": [None, 1, 2, None],
    "all_avails": [1, 2],
    "all_first": None,
    "all_last": None,
    "all_first_avail": 1,
    "all_last_avail": 2,
    "first": None,
    "last": None,
    "first_avail": 1,
    "last_avail": 2,
    "single": None,
}


@WAYS
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy(strategy: str, together: bool) -> None:
    """Gives what it gives of a plain hook, of plugins of both kinds, and its try form too."""
    expected = STRATEGIES[strategy]
    is_list = strategy in ("all", "all_avails")
    for name in [strategy] if is_list else [strategy, f"try_{strategy}"]:
        hooks = Hooks("tabletop")
        ask = asking(hooks, strategy=name, together=together)
        if name.endswith("single"):
            answering(hooks, a=None)
        else:
            answering(hooks, **ANSWERS)
        assert expected == run(ask("x"))


@WAYS
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_with_nothing_to_give(strategy: str, together: bool) -> None:
    """An empty list, or HookResultError, or None where it tries."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy=strategy, together=together)
    if strategy in ("all", "all_avails"):
        assert [] == run(ask("x"))
        return
    with pytest.raises(HookResultError, match="'ask'"):
        run(ask("x"))
    other = Hooks("other")
    assert run(asking(other, strategy=f"try_{strategy}", together=together)("x")) is None


@WAYS
@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("first", "a"), ("last", "d"), ("single", "d"), ("all_first", "abcd")],
)
def test_no_more_run_than_are_needed(strategy: str, expected: str, together: bool) -> None:
    """Where one is all that can be given, no other one is asked."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy=strategy, together=together)
    asked: list[str] = []

    def noting(name: str) -> Callable[[str], Awaitable[None]]:
        async def answer(what: str) -> None:
            asked.append(name)

        return answer

    hooks.register(*(plugin(hooks, name, noting(name)) for name in "abcd"))
    if strategy == "single":
        with pytest.warns(PluginWarning, match="asks one plugin"):
            run(ask("x"))
    else:
        run(ask("x"))
    assert expected == "".join(asked)


def test_available_ones_are_asked_until_one_answers() -> None:
    """The others do not run."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy="first_avail")
    answering(hooks, a=None, b=None, c="c", d=AssertionError("asked in vain"))
    assert "c" == run(ask("x"))


def test_a_pipeline() -> None:
    """Each one gets what the one before came to."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy="pipeline")

    async def shout(what: str) -> str:
        await asyncio.sleep(0)
        return what.upper()

    hooks.register(plugin(hooks, "a", shout), plugin(hooks, "b", lambda what: f"{what}!"))
    assert "HEY!" == run(ask("hey"))


@pytest.mark.parametrize("is_async", [True, False], ids=["asynchronous", "synchronous"])
def test_a_strategy_of_ones_own(is_async: bool) -> None:
    """It gets the calls, makes some of them, and gives the answer, at once or to be awaited."""
    hooks = Hooks("tabletop")

    def names(calls: list[Any]) -> list[str]:
        return [call.plugin for call in calls]

    async def last(calls: list[Any]) -> Any:
        return await calls[-1]()

    ask = asking(hooks, strategy=last if is_async else names)
    answering(hooks, a=1, b=2)
    assert (2 if is_async else ["a", "b"]) == run(ask("x"))


def test_one_after_the_other() -> None:
    """The next one begins when the one before is done."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    log: list[str] = []

    async def answer(what: str) -> None:
        log.append("in")
        await asyncio.sleep(0)
        log.append("out")

    hooks.register(plugin(hooks, "a", answer), plugin(hooks, "b", answer))
    run(ask("x"))
    assert ["in", "out", "in", "out"] == log


def test_together() -> None:
    """Each waits for the others, and the results are in the order of the plugins."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=True)

    async def main() -> Any:
        barrier = asyncio.Barrier(3)

        def waiting(name: str, turns: int) -> Callable[[str], Awaitable[str]]:
            async def answer(what: str) -> str:
                await barrier.wait()
                for _ in range(turns):
                    await asyncio.sleep(0)
                return name

            return answer

        for name, turns in {"a": 5, "b": 3, "c": 0}.items():
            hooks.register(plugin(hooks, name, waiting(name, turns)))
        hooks.register(plugin(hooks, "d", now("d")))
        return await ask("x")

    assert ["a", "b", "c", "d"] == run(main())


# -- the other ways to call -----------------------------------------------------------------------


@WAYS
def test_one_by_one(together: bool) -> None:
    """As an asynchronous iterator, each when it is asked for; None as the strategy has it."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together)
    answering(hooks, a=None, b="b", c="c", d=AssertionError("asked in vain"))

    async def main() -> list[Any]:
        found = []
        async for each in ask.iterate("x"):
            found.append(each)
            if each == "c":
                break
        return found

    assert ["b", "c"] == run(main())


@WAYS
def test_pairs(together: bool) -> None:
    """Of plugin and what its answer comes to; None as the strategy has it."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together, strategy="all")
    answering(hooks, a=None, b="b", c="c")
    assert [("a", None), ("b", "b"), ("c", "c")] == run(ask.pairs("x"))
    assert [] == run(asking(Hooks("other")).pairs("x"))


@pytest.mark.parametrize("name", ["a", "b"], ids=["synchronous", "asynchronous"])
def test_one_plugin_by_name(name: str) -> None:
    """What its function gives is to be awaited, whatever the plugin is written in."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    answering(hooks, a="a", b="b")

    async def main() -> Any:
        return await ask.of(name)("x")

    assert name == run(main())
    with pytest.raises(PluginNotFoundError, match="no plugin 'x' implements"):
        ask.of("x")


@pytest.mark.parametrize("number", [0, 1], ids=["synchronous", "asynchronous"])
def test_the_calls(number: int) -> None:
    """Each is awaited, whatever the plugin is written in, and none is made before."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    answering(hooks, a="a", b="b")

    async def main() -> Any:
        return await ask.calls("x")[number]()

    assert "ab"[number] == run(main())


# -- wrappers and monitoring ----------------------------------------------------------------------


@WAYS
def test_wrappers(together: bool) -> None:
    """They surround all of it, get the results and give others, and may stop an exception."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together)
    log: list[str] = []

    @hooks.impl(name="ask", wrapper=True)
    def around(what: str) -> Generator[None, list[str], list[str]]:
        log.append(f"into {what}")
        try:
            results = yield
        except (ValueError, ExceptionGroup):
            return ["mended"]
        log.append("out")
        return [*results, "wrapped"]

    hooks.register(around)
    answering(hooks, a="a", b="b")
    assert (["a", "b", "wrapped"], ["into x", "out"]) == (run(ask("x")), log)
    answering(hooks, c="c", d=ValueError("broken"))
    assert ["mended"] == run(ask("x"))


@WAYS
def test_monitoring(together: bool) -> None:
    """From the beginning to the end of the awaiting, with result or error."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together, strategy="all")
    records: list[CallRecord] = []
    written: list[str] = []

    async def slow(what: str) -> str:
        await asyncio.sleep(0.02)
        if what == "nothing":
            raise ValueError(what)
        return what

    hooks.register(plugin(hooks, "a", slow))
    hooks.monitor(after=records.append)
    hooks.trace(written.append)
    assert ["x"] == run(ask("x"))
    with pytest.raises((ValueError, ExceptionGroup)) as raised:
        run(ask("nothing"))
    assert [["x"], None] == [each.result for each in records]
    assert [None, raised.value] == [each.error for each in records]
    assert all(19 <= (each.duration_ms or 0) < 2000 for each in records)
    assert ["ask(what='x')", "ask -> ['x']"] == [line.partition(" (")[0] for line in written[:2]]


@WAYS
def test_a_trace_shows_what_is_called_within_what(together: bool) -> None:
    """Also where implementations run at the same time."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, together=together)

    @hooks.spec
    async def leaf() -> None: ...

    async def answer(what: str) -> None:
        await asyncio.sleep(0)
        await leaf()

    hooks.register(plugin(hooks, "a", answer), plugin(hooks, "b", answer))
    written: list[str] = []
    hooks.trace(written.append)
    run(ask("x"))
    begun = [line for line in written if "->" not in line]
    assert ["ask(what='x')", "  leaf()", "  leaf()"] == begun


@pytest.mark.parametrize("annotation", ["asyncio.Future[str]", "asyncio.Task[str]", "Awaitable"])
def test_a_future_of_the_result_fits(annotation: str) -> None:
    """It is what is awaited that has to be as the hook has it."""
    hooks = Hooks("tabletop")

    async def ask() -> str: ...  # type: ignore[empty-body]

    def answer() -> Any:
        return asyncio.ensure_future(asyncio.sleep(0, "later"))

    def wrong() -> "asyncio.Future[int]": ...  # type: ignore[empty-body]

    hook: Any = hooks.spec(ask)
    answer.__annotations__["return"] = annotation
    hooks.register(hooks.impl(name="ask")(answer))
    assert ["later"] == run(hook())
    with pytest.raises(HookValidationError, match="it returns int, and the hook gives str"):
        hooks.register(hooks.impl(name="ask")(wrong))
