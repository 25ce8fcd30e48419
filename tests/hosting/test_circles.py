"""Circles: plugins that all wait for each other, which no order can start."""

import pytest
from parts import QUIET, states
from sites import Site

import plugbay
from plugbay import Host


def test_a_circle_is_named_edge_by_edge() -> None:
    """And nothing is started; with one wish less everything is."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["b"])
    host.register("b", object(), after=["c"])
    host.register("c", object(), before=["d"], depends_on=["a"])
    host.register("d", object())
    with pytest.raises(plugbay.PluginOrderError) as raised:
        host.start()
    for words in (
        "'a' after 'b' (it depends on 'b')",
        "'b' after 'c' (it asks to run after 'c')",
        "'c' after 'a' (it depends on 'a')",
    ):
        assert words in str(raised.value)
    assert "'d'" not in str(raised.value)
    assert {"found"} == set(states(host).values())


@pytest.mark.parametrize("way", ["unload", "explain"])
def test_a_circle_can_be_looked_at_and_broken(way: str) -> None:
    """By taking out one of its plugins, after which the others start."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["b"])
    host.register("b", object(), depends_on=["a?"])
    if way == "explain":
        assert "'a' after 'b'" in host.explain()
    else:
        host.unload("a", dependents=True)
        assert "a" not in states(host)


def test_the_advice_about_a_circle_is_for_hosts() -> None:
    """It names nothing that has no bearing on the order of a host."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["b"])
    host.register("b", object(), after=["a"])
    with pytest.raises(plugbay.PluginOrderError) as raised:
        host.start()
    assert "hook" not in str(raised.value).lower()


@QUIET
def test_who_depends_on_itself_is_refused() -> None:
    """The shortest circle concerns nobody else."""
    host = Host("tabletop")
    host.register("a", object(), depends_on=["a"])
    host.register("b", object())
    with host:
        assert {"a": "refused", "b": "active"} == states(host)
    assert "it depends on itself" == host.components[0].reason


def install(site: Site, name: str, needs: str) -> None:
    """A distribution with a plugin that depends on another one."""
    manifest = {"plugins": {"tabletop.plugins": {name: {"depends-on": [needs]}}}}
    site.add(
        f"tabletop-{name}",
        {name: f"tabletop_{name}"},
        group="tabletop.plugins",
        manifest=manifest,
        files={f"tabletop_{name}.py": ""},
    )


def test_a_circle_of_installed_plugins_costs_those(site: Site) -> None:
    """And those that depend on them: what somebody installs does not end the host."""
    install(site, "a", "b")
    install(site, "b", "a")
    install(site, "c", "b")
    host = Host("tabletop")
    host.register("d", object())
    host.discover("tabletop.plugins")
    with pytest.warns(plugbay.PluginWarning) as caught:
        host.start()
    assert {"a": "refused", "b": "refused", "c": "refused", "d": "active"} == states(host)
    told = [str(each.message) for each in caught]
    assert 3 == len(told)
    assert "'a' after 'b' (it depends on 'b')" in told[0]
    assert "'b' after 'a' (it depends on 'a')" in told[1]
    assert "it depends on 'b', which is refused" in told[2]
    host.stop()


@QUIET
def test_of_a_circle_the_installed_plugins_are_left_out(site: Site) -> None:
    """The host's own plugin that is in it is, where it depends on one of them."""
    install(site, "a", "own")
    host = Host("tabletop")
    host.register("own", object(), after="a")
    host.register("needy", object(), depends_on="a")
    host.discover("tabletop.plugins")
    with host:
        assert {"a": "refused", "needy": "refused", "own": "active"} == states(host)
    assert "these wishes contradict each other" in host.explain()
