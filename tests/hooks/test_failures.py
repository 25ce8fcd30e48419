"""Failures: what becomes of what an implementation raises, and who is named for it."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from plugging import answering, module
from sites import GROUP, HOST, Site

from plugbay import (
    HookError,
    HookExitError,
    HookFailureError,
    Hooks,
    PluginWarning,
)

POLICIES = pytest.mark.parametrize("policy", ["raise", "skip", "collect"])
NOTE = "raised by plugin 'p0' in the hook 'ask'"


def asking(hooks: Hooks, **options: Any) -> Any:
    """The hook `ask` of these hooks."""

    def ask(x: int = 1) -> Any: ...

    return hooks.spec(**options)(ask)


def asked(answers: Any, *, strategy: Any = "all", **options: Any) -> tuple[Hooks, Any, list[int]]:
    """Hooks of this policy with plugins "p0", "p1" and so on, the hook, and who ran."""
    hooks = Hooks("tabletop", **options)
    ask = asking(hooks, strategy=strategy)
    plugins, ran = answering(hooks, answers)
    hooks.register(*plugins)
    return hooks, ask, ran


def notes(error: BaseException) -> list[str]:
    """What was added to it."""
    return getattr(error, "__notes__", [])


class Poor(BaseException):
    """No Exception, as those that test runners and event loops raise."""


# -- raise ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ValueError, SystemExit, Poor, StopIteration])
@pytest.mark.parametrize("strategy", ["all", "first_avail", "pipeline", "last"])
def test_by_default_the_caller_gets_it(kind: type[BaseException], strategy: str) -> None:
    """As it was raised, with a note, once; the others do not run."""
    error = kind("v")
    _, ask, ran = asked([None, error, 3][: 2 if strategy == "last" else 3], strategy=strategy)
    for _ in range(2):
        ran.clear()
        with pytest.raises(kind) as raised:
            ask()
        assert raised.value is error
        assert [NOTE.replace("p0", "p1")] == notes(error)
        assert ([1] if strategy == "last" else [0, 1]) == ran


@pytest.mark.parametrize(
    "use",
    [
        lambda ask: ask.of("p0")(),
        lambda ask: ask.pairs(),
        lambda ask: list(ask.iterate()),
        lambda ask: ask.calls()[0](),
    ],
)
def test_it_is_named_by_every_way_to_ask(use: Callable[[Any], object]) -> None:
    """Those ways have no policy but to raise."""
    _, ask, _ = asked([ValueError("broken")], on_failure="skip")
    with pytest.raises(ValueError, match="broken") as raised:
        use(ask)
    assert [NOTE] == notes(raised.value)


def test_each_hook_that_it_passes_through_is_named() -> None:
    """From the inside to the outside."""
    hooks, ask, _ = asked([ValueError("broken")])

    @hooks.spec
    def outer() -> Any: ...

    hooks.register(module("asks", outer=hooks.impl(lambda: ask())))
    with pytest.raises(ValueError, match="broken") as raised:
        outer()
    assert [NOTE, "raised by plugin 'asks' in the hook 'outer'"] == notes(raised.value)


POOR = f"""
import plugbay

class Plugin:
    @plugbay.Hooks("{HOST}").impl
    def ask(self): raise ValueError("broken")
