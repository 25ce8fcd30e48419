"""Wrappers: what runs around the implementations, gets their result and may change it."""

import traceback
from collections.abc import Callable, Generator, Sequence
from typing import Any

import pluggy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugging import answering, module
from speakers import declared, speaker, surround

from plugbay import HookFailureError, HookResultError, Hooks, PluginWarning

Steps = Generator[None, Any, Any]


def asking(hooks: Hooks, **options: Any) -> Any:
    """The hook `ask` of these hooks."""

    def ask(x: int = 1, y: int = 2, *, z: int = 3) -> Any: ...

    return hooks.spec(**options)(ask)


def wrap(hooks: Hooks, name: str, steps: Callable[..., Any], **wishes: Any) -> None:
    """Register a plugin that wraps `ask` so."""
    hooks.register(module(name, ask=hooks.impl(wrapper=True, name="ask", **wishes)(steps)))


def notes(error: BaseException) -> list[str]:
    """What was added to it."""
    return getattr(error, "__notes__", [])


def quiet() -> Steps:
    """Change nothing."""
    return (yield)


def catching() -> Steps:
    """Give what was raised for a result."""
    try:
        return (yield)
    except BaseException as error:  # noqa: BLE001  # whatever it is
        return f"caught {type(error).__name__}"


def replacing() -> Steps:
    """Raise another error."""
    try:
        return (yield)
    except Exception as error:
        raise KeyError("replaced") from error


# -- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "answers", "expected"),
    [
        ("all_avails", [1, None, 2], [1, 2]),
        ("all", [1, None], [1, None]),
        ("all", [], []),
        ("first", [1, 2], 1),
        ("last_avail", [1, 2, None], 2),
        ("try_first_avail", [], None),
        ("pipeline", [5, 6], 6),
        ("pipeline", [], 1),
        (lambda calls: {call.plugin: call() for call in calls}, [7], {"p0": 7}),
    ],
)
def test_a_wrapper_gets_the_answer_and_gives_one(
    strategy: Any, answers: Sequence[object], expected: object
) -> None:
    """What it is given is what the caller would have got, also where nobody answers."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy=strategy)
    got: list[object] = []
    wrap(hooks, "w", lambda: (got.append((yield "ignored")), "given")[1])  # type: ignore[func-returns-value]
    hooks.register(*answering(hooks, answers)[0])
    for count in (1, 2):
        assert ("given", [expected] * count) == (ask(), got)


@pytest.mark.parametrize("strategy", ["first", "single"])
def test_a_wrapper_may_answer_where_nobody_does(strategy: str) -> None:
    """It is raised in it that there is no result."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy=strategy)
    wrap(hooks, "w", quiet)
    with pytest.raises(HookResultError, match="'ask'") as raised:
        ask()
    assert [] == notes(raised.value)
    wrap(hooks, "catching", catching)
    assert "caught HookResultError" == ask()


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (lambda: (yield), []),
        (lambda y: ((yield), y)[1], 6),
        (lambda y, x, z: ((yield), [x, y, z])[1], [5, 6, 7]),
        (lambda y, /, *, x: ((yield), [x, y])[1], [5, 6]),
        (lambda x, **rest: ((yield), rest)[1], {"y": 6, "z": 7}),
    ],
)
def test_a_wrapper_takes_what_it_needs(steps: Any, expected: object) -> None:
    """As any implementation, with the arguments of the call."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    wrap(hooks, "w", steps)
    assert expected == ask(5, z=7, y=6)


def test_a_wrapper_may_be_a_method() -> None:
    """Of a class, which is instantiated once."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)

    class Counting:
        def __init__(self) -> None:
            self.count = 0

        @hooks.impl(wrapper=True)
        def ask(self) -> Steps:
            yield
            self.count += 1
            return self.count

    hooks.register(Counting)
    assert (1, 2) == (ask(), ask())


# -- order ----------------------------------------------------------------------------------------


