"""Reloading, state: what the old one exports goes to the new one, when both have a hand in it."""

import sys
from typing import Any

import pytest
from generations import CLASS, GROUP, installed, one_module
from parts import observed
from sites import Site

import plugbay
from plugbay import Host

EXPORTS = """
class Tool(Tool):
    def export_state(self):
        log.append('export')
        return WORD, log
"""
IMPORTS = """
class Tool(Tool):
    def import_state(self, state):
        log.append('import')
        self.state = state
"""


def reloaded(site: Site, old: str, new: str) -> tuple[Any, Any, plugbay.Replacement]:
    """The old instance, the new one, and what was done, in a host that is started."""
    host = installed(site, {"tool.py": f"WORD = 1\n{CLASS}{old}"}, "tool:Tool")
    with host:
        first = host[GROUP]["tool"]
        site.write("tool.py", f"WORD = 2\n{CLASS}{new}")
        done = host.reload("tool")
        return first, host[GROUP]["tool"], done


def test_state_is_handed_over(site: Site) -> None:
    """As it is, once the new one is started and before the old one is stopped."""
    old, new, done = reloaded(site, EXPORTS, IMPORTS)
    word, log = new.state
    assert (1, True) == (word, done.has_state)
    assert ["init", "initialize", "export", "shutdown"] == log
    assert log is old.initialize.__globals__["log"]
    assert ["init", "initialize", "import", "shutdown"] == sys.modules["tool"].log


@pytest.mark.parametrize(("old", "new"), [(EXPORTS, ""), ("", IMPORTS), ("", "")])
def test_both_sides_have_to_want_it(site: Site, old: str, new: str) -> None:
    """Neither is asked where the other one has no hand in it."""
    before, after, done = reloaded(site, old, new)
    assert not done.has_state
    assert not hasattr(after, "state")
    assert "export" not in before.initialize.__globals__["log"]
    assert "import" not in after.initialize.__globals__["log"]


def test_nothing_may_be_state_too(site: Site) -> None:
    """None is handed over like anything else."""
    nothing = EXPORTS.replace("return WORD, log", "return None")
    _, new, done = reloaded(site, nothing, IMPORTS)
    assert (None, True) == (new.state, done.has_state)


def test_modules_have_state_too(site: Site) -> None:
    """What a plugin is does not matter, nor that it is not a class."""
    body = "count = WORD\ndef export_state(): return count\n"
    more = "def import_state(state):\n    global count\n    count += state\n"
    host = installed(site, {"tool.py": f"WORD = 1\n{body}{more}"}, "tool")
    with host:
        for expected in (2, 3):
            assert host.reload("tool").has_state
            assert expected == host[GROUP]["tool"].count


def test_a_plugin_that_is_not_started_hands_nothing_over(site: Site) -> None:
    """It has not begun to know anything."""
    host = installed(site, {"tool.py": f"WORD = 1\n{CLASS}{EXPORTS}{IMPORTS}"}, "tool:Tool")
    host[GROUP]["tool"]()
    assert not host.reload("tool").has_state
    assert not hasattr(host[GROUP]["tool"], "state")


def test_a_rollback_hands_state_back(site: Site) -> None:
    """The generation before is started again, and told what has come since."""
    both = f"{CLASS}{EXPORTS}{IMPORTS}"
    host = installed(site, {"tool.py": f"WORD = 1\n{both}"}, "tool:Tool")
    with host:
        first = host[GROUP]["tool"]
        site.write("tool.py", f"WORD = 2\n{both}")
        host.reload("tool")
        assert host.rollback("tool").has_state
        assert first is host[GROUP]["tool"]
        assert 2 == first.state[0]
        log = sys.modules["tool"].log
        assert ["init", "initialize", "export", "shutdown", "initialize", "import"] == log


def test_objects_that_have_every_attribute_have_no_state(site: Site) -> None:
    """Nobody has written such a method."""
    every = "class Tool(Tool):\n    def __getattr__(self, name): return exit\n"
    _, _, done = reloaded(site, every, every)
    assert not done.has_state


def test_the_steps_are_observed(site: Site) -> None:
    """Each transition of the new one and of the old one, in order."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host.start()
    seen, whose = observed(host), []
    host.observe(lambda each, _: whose.append(each))
    host.reload("tool")
    assert ["tool found>loaded", "tool loaded>active", "tool active>stopped"] == seen
    new, _, old = whose
    assert (host.components, "stopped", "active") == ([new], old.state, new.state)
    host.rollback("tool")
    assert ["tool stopped>active", "tool active>stopped"] == seen[3:]
    assert [old, new] == whose[3:]
    host.stop()
    assert (old, "tool active>stopped") == (whose[-1], seen[-1])


def test_what_fails_is_observed_too(site: Site) -> None:
    """The new one has failed; nothing is heard of the old one."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    with host:
        seen = observed(host)
        site.write("tool.py", f"{CLASS}Tool.on_load = lambda self: 1 / 0\n")
        with pytest.raises(plugbay.ReloadError):
            host.reload("tool")
        assert ["tool found>loaded", "tool loaded>failed"] == seen


def test_a_failing_observer_leaves_nothing_started(site: Site) -> None:
    """The new one, of which it was told, is stopped again, and the old one goes on."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    with host:
        made: list[Any] = []

        def fail(each: plugbay.Component, _: str) -> None:
            if each.state == "active":
                made.append(each)
                raise ValueError("not seen")

        end = host.observe(fail)
        one_module(site, "WORD = 2\n")
        with pytest.raises(plugbay.ReloadError, match="not seen"):
            host.reload("tool")
        end()
        assert 1 == host[GROUP]["tool"]()
        log = made[0].instance().initialize.__globals__["log"]
        assert ["init", "initialize", "shutdown"] == log
