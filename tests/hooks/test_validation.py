"""Validation: whatever is wrong with plugins is told at once, and then nothing has changed."""

import asyncio
import functools
import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from plugging import module
from speakers import Speaker, declared, speaker

from plugbay import (
    Hooks,
    HookValidationError,
    PluginConflictError,
    PluginOrderError,
    PluginWarning,
)


def declare(hooks: Hooks, source: str, **options: Any) -> Any:
    """The hook `ask` with these parameters and annotations."""
    scope: dict[str, Any] = {}
    exec(f"from typing import *\nimport collections.abc as abc\n{source}: ...", scope)  # noqa: S102  # ours
    return hooks.spec(**options)(scope["ask"])


def implement(hooks: Hooks, name: str, *sources: str, **options: Any) -> object:
    """A plugin with functions that are written so."""
    scope: dict[str, Any] = {}
    for source in sources:
        exec(f"from typing import *\nimport collections.abc as abc\n{source}", scope)  # noqa: S102  # ours
    functions = {key: each for key, each in scope.items() if inspect.isfunction(each)}
    functions = {key: each for key, each in functions.items() if "typing" != each.__module__}
    return module(name, **{key: hooks.impl(**options)(each) for key, each in functions.items()})


SPEC = "def ask(x: int, /, y: str = '', *, z: float = 1) -> str | None"
FAULTS = [
    ("def aks(x): ...", {}, "plugin 'p' implements 'aks', which is no hook; did you mean 'ask'?"),
    ("def ask(yy): ...", {}, "it takes 'yy', which the hook has not; did you mean 'y'?"),
    ("def ask(x, w=1): ...", {}, "it takes 'w', which the hook has not; there are x, y, z"),
    ("def ask(*rest): ...", {}, "it takes *rest; name the parameters that it needs"),
    ("def ask(z, /): ...", {}, "it takes 'z' by position only, and the hook by keyword only"),
    ("def ask(*, x): ...", {}, "it takes 'x' by keyword only, and the hook by position only"),
    ("def ask(x: str): ...", {}, "its 'x' is str, and the hook's is int"),
    ("def ask(z: int): ...", {}, "its 'z' is int, and the hook's is float"),
    ("def ask() -> int: ...", {}, "it returns int, and the hook gives str | None"),
    ("async def ask(): ...", {}, "it is asynchronous, and the hook is not awaited"),
    ("async def ask(): yield", {}, "it is an asynchronous generator, and the hook is not awaited"),
    ("def ask(): ...", {"wrapper": True}, "it is a wrapper without a yield; a wrapper is a genera"),
    ("def ask(w): yield", {"wrapper": True}, "it takes 'w', which the hook has not"),
    ("def other(): ...", {"optional": True}, "'p' does not implement 'ask', which every plugin mu"),
]


@pytest.mark.parametrize(("source", "options", "words"), FAULTS)
def test_a_fault_is_told_and_nothing_is_registered(source: str, options: Any, words: str) -> None:
    """With plugin, hook and what to do."""
    hooks = Hooks("tabletop")
    ask = declare(hooks, SPEC, required="does not" in words)
    with pytest.raises(HookValidationError) as raised:
        hooks.register(implement(hooks, "p", source, **options))
    start = "plugin " if "'p' " in words else "plugin 'p' in the hook 'ask': "
    assert start + words.removeprefix("plugin ") in str(raised.value)
    assert ({}, []) == (hooks.plugins, ask(1))
    assert isinstance(raised.value, TypeError)


@pytest.mark.parametrize(
    ("asked", "said", "is_fine"),
    [
        ("list[int]", "Sequence[str]", True),
        ("Sequence[int]", "list[int]", False),
        ("int", "float", True),
        ("int", "'int'", True),
        ("str", "'int'", False),
        ("int", "'Unknown'", True),
        ("Unknown", "int", None),
        ("int", "int | str", True),
        ("int | str", "int", False),
        ("int | str", "Union[str, int, None]", True),
        ("None", "int", False),
        ("int", "Any", True),
        ("int", "object", True),
        ("T", "int", None),
        ("TypeVar('T')", "int", True),
        ("Literal['a']", "int", True),
        ("NewType('N', int)", "str", True),
        ("Callable[[int], str]", "abc.Callable", True),
        ("Annotated[int, 'm']", "int", True),
        ("type[int]", "type", True),
        ("bool", "float", True),
        ("float", "complex", True),
    ],
)
def test_annotations_contradict_each_other_or_not(asked: str, said: str, is_fine: Any) -> None:
    """What an implementation takes has to be as wide as what it is given; doubts are in favour."""
    hooks = Hooks("tabletop")
    quoted = asked if is_fine is not None else repr(asked)
    declare(hooks, f"def ask(x: {quoted}) -> Any")
    plugin = implement(hooks, "p", f"def ask(x: {said}): ...")
    if is_fine is False:
        with pytest.raises(HookValidationError, match="its 'x' is "):
            hooks.register(plugin)
    else:
        hooks.register(plugin)
    assert ([] if is_fine is False else ["p"]) == list(hooks.plugins)