def test_wrappers_nest_in_the_explained_order() -> None:
    """The first is the outermost; their order is their own, wherever the others are in it."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    hooks.register(surround(hooks, "b"), speaker(hooks, "plain"), surround(hooks, "z", last=True))
    hooks.register(surround(hooks, "c", after="b"), speaker(hooks, "late", last=True))
    hooks.register(surround(hooks, "a", first=True), surround(hooks, "p", priority=-1))
    expected = [*("<a", "<p", "<b", "<c", "<z"), "plain", "late", *("z>", "c>", "b>", "p>", "a>")]
    assert expected == roll()
    lines = roll.explain().splitlines()[1:]
    assert [f"{number}. plugin '{name}'" for number, name in enumerate("apbcz", 1)] == [
        line.partition(", around the others: ")[0] for line in lines[:5]
    ]
    assert "6. plugin 'plain': it asks for nothing" in lines[5]
    hooks.block("p")
    hooks.unregister("b")
    hooks.plugins["z"].priority = -2
    assert [*("<a", "<c", "<z"), "plain", "late", *("z>", "c>", "a>")] == roll()


# -- errors ---------------------------------------------------------------------------------------

OUTCOMES: list[Any] = [7, None, ValueError, StopIteration, KeyboardInterrupt, GeneratorExit]
BEHAVIOURS: dict[str, Callable[[], Any]] = {
    each.__name__: each for each in (quiet, catching, replacing)
}


def behaviour(function: Callable[[], Any]) -> Callable[[], Any]:
    """One of the things that a wrapper may do."""
    BEHAVIOURS[function.__name__] = function
    return function


@behaviour
def refusing() -> Steps:
    raise LookupError("refused")
    yield


@behaviour
def failing() -> Steps:
    yield
    raise OSError("failed")


@behaviour
def stopping() -> Steps:
    yield
    raise StopIteration("stopped")


@behaviour
def ending() -> Steps:
    if BEHAVIOURS:
        return "ended"
    yield


@behaviour
def repeating() -> Steps:
    try:
        yield
    except ValueError:
        yield
    yield


@behaviour
def changing() -> Steps:
    return ["changed", (yield)]


class Spec:
    @pluggy.HookspecMarker("tabletop")(firstresult=True)  # type: ignore[misc]
    def ask(self) -> Any: ...


# In pluggy the wrappers around one hear nothing of its second yield.
ALIKE = sorted({*BEHAVIOURS} - {"repeating"})


@given(st.lists(st.sampled_from(ALIKE), max_size=4), st.sampled_from(OUTCOMES))
def test_results_and_errors_come_out_as_in_pluggy(names: list[str], outcome: Any) -> None:
    """Whatever the wrappers do: the same result, or an error of the same kind and cause."""

    def answer() -> Any:
        if isinstance(outcome, type):
            raise outcome("given")
        return outcome

    def told(error: BaseException | None) -> Any:
        return type(error), "yield" if "yield" in str(error) else str(error)

    def came_of(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except BaseException as error:  # noqa: BLE001  # whatever it is
            return told(error), told(error.__cause__)

    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy="try_first_avail")
    manager = pluggy.PluginManager("tabletop")
    manager.add_hookspecs(Spec)
    marker = pluggy.HookimplMarker("tabletop")
    hooks.register(module("answer", ask=hooks.impl(name="ask")(lambda: answer())))
    manager.register(module("answer", ask=marker(specname="ask")(lambda: answer())))
    for number, name in enumerate(names):
        wrap(hooks, f"w{number}", BEHAVIOURS[name])
    for number, name in reversed([*enumerate(names)]):  # there the last one is the outermost
        steps = marker(specname="ask", wrapper=True)(BEHAVIOURS[name])
        manager.register(module(f"w{number}", ask=steps))
    assert came_of(manager.hook.ask) == came_of(ask)


@pytest.mark.parametrize(
    ("behaviours", "error", "who"),
    [
        ([], ValueError, ["p0"]),
        (["quiet"], ValueError, ["p0"]),
        (["quiet", "changing"], ValueError, ["p0"]),
        (["replacing"], KeyError, ["w0"]),
        (["quiet", "replacing", "quiet"], KeyError, ["w1"]),
        (["replacing", "replacing"], KeyError, ["w0"]),
        (["quiet", "refusing"], LookupError, ["w1"]),
        (["failing", "catching"], OSError, ["w0"]),
        (["stopping", "catching"], RuntimeError, ["w0"]),
    ],
)
@pytest.mark.parametrize("strategy", ["all", "pipeline", "first"])
def test_the_note_names_who_raised_it(
    behaviours: list[str], error: type[Exception], who: list[str], strategy: str
) -> None:
    """Once, and none of those that it passed through."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, strategy=strategy)
    for number, name in enumerate(behaviours):
        wrap(hooks, f"w{number}", BEHAVIOURS[name])
    hooks.register(*answering(hooks, [ValueError("broken")])[0])
    with pytest.raises(error) as raised:
        ask()
    assert [f"raised by plugin '{each}' in the hook 'ask'" for each in who] == notes(raised.value)


