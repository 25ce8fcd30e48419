"""Reloading, dependents: who needs a plugin is started again with the new one, in order."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from generations import GROUP, PLUGINS, component, one_module, upgrade
from parts import observed, states
from sites import Site

import plugbay
from plugbay import Host, ReloadError


class User:
    """A plugin that calls what it depends on when it starts, and notes what that says."""

    def __init__(self, log: list[str], name: str, *needs: str) -> None:
        self.log, self.name, self.needs = log, name, needs
        self.fails_on: object = ()
        self.fails_to_stop = False

    def initialize(self, context: plugbay.Context) -> None:
        self.said = [context.plugin(each)() for each in self.needs]
        self.log.append(f"{self.name} starts with {self.said}")
        if self.fails_on in self.said:
            raise ValueError(f"{self.name} does not like it")

    def shutdown(self) -> None:
        self.log.append(f"{self.name} ends with {self.said}")
        if self.fails_to_stop:
            raise OSError("in the middle of something")

    def __call__(self) -> object:
        return f"{self.name}-{self.said[0]}" if self.said else None


def used(site: Site, log: list[str]) -> tuple[Host, dict[str, User]]:
    """A host with `tool`, which `near` and `far` need, the latter through `near`, and `free`."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    users = {
        "near": User(log, "near", "tool"),
        "far": User(log, "far", "near"),
        "free": User(log, "free"),
    }
    host.register("far", users["far"], depends_on="near")
    host.register("near", users["near"], depends_on=f"{GROUP}:tool?")
    users["near"].needs = (f"{GROUP}:tool",)
    host.register("free", users["free"])
    host.start()
    log.clear()
    return host, users


def test_dependents_are_started_again_in_order(site: Site) -> None:
    """Also those that need one that needs it, and those that could do without; others are not."""
    log: list[str] = []
    host, users = used(site, log)
    one_module(site, "WORD = 2\n")
    seen = observed(host)
    assert ("near", "far") == host.reload("tool").restarted
    assert [
        "far ends with ['near-1']",
        "near ends with [1]",
        "near starts with [2]",
        "far starts with ['near-2']",
    ] == log
    assert [
        "tool found>loaded",
        "tool loaded>active",
        "far active>stopped",
        "near active>stopped",
        "near stopped>active",
        "far stopped>active",
        "tool active>stopped",
    ] == seen
    assert ("near-2", users["near"]) == (users["near"](), host[PLUGINS]["near"])
    log.clear()
    assert ("near", "far") == host.rollback("tool").restarted
    assert "near starts with [1]" == log[2]
    log.clear()
    host.stop()
    assert ["far", "near"] == [each.split()[0] for each in log if "free" not in each]


def test_dependents_that_are_not_started_stay_so(site: Site) -> None:
    """They will find the new one when they are."""
    log: list[str] = []
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host.register("near", User(log, "near", f"{GROUP}:tool"), depends_on=f"{GROUP}:tool")
    host.start(only=["tool"])
    one_module(site, "WORD = 2\n")
    assert () == host.reload("tool").restarted
    assert ([], "loaded") != (log, component(host, "near").state) or not log
    host.start()
    assert ["near starts with [2]"] == log
    host.stop()


def test_dependents_have_their_configuration_again(site: Site) -> None:
    """The same as before."""

    @dataclass
    class Model:
        size: int = 0

    class Sized:
        config_model = Model
        sizes: ClassVar[list[object]] = []

        def initialize(self, context: plugbay.Context) -> None:
            self.sizes.append(context.config)

    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host.register("sized", Sized, depends_on=f"{GROUP}:tool")
    with host:
        host.reload("tool")
        first, second = Sized.sizes
        assert first is second is not None


def test_a_dependent_that_does_not_stop_ends_it(site: Site) -> None:
    """All are as they were: the old one in its place, and those that use it started with it."""
    log: list[str] = []
    host, users = used(site, log)
    old = host[GROUP]["tool"]
    one_module(site, "WORD = 2\n")
    users["near"].fails_to_stop = True
    seen = observed(host)
    with pytest.raises(ReloadError, match="in the middle of something"):
        host.reload("tool")
    users["near"].fails_to_stop = False
    assert "near stopped>stopped" not in seen
    assert "far stopped>stopped" not in seen
    assert old is host[GROUP]["tool"]
    assert {"active"} == set(states(host).values())
    assert ("near-1", "far-near-1") == (users["near"](), users["far"]())
    host.stop()
    assert "shutdown" == old.initialize.__globals__["log"][-1]


@pytest.mark.parametrize("who", ["near", "far"])
def test_a_dependent_that_does_not_start_again_ends_it(site: Site, who: str) -> None:
    """It is started again with the old one, and the new one is stopped."""
    log: list[str] = []
    host, users = used(site, log)
    old = host[GROUP]["tool"]
    users[who].fails_on = {"near": 2, "far": "near-2"}[who]
    one_module(site, "WORD = 2\n")
    with host:
        with pytest.raises(ReloadError, match=f"{who} does not like it") as raised:
            host.reload("tool")
        assert isinstance(raised.value.__cause__, plugbay.PluginStartError)
        assert old is host[GROUP]["tool"]
        assert {"active"} == set(states(host).values())
        assert ("near-1", "far-near-1") == (users["near"](), users["far"]())


