"""Reloading, history: generations are counted, and the one before can have its place again."""

import sys

import pytest
from generations import (
    CLASS,
    GROUP,
    component,
    installed,
    modules,
    one_module,
    rewrite,
    upgrade,
    whole,
)
from sites import Site

import plugbay
from plugbay import Host, ReloadError


def started(site: Site) -> Host:
    """A started host with `tool`, which says 1."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host.start()
    return host


def reload(site: Site, host: Host, word: int) -> plugbay.Replacement:
    """Put a generation in place that says this word."""
    one_module(site, f"WORD = {word}\n")
    done = host.reload("tool")
    assert word == host[GROUP]["tool"]()
    return done


def test_generations_are_counted_and_listed(site: Site) -> None:
    """From 1, which is the one that was there; the list is one's own."""
    host = started(site)
    assert [] == host.history("tool")
    done = [reload(site, host, word) for word in (2, 3, 4)]
    assert [2, 3, 4] == [each.generation for each in done]
    assert done == host.history("tool")
    host.history("tool").clear()
    assert done == host.history("tool")
    first = done[0]
    assert ("tool", "1.0", (), (), "", False) == (
        first.name,
        first.version,
        first.restarted,
        first.left,
        first.problem,
        first.has_state,
    )
    assert 0 < first.milliseconds < 60_000
    host.stop()


def test_the_generation_before_is_taken_back(site: Site) -> None:
    """The same objects, under their names, started again; the newer one is stopped."""
    host = started(site)
    first, before = host[GROUP]["tool"], modules("tool")
    reload(site, host, 2)
    newer = sys.modules["tool"]
    done = host.rollback("tool")
    assert (1, first) == (done.generation, host[GROUP]["tool"])
    assert (before, "active") == (modules("tool"), component(host).state)
    assert ["init", "initialize", "shutdown", "initialize"] == before["tool"].log
    assert ["init", "initialize", "shutdown"] == newer.log
    assert done == host.history("tool")[-1]
    host.stop()
    assert "shutdown" == before["tool"].log[-1]


def test_a_rollback_is_rolled_back(site: Site) -> None:
    """And so on; whatever the sources are by now."""
    host = started(site)
    reload(site, host, 2)
    site.write("tool.py", "retrun\n")
    numbers = [host.rollback("tool").generation for _ in range(4)]
    assert [1, 2, 1, 2] == numbers
    assert 2 == host[GROUP]["tool"]()
    assert [2, *numbers] == [each.generation for each in host.history("tool")]
    host.stop()


def test_one_generation_is_kept(site: Site) -> None:
    """That of before the last replacement, whether it was a reload or a rollback."""
    host = started(site)
    reload(site, host, 2)
    reload(site, host, 3)
    assert 2 == host.rollback("tool").generation
    assert 2 == host[GROUP]["tool"]()
    assert 3 == host.rollback("tool").generation
    host.rollback("tool")
    done = reload(site, host, 4)
    assert done.generation > 3
    assert 2 == host.rollback("tool").generation
    assert 2 == host[GROUP]["tool"]()
    host.stop()


def test_a_rollback_is_no_generation(site: Site) -> None:
    """The next one has the next number."""
    host = started(site)
    with host:
        reload(site, host, 2)
        host.rollback("tool")
        assert 3 == reload(site, host, 3).generation


def test_a_failure_is_no_generation(site: Site) -> None:
    """The next one has the next number."""
    with started(site) as host:
        reload(site, host, 2)
        site.write("tool.py", "retrun\n")
        with pytest.raises(ReloadError):
            host.reload("tool")
        assert 3 == reload(site, host, 3).generation


def test_without_a_generation_before_there_is_no_way_back(site: Site) -> None:
    """Nor after a reload that failed; nothing changes."""
    host = started(site)
    before = modules("tool")
    site.write("tool.py", "retrun\n")
    for _ in range(2):
        with pytest.raises(ReloadError, match=r"'tool' of .* has no generation before this one"):
            host.rollback("tool")
        with pytest.raises(ReloadError):
            host.reload("tool")
    assert (before, 1, []) == (modules("tool"), host[GROUP]["tool"](), host.history("tool"))
    host.stop()


