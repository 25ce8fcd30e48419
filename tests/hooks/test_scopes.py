"""Scopes: `only` and `without` leave plugins out in one context, and nowhere else."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import pytest
from speakers import Speaker, declared, speaker, surround

from plugbay import HookResultError, Hooks, PluginNotFoundError


@pytest.fixture
def hooks() -> Hooks:
    """Three plugins, and a hook that all of them implement."""
    made = Hooks("tabletop")
    declared(made)
    made.register(*(speaker(made, name) for name in "abc"))
    return made


def runs(hooks: Hooks) -> str:
    """The names of those who run."""
    return "".join(hooks["roll"]())


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ([("only", "b")], "b"),
        ([("only", "ca")], "ac"),
        ([("only", "")], ""),
        ([("without", "b")], "ac"),
        ([("without", "abc")], ""),
        ([("without", "")], "abc"),
        ([("only", "ab"), ("only", "bc")], "b"),
        ([("without", "a"), ("without", "b")], "c"),
        ([("only", "ab"), ("without", "b")], "a"),
        ([("without", "b"), ("only", "ab")], "a"),
        ([("only", "a"), ("only", "c")], ""),
    ],
)
def test_scopes_narrow_each_other(
    hooks: Hooks, scopes: list[tuple[str, str]], expected: str
) -> None:
    """Nested ones leave out what any of them does, and each ends with its block."""
    with ExitStack() as stack:
        for kind, names in scopes:
            stack.enter_context(getattr(hooks, kind)(*names))
        assert expected == runs(hooks)
    assert "abc" == runs(hooks)


def test_an_error_ends_a_scope(hooks: Hooks) -> None:
    """Whatever it is."""
    with pytest.raises(KeyboardInterrupt), hooks.only("b"):
        raise KeyboardInterrupt
    assert "abc" == runs(hooks)


def test_an_inner_scope_ends_before_the_outer_one(hooks: Hooks) -> None:
    """And then the outer one holds again."""
    with hooks.without("a"):
        with hooks.only("b"):
            assert "b" == runs(hooks)
        assert "bc" == runs(hooks)


@pytest.mark.parametrize("kind", ["only", "without"])
def test_an_unknown_plugin_is_told_before_anything_changes(hooks: Hooks, kind: str) -> None:
    """With the closest name."""
    hooks.register(speaker(hooks, "filter"))
    with pytest.raises(PluginNotFoundError, match=r"'filtre'.*did you mean 'filter'"):
        getattr(hooks, kind)("a", "filtre")
    assert ["a", "b", "c", "filter"] == hooks["roll"]()


def test_a_scope_can_be_entered_again(hooks: Hooks) -> None:
    """One after the other, and within itself."""
    scope = hooks.without("a")
    for _ in range(2):
        with scope:
            with scope:
                assert "bc" == runs(hooks)
            assert "bc" == runs(hooks)
        assert "abc" == runs(hooks)


def test_a_scope_can_be_entered_by_two_threads_at_once(hooks: Hooks) -> None:
    """Each leaves its own."""
    scope = hooks.without("a")
    one_is_in, both_are_in, one_is_out = Barrier(2), Barrier(2), Barrier(2)

    def first() -> list[str]:
        with scope:
            one_is_in.wait(1)
            both_are_in.wait(1)
            seen = [runs(hooks)]
        one_is_out.wait(1)
        return [*seen, runs(hooks)]

    def second() -> list[str]:
        one_is_in.wait(1)
        with scope:
            both_are_in.wait(1)
            one_is_out.wait(1)
            seen = [runs(hooks)]
        return [*seen, runs(hooks)]

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(first), pool.submit(second)]
        assert [["bc", "abc"]] * 2 == [each.result() for each in both]


def test_other_threads_do_not_see_it(hooks: Hooks) -> None:
    """Unless they are given the context."""
    with ThreadPoolExecutor(1) as pool, hooks.only("b"):
        assert "abc" == pool.submit(runs, hooks).result()
        assert "b" == pool.submit(contextvars.copy_context().run, runs, hooks).result()


def test_threads_have_their_own_scopes(hooks: Hooks) -> None:
    """Each at the same time as the others."""
    barrier = Barrier(3)

    def use(name: str) -> set[str]:
        barrier.wait()
        with hooks.only(name):
            return {runs(hooks) for _ in range(200)}

    with ThreadPoolExecutor(3) as pool:
        assert [{"a"}, {"b"}, {"c"}] == list(pool.map(use, "abc"))


def test_tasks_have_the_scope_that_they_were_created_in(hooks: Hooks) -> None:
    """After its block has ended as well; those that were there before do not see it."""

    async def wait(event: asyncio.Event) -> str:
        await event.wait()
        return runs(hooks)

    async def main() -> list[str]:
        event = asyncio.Event()
        tasks = [asyncio.create_task(wait(event))]
        with hooks.only("b"):
            tasks.append(asyncio.create_task(wait(event)))
            await asyncio.sleep(0)
            with hooks.without("b"):
                tasks.append(asyncio.create_task(wait(event)))
        tasks.append(asyncio.create_task(wait(event)))
        event.set()
        return await asyncio.gather(*tasks)

    assert ["abc", "b", "", "abc"] == asyncio.run(main())


@pytest.mark.parametrize("is_together", [False, True], ids=["sequential", "together"])
def test_an_asynchronous_hook_has_the_scope_of_its_caller(is_together: bool) -> None:
    """And so have the calls that its implementations make."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)

    @hooks.spec(together=is_together)
    async def ask() -> list[str] | None: ...

    async def answer() -> list[str]:
        await asyncio.sleep(0)
        found: list[str] = roll()
        return found

    for name in "ab":
        plugin = speaker(hooks, name)
        vars(plugin)["ask"] = hooks.impl(name="ask")(answer)
        hooks.register(plugin)

    async def main() -> list[list[list[str]]]:
        with hooks.only("a"):
            inside = await ask()
        return [inside, await ask()]

    assert [[["a"]], [["a", "b"]] * 2] == asyncio.run(main())