def test_all_faults_of_all_plugins_are_told_at_once() -> None:
    """A line each in the message, a sentence each in `problems`, in the order of the plugins."""
    hooks = Hooks("tabletop")
    declare(hooks, SPEC)
    fine = implement(hooks, "fine", "def ask(): ...")
    first = implement(hooks, "first", "def ask(w, *rest): ...", "def aks(): ...")
    second = implement(hooks, "second", "async def ask(v): ...")
    unknown = "which the hook has not; there are x, y, z"
    with pytest.raises(HookValidationError) as raised:
        hooks.register(first, fine, second)
    assert (
        "plugin 'first' in the hook 'ask': it takes *rest; name the parameters that it needs",
        f"plugin 'first' in the hook 'ask': it takes 'w', {unknown}",
        "plugin 'first' implements 'aks', which is no hook; did you mean 'ask'?",
        f"plugin 'second' in the hook 'ask': it takes 'v', {unknown}",
        "plugin 'second' in the hook 'ask': it is asynchronous, and the hook is not awaited",
    ) == raised.value.problems
    lines = ["nothing was registered:", *raised.value.problems]
    assert "\n- ".join(lines) == str(raised.value)
    assert {} == hooks.plugins


@pytest.mark.parametrize("made", [len, str.upper, object(), property(), 3])
def test_what_cannot_be_marked(made: Any) -> None:
    """It is told where it is marked, with what can be."""
    with pytest.raises(
        HookValidationError, match=r"cannot be marked .*; mark a function or a meth"
    ):
        Hooks("tabletop").impl(made)


def test_who_overrides_a_method_has_to_mark_it() -> None:
    """What is written in the class itself counts, and what it hides does not; it is told."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    base = type("Base", (), {"roll": hooks.impl(lambda self: "base")})
    with pytest.warns(PluginWarning, match="'Hiding' has 'roll', which is the name of a hook, and"):
        hooks.register(type("Hiding", (base,), {"roll": lambda self: "hidden"}))
    assert ([], 1) == (roll(), len(hooks.problems))
    hooks.register(type("Both", (base,), {"roll": hooks.impl(lambda self: "both")}))
    assert ["both"] == roll()


# -- nothing changes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "make"),
    [
        (HookValidationError, lambda hooks: implement(hooks, "poor", "def roll(x): ...")),
        (HookValidationError, lambda hooks: implement(hooks, "poor", "def rll(): ...")),
        (HookValidationError, lambda hooks: Speaker("poor", priority=(1, 2, 3))),
        (PluginConflictError, lambda hooks: speaker(hooks, "b")),
        (PluginConflictError, lambda hooks: speaker(hooks, "new")),
        (PluginOrderError, lambda hooks: speaker(hooks, "poor", before="new", after="new")),
        (ValueError, lambda hooks: Speaker("poor", told=hooks.impl(lambda: int("x")))),
    ],
    ids=["fault", "no hook", "priority", "taken", "twice", "cycle", "replay"],
)
@pytest.mark.parametrize("is_called", [False, True])
def test_nothing_changes_when_one_of_several_does_not_fit(
    error: type[Exception], make: Callable[[Hooks], object], is_called: bool
) -> None:
    """The roster, the results, priorities and the order are as before, also of who comes later."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)

    def told() -> None: ...

    hooks.spec(historic=True)(told)()
    hooks.register(speaker(hooks, "a", last=True), speaker(hooks, "b", priority=(0, 5)))
    hooks.plugins["a"].priority = 3
    if is_called:
        assert ["b", "a"] == roll()
    before = dict(hooks.plugins), roll.explain()
    with pytest.raises(error):
        hooks.register(speaker(hooks, "new", first=True), make(hooks), speaker(hooks, "newer"))
    assert before == (hooks.plugins, roll.explain())
    assert (["b", "a"], 3) == (roll(), hooks.plugins["a"].priority)
    hooks.register(speaker(hooks, "new", first=True), speaker(hooks, "c"))
    assert ["new", "c", "b", "a"] == roll()


