"""Starting some plugins of a host: those that are named, and what they need."""

from typing import Any

import pytest
from parts import noting, observed, states
from sites import Site

import plugbay
from plugbay import Host


def a_host(log: list[str]) -> Host:
    """Plugins a <- b <- c, and d alone, each of which notes that it is started and stopped."""
    host = Host("tabletop")
    for name, needs in {"a": (), "b": "a", "c": "b", "d": ()}.items():
        host.register(name, noting(log, name, "on_load", "on_unload"), depends_on=needs)
    return host


def test_what_is_named_and_what_it_needs_is_started() -> None:
    """Dependencies first, and nothing else is as much as loaded."""
    log: list[str] = []
    host = a_host(log)
    host.start(only=["b"])
    assert log == ["a.on_load", "b.on_load"]
    assert states(host) == {"a": "active", "b": "active", "c": "found", "d": "found"}
    host.stop()
    assert log[2:] == ["b.on_unload", "a.on_unload"]


def test_others_may_be_started_later() -> None:
    """What runs already is left alone."""
    log: list[str] = []
    host = a_host(log)
    host.start(only={"a"})
    host.start(only=("c", "d"))
    host.start()
    assert log == [f"{name}.on_load" for name in "abcd"]
    host.stop()
    assert log[4:] == [f"{name}.on_unload" for name in "dcba"]


def test_nothing_may_be_named() -> None:
    """Then nothing is started, which is not the same as everything."""
    log: list[str] = []
    host = a_host(log)
    host.start(only=[])
    assert (log, set(states(host).values())) == ([], {"found"})


def test_an_unknown_name_is_told() -> None:
    """With the closest one, before anything is started."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("scale", noting(log, "scale"))
    with pytest.raises(
        plugbay.PluginNotFoundError, match="no plugin 'scael'; did you mean 'scale'"
    ):
        host.start(only=["scale", "scael"])
    assert log == []


def test_only_what_is_wanted_is_refused_and_warned_of() -> None:
    """A plugin whose dependency is missing is told of when it is asked for, and not before."""
    host = a_host([])
    host.register("lost", object(), depends_on="nothing")
    seen = observed(host)
    host.start(only=["d"])
    assert seen == ["d found>loaded", "d loaded>active"]
    with pytest.warns(plugbay.PluginWarning, match="it depends on 'nothing'"):
        host.start(only=["lost"])
    assert states(host)["lost"] == "refused"


def test_what_code_depends_on_is_started_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it is known only once the plugin is loaded."""
    log: list[str] = []
    body = (
        "class Late:\n    depends_on = ['a']\n    def on_load(self): log.append('late.on_load')\n"
    )
    site.add(
        "late",
        {"late": "late_plugin:Late"},
        group="tabletop.plugins",
        files={"late_plugin.py": f"log = []\n{body}"},
    )
    host = Host("tabletop", api_version="1.0")
    host.register("a", noting(log, "a", "on_load"))
    host.discover("tabletop.plugins")
    host.start(only=["late"])
    assert states(host) == {"a": "active", "late": "active"}


def test_configuration_of_others_is_not_looked_at() -> None:
    """Though values for plugins that are not there are told all the same."""
    from dataclasses import dataclass

    @dataclass
    class Model:
        limit: int

    wrong: Any = type("Wrong", (), {"config_model": Model})
    host = Host("tabletop", config={"wrong": {"limit": "x"}, "missing": {}})
    host.register("wrong", wrong)
    host.register("right", object())
    with pytest.warns(plugbay.PluginWarning) as caught:
        host.start(only=["right"])
    assert ["missing: there is no such plugin" in str(each.message) for each in caught] == [True]
    assert "wrong." not in str(caught[0].message)
