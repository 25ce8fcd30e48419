"""Dependencies: who starts before whom, and who cannot start because of another one."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import QUIET, noting, observed, states
from sites import GROUP, Site

import plugbay
from plugbay import Host, HostApi, Policy
from plugbay.hosting.dependencies import Dependency


def started(host: Host) -> list[str]:
    """The names of the plugins of a host, in the order in which they become active."""
    seen = observed(host)
    with host:
        return [each.partition(" ")[0] for each in seen if each.endswith(">active")]


def versioned(version: str) -> type:
    """A plugin that says which version it is of."""
    return type("Versioned", (), {"version": version})


def reason(host: Host, name: str) -> str:
    """Why a plugin is refused."""
    component = next(each for each in host.components if each.name == name)
    assert "refused" == component.state
    return component.reason


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("filter", ("filter", "", False)),
        ("filter?", ("filter", "", True)),
        ("filter>=1.2,<2", ("filter", ">=1.2,<2", False)),
        (" filter >= 1.2 ", ("filter", ">= 1.2", False)),
        ("filter~=1.2?", ("filter", "~=1.2", True)),
        ("filter ?", ("filter", "", True)),
        ("tabletop.rows:filter!=1?", ("tabletop.rows:filter", "!=1", True)),
        ("two-words_x.y", ("two-words_x.y", "", False)),
    ],
)
def test_a_dependency_is_a_name_with_versions(text: str, found: tuple[str, str, bool]) -> None:
    """And with a question mark where it may be missing."""
    need = Dependency(text)
    assert found == (need.name, need.specifier, need.is_optional)
    assert repr(text.strip()) in repr(need)


@pytest.mark.parametrize("text", ["", "?", ">=1", "x>>1", "x>=", "x?>=1", "x two"])
def test_what_is_no_dependency_is_an_error(text: str) -> None:
    """Where it is written in the host's own code, at the line that does so."""
    with pytest.raises(plugbay.InvalidVersionError):
        Host("tabletop").register("a", object(), depends_on=[text])


def test_dependencies_start_first_and_otherwise_names_decide() -> None:
    """After priority; the order is that of explain() as well."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["z>=1", "missing?"])
    host.register("b", object(), before=["a"])
    host.register("c", object(), priority=-1)
    host.register("d", object(), after=["e", "missing"])
    host.register("e", object())
    host.register("z", versioned("1.4"))
    lines = host.explain().splitlines()
    assert ["c", "b", "e", "d", "z", "a"] == started(host)
    assert ["'c'", "'b'", "'e'", "'d'", "'z'", "'a'"] == [each.split()[2] for each in lines[1:]]
    assert "it depends on 'z'" in lines[-1]


@pytest.mark.parametrize(
    ("need", "version", "fits"),
    [
        ("z>=1.2,<2", "1.2", True),
        ("z>=1.2,<2", "2.0", False),
        ("z~=1.2", "1.9.1", True),
        ("z==1.*", "2.0", False),
        ("z>=1.2?", "1.1", False),
        ("z>=1.2", "", False),
        ("z>=1.2", "no version", False),
        ("z>=1", "1.0rc1", False),
    ],
)
@QUIET
def test_versions_decide(need: str, version: str, fits: bool) -> None:
    """Of optional dependencies too; what has no version has none that would do."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=[need])
    host.register("z", versioned(version))
    assert (["z", "a"] if fits else ["z"]) == started(host)
    if not fits:
        assert f"it depends on {need!r}, and 'z' is {version or 'of no version'}" == reason(
            host, "a"
        )


@QUIET
def test_installed_plugins_have_their_distributions_version(site: Site) -> None:
    """And what they depend on is in their manifest."""
    needs = {"a": ["b>=2"], "c": ["b<2"], "b": []}
    for name, each in needs.items():
        manifest = {"plugins": {GROUP: {name: {"depends-on": each}}}}
        site.add_module(name, module=f"shade_{name}", manifest=manifest, version="2.1")
    host = Host("tabletop")
    host.discover(GROUP)
    assert ["b", "a"] == started(host)
    assert "it depends on 'b<2', and 'b' is 2.1" == reason(host, "c")
    assert 0 == site.runs("shade_c")


def test_names_are_looked_for_in_the_own_group_first() -> None:
    """Then in all others, where one of them may be named with the group."""
    host = Host("tabletop")
    log: list[str] = []
    host.register("a", noting(log, "one.a", "on_load"), group="one", depends_on=["z", "two:z"])
    host.register("b", noting(log, "two.b", "on_load"), group="two", depends_on=["only"])
    for group in ("one", "two"):
        host.register("z", noting(log, f"{group}.z", "on_load"), group=group)
    host.register("only", noting(log, "three.only", "on_load"), group="three")
    with host:
        words = [each.removesuffix(".on_load") for each in log]
    assert {"three.only", "two.b", "one.z", "two.z", "one.a"} == set(words)
    assert words.index("three.only") < words.index("two.b")
    assert "one.a" == words[-1]