def test_a_name_that_is_taken() -> None:
    """The error names both and says what to do; another name is the way out."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    twice = speaker(hooks, "a")
    hooks.register(twice)
    with pytest.raises(
        PluginConflictError, match=r"'a' .*'tabletop'.* has its name; register one of them"
    ):
        hooks.register(twice)
    hooks.register(twice, name="b")
    assert [("a", "a"), ("b", "a")] == roll.pairs()


@pytest.mark.parametrize("is_required", [False, True])
def test_a_hook_that_comes_after_its_implementations(is_required: bool) -> None:
    """An optional one is used from then on; one that does not fit keeps the hook out."""
    hooks = Hooks("tabletop")
    poor = implement(hooks, "poor", "def ask(w): ...", optional=True)
    hooks.register(poor)
    with pytest.raises(HookValidationError, match=r"do not fit the hook 'ask':\n.*'poor'.* 'w'"):
        declare(hooks, SPEC, required=is_required)
    hooks.unregister("poor")
    hooks.register(implement(hooks, "fine", "def ask(x) -> str: return str(x)", optional=True))
    ask = declare(hooks, SPEC, required=is_required)
    assert (["ask"], ["7"]) == (list(hooks), ask(7))


def test_a_hook_whose_implementations_have_no_order_is_kept_out() -> None:
    """As they would be if it had been there before them; the hook can be called either way."""
    hooks = Hooks("tabletop")
    for name, other in ("ab", "ba"):
        hooks.register(speaker(hooks, name, optional=True, before=other))
    with suppress(PluginOrderError):
        declared(hooks)
    assert [] == list(hooks) or [] != hooks["roll"]()


def test_a_hook_that_comes_after_a_plugin_of_several_hooks() -> None:
    """What the plugin implements besides has nothing to do with the new hook."""
    hooks = Hooks("tabletop")
    declared(hooks)
    optional = hooks.impl(name="ask", optional=True)(lambda: "late")
    hooks.register(Speaker("a", roll=hooks.impl(lambda: "a"), other=optional))
    assert ["late"] == declare(hooks, SPEC)(1)


def test_a_required_hook_keeps_those_out_that_do_not_implement_it() -> None:
    """Those who are there already keep it out; a wrapper implements it."""
    hooks = Hooks("tabletop")
    hooks.register(Speaker("a"))
    with pytest.raises(HookValidationError, match="'a' does not implement 'ask', which every plug"):
        declare(hooks, SPEC, required=True)
    hooks.unregister("a")
    declare(hooks, SPEC, required=True)
    hooks.register(implement(hooks, "w", "def ask(): return (yield)", wrapper=True))
    assert ["w"] == list(hooks.plugins)


# -- odd ones -------------------------------------------------------------------------------------


def test_none_is_an_object_or_is_refused() -> None:
    """As a function that forgets to return its plugin gives it; calls go on either way."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    with suppress(TypeError, HookValidationError):
        hooks.register(None)
    assert [] == roll()


async def late(x: int) -> int:
    return x


def now(x: int) -> int:
    return x


@functools.wraps(now)
async def late_for_now(*args: int) -> int:
    return await late(*args)


@functools.wraps(late)
def now_for_late(*args: int) -> int:
    return asyncio.run(late(*args))


def signed(*args: int) -> int:
    return sum(args)


signed.__signature__ = inspect.signature(now)  # type: ignore[attr-defined]


class Late:
    async def __call__(self, x: int) -> int:
        return x


@dataclass
class Counter:
    x: str  # its own, and no parameter

    def __call__(self, x: int) -> int:
        return x


@pytest.mark.parametrize(
    ("implementation", "is_fine"),
    [
        (late, False),
        (functools.partial(late), False),
        (late_for_now, False),
        (now_for_late, True),
        (Late(), False),
        (signed, True),
        (Counter("a"), True),
    ],
)
def test_what_a_call_gives_is_what_counts(implementation: Any, is_fine: bool) -> None:
    """An awaitable has no place in a hook that is not awaited, however it is written."""
    hooks = Hooks("tabletop")
    declare(hooks, "def ask(x: int) -> int")
    try:
        hooks.register(module("m", ask=hooks.impl(implementation)))
    except HookValidationError:
        assert not is_fine
    else:
        assert is_fine
        assert [1] == hooks["ask"](1)


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        ("async def ask() -> str", "def ask() -> Awaitable[str]: ..."),
        ("def ask(x: int, y: 'Unknown')", "def ask(x: Annotated[int, 'm'], y: 'Other'): ..."),
    ],
)
def test_annotations_that_say_the_same_in_other_words(spec: str, source: str) -> None:
    """What is awaited anyway may be said to be, and what is annotated besides means nothing."""
    hooks = Hooks("tabletop")
    declare(hooks, spec)
    hooks.register(implement(hooks, "p", source))
