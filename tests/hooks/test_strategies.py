"""Strategies: what a call gives, and which implementations it runs for that."""

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugging import answering, module

from plugbay import (
    HookCall,
    HookResultError,
    Hooks,
    HookSpecificationError,
    PluginNotFoundError,
    PluginWarning,
    Strategy,
)

NAMES = sorted(name for word, name in vars(Strategy).items() if word.isupper())
SIMPLUG = [name for name in NAMES if name != "pipeline"]
NOTHING = "HookResultError"
# Parameters that an implementation may have, of a hook with `x`, `y` and `z`.
PARAMETERS = ["", "x", "y, x", "x, /, *, z", "*, y", "**rest"]


def declared(hooks: Hooks, strategy: Any, **options: Any) -> Any:
    """The hook `ask` of these hooks."""

    def ask(x: int = 1, y: int = 2, *, z: int = 3) -> Any: ...

    return hooks.spec(strategy=strategy, **options)(ask)


def asked(
    strategy: Any, answers: Sequence[object], arguments: Sequence[str] = ()
) -> tuple[Any, list[int]]:
    """A hook that is answered so, and a list that tells who ran."""
    hooks = Hooks("tabletop")
    ask = declared(hooks, strategy)
    plugins, ran = answering(hooks, answers, lambda number: ([*arguments] or [""] * 9)[number])
    hooks.register(*plugins)
    return ask, ran


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or that there was nothing to give."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        try:
            return call()
        except HookResultError:
            return NOTHING


def oracle(strategy: str, answers: Sequence[object]) -> tuple[object, list[int]]:
    """What simplug's words for a strategy say: the outcome, and who runs."""
    name = strategy.removeprefix("try_")
    everyone = list(range(len(answers)))
    given = [each for each in everyone if answers[each] is not None or "avail" not in name]
    if name in ("all", "all_avails"):
        return [answers[each] for each in given], everyone
    if "first" in name:
        chosen, in_turn = given[:1], everyone
    else:
        chosen, in_turn = given[-1:], everyone[::-1]
    needed = in_turn[: in_turn.index(chosen[0]) + 1] if chosen else in_turn
    ran = everyone if name.startswith("all") else needed
    if chosen:
        return answers[chosen[0]], ran
    return None if strategy.startswith("try_") else NOTHING, ran


def test_there_are_twenty_and_a_pipeline() -> None:
    """Each of simplug's strategies is there under its name, in small letters."""
    assert 20 == len(SIMPLUG)
    assert {word.lower() for word in vars(Strategy) if word.isupper()} == set(NAMES)
    assert 9 == len([name for name in SIMPLUG if f"try_{name}" in SIMPLUG])


@pytest.mark.parametrize(
    ("strategy", "some", "nones", "nobody"),
    [
        ("all", ([None, 1, 2, None], "0123"), ([None, None], "01"), []),
        ("all_avails", ([1, 2], "0123"), ([], "01"), []),
        ("all_first", (None, "0123"), (None, "01"), NOTHING),
        ("all_last", (None, "0123"), (None, "01"), NOTHING),
        ("try_all_first", (None, "0123"), (None, "01"), None),
        ("try_all_last", (None, "0123"), (None, "01"), None),
        ("all_first_avail", (1, "0123"), (NOTHING, "01"), NOTHING),
        ("all_last_avail", (2, "0123"), (NOTHING, "01"), NOTHING),
        ("try_all_first_avail", (1, "0123"), (None, "01"), None),
        ("try_all_last_avail", (2, "0123"), (None, "01"), None),
        ("first", (None, "0"), (None, "0"), NOTHING),
        ("last", (None, "3"), (None, "1"), NOTHING),
        ("try_first", (None, "0"), (None, "0"), None),
        ("try_last", (None, "3"), (None, "1"), None),
        ("first_avail", (1, "01"), (NOTHING, "01"), NOTHING),
        ("last_avail", (2, "32"), (NOTHING, "10"), NOTHING),
        ("try_first_avail", (1, "01"), (None, "01"), None),
        ("try_last_avail", (2, "32"), (None, "10"), None),
        ("single", (None, "3"), (None, "1"), NOTHING),
        ("try_single", (None, "3"), (None, "1"), None),
    ],
)
def test_each_strategy(
    strategy: str, some: tuple[Any, str], nones: tuple[Any, str], nobody: object
) -> None:
    """The outcome and who ran: of some that answer, of some that give None, of nobody."""
    for answers, (expected, who) in (([None, 1, 2, None], some), ([None, None], nones)):
        ask, ran = asked(strategy, answers)
        assert (expected, who) == (outcome(ask), "".join(map(str, ran)))
    assert nobody == outcome(asked(strategy, [])[0])


ANSWERS: st.SearchStrategy[list[Any]] = st.lists(
    st.none() | st.integers(0, 3) | st.just([]), max_size=6
)


