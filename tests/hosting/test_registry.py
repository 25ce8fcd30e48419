"""Registry: plugins of every source go the same way, and all threads see the same ones."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from parts import QUIET, fresh_group, states
from sites import Site

import plugbay
from plugbay import Extension, Host, HostApi, Policy

SOURCES = pytest.mark.parametrize(
    "source", ["installed", "function", "class", "object", "extension", "module"]
)


def provide(source: str, host: Host, site: Site, group: str, api: str = "") -> None:
    """Give the host a plugin "x", whose object is no number, in one of the ways that there are."""
    if source == "installed":
        manifest = {"api": api} if api else {}
        site.add_module("x", module="shade_x", group=group, manifest=manifest)
        host.discover(group)
    elif source == "function":
        host.register("x", group=group, api=api)(lambda: "x")
    elif source == "class":
        host.register("x", type("X", (), {"api_version": api}), group=group)
    elif source == "object":
        host.register("x", "x", group=group, api=api)
    elif source == "extension":
        kind = type("Kind", (Extension,), {}, group=group)
        type("X", (kind,), {}, name="x", api=api)
    else:
        body = f"from holder import host\nhost.register('x', 'x', group={group!r}, api={api!r})\n"
        site.write("shade_module.py", body)
        holder = type(sys)("holder")
        holder.host = host  # type: ignore[attr-defined]
        sys.modules["holder"] = holder
        assert [] == host.load_modules(["shade_module"])
        del sys.modules["holder"], sys.modules["shade_module"]


def test_one_group_has_the_plugins_of_every_source(site: Site) -> None:
    """In the order of their names, and nothing installed is imported by looking."""
    host, group = Host("tabletop"), fresh_group()
    site.add_module("pip", module="shade_pip", group=group)
    host.discover(group)

    @host.register("function", group=group)
    def function() -> str:
        return "called"

    @host.register("class", group=group)
    class Made: ...

    class Kind(Extension, group=group): ...

    class Derived(Kind, name="derived"): ...

    host.register("object", "text", group=group)
    plugins = host[group]
    assert ["class", "derived", "function", "object", "pip"] == list(plugins)
    assert (5, 0) == (len(plugins), site.runs("shade_pip"))
    assert ("pip", "text", function) == (plugins["pip"], plugins["object"], plugins["function"])
    assert (Made, Derived) == (type(plugins["class"]), type(plugins["derived"]))
    assert plugins["class"] is host.group(group)["class"]
    assert f"<HostGroup {group!r}: 5 usable of 5>" == repr(plugins)


@SOURCES
@QUIET
def test_a_policy_refuses_whatever_the_source(source: str, site: Site) -> None:
    """With the reason; the plugin is known and cannot be used."""
    host, group = Host("tabletop", policy=Policy(disable=["x"])), fresh_group()
    provide(source, host, site, group)
    plugins = host[group]
    assert ([], "refused") == (list(plugins), plugins.components["x"].state)
    with pytest.raises(plugbay.PluginRefusedError, match="the host's policy disables x"):
        plugins["x"]
    assert 0 == site.runs("shade_x")


def test_a_policy_knows_code_by_its_top_level_package() -> None:
    """In the place of a distribution's name."""
    host = Host("tabletop", policy=Policy(deny=[f"x@{__name__}"]))
    for name in "xy":
        host.register(name, object())
    assert {"x": "refused", "y": "found"} == states(host)


@SOURCES
@QUIET
def test_the_gate_refuses_whatever_the_source(source: str, site: Site) -> None:
    """What is declared for another version of the host's API."""
    host, group = Host("tabletop", api=HostApi("tabletop", "1.5")), fresh_group()
    provide(source, host, site, group, api=">=2")
    assert ([], "refused") == (list(host[group]), host[group].components["x"].state)
    with pytest.raises(plugbay.PluginRefusedError, match=r"tabletop>=2|1\.5"):
        host[group]["x"]


@SOURCES
@QUIET
def test_expectations_hold_whatever_the_source(source: str, site: Site) -> None:
    """A plugin that is not what the group holds fails once it is asked for."""
    host, group = Host("tabletop"), fresh_group()
    host.group(group, expect=int)
    provide(source, host, site, group)
    assert [] == list(host[group].values())
    with pytest.raises(plugbay.UnexpectedPluginError, match="neither an instance nor a subclass"):
        host[group]["x"]
    assert "failed" == host[group].components["x"].state


def test_an_unknown_name_is_told_with_the_closest_ones() -> None:
    """As a KeyError."""
    host = Host("tabletop")
    host.register("filter", object())
    with pytest.raises(KeyError, match="has no plugin 'filtr'; did you mean 'filter'"):
        host["tabletop.plugins"]["filtr"]


def test_duplicates_name_both_places(site: Site) -> None:
    """Be they in code or installed, and the first one stays; installed ones are left out."""
    host, group = Host("tabletop"), fresh_group()
    host.register("x", "first", group=group)
    line = sys._getframe().f_lineno - 1
    both = rf"/test_registry.py, line {line + 4}\) cannot .*/test_registry.py, line {line}\)"
    with pytest.raises(plugbay.PluginConflictError, match=both):
        host.register("x", "second", group=group)
    site.add_module("x", module="shade_x", group=group)
    site.add_module("w", module="shade_w", group=group)
    with pytest.warns(plugbay.PluginWarning, match=r"of x 1\.0 is refused: .* of test_registry"):
        host.discover(group)
    expected = {"x": "found", "w": "found", "x@x": "refused"}
    assert (expected, "first") == (states(host), host[group]["x"])


