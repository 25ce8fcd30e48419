"""Leaks: what is no longer registered, or no longer used, is let go."""

import gc
import linecache
import weakref
from typing import Any

import pytest
from speakers import declared, speaker, surround

from plugbay import Hooks
from plugbay.hooks import calls


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


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The codes that are kept, none so far, with room for two hundred characters."""
    codes: dict[str, Any] = {}
    for name, value in {"_codes": codes, "_kept": 0, "_ROOM": 200}.items():
        monkeypatch.setattr(calls, name, value)
    return codes


def source(name: str, length: int) -> str:
    """A function of so many characters."""
    text = f"def {name}():\n    return {name!r}  #"
    return text + "." * (length - len(text) - 1) + "\n"


def test_code_is_kept_by_its_length_and_its_last_use(kept: dict[str, Any]) -> None:
    """What was used longest ago goes first, and with it the lines that tracebacks show."""
    texts = {name: source(name, 60) for name in "abcd"}
    codes = {name: calls.compiled(name, texts[name]) for name in "abc"}
    assert codes["a"] is calls.compiled("a", texts["a"])
    codes["d"] = calls.compiled("d", texts["d"])
    assert [texts[name] for name in "cad"] == list(kept)
    shown = {name: "".join(linecache.getlines(code.co_filename)) for name, code in codes.items()}
    assert {**texts, "b": ""} == shown
    assert codes["b"] is not calls.compiled("b", texts["b"])
    assert [texts[name] for name in "adb"] == list(kept)
    long = source("long", 150)
    calls.compiled("long", long)
    assert [long] == list(kept)
    assert 150 == calls._kept


def test_code_that_has_no_room_is_kept_alone(kept: dict[str, Any]) -> None:
    """Until the next one comes."""
    texts = [source("small", 60), source("huge", 500), source("other", 60)]
    code = [calls.compiled("any", text) for text in texts[:2]]
    assert (texts[1:2], code[1]) == (list(kept), calls.compiled("huge", texts[1]))
    calls.compiled("other", texts[2])
    assert (texts[2:], 60) == (list(kept), calls._kept)


def test_code_that_two_threads_write_at_once_is_counted_once(kept: dict[str, Any]) -> None:
    """The later one is kept instead of the earlier one."""
    text = source("a", 60)
    code = calls.compiled("a", text)
    calls._keep(text, code)
    assert ([text], 60) == (list(kept), calls._kept)


def test_a_call_whose_code_is_no_longer_kept_goes_on(kept: dict[str, Any]) -> None:
    """Hooks have the code that they use."""
    roll = [declared(Hooks(f"h{number}"), strategy=way) for number, way in enumerate(["all"] * 9)]
    assert [[]] * 9 == [each() for each in roll]
    assert sum(map(len, kept)) <= 200 or 1 == len(kept)
