"""Hook calls: the worker of `hooks.py`; times one family of contenders in this process.

Run as `hookcalls.py FAMILY COUNT ROUNDS`, in an environment that has plugbay and its peers. It
prints a Python literal: for each contender of the family a list with the CPU time of one call in
nanoseconds, one a round.

The plugins are the same for every contender: instances of classes with a method for each hook.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from itertools import count as numbers_from
from time import process_time_ns
from timeit import Timer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from measuring import alternate
from pluggy import HookimplMarker, HookspecMarker, PluginManager
from simplug import Simplug
from stevedore import ExtensionManager
from stevedore.extension import Extension

from plugbay import Hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # Takes one time: the nanoseconds of one call.
    Contender = Callable[[], float]
    Contenders = dict[str, Contender]

PROJECT = "bench"
IN_A_ROW = 10  # calls in one statement, so that the loop around them does not count
BATCH = 2_000_000  # nanoseconds of calls for one time, about: many times what the clock can tell
TRIES = 5  # of what cannot be called many times in a row, for one time

BY_POSITION = "call(row, table)"
BY_KEYWORD = "call(row=row, table=table)"

PLUGIN = """
    @impl
    def describe(self, row, table):
        return row
"""

WRAPPER = """
    @impl(wrapper=True)
    def describe(self, row, table):
        return (yield)