def test_a_class_cannot_take_a_registered_name() -> None:
    """It is left out with a warning that names both places, and costs no other plugin."""
    host, group = Host("tabletop"), fresh_group()
    host.register("x", object(), group=group)
    kind = type("Kind", (Extension,), {}, group=group)
    type("X", (kind,), {}, name="x")
    type("Y", (kind,), {}, name="y")
    with pytest.warns(plugbay.PluginWarning, match=r"X of test_registry .* is left out: .*'x' of"):
        assert ["x", "y"] == list(host[group])


@QUIET
def test_disabling_one_of_two_of_a_name_leaves_the_other(site: Site) -> None:
    """As the message about the shadowed one advises."""
    host, group = Host("tabletop", policy=Policy(disable=["x@one"])), fresh_group()
    for each in ("one", "two"):
        site.add(each, {"x": f"shade_{each}:thing"}, group=group)
        site.write(f"shade_{each}.py", f"thing = {each!r}\n")
    host.discover(group)
    assert "two" == host[group]["x"]


@QUIET
def test_a_broken_dependency_costs_one_distribution(site: Site) -> None:
    """The others are found."""
    host, group = Host("tabletop"), fresh_group()
    manifest = {"plugins": {group: {"bad": {"depends-on": ["good>>1"]}}}}
    site.add_module("bad", module="shade_bad", group=group, manifest=manifest)
    site.add_module("good", module="shade_good", group=group)
    host.discover(group)
    assert ["good"] == list(host[group])


def test_one_dependency_may_not_be_taken_for_letters() -> None:
    """A string is one name, or an error."""
    host = Host("tabletop")
    try:
        host.register("x", object(), depends_on="base")
    except (TypeError, ValueError):
        return
    assert ["base"] == [each.name for each in host.components[0].needs]


def test_modules_register_themselves_but_for_a_broken_one(site: Site, monkeypatch: Any) -> None:
    """Which is told in a warning and in the answer, and costs what it would have registered."""
    host = Host("tabletop")
    holder = type(sys)("holder")
    holder.host = host  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "holder", holder)
    for name, first in (("a", ""), ("b", "raise SystemExit('out of paint')\n"), ("c", "")):
        site.write(
            f"own_{name}.py", f"{first}from holder import host\nhost.register({name!r}, 1)\n"
        )
    with pytest.warns(plugbay.PluginWarning, match="'own_b' could not .*: SystemExit: out of"):
        problems = host.load_modules(["own_a", "own_b", "own_c"])
    assert (1, {"a": "found", "c": "found"}) == (len(problems), states(host))


def test_iteration_works_on_a_snapshot() -> None:
    """Plugins that come and go meanwhile are not met."""
    host = Host("tabletop")
    for name in "ab":
        host.register(name, name)
    seen = []
    for name, _ in host["tabletop.plugins"].items():
        host.register(f"{name}+", name)
        seen.append(name)
    assert ["a", "b"] == seen
    names = []
    for each in host["tabletop.plugins"]:
        host.unload(each)
        names.append(each)
    assert (["a", "a+", "b", "b+"], {}) == (names, states(host))


@pytest.mark.usefixtures("_turns")
def test_many_threads_register_look_up_and_iterate() -> None:
    """Each finds what it registered, and in each order names are sorted."""
    host = Host("tabletop")
    plugins = host["tabletop.plugins"]

    def work(number: int) -> bool:
        for each in range(40):
            name = f"{number}-{each:02}"
            host.register(name, name)
            assert name == plugins[name]
            names = list(plugins)
            assert sorted(names) == names
            assert {f"{number}-{i:02}" for i in range(each + 1)} <= set(names)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert 320 == len(plugins) == len(host.components)


@pytest.mark.usefixtures("_turns")
def test_one_of_many_threads_gets_a_name() -> None:
    """The others are told that it is taken."""
    host = Host("tabletop")
    barrier = threading.Barrier(8)

    def take(number: int) -> int:
        barrier.wait()
        try:
            host.register("x", number)
        except plugbay.PluginConflictError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert 1 == sum(pool.map(take, range(8)))


class Held(Policy):
    """A policy whose answer takes until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    def refusal(self, *names: str) -> Any:
        self.asked.set()
        self.go.wait(5)
        return super().refusal(*names)


def test_all_threads_see_the_classes_that_one_of_them_enrols() -> None:
    """Whoever looks meanwhile waits, or does it too."""
    policy, group = Held(), fresh_group()
    host = Host("tabletop", policy=policy)
    kind = type("Kind", (Extension,), {}, group=group)
    type("X", (kind,), {}, name="x")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: list(host[group]))
        assert policy.asked.wait(5)
        second = pool.submit(lambda: list(host[group]))
        sleep(0.1)
        policy.go.set()
        assert [["x"], ["x"]] == [first.result(), second.result()]


def test_a_misspelt_group_is_told() -> None:
    """With the closest one; a group that is like none may come to have plugins."""
    host = Host("tabletop")
    host.register("a", object())
    with pytest.raises(
        plugbay.PluginNotFoundError, match=r"no group 'tabletop\.plugin'; did you mean"
    ):
        host["tabletop.plugin"]
    assert dict(host["tabletop.exporters"]) == {}
