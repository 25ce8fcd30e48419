"""The code of a hook's call: written by the first call, with nothing in it that is not used."""

import linecache
from collections.abc import Generator
from typing import Any

import pytest
from plugging import module

from plugbay import Hooks

PLAIN = """\
def ask(x):
    plugins = plugins_1
    if plugins is None:
        return again(x)
    results = []
    try:
        result = plugins[0](x)
        if result is not None:
            results.append(result)
        result = plugins[1]()
        if result is not None:
            results.append(result)
    except BaseException as error:
        note_by_line(error, plugins, 7, 3)
        raise
    return results
"""


@pytest.fixture
def hooks() -> Hooks:
    """The hooks `ask` and `other`, of which two plugins and one answer."""
    hooks = Hooks("tabletop")

    @hooks.spec
    def ask(x: int) -> int | None: ...

    @hooks.spec
    def other() -> int | None: ...

    first = hooks.impl(name="ask")(lambda x: x)
    hooks.register(module("a", ask=first, other=hooks.impl(name="other")(lambda: 3)))
    hooks.register(two(hooks))
    return hooks


def two(hooks: Hooks) -> Any:
    """The plugin `b`, which takes nothing and answers 2."""
    return module("b", ask=hooks.impl(name="ask")(lambda: 2))


def source(hook: Any) -> str:
    """The text of the code that a hook has now."""
    return "".join(linecache.getlines(hook.__code__.co_filename))


def wrap(hooks: Hooks, hook: str) -> None:
    """Have a wrapper around the calls of a hook."""

    def around() -> Generator[None, Any, Any]:
        return (yield)

    hooks.register(module("w", around=hooks.impl(name=hook, wrapper=True)(around)))


def test_the_plain_call_has_what_one_would_write(hooks: Hooks) -> None:
    """Each implementation with the parameters that it takes, and a name for who fails."""
    ask: Any = hooks["ask"]
    assert [5, 2] == ask(5)
    assert source(ask) == PLAIN


def test_nothing_is_written_before_the_first_call(hooks: Hooks) -> None:
    """Registering plugins only has the next call write the code anew."""
    ask: Any = hooks["ask"]
    waiting = ask.__code__
    hooks.register(module("c", ask=hooks.impl(name="ask")(lambda x: -x)))
    assert waiting is ask.__code__
    assert [5, 2, -5] == ask(5)
    written = ask.__code__
    hooks.unregister("c")
    assert written is ask.__code__
    assert [5, 2] == ask(5)
    assert source(ask) != "".join(linecache.getlines(written.co_filename))


@pytest.mark.parametrize("what", ["wrapper", "policy"])
def test_what_another_hook_has_costs_nothing(hooks: Hooks, what: str) -> None:
    """Its wrapper is around itself only, and so is a failure policy of its own."""
    ask: Any = hooks["ask"]
    if what == "wrapper":
        wrap(hooks, "other")
    else:

        @hooks.spec(on_failure="skip")
        def third() -> int | None: ...

    assert ([5, 2], [3]) == (ask(5), hooks["other"]())
    assert source(ask) == PLAIN


def test_a_wrapper_has_a_path_of_its_own(hooks: Hooks) -> None:
    """When it goes the plain one is back."""
    ask: Any = hooks["ask"]
    wrap(hooks, "ask")
    assert [5, 2] == ask(5)
    assert "plugins[" not in source(ask)
    hooks.unregister("w")
    assert [5, 2] == ask(5)
    assert "started" not in source(ask)
    assert "plugins[1]()" in source(ask)


def test_a_failure_policy_has_a_path_of_its_own(hooks: Hooks) -> None:
    """As long as a plugin that has one answers."""
    ask: Any = hooks["ask"]
    hooks.unregister("b")
    hooks.register(two(hooks), on_failure="skip")
    assert [5, 2] == ask(5)
    assert "failed(error" in source(ask)
    hooks.unregister("b")
    hooks.register(two(hooks))
    assert [5, 2] == ask(5)
    assert "failed" not in source(ask)


def test_a_scope_has_a_path_of_its_own(hooks: Hooks) -> None:
    """From the first one on, since a task may keep its context for longer than the block."""
    ask: Any = hooks["ask"]
    with hooks.without("b"):
        assert [5] == ask(5)
    assert [5, 2] == ask(5)
    assert "plugins[" not in source(ask)