"""

TWENTY = tuple(f"hook_{number}" for number in range(20))
PLUGIN_OF_TWENTY = "".join(PLUGIN.replace("describe", name) for name in TWENTY)


def plain_calls(count: int) -> Contenders:
    """All implementations run, and their results become a list."""
    plugins = made(PLUGIN, count)
    loop = loop_over([plugin.describe for plugin in plugins])
    hook = plugbay_with(plugins)["describe"]
    return {
        "loop": repeated(loop, BY_POSITION),
        "loop, keywords": repeated(loop, BY_KEYWORD),
        "plugbay": repeated(hook, BY_POSITION),
        "plugbay, keywords": repeated(hook, BY_KEYWORD),
        "pluggy, keywords": repeated(pluggy_with(plugins).hook.describe, BY_KEYWORD),
        "stevedore map_method": repeated(
            stevedore_with(plugins).map_method, "call('describe', row, table)"
        ),
        "simplug": repeated(simplug_with(PLUGIN, count)[0].hooks.describe, BY_POSITION),
    }


def first_result_calls(count: int) -> Contenders:
    """The first implementation gives a result, and the others do not run."""
    plugins = made(PLUGIN, count)
    return pair(plugbay_with(plugins, "first_avail"), pluggy_with(plugins, firstresult=True))


def wrapped_calls(count: int) -> Contenders:
    """One wrapper runs around the implementations."""
    plugins = made(PLUGIN, count) + made(WRAPPER, 1, "around")
    return pair(plugbay_with(plugins), pluggy_with(plugins))


def monitored_calls(count: int) -> Contenders:
    """Somebody hears of each call, before and after it."""
    plugins = made(PLUGIN, count)
    hooks, manager = plugbay_with(plugins), pluggy_with(plugins)
    hooks.monitor(lambda record: None, lambda record: None)
    manager.add_hookcall_monitoring(lambda *before: None, lambda *after: None)
    return pair(hooks, manager)


def registrations(count: int) -> Contenders:
    """One plugin with 20 hooks comes to so many like it; it leaves again untimed."""
    plugins = made(PLUGIN_OF_TWENTY, count)
    hooks, manager = plugbay_with(plugins, names=TWENTY), pluggy_with(plugins, names=TWENTY)
    simplug, theirs = simplug_with(PLUGIN_OF_TWENTY, count, names=TWENTY)
    plugin = plugins[-1]

    def plugbay() -> Callable[[], object]:
        hooks.unregister(plugin.name)
        return partial(hooks.register, plugin)

    def pluggy() -> Callable[[], object]:
        manager.unregister(plugin)
        return partial(manager.register, plugin)

    return {
        "plugbay": once(plugbay),
        "pluggy": once(pluggy),
        # It does the same again for a plugin that it has, and has no way to leave.
        "simplug": once(lambda: partial(simplug.register, theirs[-1])),
    }


def first_calls(count: int) -> Contenders:
    """The first call of a hook, and the first one after a plugin has come to a hook in use."""
    plugins = made(PLUGIN, count)
    hooks = plugbay_with(plugins)
    numbers = numbers_from()

    def new() -> Callable[[], object]:
        # Under a name of its own, since the code of a hook is compiled once for each text.
        name = f"describe_{next(numbers)}"
        mine = made(PLUGIN.replace("describe", name), count)
        return partial(plugbay_with(mine, names=(name,))[name], None, None)

    def changed() -> Callable[[], object]:
        hooks.unregister(plugins[-1].name)
        hooks.register(plugins[-1])
        return partial(hooks["describe"], None, None)

    return {"of a hook": once(new), "after a registration": once(changed)}


FAMILIES = {
    "plain": plain_calls,
    "first result": first_result_calls,
    "one wrapper": wrapped_calls,
    "monitored": monitored_calls,
    "registration": registrations,
    "first call": first_calls,
}


def repeated(call: Callable[..., object], statement: str) -> Contender:
    """The time of a call that can be made many times in a row."""
    names = {"call": call, "row": object(), "table": object()}
    timer = Timer(";".join([statement] * IN_A_ROW), timer=process_time_ns, globals=names)
    timer.timeit(10)  # what is done at the first calls only
    number = int(max(1, 10 * BATCH // timer.timeit(10)))
    return lambda: timer.timeit(number) / (number * IN_A_ROW)


def once(prepare: Callable[[], Callable[[], object]]) -> Contender:
    """The time of a call that is prepared anew, untimed, each time that it is made."""

    def take() -> float:
        spent = 0
        for _ in range(TRIES):
            call = prepare()
            started = process_time_ns()
            call()
            spent += process_time_ns() - started
        return spent / TRIES

    return take


def pair(hooks: Hooks, manager: PluginManager) -> Contenders:
    """The calls that pluggy can make as well, so by keyword."""
    return {
        "plugbay": repeated(hooks["describe"], BY_KEYWORD),
        "pluggy": repeated(manager.hook.describe, BY_KEYWORD),
    }


def loop_over(methods: Sequence[Callable[..., object]]) -> Callable[..., list[object]]:
    """What one would write by hand, knowing the plugins and nothing else."""

    def loop(row: object, table: object) -> list[object]:
        results = []
        for method in methods:
            result = method(row, table)
            if result is not None:
                results.append(result)
        return results

    return loop


def made(methods: str, count: int, name: str = "plugin", impl: Any = None) -> list[Any]:
    """So many plugins, each of a class and of code of its own, as those of different authors."""
    plugins = []
    for number in range(count):
        scope: dict[str, Any] = {"impl": impl or marked}
        exec(f"class Plugin:{methods}", scope)  # noqa: S102  # the text is in this file
        plugins.append(scope["Plugin"]())
        plugins[-1].name = f"{name}_{number}"
    return plugins


def marked(function: Any = None, *, wrapper: bool = False) -> Any:
    """A decorator that marks an implementation for plugbay and for pluggy."""
    if function is None:
        return partial(marked, wrapper=wrapper)
    Hooks(PROJECT).impl(wrapper=wrapper)(function)
    return HookimplMarker(PROJECT)(wrapper=wrapper)(function)


def specification(name: str) -> Any:
    """A function that specifies the hook of that name."""

    def function(row: object, table: object) -> object: ...

    function.__name__ = name
    return function


def plugbay_with(
    plugins: list[Any], strategy: Any = "all_avails", names: Sequence[str] = ("describe",)
) -> Hooks:
    hooks = Hooks(PROJECT)
    for name in names:
        hooks.spec(strategy=strategy)(specification(name))
    for plugin in plugins:
        hooks.register(plugin)
    return hooks


def pluggy_with(
    plugins: list[Any], *, firstresult: bool = False, names: Sequence[str] = ("describe",)
) -> PluginManager:
    manager = PluginManager(PROJECT)
    spec = HookspecMarker(PROJECT)(firstresult=firstresult)
    manager.add_hookspecs(SimpleNamespace(**{name: spec(specification(name)) for name in names}))
    for plugin in plugins:
        manager.register(plugin)
    return manager


def stevedore_with(plugins: list[Any]) -> ExtensionManager[Any]:
    extensions = [Extension(plugin.name, None, type(plugin), plugin) for plugin in plugins]
    return ExtensionManager.make_test_instance(extensions)


def simplug_with(
    methods: str, count: int, names: Sequence[str] = ("describe",)
) -> tuple[Simplug, list[Any]]:
    """With the plugins, which are like the others', but its marks put objects before methods."""
    simplug = Simplug(PROJECT)
    for name in names:
        simplug.spec(specification(name))
    plugins = made(methods, count, impl=simplug.impl)
    simplug.register(*plugins)
    return simplug, plugins


def main(family: str, count: str, rounds: str) -> None:
    contenders = FAMILIES[family](int(count))
    gc.disable()  # as `timeit` does: it would come to whoever is at it, for what all have left
    print(alternate(contenders, int(rounds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