def test_a_name_that_several_other_groups_have_is_refused() -> None:
    """With the word that would settle it."""
    host = Host("tabletop")
    for group in ("one", "two"):
        host.register("z", object(), group=group)
    host.register("a", object(), group="three", depends_on=["z"])
    with pytest.warns(plugbay.PluginWarning, match="in 'one' and 'two'; name it as 'group:z'"):
        host.start()
    host.stop()
    assert "refused" == host["three"].components["a"].state


@pytest.mark.parametrize(("groups", "name"), [(["one"], "one:a"), (["one", "two"], "a")])
def test_before_and_after_name_plugins_as_dependencies_do(groups: list[str], name: str) -> None:
    """With a group or without, the own group first."""
    host = Host("tabletop")
    for group in groups:
        host.register("a", object(), group=group)
    host.register("z", object(), group="one", before=[name])
    seen: list[str] = []
    host.observe(lambda each, _: seen.append(f"{each.plugin.group}:{each.name} {each.state}"))
    with host:
        assert seen.index("one:z active") < seen.index("one:a active")


@QUIET
def test_what_runs_is_not_refused() -> None:
    """Even if a plugin that came later makes a dependency ambiguous."""
    host = Host("tabletop")
    host.register("z", object(), group="one")
    host.register("a", object(), group="three", depends_on=["z"])
    with host:
        host.register("z", object(), group="two")
        host.start()
        assert "active" == host["three"].components["a"].state


@QUIET
def test_a_missing_dependency_refuses_the_whole_chain() -> None:
    """With the chain as the reason, and nobody else."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["b"])
    host.register("b", object(), depends_on=["c"])
    host.register("c", object(), depends_on=["rows"])
    host.register("row", object())
    assert ["row"] == started(host)
    missing = "it depends on 'rows', which is not there; did you mean 'row'?"
    chain = f"it depends on 'c', which is refused: {missing}"
    assert missing == reason(host, "c")
    assert f"it depends on 'b', which is refused: {chain}" == reason(host, "a")
    assert f"(refused): {missing}" in host.explain()


@pytest.mark.parametrize("by", ["policy", "gate", "attribute", "failure"])
@QUIET
def test_who_depends_on_a_plugin_that_cannot_start_cannot_either(by: str) -> None:
    """Whatever is in its way, and it is told."""
    policy = Policy(disable=["c"]) if by == "policy" else None
    host = Host("tabletop", api=HostApi("tabletop", "1.5"), policy=policy)
    failing = ["initialize"] if by == "failure" else []
    says = {"api_version": ">=2"} if by == "attribute" else {}
    last = noting([], "c", "initialize", failing=failing, **says)
    host.register("c", last, api=">=2" if by == "gate" else "")
    host.register("b", object(), depends_on=["c"])
    host.register("a", object(), depends_on=["b"])
    host.register("d", object())
    assert ["d"] == started(host)
    words = {"policy": "disables c", "failure": "ValueError: initialize of c"}
    assert words.get(by, "tabletop>=2") in reason(host, "a")


@pytest.mark.parametrize("by", ["policy", "failure"])
@QUIET
def test_who_can_do_without_a_plugin_starts_without_it(by: str) -> None:
    """A plugin that the operator disables, or that fails, is not there."""
    host = Host("tabletop", policy=Policy(disable=["z"]) if by == "policy" else None)
    host.register("z", noting([], "z", "initialize", failing=["initialize"]))
    host.register("a", object(), depends_on=["z?"])
    assert ["a"] == started(host)


@QUIET
def test_a_dependency_may_come_later() -> None:
    """The next start finds it."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["z"])
    host.start()
    assert {"a": "refused"} == states(host)
    host.register("z", object())
    host.start()
    assert {"a": "active", "z": "active"} == states(host)
    host.stop()


NAMES = "abcdefgh"


@st.composite
def wishes(draw: Any) -> dict[str, dict[str, Any]]:
    """Wishes of plugins that leave an order: each is about plugins earlier in one permutation."""
    names = draw(st.permutations(NAMES))
    found: dict[str, dict[str, Any]] = {name: {"before": []} for name in names}
    for number, name in enumerate(names):
        some = st.lists(st.sampled_from(names[:number]), max_size=3) if number else st.just([])
        found[name] |= {word: draw(some) for word in ("depends_on", "after")}
        found[name]["priority"] = draw(st.integers(-1, 1))
        for each in draw(some):
            found[each]["before"].append(name)
    return found


@given(wishes(), st.permutations(NAMES), st.randoms(use_true_random=False))
def test_every_order_respects_all_wishes_and_is_always_the_same(
    asked: dict[str, dict[str, Any]], names: list[str], chance: random.Random
) -> None:
    """Whatever the order in which plugins are registered."""

    def order(names: list[str]) -> list[str]:
        host = Host("tabletop")
        for name in names:
            told = {key: value for key, value in asked[name].items() if key != "priority"}
            shuffled = {key: chance.sample(value, len(value)) for key, value in told.items()}
            host.register(name, object(), priority=asked[name]["priority"], **shuffled)
        return started(host)

    found = order(names)
    places = {name: place for place, name in enumerate(found)}
    for name, each in asked.items():
        assert all(places[other] < places[name] for other in [*each["depends_on"], *each["after"]])
        assert all(places[name] < places[other] for other in each["before"])
    assert sorted(NAMES) == sorted(found)
    assert found == order(sorted(names))
