"""Reentrancy: what a plugin may do to the hooks while one of them is being called."""

from collections.abc import Callable
from typing import Any

import pytest
from speakers import declared, speaker, surround

from plugbay import Hooks


@pytest.mark.parametrize(
    ("act", "now", "then"),
    [
        (lambda hooks: hooks.register(speaker(hooks, "new")), "a.b", "a.b.new"),
        (lambda hooks: hooks.unregister("a"), "a.b", "b"),
        (lambda hooks: hooks.unregister("b"), "a.b", "a"),
        (lambda hooks: hooks.block("b"), "a.b", "a"),
        (lambda hooks: hooks.without("b").__enter__(), "a.b", "a"),
        (lambda hooks: setattr(hooks.plugins["b"], "priority", -1), "a.b", "b.a"),
        (lambda hooks: hooks.register(surround(hooks, "w")), "a.b", "<w.a.b.w>"),
        (lambda hooks: hooks.monitor(id), "a.b", "a.b"),
    ],
    ids=["new", "itself", "other", "block", "scope", "priority", "wrapper", "monitor"],
)
@pytest.mark.parametrize("way", ["plain", "wrapped", "skipping"])
def test_a_plugin_may_change_the_hooks_during_a_call(
    act: Callable[[Hooks], object], now: str, then: str, way: str
) -> None:
    """The call goes on with the plugins that it began with; the next one has the others."""
    hooks = Hooks("tabletop", on_failure="skip" if way == "skipping" else "raise")
    roll = declared(hooks)
    left = [act]

    def says() -> str:
        if left:
            left.pop()(hooks)
        return "a"

    hooks.register(speaker(hooks, "a", says), speaker(hooks, "b"))
    if way == "wrapped":
        hooks.register(surround(hooks, "x", first=True))
        now, then = f"<x.{now}.x>", f"<x.{then}.x>"
    assert (now, then) == (".".join(roll()), ".".join(roll()))


def test_a_plugin_may_call_its_own_hook() -> None:
    """Each call has its own results."""
    hooks = Hooks("tabletop")

    @hooks.spec
    def count(down: int) -> list[int] | None: ...

    @hooks.impl(name="count")
    def again(down: int) -> list[int]:
        return [down, *count(down - 1)[0]] if down else [0]

    hooks.register(again)
    assert [[3, 2, 1, 0]] == count(3)


def test_a_class_may_call_the_hook_while_it_is_made() -> None:
    """That call goes without it, and all others have it."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    heard: list[list[str]] = []

    class Asking:
        def __init__(self) -> None:
            heard.append(roll())

        @hooks.impl
        def roll(self) -> str:
            return "asking"

    hooks.register(speaker(hooks, "a"), Asking, speaker(hooks, "b"))
    assert ["a", "asking", "b"] == roll() == roll()
    assert [["a", "b"]] == heard


def test_a_class_may_register_another_while_it_is_made() -> None:
    """The call that had it made runs both."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)

    class Bringing:
        def __init__(self) -> None:
            hooks.register(speaker(hooks, "other"))

        @hooks.impl
        def roll(self) -> str:
            return "bringing"

    hooks.register(Bringing)
    assert ["bringing", "other"] == roll() == roll()


def test_a_plugin_may_specify_a_hook_while_it_is_told_of_earlier_calls() -> None:
    """As one does that brings hooks of its own."""
    hooks = Hooks("tabletop")
    roll = declared(hooks, historic=True)
    roll()

    def another() -> None: ...

    hooks.register(speaker(hooks, "a", lambda: hooks.spec(another)))
    assert ["roll", "another"] == list(hooks)


def test_a_plugin_that_comes_during_a_historic_call_gets_it_once() -> None:
    """Be it with the others or later, from the history; who monitors it is told once."""
    hooks = Hooks("tabletop")
    roll = declared(hooks, historic=True)
    got: list[str] = []
    told: list[str] = []

    def before(record: Any) -> None:
        told.append(record.hook)
        if "late" not in hooks.plugins:
            hooks.register(speaker(hooks, "late", lambda: got.append("late")))

    hooks.register(speaker(hooks, "early", lambda: got.append("early")))
    hooks.monitor(before)
    roll()
    assert (["early", "late"], ["roll"]) == (sorted(got), told)


@pytest.mark.parametrize("use", [lambda roll: roll(), lambda roll: [*roll.iterate()]])
def test_a_class_that_asks_for_itself_and_fails_is_tried_again(use: Any) -> None:
    """What a call had without it is for that call alone."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    errors: list[Exception] = [ValueError("broken"), KeyError("broken")]
    heard: list[list[str]] = []

    class Asking:
        def __init__(self) -> None:
            heard.append(use(roll))
            if errors:
                raise errors.pop()

        @hooks.impl
        def roll(self) -> str:
            return "asking"

    hooks.register(speaker(hooks, "a"), Asking)
    for kind in (KeyError, ValueError):
        with pytest.raises(kind, match="broken"):
            use(roll)
    assert (["a", "asking"], [["a"]] * 3) == (use(roll), heard)
    assert (["a", "asking"], 3) == (use(roll), len(heard))
