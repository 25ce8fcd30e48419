"""Odd failures: what passes whatever the policy is, and what a traceback shows of a hook."""

import re
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from plugging import answering, module

from plugbay import HookFailureError, HookResultError, Hooks, PluginWarning

POLICIES = pytest.mark.parametrize("policy", ["raise", "skip", "collect"])
NOTE = "raised by plugin 'p0' in the hook 'ask'"


def asked(answers: Any, *, strategy: Any = "all", **options: Any) -> tuple[Any, list[int]]:
    """A hook of this policy with plugins "p0", "p1" and so on, and who ran."""
    hooks = Hooks("tabletop", **options)

    def ask(x: int = 1) -> Any: ...

    hook = hooks.spec(strategy=strategy)(ask)
    plugins, ran = answering(hooks, answers)
    hooks.register(*plugins)
    return hook, ran


def notes(error: BaseException) -> list[str]:
    """What was added to it."""
    return getattr(error, "__notes__", [])


class Poor(BaseException):
    """No Exception, as those that test runners and event loops raise."""


@POLICIES
@pytest.mark.parametrize("disable_after", [None, 1])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit, Poor])
def test_some_always_pass(policy: Any, disable_after: Any, kind: type[BaseException]) -> None:
    """They end the call at once, and are nobody's failure; an interrupt is left as it is."""
    error = kind()
    ask, ran = asked([1, error, 2], on_failure=policy, disable_after=disable_after)
    for _ in range(2):
        ran.clear()
        with pytest.raises(kind) as raised:
            ask()
        assert (error, [0, 1]) == (raised.value, ran)
    assert "KeyboardInterrupt" != kind.__name__ or [] == notes(error)


@pytest.mark.parametrize("policy", ["raise", *(p for p in ("skip", "collect"))])
def test_what_is_no_exception_is_named(policy: Any) -> None:
    """As pytest's own outcomes are not, and they pass with any policy."""
    ask, _ = asked([Poor()], on_failure=policy)
    with pytest.raises(Poor) as raised:
        ask()
    assert [NOTE] == notes(raised.value)


@dataclass(frozen=True)
class FrozenError(Exception):
    text: str = "frozen"


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class NotedError(Exception):
    __notes__ = None


@pytest.mark.parametrize("kind", [FrozenError, UnspeakableError, NotedError])
def test_odd_exceptions_are_skipped(kind: type[Exception]) -> None:
    """One that takes no note or has no text is no reason to stop."""
    ask, _ = asked([kind(), 2], on_failure="skip")
    with pytest.warns(PluginWarning, match=f"'p0' .* was skipped: {kind.__name__}"):
        assert [None, 2][1:] == ask()


@pytest.mark.parametrize("kind", [FrozenError, NotedError])
def test_odd_exceptions_are_raised(kind: type[Exception]) -> None:
    """The caller gets what was raised."""
    with pytest.raises(kind):
        asked([kind()])[0]()


@pytest.mark.parametrize("policy", ["raise", "collect"])
@pytest.mark.parametrize("strategy", ["all", "first_avail", "pipeline"])
def test_a_traceback_is_readable(policy: Any, strategy: str) -> None:
    """It shows the line that called the implementation, and tells from which hook it is."""
    ask, _ = asked([None, ValueError("broken")], strategy=strategy, on_failure=policy)
    with pytest.raises((ValueError, HookFailureError)) as raised:
        ask()
    inner = raised.value.exceptions[0] if policy == "collect" else raised.value  # type: ignore[attr-defined]
    shown = [each for each in traceback.extract_tb(inner.__traceback__) if "<" in each.filename]
    call = next(each for each in reversed(shown) if "<plugbay hook ask " in each.filename)
    assert "ask" == call.name
    assert re.fullmatch(r"\w+ = \w+(\[1\])?\(\)", call.line or "")
    text = "".join(traceback.format_exception(raised.value))
    assert "_ask(" not in text
    assert NOTE.replace("p0", "p1") in text
    assert all(each.line for each in shown if "plugbay" in each.filename)


def test_a_traceback_without_a_failure_is_readable() -> None:
    """Of a call that has nothing to give."""

    def never_failed_before(own: int) -> Any: ...

    with pytest.raises(HookResultError) as raised:
        Hooks("tabletop").spec(strategy="first")(never_failed_before)(1)
    assert all(each.line for each in traceback.extract_tb(raised.value.__traceback__))


@pytest.mark.parametrize("strategy", ["pipeline", "first_avail"])
def test_what_a_pipeline_had_come_to_is_among_the_results(strategy: str) -> None:
    """What is collected comes with the value that the others made; of others, with theirs."""
    hooks = Hooks("tabletop", on_failure="collect")

    def ask(x: int = 1) -> Any: ...

    hook = hooks.spec(strategy=strategy)(ask)
    steps = [lambda x: x + 1 if strategy == "pipeline" else None, lambda x: x // 0, lambda x: x * 5]
    hooks.register(*(module(f"p{n}", ask=hooks.impl(each)) for n, each in enumerate(steps)))
    with pytest.raises(HookFailureError) as raised:
        hook()
    assert ((10,) if strategy == "pipeline" else (5,)) == raised.value.results


@pytest.mark.parametrize("outcome", [7, ValueError("broken")])
def test_a_wrapper_with_a_second_yield_is_closed(outcome: object) -> None:
    """At once, so that it gives back what it holds."""
    hooks = Hooks("tabletop")
    log: list[str] = []

    def ask() -> Any: ...

    def around() -> Any:
        try:
            with suppress(ValueError):
                yield
            yield
        finally:
            log.append("closed")

    hook = hooks.spec(ask)
    hooks.register(module("odd", ask=hooks.impl(wrapper=True, name="ask")(around)))
    hooks.register(*answering(hooks, [outcome])[0])
    with pytest.raises(RuntimeError, match="yielded a second time") as raised:
        hook()
    assert (["closed"], True) == (log, raised.value.__traceback__ is not None)