@given(st.sampled_from(SIMPLUG), ANSWERS, st.lists(st.sampled_from(PARAMETERS), min_size=6))
def test_as_the_words_say(strategy: str, answers: list[Any], arguments: list[str]) -> None:
    """The words of simplug hold for any answers, whatever parameters implementations take."""
    ask, ran = asked(strategy, answers, arguments)
    for _ in range(2):
        ran.clear()
        assert oracle(strategy, answers) == (outcome(lambda: ask(5, y=6)), ran)


def wrap(hooks: Hooks) -> None:
    """Register a wrapper of `ask` that changes nothing."""

    @hooks.impl(name="ask", wrapper=True)
    def through() -> Generator[None, Any, Any]:
        result = yield
        return result

    hooks.register(module("wrapper", ask=through))


@pytest.mark.parametrize("route", ["wrapper", "monitor", "scope", "policy"])
@given(strategy=st.sampled_from(SIMPLUG), answers=ANSWERS)
def test_by_every_route(route: str, strategy: str, answers: list[Any]) -> None:
    """Wrappers, monitoring, scopes and failure policies leave the outcome and who runs alone."""
    hooks = Hooks("tabletop", on_failure="skip" if route == "policy" else "raise")
    ask = declared(hooks, strategy)
    plugins, ran = answering(hooks, answers)
    [out], never = answering(hooks, ["left out"])
    if route == "wrapper":
        wrap(hooks)
    if route == "monitor":
        hooks.monitor(before=lambda record: None)
    if route == "scope":
        hooks.register(out, name="out")
    hooks.register(*plugins)
    with hooks.without("out") if route == "scope" else nullcontext():
        assert oracle(strategy, answers) == (outcome(ask), ran)
    assert [] == never


@pytest.mark.parametrize("strategy", [name for name in SIMPLUG if f"try_{name}" in SIMPLUG])
def test_nothing_to_give_says_what_to_do(strategy: str) -> None:
    """The error is a LookupError that names the hook, its strategy and the form with None."""
    with pytest.raises(HookResultError, match=f"'ask' .* '{strategy}'.* 'try_{strategy}'") as error:
        asked(strategy, [])[0]()
    assert isinstance(error.value, LookupError)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("first_available", r"'first_available'.* did you mean .*'first_avail'"),
        ("ALL", r"strategy='ALL' is no strategy; "),
        (None, r"strategy=None is no strategy; "),
        (["all"], r"strategy=\['all'\] is no strategy; "),
    ],
)
def test_an_unknown_strategy(strategy: Any, message: str) -> None:
    """It is refused where it is written, with the closest names."""
    with pytest.raises(HookSpecificationError, match=message):
        Hooks("tabletop").spec(strategy=strategy)(lambda x: None)


@pytest.mark.parametrize("strategy", ["single", "try_single"])
def test_single_of_several_warns(strategy: str) -> None:
    """The last one answers, and a warning at the line of the call names them and the way out."""
    ask, ran = asked(strategy, [1, 2])
    with pytest.warns(PluginWarning, match=r"'ask' asks one .* p0, p1 .* ask\.of\('p0'\)") as seen:
        assert 2 == ask()
    assert (__file__, [1]) == (seen[0].filename, ran)
    assert (1, 1) == (ask.of("p0")(), asked(strategy, [1])[0]())


@pytest.mark.parametrize("kept", ["wrapper", "scope"])
def test_single_does_not_warn_of_those_that_do_not_answer(kept: str) -> None:
    """Wrappers answer nothing, and neither does a plugin that the scope leaves out."""
    hooks = Hooks("tabletop")
    ask = declared(hooks, "single")
    if kept == "wrapper":
        wrap(hooks)
    else:
        hooks.register(*answering(hooks, [2])[0], name="out")
    hooks.register(*answering(hooks, [1])[0])
    with hooks.without("out") if kept == "scope" else nullcontext():
        assert 1 == ask()


# -- pipelines ----------------------------------------------------------------------------------


def piped(*steps: object) -> Any:
    """A pipeline of rows with these implementations."""
    hooks = Hooks("tabletop")

    @hooks.spec(strategy="pipeline")
    def prepare(rows: list[int], /, limit: int = 3, *, extra: int = 0) -> list[int] | None: ...

    for number, step in enumerate(steps):
        hooks.register(module(f"p{number}", step=hooks.impl(name="prepare")(step)))
    return prepare


def test_each_step_gets_the_result_of_the_one_before() -> None:
    """The first argument goes through all of them, and the other arguments stay as they are."""
    assert [1, 2] == piped()([1, 2])
    prepare = piped(
        lambda rows, extra: [*rows, extra],
        lambda limit, rows: rows[-limit:],
        lambda rows, **rest: [*rows, *rest.values()],
    )
    assert [2, 3, 0, 3, 0] == prepare([1, 2, 3])
    assert [5, 1, 5] == prepare([1, 2, 3], 1, extra=5)
    given = [1]
    assert [1, 0, 3, 0] == prepare(given)
    assert [1] == given


def test_a_step_may_look_at_nothing_and_give_none() -> None:
    """A result is passed on whatever it is, also by a step that takes no rows."""
    assert piped(lambda: None)([1]) is None
    assert ([None],) == (piped(lambda: None, lambda rows: [rows])([1]),)


