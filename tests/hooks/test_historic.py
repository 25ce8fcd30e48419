"""Historic hooks: who comes later gets the calls that were made before, once and in order."""

from collections.abc import Callable
from typing import Any

import pytest
from plugging import module
from speakers import Speaker

from plugbay import Hooks, HookValidationError, PluginWarning

# What each plugin heard, by its name.
Heard = list[tuple[str, Any]]


def telling(hooks: Hooks, name: str = "told", **options: Any) -> Any:
    """A historic hook of this name."""

    def told(what: Any, *, more: int = 0) -> Any: ...

    told.__name__ = name
    return hooks.spec(historic=True, **options)(told)


def listener(hooks: Hooks, heard: Heard, name: str, *others: str) -> Speaker:
    """A plugin that notes what it is told by the hook `told`, and by others."""

    def made(hook: str) -> Any:
        def listen(what: Any) -> Any:
            heard.append((name, what))
            if isinstance(what, BaseException):
                raise what
            return what

        return hooks.impl(name=hook)(listen)

    return Speaker(name, **{hook: made(hook) for hook in ("told", *others)})


@pytest.fixture
def hooks() -> Hooks:
    """Hooks without any."""
    return Hooks("tabletop")


@pytest.fixture
def heard() -> Heard:
    """Nothing so far."""
    return []


def test_earlier_calls_come_once_and_in_order(hooks: Hooks, heard: Heard) -> None:
    """When a plugin is registered; those who got them then do not get them again."""
    told = telling(hooks)
    assert [] == told(1)
    hooks.register(listener(hooks, heard, "a"))
    assert [("a", 1)] == heard
    assert [2] == told(2)
    hooks.register(listener(hooks, heard, "b"), listener(hooks, heard, "c"))
    assert [3, 3, 3] == told(what=3)
    expected = [("a", 2), ("b", 1), ("b", 2), ("c", 1), ("c", 2), ("a", 3), ("b", 3), ("c", 3)]
    assert expected == heard[1:]


def test_the_arguments_are_those_of_the_call(hooks: Hooks, heard: Heard) -> None:
    """By position, by keyword and by default, and the very objects."""
    told = telling(hooks)
    given = object()
    told(given)
    told(what=1, more=2)
    taken: list[Any] = []
    hooks.register(module("m", told=hooks.impl(lambda more, what: taken.append((what, more)))))
    hooks.register(module("n", told=hooks.impl(lambda *, what: taken.append(what))))
    hooks.register(module("o", told=hooks.impl(lambda **rest: taken.append(rest))))
    assert [(given, 0), (1, 2), given, 1] == taken[:4]
    assert [{"what": given, "more": 0}, {"what": 1, "more": 2}] == taken[4:]


def test_a_call_that_is_no_call_is_not_remembered(hooks: Hooks, heard: Heard) -> None:
    """Neither one with wrong arguments, nor what is asked of plugins one by one."""
    told = telling(hooks)
    hooks.register(listener(hooks, heard, "a"))
    for wrong in (lambda: told(), lambda: told(1, 2), lambda: told(1, other=2)):
        with pytest.raises(TypeError):
            wrong()
    told.pairs(1)
    told.of("a")(1)
    list(told.iterate(1))
    heard.clear()
    hooks.register(listener(hooks, heard, "b"))
    assert [] == heard


def test_each_hook_has_its_own_history(hooks: Hooks, heard: Heard) -> None:
    """A hook that is not historic has none."""
    telling(hooks)(1)
    telling(hooks, "other")(2)
    hooks.spec(lambda_of("plain"))(3)
    hooks.register(listener(hooks, heard, "a", "other", "plain"))
    hooks.register(listener(hooks, heard, "b"))
    assert [("a", 1), ("a", 2), ("b", 1)] == heard


def lambda_of(name: str) -> Callable[[Any], Any]:
    """A function of this name and one parameter."""

    def made(what: Any) -> Any: ...

    made.__name__ = name
    return made


def test_a_cleared_history(hooks: Hooks, heard: Heard) -> None:
    """Only what came after that is told, and only of that hook."""
    told, other = telling(hooks), telling(hooks, "other")
    told(1)
    other(1)
    told.clear_history()
    told(2)
    hooks.register(listener(hooks, heard, "a", "other"))
    assert [("a", 2), ("a", 1)] == heard


@pytest.mark.parametrize("is_called", [False, True])
def test_unregistered_and_registered_again(hooks: Hooks, heard: Heard, is_called: bool) -> None:
    """It has missed nothing: all calls come, as to any other that is new."""
    told = telling(hooks)
    told(1)
    plugin = listener(hooks, heard, "a")
    hooks.register(plugin)
    hooks.unregister("a")
    if is_called:
        assert [] == told(2)
    heard.clear()
    hooks.register(plugin)
    assert [("a", number) for number in ([1, 2] if is_called else [1])] == heard