"""


def test_the_distribution_is_named(site: Site) -> None:
    """In the note, and when it is left out."""
    hooks = Hooks(HOST)
    ask = asking(hooks)
    site.add("poor-one", {"poor": "poor_one:Plugin"}, files={"poor_one.py": POOR})
    hooks.discover(GROUP)
    with pytest.raises(ValueError, match="broken") as raised:
        ask()
    who = "plugin 'poor' of poor-one 1.0 in the hook 'ask'"
    assert [f"raised by {who}"] == notes(raised.value)
    hooks.unregister("poor")
    hooks.discover(GROUP, on_failure="skip", disable_after=1)
    with pytest.warns(PluginWarning) as seen:
        assert [] == ask()
    assert [True, True] == [str(each.message).startswith(f"{who} ") for each in seen]
    assert [] == ask()


# -- skip and collect -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ValueError, SystemExit, StopIteration])
@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("all", [None, 3]), ("all_avails", [3]), ("last_avail", 3), ("pipeline", 3), ("all_last", 3)],
)
def test_skipped(kind: type[BaseException], strategy: str, expected: object) -> None:
    """The others run, and a warning at the line of the call names who did not."""
    error = kind("v")
    answers = [3, None, error] if strategy == "last_avail" else [error, None, 3]
    _, ask, ran = asked(answers, strategy=strategy, on_failure="skip")
    who = f"p{answers.index(error)}"
    words = f"plugin '{who}' in the hook 'ask' was skipped: {kind.__name__}: v"
    with pytest.warns(PluginWarning) as seen:
        assert expected == ask()
    assert [words] == [str(each.message) for each in seen]
    assert [__file__] == [each.filename for each in seen]
    assert [0, 1, 2] == sorted(ran)
    assert [f"raised by plugin '{who}' in the hook 'ask'"] == notes(error)


def test_skipped_in_a_pipeline_the_value_goes_on() -> None:
    """As if the plugin were not there."""
    hooks = Hooks("tabletop", on_failure="skip")
    ask = asking(hooks, strategy="pipeline")
    steps = [lambda x: x + 1, lambda x: x // 0, lambda x: x * 10]
    hooks.register(*(module(f"p{n}", ask=hooks.impl(each)) for n, each in enumerate(steps)))
    with pytest.warns(PluginWarning, match="'p1' .* was skipped: ZeroDivisionError"):
        assert 20 == ask()


def test_collected() -> None:
    """All that was raised, each named, when all have run, with the results of the others."""
    first, second = ValueError("v"), SystemExit(3)
    _, ask, ran = asked([1, first, None, second, 5], on_failure="collect")
    message = "plugin 'p1', plugin 'p3' failed in the hook 'ask'"
    for _ in range(2):
        ran.clear()
        with pytest.raises(HookFailureError, match=message) as raised:
            ask()
        assert ([0, 1, 2, 3, 4], (1, None, 5)) == (ran, raised.value.results)
        value, exit_ = raised.value.exceptions
        assert (first, second) == (value, exit_.__cause__)
        assert [NOTE.replace("p0", "p1")] == notes(first)
        assert isinstance(exit_, HookExitError)
        assert "plugin 'p3' in the hook 'ask' tried to end the program" == str(exit_)
    assert isinstance(raised.value, HookError)
    with pytest.raises(HookFailureError, match="plugin 'p0' failed in the hook"):
        asked([first], on_failure="collect", strategy="all_avails")[1]()


def test_what_is_collected_is_not_lost() -> None:
    """Also where a later plugin gives the result that is asked for."""
    _, ask, _ = asked([ValueError("v"), 2], strategy="first_avail", on_failure="collect")
    with pytest.raises(HookFailureError):
        ask()


@pytest.mark.parametrize("word", ["__init__", "__new__"])
@pytest.mark.parametrize("policy", ["raise", "skip", "collect"])
def test_a_class_that_cannot_be_instantiated(policy: Any, word: str) -> None:
    """It fails as its implementation would, until it can be."""
    hooks, ask, _ = asked([2], on_failure=policy)
    errors: list[Exception] = [ValueError("broken")]

    def make(*args: object) -> Any:
        if errors:
            raise errors.pop()
        return object.__new__(args[0]) if word == "__new__" else None  # type: ignore[arg-type]

    hooks.register(type("Poor", (), {word: make, "ask": hooks.impl(lambda self: 1)}))
    if policy == "skip":
        with pytest.warns(PluginWarning, match="'ask' was skipped: ValueError: broken") as seen:
            assert [2] == ask()
        assert __file__ == seen[0].filename
    else:
        expected = ValueError if policy == "raise" else HookFailureError
        with pytest.raises(expected) as raised:
            ask()
        if policy == "raise":
            told = ["while it was instantiated", "in the hook 'ask'"]
            assert [f"raised by plugin 'Poor' {each}" for each in told] == notes(raised.value)
    assert [2, 1] == ask()


# -- which policy counts --------------------------------------------------------------------------


@pytest.mark.parametrize("of_hooks", ["raise", "skip", "collect"])
@pytest.mark.parametrize("of_hook", [None, "raise", "skip", "collect"])
@pytest.mark.parametrize("of_plugin", [None, "raise", "skip", "collect"])
def test_the_closest_policy_counts(of_hooks: Any, of_hook: Any, of_plugin: Any) -> None:
    """That of the plugin, then that of the hook, then that of all."""
    hooks = Hooks("tabletop", on_failure=of_hooks)
    ask = asking(hooks, on_failure=of_hook)
    plugins, _ = answering(hooks, [ValueError("broken")])
    hooks.register(*plugins, on_failure=of_plugin)

    def outcome() -> str:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            try:
                ask()
            except (ValueError, HookFailureError) as error:
                return "raise" if isinstance(error, ValueError) else "collect"
            return "skip"

    assert (of_plugin or of_hook or of_hooks) == outcome()


@pytest.mark.parametrize(
    ("of_hooks", "of_plugin"),
    [
        ({"on_failure": "skip"}, {"disable_after": 1}),
        ({"disable_after": 1}, {"on_failure": "skip"}),
    ],
)
def test_each_option_counts_by_itself(of_hooks: Any, of_plugin: Any) -> None:
    """What a plugin does not say is as the hook has it."""
    hooks = Hooks("tabletop", **of_hooks)
    ask = asking(hooks)
    plugins, ran = answering(hooks, [ValueError("broken")])
    hooks.register(*plugins, **of_plugin)
    with pytest.warns(PluginWarning) as seen:
        assert [] == ask()
    ends = ["has failed once and no longer runs there", "was skipped: ValueError: broken"]
    assert [f"plugin 'p0' in the hook 'ask' {each}" for each in ends] == [
        str(each.message) for each in seen
    ]
    assert ([], [0]) == (ask(), ran)


def test_policies_of_several_plugins() -> None:
    """Each has its own; one that raises ends the call, and what was collected goes with it."""
    hooks = Hooks("tabletop", on_failure="collect")
    ask = asking(hooks)
    plugins, ran = answering(hooks, [ValueError(), 1, KeyError(), OSError("raised"), 2])
    hooks.register(*plugins[:2])
    hooks.register(plugins[2], on_failure="skip")
    hooks.register(plugins[3], on_failure="raise")
    hooks.register(plugins[4])
    with pytest.warns(PluginWarning, match="'p2'"), pytest.raises(OSError, match="raised"):
        ask()
    assert [0, 1, 2, 3] == ran
    hooks.unregister("p3")
    with pytest.warns(PluginWarning, match="'p2'"), pytest.raises(HookFailureError) as raised:
        ask()
    assert ((1, 2), 1) == (raised.value.results, len(raised.value.exceptions))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"on_failure": "ignore"}, "on_failure='ignore' is not one of raise, skip, collect"),
        ({"disable_after": 0}, "disable_after=0 is not a number of failures, 1 or more"),
    ],
)
def test_an_unknown_policy(options: Any, words: str) -> None:
    """It is refused where it is written, and nothing changes."""
    hooks = Hooks("tabletop")
    for use in (lambda: Hooks("h", **options), lambda: hooks.register(object(), **options)):
        with pytest.raises(HookError, match=words):
            use()
    assert {} == hooks.plugins


# -- disabled -------------------------------------------------------------------------------------


@POLICIES
def test_disabled_after_some_failures(policy: Any) -> None:
    """In the hook where it failed, whatever it did in between; unblocking counts anew."""
    hooks = Hooks("tabletop", on_failure=policy, disable_after=2)
    ask = asking(hooks)
    outcomes: list[Any] = [ValueError(), 1, ValueError(), 2, ValueError(), 3]
    left = iter(outcomes)
    hooks.register(module("p0", ask=hooks.impl(lambda: raised(next(left)))))
    hooks.register(module("other", ask=hooks.impl(lambda: "other")))
    told = "'p0' in the hook 'ask' has failed 2 times and no longer runs there"

    def call() -> tuple[Any, list[str]]:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            try:
                result = ask()
            except (ValueError, HookFailureError):
                result = "raised"
        assert {__file__} >= {each.filename for each in seen}
        return result, [str(each.message) for each in seen if "no longer" in str(each.message)]

    failed = ["other"] if policy == "skip" else "raised"
    assert [(failed, []), ([1, "other"], [])] == [call(), call()]
    assert (failed, [f"plugin {told}"]) == call()
    assert [(["other"], [])] * 2 == [call(), call()]
    hooks.unblock("p0")
    assert [([2, "other"], []), (failed, []), ([3, "other"], [])] == [call(), call(), call()]


def raised(outcome: Any) -> Any:
    """Give it, or raise it."""
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


@pytest.mark.parametrize("way", ["disabled", "blocked"])
def test_who_does_not_run_is_explained(way: str) -> None:
    """With the reason."""
    hooks, ask, _ = asked([ValueError("broken"), 1], on_failure="skip", disable_after=1)
    if way == "blocked":
        hooks.block("p0")
    else:
        with pytest.warns(PluginWarning):
            ask()
    [line] = [each for each in ask.explain().splitlines() if "'p0'" in each]
    assert way in line or "failed" in line