def test_plugins_that_come_and_go_meanwhile(hooks: Hooks) -> None:
    """A scope is about names: a new one is out of `only` and within `without`."""
    with hooks.only("a", "b"):
        hooks.register(speaker(hooks, "d"))
        hooks.unregister("a")
        assert "b" == runs(hooks)
        hooks.register(speaker(hooks, "a"))
        assert "ba" == runs(hooks)
    with hooks.without("a", "b"):
        hooks.register(speaker(hooks, "e"))
        hooks.unregister("a")
        assert "cde" == runs(hooks)
        hooks.register(speaker(hooks, "a"))
        assert "cde" == runs(hooks)
    assert "bcdea" == runs(hooks)


@pytest.mark.parametrize(("name", "expected"), [("v", "<w.a.w>"), ("w", "<v.a.v>"), ("a", "")])
def test_wrappers_are_left_out_too(name: str, expected: str) -> None:
    """As any implementation, by the name of their plugin."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    hooks.register(surround(hooks, "v"), surround(hooks, "w"), speaker(hooks, "a"))
    with hooks.without(name):
        assert (expected or "<v.<w.w>.v>") == ".".join(roll())
    with hooks.only("a"):
        assert ["a"] == roll()


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda roll: list(roll.iterate()), ["a", "c"]),
        (lambda roll: roll.pairs(), [("a", "a"), ("c", "c")]),
        (lambda roll: [call.plugin for call in roll.calls()], ["a", "c"]),
        (lambda roll: roll.of("c")(), "c"),
    ],
    ids=["iterate", "pairs", "calls", "of"],
)
def test_every_way_to_call_heeds_it(
    hooks: Hooks, use: Callable[[Any], object], expected: object
) -> None:
    """What was asked for within a scope goes on with it."""
    with hooks.without("b"):
        assert expected == use(hooks["roll"])
        under_way = hooks["roll"].iterate()
    assert ["a", "c"] == list(under_way)


def test_one_plugin_asked_for_by_name_may_be_left_out(hooks: Hooks) -> None:
    """Both where it is asked for and where it is called."""
    ask = hooks["roll"].of("b")
    with hooks.without("b"):
        with pytest.raises(PluginNotFoundError, match="no plugin 'b' implements"):
            hooks["roll"].of("b")
        with pytest.raises(PluginNotFoundError, match="no plugin 'b' implements"):
            ask()
    assert "b" == ask()


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("first", "b"), ("last", "b"), ("first_avail", "b"), ("single", "b"), ("all_last", "b")],
)
def test_every_strategy_heeds_it(strategy: str, expected: str) -> None:
    """With nobody left there is nothing to give; with one left it is no question whom to ask."""
    hooks = Hooks("tabletop")
    roll = declared(hooks, strategy=strategy)
    hooks.register(*(speaker(hooks, name) for name in "abc"))
    with hooks.only("b"):
        assert expected == roll()
        with hooks.without("b"), pytest.raises(HookResultError):
            roll()


def test_a_custom_strategy_and_a_pipeline_heed_it() -> None:
    """As every call does."""
    hooks = Hooks("tabletop")

    def plugins(calls: list[Any]) -> list[str]:
        return [call.plugin for call in calls]

    @hooks.spec(strategy="pipeline")
    def spell(word: str) -> str:
        return word

    @hooks.spec(strategy=plugins)
    def who() -> None: ...

    def plugin(name: str) -> Speaker:
        @hooks.impl(name="spell")
        def add(word: str) -> str:
            return word + name

        @hooks.impl(name="who")
        def there() -> None: ...

        return Speaker(name, spell=add, who=there)

    hooks.register(*(plugin(name) for name in "abc"))
    with hooks.without("b"):
        assert (["a", "c"], "-ac") == (who(), spell("-"))
    assert (["a", "b", "c"], "-abc") == (who(), spell("-"))


def test_a_historic_call_is_remembered_within_a_scope() -> None:
    """Those who come later get it, within the scope or without."""
    hooks = Hooks("tabletop")
    roll = declared(hooks, historic=True)
    heard: list[str] = []
    hooks.register(speaker(hooks, "a", lambda: heard.append("a")))
    with hooks.without("a"):
        roll()
    hooks.register(speaker(hooks, "b", lambda: heard.append("b")))
    assert ["b"] == heard


def test_results_are_those_of_the_plugin_that_is_named(hooks: Hooks) -> None:
    """Also where two plugins share one function."""
    shared = vars(speaker(hooks, "shared"))["roll"]
    hooks.register(Speaker("x", roll=shared), Speaker("y", roll=shared))
    with hooks.only("x", "y"):
        assert [("x", "shared"), ("y", "shared")] == hooks["roll"].pairs()
        assert "shared" == hooks["roll"].of("y")()
