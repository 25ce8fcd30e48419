"""Leaks: what is no longer registered, or no longer used, is let go."""

import gc
import linecache
import weakref

import pytest
from speakers import declared, speaker, surround

from plugbay import Hooks


def use(hooks: Hooks, way: str) -> None:
    """Call the hook in one of the ways that there are."""
    roll = hooks["roll"]
    if way == "scoped":
        with hooks.without("b"):
            roll()
    elif way == "monitored":
        end = hooks.monitor(lambda record: None)
        roll()
        end()
    elif way == "failing":
        with pytest.raises(ExceptionGroup):
            roll()
    elif way == "one by one":
        assert (2, 2) == (len(roll.pairs()), len(roll.calls()))
        assert "a" == roll.of("a")()
    elif way == "wrapped":
        hooks.register(surround(hooks, "w"))
    roll.explain()
    if way != "failing":
        roll()


WAYS = ["plain", "scoped", "monitored", "failing", "one by one", "wrapped", "historic"]


def in_use(way: str) -> tuple[Hooks, list[weakref.ref[object]]]:
    """Hooks that were called, and what is to go with the plugin "a"."""
    hooks = Hooks("tabletop", on_failure="collect" if way == "failing" else "raise")
    declared(hooks, historic=way == "historic")
    made: list[weakref.ref[object]] = []

    class A:
        name = "a"

        def __init__(self) -> None:
            made.append(weakref.ref(self))

        @hooks.impl
        def roll(self) -> str:
            if way == "failing":
                raise ValueError
            return "a"

    hooks.register(A)
    hooks.register(speaker(hooks, "b"))
    use(hooks, way)
    return hooks, [*made, weakref.ref(A)]


@pytest.mark.parametrize("way", WAYS)
def test_an_unregistered_plugin_is_let_go(way: str) -> None:
    """Without a further call; the hooks live on."""
    hooks, left = in_use(way)
    hooks.unregister("a")
    gc.collect()
    assert [None, None] == [each() for each in left]
    assert "b" in hooks["roll"]()


@pytest.mark.parametrize("way", WAYS)
def test_hooks_that_are_no_longer_used_are_let_go(way: str) -> None:
    """With their plugins."""
    hooks, left = in_use(way)
    left.append(weakref.ref(hooks))
    del hooks
    gc.collect()
    assert [None] * 3 == [each() for each in left]


def test_plugins_that_come_and_go_leave_no_code_behind() -> None:
    """What is kept of a hook's call paths does not grow with the number of changes."""

    def change() -> int:
        hooks = Hooks("tabletop")
        roll = declared(hooks)
        for _ in range(3):
            hooks.register(speaker(hooks, "a"), surround(hooks, "w"))
            roll()
            hooks.unregister("a")
            hooks.unregister("w")
            roll()
        return len(linecache.cache)

    assert change() == change()
