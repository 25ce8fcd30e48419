"""Registration: what may be a plugin, what it is called, and how it comes and goes."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from plugging import answering, module
from sites import GROUP
from speakers import Speaker, declared

from plugbay import (
    HookError,
    Hooks,
    PluginNotFoundError,
    load_group,
)


@pytest.fixture
def hooks() -> Hooks:
    """Hooks with one hook `ask`."""
    made = Hooks("tabletop")

    @made.spec
    def ask(x: int, y: int = 2, *, z: int = 3) -> Any: ...

    return made


def plain() -> Any:
    """A function that answers."""

    def ask(x: int) -> int:
        return x * 10

    return ask


def method() -> Any:
    """A function that answers as a method."""

    def ask(self: object, x: int) -> int:
        return x * 10

    return ask


class Called:
    """An object to be called."""

    def __call__(self, x: int) -> int:
        return x * 10


def typed(raw: Any, **contents: Any) -> Any:
    """A class with this for its `ask`."""
    return type("P", (), {"ask": raw, **contents})


def enumerated(hooks: Hooks) -> object:
    """A member of an enum."""
    return Enum("Sides", {"HEADS": 1}, type=typed(hooks.impl(method())))["HEADS"]


class Meta(type):
    def __getattr__(cls, name: str) -> Any:
        raise RuntimeError(name)


PLUGINS: list[Any] = [
    lambda hooks: module("m", ask=hooks.impl(plain())),
    lambda hooks: module("m", ask=hooks.impl(plain()), __getattr__=lambda name: 1 / 0),
    lambda hooks: hooks.impl(plain()),
    lambda hooks: Speaker("s", ask=hooks.impl(plain())),
    lambda hooks: typed(hooks.impl(method())),
    lambda hooks: typed(hooks.impl(method()))(),
    lambda hooks: typed(staticmethod(hooks.impl(plain()))),
    lambda hooks: typed(hooks.impl(staticmethod(plain())))(),
    lambda hooks: typed(classmethod(hooks.impl(method()))),
    lambda hooks: typed(hooks.impl(classmethod(method())))(),
    lambda hooks: type("Sub", (typed(hooks.impl(method())),), {}),
    lambda hooks: type("Sub", (typed(hooks.impl(method())),), {})(),
    lambda hooks: typed(hooks.impl(method()), __slots__=())(),
    lambda hooks: dataclass(typed(hooks.impl(method())))(),
    lambda hooks: Meta("M", (), {"ask": hooks.impl(method())}),
    enumerated,
    lambda hooks: module("m", ask=hooks.impl(Called())),
    lambda hooks: Speaker("s", ask=hooks.impl(Called())),
    lambda hooks: module("m", ask=typed(hooks.impl(method()))().ask),
    lambda hooks: module("m", ask=hooks.impl(functools.partial(plain()))),
    lambda hooks: module("m", ask=hooks.impl(functools.partial(lambda y, x: y * x, 10))),
    lambda hooks: module("m", ask=hooks.impl(functools.cache(plain()))),
    lambda hooks: typed(hooks.impl(functools.cache(method())))(),
    lambda hooks: module("m", other=hooks.impl(name="ask")(plain())),
    lambda hooks: typed(hooks.impl(Called())),
    lambda hooks: typed(hooks.impl(functools.partial(plain())))(),
    lambda hooks: typed(hooks.impl(functools.cache(method()))),
]


@pytest.mark.parametrize("make", PLUGINS)
def test_what_may_be_a_plugin(hooks: Hooks, make: Callable[[Hooks], object]) -> None:
    """Modules, objects, classes and functions, with all kinds of methods."""
    hooks.register(make(hooks))
    assert [50] == hooks["ask"](5) == hooks["ask"](x=5)


@pytest.mark.parametrize(
    "make",
    [
        lambda hooks: hooks.impl(name="ask")(Called()),
        lambda hooks: hooks.impl(name="ask")(functools.partial(plain())),
        lambda hooks: hooks.impl(name="ask")(functools.cache(plain())),
        lambda hooks: typed(hooks.impl(method()))().ask,
        lambda hooks: module("m", ask=hooks.impl(type("Made", (), {"__init__": method()}))),
    ],
    ids=["called", "partial", "cache", "method", "class"],
)
def test_what_is_marked_is_used_or_refused(hooks: Hooks, make: Callable[[Hooks], object]) -> None:
    """A mark that nobody finds would leave the plugin without effect and without an error."""
    try:
        hooks.register(make(hooks))
    except HookError:
        return
    assert 1 == len(hooks["ask"](5))


class Named:
    name = "said"


def module_named(name: object) -> object:
    """A module with this for its `name`."""
    made = module("m")
    vars(made)["name"] = name
    return made


@dataclass(slots=True)
class Slotted:
    name: str


@pytest.mark.parametrize(
    ("plugin", "options", "expected"),
    [
        (module("a.b"), {}, "a.b"),
        (module_named("said"), {}, "said"),
        (module_named(3), {}, "m"),
        (Named, {}, "said"),
        (Named(), {}, "said"),
        (Named(), {"name": "given"}, "given"),
        (Called, {}, "Called"),
        (Called(), {}, "Called"),
        (plain(), {}, "ask"),
        (Called(), {"name": "odd 'name'\n"}, "odd 'name'\n"),
        (Slotted("said"), {}, "said"),
    ],
)
def test_the_name_of_a_plugin(hooks: Hooks, plugin: object, options: Any, expected: str) -> None:
    """The given one, or its attribute, or that of the module, class or function; no code runs."""
    hooks.register(plugin, **options)
    assert [expected] == list(hooks.plugins)
    assert [] == hooks["ask"](1)


def test_properties_do_not_run(hooks: Hooks) -> None:
    """Neither those that could say something of the plugin, nor one that is marked in vain."""

    def refuse(self: object) -> Any:
        raise RuntimeError

    untouched = {each: property(refuse) for each in ("name", "priority", "depends_on", "other")}
    untouched["marked"] = property(hooks.impl(name="ask")(refuse))
    made = typed(hooks.impl(method()), **untouched)
    hooks.register(made)
    hooks.register(made(), name="object")
    assert (["P", "object"], [50, 50]) == (list(hooks.plugins), hooks["ask"](5))


def test_no_code_runs_for_a_name(hooks: Hooks) -> None:
    """An object that refuses to be asked goes by the name of its class."""

    def refuse(self: object, name: str) -> Any:
        raise RuntimeError(name)

    hooks.register(typed(hooks.impl(method()), __getattr__=refuse)())
    assert ["P"] == list(hooks.plugins)


def test_a_handle_goes_by_its_own_name(site: Any) -> None:
    """A plugin of a group can be registered like any other."""
    site.add_module("one")
    hooks = Hooks("tabletop")
    hooks.register(load_group(GROUP).plugins["one"])
    assert ["one"] == list(hooks.plugins)


def test_one_name_is_for_one_plugin(hooks: Hooks) -> None:
    """With none or several it is an error, and nothing is registered."""
    for plugins in ([], [Named, Called]):
        with pytest.raises(HookError, match="name='n' is for one plugin"):
            hooks.register(*plugins, name="n")
    assert {} == hooks.plugins


def test_a_class_is_instantiated_once_when_it_is_first_needed(hooks: Hooks) -> None:
    """Neither when it is registered nor for a static method or another hook; blocking keeps it."""
    declared(hooks)
    made: list[object] = []
    free = staticmethod(hooks.impl(name="roll")(lambda: "free"))
    hooks.register(typed(hooks.impl(method()), __init__=lambda self: made.append(self), roll=free))
    assert (["free"], []) == (hooks["roll"](), made)
    for _ in range(2):
        assert [50] == hooks["ask"](5)
        hooks.block("P")
        assert [] == hooks["ask"](5)
        hooks.unblock("P")
    assert 1 == len(made)


@pytest.mark.parametrize("source", ["x, y, z", "z, x, y", "x, /, y, *, z", "*, z, y, x", "**rest"])
@pytest.mark.parametrize("args", [(1,), (1, 5)])
@pytest.mark.parametrize("kwargs", [{}, {"z": 6}])
def test_arguments_and_defaults_reach_the_implementation(
    hooks: Hooks, source: str, args: Any, kwargs: Any
) -> None:
    """In whatever way they are given and taken; the defaults are those of the specification."""
    gives = "rest" if "rest" in source else "dict(x=x, y=y, z=z)"
    found = eval(f"lambda self, {source}: {gives}")  # noqa: S307  # from this test alone
    hooks.register(typed(hooks.impl(found)))
    expected = dict(zip("xyz", (1, 2, 3), strict=True)) | dict(zip("xy", args, strict=False))
    assert [expected | kwargs] == hooks["ask"](*args, **kwargs)


def test_unregister_block_and_unblock(hooks: Hooks) -> None:
    """By name; a block holds for a plugin that comes later, or again."""
    plugins, _ = answering(hooks, "abc")
    hooks.block("p1")
    hooks.register(*plugins)
    assert (["a", "c"], ["p0", "p1", "p2"]) == (hooks["ask"](1), list(hooks.plugins))
    hooks.unregister("p1")
    hooks.register(plugins[1])
    assert ["a", "c"] == hooks["ask"](1)
    hooks.unblock("p1")
    assert ["a", "c", "b"] == hooks["ask"](1)
    hooks.unregister("p0")
    assert (["c", "b"], ["p2", "p1"]) == (hooks["ask"](1), list(hooks.plugins))
    with pytest.raises(PluginNotFoundError, match=r"no plugin 'p0' .*'tabletop'; there are p1"):
        hooks.unregister("p0")
