"""Circles: plugins that all wait for each other, which no order can start."""

import pytest
from parts import QUIET, states

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
