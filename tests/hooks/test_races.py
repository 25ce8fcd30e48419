"""Races: what other threads and plugins' own code do in the middle of something, step by step."""

import warnings
from collections.abc import Callable
from threading import Event
from time import sleep
from typing import Any

import pytest
from plugging import module
from racing import SECONDS, ends, started
from speakers import Speaker, declared, speaker

from plugbay import Hooks, PluginWarning


@pytest.fixture
def hooks() -> Hooks:
    """Hooks without any."""
    return Hooks("tabletop")


# -- the count of failures ------------------------------------------------------------------------


class SlowCounts(dict[str, int]):
    """Counts that others have time to change between looking and writing."""

    def get(self, *arguments: Any) -> Any:
        found = super().get(*arguments)
        sleep(0.002)
        return found


def test_failures_in_many_threads_are_all_counted() -> None:
    """None is lost where two are counted at the same time."""
    hooks = Hooks("tabletop", on_failure="skip", disable_after=1000)
    roll = declared(hooks)
    hooks.register(speaker(hooks, "a", lambda: 1 // 0))
    hooks.plugins["a"].failures = counts = SlowCounts()

    def call() -> None:
        for _ in range(5):
            roll()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ends(*[started(call) for _ in range(8)])
    assert {"roll": 40} == dict(counts)


@pytest.mark.parametrize("disable_after", [3, 100])
def test_a_failure_that_is_counted_while_its_plugin_is_forgiven(disable_after: int) -> None:
    """It counts either before or after that: the ones before it do not come back."""
    hooks = Hooks("tabletop", on_failure="skip", disable_after=disable_after)
    roll = declared(hooks)
    hooks.register(speaker(hooks, "a", lambda: 1 // 0))
    is_looking, is_forgiven = Event(), Event()

    class Counts(dict[str, int]):
        def get(self, *arguments: Any) -> Any:
            found = super().get(*arguments)
            is_looking.set()
            is_forgiven.wait(0.2)
            return found

    hooks.plugins["a"].failures = Counts(roll=2)

    def forgive() -> None:
        hooks.unblock("a")
        is_forgiven.set()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        caller = started(roll)
        assert is_looking.wait(SECONDS)
        assert ends(started(forgive), caller)
    assert dict(hooks.plugins["a"].failures) in ({}, {"roll": 1})
    assert set() == hooks.plugins["a"].disabled


# -- history --------------------------------------------------------------------------------------


def listening(
    hooks: Hooks, heard: list[Any], meanwhile: Callable[[Any], object] | None = None
) -> Speaker:
    """A plugin "a" that notes what the hook `told` tells it, after doing something else."""

    def told(what: Any) -> None:
        if meanwhile is not None:
            meanwhile(what)
        heard.append(what)

    return Speaker("a", told=hooks.impl(told))


def telling(hooks: Hooks) -> Any:
    """The historic hook `told`."""

    def told(what: Any) -> None: ...

    return hooks.spec(historic=True)(told)


def test_who_comes_while_a_call_is_remembered_gets_it_once(hooks: Hooks) -> None:
    """What a call is kept for and whom it goes to is settled at one moment."""
    told = telling(hooks)
    told(0)
    told.clear_history()
    heard: list[Any] = []
    is_remembering, is_registered = Event(), Event()

    class Slow(list[Any]):
        def append(self, call: Any) -> None:
            is_remembering.set()
            is_registered.wait(0.2)
            super().append(call)

    hooks._roster.hooks["told"]._history = Slow()
    caller = started(lambda: told(1))
    assert is_remembering.wait(SECONDS)

    def register() -> None:
        hooks.register(listening(hooks, heard))
        is_registered.set()

    assert ends(started(register), caller)
    assert [1] == heard


def test_a_call_that_had_begun_when_a_plugin_came_goes_to_it(hooks: Hooks) -> None:
    """It is in no history yet, so it goes to those who are there by now."""
    told = telling(hooks)
    told(0)
    told.clear_history()
    heard: list[Any] = []
    with hooks._roster.lock:
        caller = started(lambda: told(1))
        caller.join(0.1)
        hooks.register(listening(hooks, heard))
    assert ends(caller)
    hooks.register(
        Speaker("b", told=hooks.impl(name="told")(lambda what: heard.append(f"b{what}")))
    )
    assert [1, "b1"] == heard


def test_who_is_being_told_of_earlier_calls_is_not_told_again(hooks: Hooks) -> None:
    """Neither by a new call, nor by unblocking it, nor by a second one that unblocks it."""
    told = telling(hooks)
    told(1)
    heard: list[Any] = []
    is_telling, may_go_on = Event(), Event()

    def wait(what: Any) -> None:
        if what == 1:
            is_telling.set()
            may_go_on.wait(SECONDS)

    hooks.block("a")
    hooks.register(listening(hooks, heard, wait))
    unblocking = started(lambda: hooks.unblock("a"))
    assert is_telling.wait(SECONDS)
    told(2)
    hooks.unblock("a")
    may_go_on.set()
    assert ends(unblocking)
    told(3)
    assert [2, 1, 3] == heard


def test_who_takes_the_place_of_one_that_failed_stays(hooks: Hooks) -> None:
    """A failed registration takes back what it added, and nothing that came since."""
    told = telling(hooks)
    told("history")
    heard: list[Any] = []

    def swap(what: Any) -> None:
        hooks.unregister("a")
        hooks.register(listening(hooks, heard))
        raise ValueError(what)

    with pytest.raises(ValueError, match="history"):
        hooks.register(listening(hooks, [], swap), module("other"))
    assert ["a"] == list(hooks.plugins)
    told("news")
    assert ["history", "news"] == heard


def test_who_failed_to_come_is_in_no_call(hooks: Hooks) -> None:
    """Also if another hook of it has been called before it failed."""
    told = telling(hooks)
    told("history")
    roll = declared(hooks)
    answers: list[Any] = []

    def fail(what: Any) -> None:
        answers.append(roll())
        raise ValueError(what)

    plugin = listening(hooks, [], fail)
    plugin.roll = hooks.impl(name="roll")(lambda: "a")
    with pytest.raises(ValueError, match="history"):
        hooks.register(plugin)
    assert ([["a"]], [], {}) == (answers, roll(), hooks.plugins)


# -- changes while a call is written --------------------------------------------------------------


def test_a_change_while_a_call_is_written_counts(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written without it is not kept; here a warning is what makes the change."""
    roll = declared(hooks, strategy="single")
    hooks.register(speaker(hooks, "a"), speaker(hooks, "b"))
    new = [speaker(hooks, "c")]
    with warnings.catch_warnings():
        warnings.simplefilter("always", PluginWarning)
        monkeypatch.setattr(
            warnings, "showwarning", lambda *told, **more: new and hooks.register(new.pop())
        )
        assert ("c", "c") == (roll(), roll())


CHANGES: list[Callable[[Hooks, int], object]] = [
    lambda hooks, number: hooks.block(f"x{number}"),
    lambda hooks, number: hooks.monitor(lambda record: None),
    lambda hooks, number: hooks.register(speaker(hooks, f"x{number}")),
    lambda hooks, number: setattr(hooks.plugins["b"], "priority", number),
]


@pytest.mark.parametrize("change", CHANGES, ids=["block", "monitor", "register", "priority"])
@pytest.mark.parametrize("policy", ["raise", "skip"])
def test_a_class_that_changes_the_hooks_and_fails_is_made_once_a_call(
    change: Callable[[Hooks, int], object], policy: Any
) -> None:
    """Each call tries it anew, once, and has those that came meanwhile."""
    hooks = Hooks("tabletop", on_failure=policy)
    roll = declared(hooks)
    made: list[int] = []

    class Poor:
        def __init__(self) -> None:
            made.append(len(made))
            if len(made) in (1, 2):
                change(hooks, len(made))
                raise ValueError("broken")

        @hooks.impl
        def roll(self) -> str:
            return "poor"

    hooks.register(speaker(hooks, "b"), Poor)
    for number in (1, 2):
        if policy == "raise":
            with pytest.raises(ValueError, match="broken"):
                roll()
        else:
            others = {name for name in hooks.plugins if name != "Poor"}
            with pytest.warns(PluginWarning, match="'roll' was skipped: ValueError: broken"):
                found = set(roll())
            new = {f"x{number}"} if f"x{number}" in hooks.plugins else set()
            assert others | new == found
        assert number == len(made)
    assert "poor" in roll()
    assert (roll(), 3) == (roll(), len(made))