def test_a_pipeline_has_a_first_parameter() -> None:
    """Without one there is nothing to pass on."""

    def prepare(*, rows: list[int]) -> list[int]: ...

    with pytest.raises(HookSpecificationError, match="pipeline without a first parameter"):
        Hooks("tabletop").spec(strategy="pipeline")(prepare)


# -- calls, one by one --------------------------------------------------------------------------


def test_a_custom_strategy_makes_the_calls_that_it_wants() -> None:
    """It gets the calls in order, each with the name of its plugin, and gives the answer."""

    def odd_ones(calls: list[HookCall[Any]]) -> dict[str, Any]:
        return {call.plugin: call() for call in calls[1::2]}

    ask, ran = asked(odd_ones, "abcd")
    assert ({"p1": "b", "p3": "d"}, [1, 3]) == (ask(), ran)
    assert {} == asked(odd_ones, [])[0]()


@pytest.mark.parametrize("name", ["single", "pick_avail", "available", "all", "pipeline"])
def test_the_name_of_a_custom_strategy_means_nothing(name: str) -> None:
    """A function is taken for what it does, though it has the name of a strategy."""

    def count(calls: list[HookCall[Any]]) -> int:
        return len(calls)

    count.__name__ = name
    ask, _ = asked(count, [None, 1])
    assert (2, [("p0", None), ("p1", 1)]) == (ask(), ask.pairs())
    with pytest.raises(HookSpecificationError, match="historic"):
        declared(Hooks("tabletop"), count, historic=True)


@pytest.mark.parametrize("strategy", NAMES)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_calls_of_iterate_and_pairs(strategy: str, count: int) -> None:
    """Whatever the strategy: all in order, without None where the strategy passes over it."""
    answers = [None, 1, 2][:count]
    ask, ran = asked(strategy, answers, ["", "x", "z, y"])
    skips = "avail" in strategy
    expected = [answer for answer in answers if not (skips and answer is None)]
    pairs = [(f"p{answers.index(answer)}", answer) for answer in expected]
    assert expected == list(ask.iterate())
    assert pairs == ask.pairs(7, z=1)
    calls = ask.calls()
    assert [0, 1, 2][:count] * 2 == ran
    assert [f"p{number}" for number in range(count)] == [call.plugin for call in calls]
    assert answers == [call() for call in calls]


def test_iterate_runs_what_is_asked_for() -> None:
    """An implementation runs when its result is wanted, and arguments are checked before that."""
    ask, ran = asked("all", [1, 2, 3])
    results = ask.iterate()
    assert [] == ran
    assert (1, [0]) == (next(results), ran)
    assert ([2, 3], [0, 1, 2]) == (list(results), ran)
    with pytest.raises(TypeError, match=r"ask\(\) got an unexpected keyword argument 'w'"):
        ask.iterate(w=1)


def test_of_asks_one_plugin() -> None:
    """It runs that implementation alone, and its result is given as it is."""
    ask, ran = asked("all_avails", [1, None, 3])
    only = ask.of("p1")
    assert (None, 3, [1, 2]) == (only(5, z=1), ask.of("p2")(), ran)
    with pytest.raises(TypeError, match=r"ask\(\) got an unexpected keyword argument 'w'"):
        only(w=1)


def test_of_a_plugin_that_does_not_implement_the_hook() -> None:
    """A KeyError that names those who do, when it is asked for and when it has gone since."""
    hooks = Hooks("tabletop")
    ask = declared(hooks, "single")
    hooks.register(*answering(hooks, [1, 2])[0])
    only = ask.of("p1")
    hooks.unregister("p1")
    for use in (only, lambda: ask.of("p1")):
        with pytest.raises(PluginNotFoundError, match=r"no plugin 'p1' .* 'ask'; there are p0"):
            use()
    hooks.register(*answering(hooks, [1, 3])[0][1:])
    assert 3 == only()


@pytest.mark.parametrize("use", ["calls", "iterate", "pairs"])
def test_calls_leave_wrappers_out(use: str) -> None:
    """Those who make the calls one by one deal with the implementations themselves."""
    hooks = Hooks("tabletop")
    ask = declared(hooks, "all")
    hooks.register(*answering(hooks, [1])[0])
    wrap(hooks)
    assert 1 == len(list(getattr(ask, use)()))
    assert ["p0"] == [call.plugin for call in ask.calls()]


def test_plugins_may_share_one_function() -> None:
    """Each call is that of its own plugin, also where two plugins have the same function."""
    hooks = Hooks("tabletop")
    ask = declared(hooks, "all")
    [shared], _ = answering(hooks, [1])
    hooks.register(shared, name="a")
    hooks.register(shared, name="b")
    assert [("a", 1), ("b", 1)] == ask.pairs()
    assert (1, 1) == (ask.of("a")(), ask.of("b")())
    assert "plugin 'b'" in repr(ask.calls()[1])