def test_a_class_is_made_for_the_calls_that_it_missed(hooks: Hooks, heard: Heard) -> None:
    """Once, and not when there are none."""
    made: list[object] = []

    class Late:
        def __init__(self) -> None:
            made.append(self)

        @hooks.impl
        def told(self, what: Any) -> None:
            heard.append(("late", what))

    told = telling(hooks)
    hooks.register(Late)
    assert [] == made
    told(1)
    hooks.unregister("Late")
    hooks.register(Late)
    told(2)
    assert (2, [("late", 1), ("late", 1), ("late", 2)]) == (len(made), heard)


def test_a_wrapper_is_refused(hooks: Hooks) -> None:
    """What it wraps would not be one call."""
    told = telling(hooks)

    @hooks.impl(wrapper=True, name="told")
    def around() -> Any:
        return (yield)

    with pytest.raises(HookValidationError, match=r"'around' in the hook 'told': .*historic"):
        hooks.register(around)
    told(1)
    assert {} == hooks.plugins


def test_the_history_is_kept_while_it_is_watched(hooks: Hooks, heard: Heard) -> None:
    """As without; who comes later is told without that being a call."""
    told = telling(hooks)
    seen: list[str] = []
    end = hooks.monitor(lambda record: seen.append(record.hook))
    told(1)
    end()
    told(2)
    hooks.register(listener(hooks, heard, "a"))
    assert (["told"], [("a", 1), ("a", 2)]) == (seen, heard)


# -- blocked --------------------------------------------------------------------------------------


def test_a_blocked_plugin_is_told_nothing(hooks: Hooks, heard: Heard) -> None:
    """Neither when it is registered, nor while it is blocked."""
    told = telling(hooks)
    told(1)
    hooks.block("a")
    hooks.register(listener(hooks, heard, "a"), listener(hooks, heard, "b"))
    assert [2] == told(2)
    assert [("b", 1), ("b", 2)] == heard


def test_an_unblocked_plugin_gets_what_it_missed(hooks: Hooks, heard: Heard) -> None:
    """It comes later, as one does that is only loaded when it is unblocked."""
    told = telling(hooks)
    told(1)
    hooks.block("a")
    hooks.register(listener(hooks, heard, "a"))
    told(2)
    hooks.unblock("a")
    told(3)
    assert [("a", 1), ("a", 2), ("a", 3)] == heard


def test_who_had_been_in_is_not_told_again(hooks: Hooks, heard: Heard) -> None:
    """Blocked and let in again, it does not get what it had, nor what was while it was blocked."""
    told = telling(hooks)
    told(1)
    hooks.register(listener(hooks, heard, "a"))
    for number in (2, 3):
        hooks.block("a")
        told(number)
        hooks.unblock("a")
        hooks.unblock("a")
    told(4)
    assert [("a", 1), ("a", 4)] == heard


# -- failures -------------------------------------------------------------------------------------


def test_a_failing_call_is_history_too(hooks: Hooks, heard: Heard) -> None:
    """Others may do with it what one could not."""
    told = telling(hooks)
    hooks.register(module("poor", told=hooks.impl(lambda: int("x"))))
    with pytest.raises(ValueError, match="invalid literal"):
        told(1)
    hooks.unregister("poor")
    hooks.register(listener(hooks, heard, "a"))
    assert [("a", 1)] == heard


def test_who_fails_at_what_it_missed_is_not_registered(hooks: Hooks, heard: Heard) -> None:
    """The error is named, and none of that call is there; without the call it can be."""
    told = telling(hooks)
    told(1)
    told(error := ValueError("broken"))
    told(3)
    plugins = [listener(hooks, heard, name) for name in "abc"]
    with pytest.raises(ValueError, match="broken") as raised:
        hooks.register(*plugins)
    assert ["raised by plugin 'a' in the hook 'told'"] == raised.value.__notes__
    assert raised.value is error
    assert ({}, [("a", 1), ("a", error)]) == (hooks.plugins, heard)
    assert [] == told(4)
    told.clear_history()
    hooks.register(*plugins)
    assert [5, 5, 5] == told(5)


@pytest.mark.parametrize("of_plugin", [None, "skip"])
def test_the_policy_counts_for_what_was_missed(heard: Heard, of_plugin: Any) -> None:
    """As for any call: the other calls and the other plugins are not held up."""
    hooks = Hooks("tabletop", on_failure="raise" if of_plugin else "skip")
    told = telling(hooks)
    for what in (1, ValueError("broken"), 3):
        told(what)
    with pytest.warns(PluginWarning, match="'a' in the hook 'told' was skipped") as seen:
        hooks.register(listener(hooks, heard, "a"), on_failure=of_plugin)
    assert ([__file__], ["a"]) == ([each.filename for each in seen], list(hooks.plugins))
    assert [1, 3] == [what for _, what in heard if isinstance(what, int)]


def test_several_of_one_plugin_are_told_in_their_order(hooks: Hooks) -> None:
    """In the same as in a call."""
    told = telling(hooks)
    heard: list[str] = []

    class Both:
        @hooks.impl(name="told", last=True)
        def one(self) -> None:
            heard.append("last")

        @hooks.impl(name="told", first=True)
        def other(self) -> None:
            heard.append("first")

    told(1)
    hooks.register(Both)
    assert ["first", "last"] == heard