@pytest.mark.parametrize(
    ("name", "words"), [("ending", "did not yield"), ("repeating", "yielded a second time")]
)
@pytest.mark.parametrize("outcome", [7, ValueError("broken")])
def test_a_wrapper_with_no_yield_or_two(name: str, words: str, outcome: object) -> None:
    """The error says which function of which plugin it is, and where that is written."""
    hooks = Hooks("tabletop")
    ask = asking(hooks)
    wrap(hooks, "odd", BEHAVIOURS[name])
    plugins, ran = answering(hooks, [outcome])
    hooks.register(*plugins)
    where = rf"the wrapper {name} of plugin 'odd' in the hook 'ask' \(.*test_wrappers.py, line \d+"
    with pytest.raises(RuntimeError, match=rf"{where}\) {words}"):
        ask()
    assert [0] * (name == "repeating") == ran


def test_the_lines_of_a_wrapped_call_are_shown() -> None:
    """In the traceback of a wrapper that has no yield, as in any other."""
    hooks = Hooks("tabletop")

    def never_failed_before(own: int) -> Any: ...

    ask = hooks.spec(never_failed_before)
    steps = hooks.impl(wrapper=True, name="never_failed_before")(ending)
    hooks.register(module("odd", ask=steps))
    with pytest.raises(RuntimeError) as raised:
        ask(1)
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert all(each.line for each in frames if each.filename.startswith("<plugbay hook"))


# -- policies -------------------------------------------------------------------------------------


def test_wrappers_are_around_skipping_and_collecting() -> None:
    """They get the results of the others, or the HookFailureError."""
    hooks = Hooks("tabletop", on_failure="skip")
    ask = asking(hooks)
    wrap(hooks, "w", changing)
    plugins, _ = answering(hooks, [ValueError("broken"), 2])
    hooks.register(*plugins)
    with pytest.warns(PluginWarning, match="'p0' .* was skipped") as seen:
        assert ["changed", [2]] == ask()
    assert __file__ == seen[0].filename
    hooks = Hooks("tabletop", on_failure="collect")
    ask = asking(hooks)
    wrap(hooks, "w", catching)
    hooks.register(*plugins)
    assert "caught HookFailureError" == ask()


@pytest.mark.parametrize("policy", ["skip", "collect"])
@pytest.mark.parametrize("name", ["refusing", "failing", "stopping"])
def test_a_wrapper_always_raises(policy: Any, name: str) -> None:
    """Whatever the policy of hook and plugin, and however often; it is not disabled."""
    hooks = Hooks("tabletop")
    ask = asking(hooks, on_failure=policy, disable_after=1)
    steps = hooks.impl(wrapper=True, name="ask")(BEHAVIOURS[name])
    hooks.register(module("w", ask=steps), on_failure=policy, disable_after=1)
    for _ in range(2):
        with pytest.raises((LookupError, OSError, RuntimeError)) as raised:
            ask()
        assert not isinstance(raised.value, HookFailureError)
