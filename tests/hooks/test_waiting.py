"""Waiting: plugin code that waits for another thread, which needs the hooks for what it does."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from plugging import module
from sites import GROUP, HOST, Site
from speakers import declared, speaker

from plugbay import Hooks

SECONDS = 1  # after which something is taken to wait for ever


def in_time(job: Callable[[], object]) -> bool:
    """Whether another thread can do it while this one waits for that."""
    thread = Thread(target=job, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return not thread.is_alive()


@pytest.fixture
def hooks() -> Hooks:
    """Hooks of a host that no distribution has the name of."""
    return Hooks(HOST)


# What blocking a plugin in another thread came to, each time that plugin code asked for it.
Outcomes = list[bool]


def by_annotation(wait: Callable[[], object]) -> tuple[Any, Any]:
    """A specification, and an implementation whose annotation waits when it is evaluated."""
    scope: dict[str, Any] = {"wait": wait}
    exec("def ask(x: int) -> None: ...", scope)  # noqa: S102  # ours
    spec = scope["ask"]
    exec("def ask(x: 'wait() or int') -> None: ...", scope)  # noqa: S102  # ours
    return spec, scope["ask"]


def by_metaclass(wait: Callable[[], object]) -> tuple[Any, Any]:
    """The same with a class that waits when it is asked for its subclasses."""

    class Meta(type):
        def __subclasscheck__(cls, other: type) -> bool:
            wait()
            return True

    class Wide(metaclass=Meta):
        pass

    def ask(x: int) -> None: ...

    def implementation(x: Wide) -> None: ...

    return ask, implementation


WAYS = pytest.mark.parametrize("way", [by_annotation, by_metaclass])


@WAYS
def test_no_lock_is_held_while_a_plugin_is_looked_into(hooks: Hooks, way: Any) -> None:
    """What its annotations run may wait for who changes the hooks."""
    outcomes: Outcomes = []
    spec, implementation = way(lambda: outcomes.append(in_time(lambda: hooks.block("b"))))
    hooks.spec(spec)
    assert in_time(lambda: hooks.register(module("a", ask=hooks.impl(name="ask")(implementation))))
    assert {True} == set(outcomes)
    assert ["a"] == list(hooks.plugins)


@WAYS
def test_no_lock_is_held_while_a_hook_is_compared_with_plugins(hooks: Hooks, way: Any) -> None:
    """As with those that are there before it."""
    outcomes: Outcomes = []
    spec, implementation = way(lambda: outcomes.append(in_time(lambda: hooks.block("b"))))
    marked = hooks.impl(name="ask", optional=True)(implementation)
    hooks.register(module("a", ask=marked))
    hooks.spec(spec)
    assert {True} == set(outcomes)
    assert ["ask"] == list(hooks)


LAZY = f"""
import plugbay, waits

@plugbay.Hooks("{HOST}").impl
def ask(x: "waits.wait() or int"): ...
"""


def test_no_lock_is_held_while_an_installed_plugin_is_looked_into(site: Site, hooks: Hooks) -> None:
    """Which is when the first call loads it."""
    site.write("waits.py", "outcomes = []\n")
    import waits  # type: ignore[import-not-found]  # written above

    waits.wait = lambda: waits.outcomes.append(in_time(lambda: hooks.block("b")))
    ask = hooks.spec(by_annotation(waits.wait)[0])
    site.add("lazy", {"lazy": "lazy_waiting"}, files={"lazy_waiting.py": LAZY})
    hooks.discover(GROUP)
    assert [] == ask(1)
    assert {True} == set(waits.outcomes)


def test_a_class_that_is_being_made_holds_no_lock(hooks: Hooks) -> None:
    """Others change the hooks meanwhile, and the call that made it has what they changed."""
    roll = declared(hooks)
    is_being_made, may_go_on = Event(), Event()

    class Slow:
        def __init__(self) -> None:
            is_being_made.set()
            assert may_go_on.wait(SECONDS)

        @hooks.impl
        def roll(self) -> str:
            return "slow"

    hooks.register(speaker(hooks, "a"), Slow)
    answers: list[Any] = []
    caller = Thread(target=lambda: answers.append(roll()), daemon=True)
    caller.start()
    assert is_being_made.wait(SECONDS)
    assert in_time(lambda: hooks.unregister("a"))
    assert in_time(lambda: hooks.register(speaker(hooks, "b")))
    may_go_on.set()
    caller.join(SECONDS)
    assert ([["slow", "b"]], ["slow", "b"]) == (answers, roll())