def test_the_others_are_started_again_whatever_becomes_of_one(site: Site) -> None:
    """It starts neither with the new one nor with the old one again, which is a note."""
    log: list[str] = []
    host, users = used(site, log)
    host.register("also", User(log, "also", f"{GROUP}:tool"), depends_on=f"{GROUP}:tool")
    host.start()
    users["far"].needs, users["far"].fails_on = (), None

    def refuse(context: plugbay.Context) -> None:
        raise OSError(f"never again with {context.plugin('near')()}")

    users["far"].initialize = refuse  # type: ignore[method-assign]
    one_module(site, "WORD = 2\n")
    with host:
        with pytest.raises(ReloadError, match="never again with near-2") as raised:
            host.reload("tool")
        assert raised.value.__cause__ is not None
        assert "never again with near-1" in raised.value.__cause__.__notes__[0]
        assert {"tool": "active", "near": "active", "also": "active", "free": "active"} == {
            name: state for name, state in states(host).items() if name != "far"
        }
        assert ("near-1", "also-1") == (users["near"](), host[PLUGINS]["also"]())


def test_the_old_one_serves_when_a_dependent_does_not_start_again(site: Site) -> None:
    """Whatever becomes of the dependent, the plugin itself is as it was."""
    log: list[str] = []
    host, users = used(site, log)
    old = host[GROUP]["tool"]
    users["near"].fails_on = 2
    one_module(site, "WORD = 2\n")
    new: list[plugbay.Component] = []
    host.observe(lambda each, _: new.append(each) if each.name == "tool" else None)
    with pytest.raises(ReloadError, match="near does not like it"):
        host.reload("tool")
    assert (old, 1, "active") == (host[GROUP]["tool"], old(), component(host).state)
    assert "shutdown" not in old.initialize.__globals__["log"]
    assert "stopped" == new[0].state
    assert [] == host.history("tool")
    host.stop()
    assert "shutdown" == old.initialize.__globals__["log"][-1]


def test_a_version_that_dependents_do_not_admit_is_refused(site: Site) -> None:
    """They would not have been started with it."""
    log: list[str] = []
    one_module(site, "WORD = 1\n", version="1.5")
    host = Host("tabletop")
    host.discover(GROUP)
    host.register("near", User(log, "near"), depends_on=f"{GROUP}:tool<2")
    with host:
        upgrade(site, {}, "tool:Tool", version="2.0")
        with pytest.raises(ReloadError, match=r"tool<2"):
            host.reload("tool")


def test_a_new_version_that_needs_its_own_dependent_is_refused(site: Site) -> None:
    """No order would start it."""
    log: list[str] = []
    host, _ = used(site, log)
    one_module(site, "WORD = 2\nTool = None\n")
    site.write("tool.py", (site.root / "tool.py").read_text() + "Tool.depends_on = ['near']\n")
    try:
        with pytest.raises(ReloadError):
            host.reload("tool")
    finally:
        host.stop()


NEEDING = """
class Tool(Tool):
    depends_on = ['tabletop.plugins:late']
    def initialize(self, context):
        self.said = context.plugin('tabletop.plugins:late')()
"""


def needing(site: Site, late: Any) -> Host:
    """A host whose plugin `tool`, as it is written now, needs `late`, which is started after it."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host.register("late", late, after=f"{GROUP}:tool")
    host.start()
    text = (site.root / "tool.py").read_text()
    site.write("tool.py", text + NEEDING)
    return host


def test_a_new_version_may_need_more(site: Site) -> None:
    """It is given what it needs, and counts as its user from then on."""
    log: list[str] = []
    host = needing(site, User(log, "late"))
    host.reload("tool")
    assert host[GROUP]["tool"].said is None
    with pytest.raises(plugbay.HostError, match="tool need it"):
        host.unload("late")
    host.stop()


def test_what_a_new_version_needs_is_stopped_after_it(site: Site) -> None:
    """Though it was started later than the old one."""
    log: list[str] = []
    host = needing(site, User(log, "late"))
    host.reload("tool")
    host[GROUP]["tool"].initialize.__globals__["log"] = log
    log.clear()
    host.stop()
    assert ["shutdown", "late ends with []"] == log


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_new_version_is_not_started_without_what_it_needs(site: Site) -> None:
    """A dependency that has failed to start is none that it could use."""

    def fail() -> None:
        raise OSError("no such luck")

    late = User([], "late")
    late.initialize = fail  # type: ignore[method-assign, assignment]
    text = NEEDING.partition("    def")[0]
    host = needing(site, late)
    site.write("tool.py", (site.root / "tool.py").read_text().replace(NEEDING, text))
    try:
        with pytest.raises(ReloadError, match="late"):
            host.reload("tool")
    finally:
        host.stop()