def test_a_rollback_that_fails_leaves_the_newer_one(site: Site) -> None:
    """With its modules, as a reload leaves the older one."""
    ends = "class Tool(Tool):\n    def initialize(self):\n        if log[1:]: raise OSError(log)\n"
    host = installed(site, {"tool.py": f"WORD = 1\n{CLASS}{ends}"}, "tool:Tool")
    with host:
        reload(site, host, 2)
        newer = modules("tool")
        with pytest.raises(ReloadError, match=r"could not be replaced, .*OSError"):
            host.rollback("tool")
        assert (2, newer) == (host[GROUP]["tool"](), modules("tool"))
        assert ("active", [2]) == (
            component(host).state,
            [each.generation for each in host.history("tool")],
        )
        assert 3 == reload(site, host, 3).generation


def test_all_modules_are_taken_back(site: Site) -> None:
    """Those that have gone since are there again, and those that have come are not."""
    host = installed(site, whole(1) | {"toolbox/near.py": "WORD = 1\nfrom . import gone\n"})
    site.write("toolbox/gone.py", "")
    assert (1,) * 7 == host[GROUP]["tool"]()
    before = modules("toolbox")
    rewrite(site, whole(2) | {"toolbox/near.py": "WORD = 2\nfrom . import come\n"})
    site.write("toolbox/come.py", "")
    host.reload("tool")
    assert (2,) * 7 == host[GROUP]["tool"]()
    host.rollback("tool")
    assert before == modules("toolbox")
    assert (1,) * 7 == host[GROUP]["tool"]()


def test_what_is_imported_by_a_start_is_taken_back(site: Site) -> None:
    """Or by the hand-over of state; it belongs to the generation."""
    body = "def initialize():\n    import toolbox.late\n"
    files = {"toolbox/__init__.py": body, "toolbox/late.py": ""}
    with installed(site, files, "toolbox") as host:
        host.reload("tool")
        newer = modules("toolbox")
        assert {"toolbox", "toolbox.late"} == newer.keys()
        host.rollback("tool")
        host.rollback("tool")
        assert newer == modules("toolbox")


def test_late_modules_are_taken_back(site: Site) -> None:
    """Those that the generation before had imported in a call are its own."""
    host = installed(site, whole(1))
    rewrite(site, whole(2))
    host.reload("tool")
    assert (2,) * 7 == host[GROUP]["tool"]()
    rewrite(site, whole(3))
    host.reload("tool")
    host.rollback("tool")
    assert (2,) * 7 == host[GROUP]["tool"]()


def test_a_rollback_that_fails_keeps_late_modules(site: Site) -> None:
    """What was imported in a call of the newer one is in place as before."""
    body = (
        "class Tool:\n    log = []\n    def initialize(self):\n"
        "        self.log.append(1)\n        if self.log[1:]: raise OSError\n"
        "    def __call__(self):\n        from . import late\n"
    )
    host = installed(site, {"toolbox/__init__.py": body, "toolbox/late.py": ""}, "toolbox:Tool")
    with host:
        host.reload("tool")
        host[GROUP]["tool"]()
        before = modules("toolbox")
        with pytest.raises(ReloadError):
            host.rollback("tool")
        assert before == modules("toolbox")


def test_a_stopped_host_may_go_back_too(site: Site) -> None:
    """What is in place is started with the host."""
    host = started(site)
    host.stop()
    reload(site, host, 2)
    assert 1 == host.rollback("tool").generation
    assert "stopped" == component(host).state
    with host:
        assert 1 == host[GROUP]["tool"]()
        assert 2 == host.rollback("tool").generation
        assert (2, "active") == (host[GROUP]["tool"](), component(host).state)


def test_the_version_is_taken_back(site: Site) -> None:
    """Though another one is installed by now."""
    host = started(site)
    upgrade(site, {}, "tool:Tool", version="2.0")
    assert ("2.0", "2.0") == (host.reload("tool").version, component(host).version)
    assert ("1.0", "1.0") == (host.rollback("tool").version, component(host).version)
    assert ["2.0", "1.0"] == [each.version for each in host.history("tool")]
    host.stop()


def test_what_is_taken_out_is_forgotten(site: Site) -> None:
    """A plugin of its name that comes later has no generation before it."""
    host = started(site)
    with host:
        reload(site, host, 2)
        host.unload("tool")
        one_module(site, "WORD = 3\n")
        del sys.modules["tool"]
        host.discover(GROUP)
        host.start()
        with pytest.raises(ReloadError, match="no generation before"):
            host.rollback("tool")
        assert 3 == host[GROUP]["tool"]()
        one_module(site, "WORD = 4\n")
        host.reload("tool")
        assert (4, "active") == (host[GROUP]["tool"](), component(host).state)
        assert 3 == (host.rollback("tool"), host[GROUP]["tool"]())[1]
