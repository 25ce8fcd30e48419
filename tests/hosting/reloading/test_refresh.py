"""Refreshing: what pip did in another process is noticed on request, and taken over if asked."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generations import GROUP, component, install, one_module, uninstall, upgrade
from parts import QUIET, states
from sites import Site

import plugbay
from plugbay import Host
from plugbay.errors import HostError


def tool(word: str) -> dict[str, str]:
    """The files of a plugin that says a word, and notes what is done with it."""
    from generations import CLASS

    return {"tool.py": f"WORD = {word!r}\n{CLASS}"}


def a_host(**options: Any) -> Host:
    """A host that has found what is installed."""
    host = Host("tabletop", **options)
    host.discover(GROUP)
    return host


def told(host: Host, **options: Any) -> list[str]:
    """The changes, a line each."""
    return [str(each) for each in host.refresh(**options)]


def test_nothing_has_changed(site: Site) -> None:
    """Then there is nothing to tell, however often one asks."""
    one_module(site, "WORD = 'one'\n")
    host = a_host()
    assert (told(host), told(host, apply=True)) == ([], [])
    with host:
        assert told(host, apply=True) == []


def test_changes_are_told_and_not_taken_over(site: Site) -> None:
    """Unless that is asked for; so they are told again."""
    for name in ("gone", "tool", "back"):
        one_module(site, f"WORD = {name!r}\n", name=name, version="1.9")
    host = a_host()
    upgrade(site, tool("two"), "tool:Tool", version="1.10")
    upgrade(site, {}, "back:Tool", name="back", version="1.2rc1")
    uninstall(site, "gone")
    one_module(site, "WORD = 'new'\n", name="new", version="3.0")
    expected = [
        f"plugin 'gone' of {GROUP!r} removed (1.9)",
        f"plugin 'back' of {GROUP!r} downgraded (1.9 -> 1.2rc1)",
        f"plugin 'tool' of {GROUP!r} upgraded (1.9 -> 1.10)",
        f"plugin 'new' of {GROUP!r} added (3.0)",
    ]
    assert (told(host), told(host)) == (expected, expected)
    assert list(host[GROUP]) == ["back", "gone", "tool"]


def test_a_running_plugin_is_replaced(site: Site) -> None:
    """As by a reload: started, swapped in, the old one stopped."""
    one_module(site, "WORD = 'one'\n")
    with a_host() as host:
        old = host[GROUP]["tool"]
        log = type(old).__init__.__globals__["log"]
        upgrade(site, tool("two"), "tool:Tool", version="2.0")
        (change,) = host.refresh(apply=True)
        assert (change.kind, change.before, change.after, change.problem) == (
            ("upgraded", "1.0", "2.0", "")
        )
        assert change.replacement == host.history("tool")[0]
        assert (host[GROUP]["tool"](), component(host).version) == ("two", "2.0")
        assert log == ["init", "initialize", "shutdown"]
        assert told(host) == []


def test_what_was_not_loaded_is_not_loaded_for_it(site: Site) -> None:
    """It is another one when it is."""
    one_module(site, "WORD = 'one'\n")
    host = a_host()
    upgrade(site, tool("two"), "tool:Tool", version="2.0")
    (change,) = host.refresh(apply=True)
    assert (change.replacement, states(host), "tool" in sys.modules) == (
        None,
        {"tool": "found"},
        False,
    )
    assert (host[GROUP]["tool"](), component(host).version) == ("two", "2.0")


def test_what_is_new_is_started_with_the_others(site: Site) -> None:
    """And with what it depends on; in a host that is not started it is found."""
    idle, host = a_host(), a_host()
    host.start()
    one_module(site, "WORD = 'new'\n")
    assert [each.kind for each in host.refresh(apply=True)] == ["added"]
    assert [each.kind for each in idle.refresh(apply=True)] == ["added"]
    assert (states(host), states(idle)) == ({"tool": "active"}, {"tool": "found"})
    host.stop()
    assert states(host) == {"tool": "stopped"}


@QUIET
def test_what_is_new_and_fails_stops_nothing(site: Site) -> None:
    """Also where a failure at the start would stop everything."""
    one_module(site, "WORD = 'one'\n")
    with a_host(on_start_failure="stop") as host:
        body = "class Tool:\n    def initialize(self, context): 1 / 0\n"
        install(site, {"bad.py": body}, "bad:Tool", name="bad")
        (change,) = host.refresh(apply=True)
        assert "ZeroDivisionError" in change.problem
        assert states(host) == {"bad": "failed", "tool": "active"}


def test_what_is_new_can_be_imported_at_once(site: Site) -> None:
    """Though the folder was looked into, and the clock of the file system has not moved since."""
    one_module(site, "WORD = 'one'\n")
    host = a_host()
    host[GROUP]["tool"]
    before = site.root.stat()
    one_module(site, "WORD = 'new'\n", name="new")
    os.utime(site.root, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [each.kind for each in host.refresh(apply=True)] == ["added"]
    assert host[GROUP]["new"]() == "new"


def test_what_is_gone_is_stopped_and_taken_out(site: Site) -> None:
    """Unless others need it: then it goes on, which is told."""
    one_module(site, "WORD = 'one'\n")
    one_module(
        site,
        "WORD = 'two'\n",
        name="user",
        manifest={"plugins": {GROUP: {"user": {"depends-on": ["tool"]}}}},
    )
    with a_host() as host:
        log = type(host[GROUP]["tool"]).__init__.__globals__["log"]
        uninstall(site)
        (change,) = host.refresh(apply=True)
        assert change.kind == "removed"
        assert "cannot be unloaded: user need it" in change.problem
        assert states(host) == {"tool": "active", "user": "active"}
        uninstall(site, "user")
        host.unload("user")
        assert [each.problem for each in host.refresh(apply=True)] == [""]
        assert (host.components, log) == ([], ["init", "initialize", "shutdown"])


@QUIET
@pytest.mark.parametrize("body", ["1 / 0\n", "WORD = 1\nraise SystemExit\n", "retrun\n"])
def test_a_broken_upgrade_leaves_the_old_one(site: Site, body: str) -> None:
    """It goes on, and the change is told again the next time."""
    one_module(site, "WORD = 'one'\n")
    with a_host() as host:
        host[GROUP]["tool"]
        upgrade(site, {"tool.py": body}, "tool:Tool", version="2.0")
        for _ in range(2):
            (change,) = host.refresh(apply=True)
            assert "could not be replaced, and goes on as it is" in change.problem
        assert (host[GROUP]["tool"](), component(host).version) == ("one", "1.0")


@QUIET
@pytest.mark.parametrize("is_running", [True, False])
def test_the_gate_stands_in_front_of_an_upgrade(site: Site, is_running: bool) -> None:
    """A loaded plugin goes on; of one that is not the new verdict counts."""
    one_module(site, "WORD = 'one'\n", requires=["tabletop>=1"])
    host = a_host(api_version="1.3")
    if is_running:
        host.start()
    upgrade(site, tool("two"), "tool:Tool", version="2.0", requires=["tabletop>=2"])
    (change,) = host.refresh(apply=True)
    assert "tabletop>=2" in change.problem
    now = ("active", "1.0") if is_running else ("refused", "2.0")
    assert (component(host).state, component(host).version) == now
    upgrade(site, tool("three"), "tool:Tool", version="3.0", requires=["tabletop>=1"])
    assert [each.problem for each in host.refresh(apply=True)] == [""]
    assert host[GROUP]["tool"]() == "three"
    host.stop()


def test_another_target_of_the_same_version(site: Site) -> None:
    """Is a change, too."""
    one_module(site, "WORD = 'one'\n")
    host = a_host()
    assert host[GROUP]["tool"]() == "one"
    upgrade(site, {"other.py": "def tool(): return 'other'\n"}, "other:tool")
    (change,) = host.refresh(apply=True)
    assert (change.kind, change.problem, host[GROUP]["tool"]()) == ("changed", "", "other")


@QUIET
def test_a_plugin_that_has_failed_is_no_change(site: Site) -> None:
    """As long as nothing else is installed."""
    one_module(site, "1 / 0\n")
    host = a_host()
    with pytest.raises(plugbay.PluginLoadError):
        host[GROUP]["tool"]
    assert told(host) == []


def test_a_group_that_cannot_be_told_costs_no_other(site: Site) -> None:
    """As where two plugins of one name are an error."""
    one_module(site, "WORD = 'one'\n")
    host = Host("tabletop")
    host.discover("tabletop.others", on_conflict="error")
    host.discover(GROUP)
    for name in ("one", "other"):
        site.add(f"dist-{name}", {"same": "tool:Tool"}, group="tabletop.others")
    upgrade(site, tool("two"), "tool:Tool", version="2.0")
    first, second = host.refresh(apply=True)
    assert (first.group, "same" in first.problem) == ("tabletop.others", True)
    assert (second.kind, second.problem, host[GROUP]["tool"]()) == ("upgraded", "", "two")


@pytest.mark.parametrize("version", ["1.0.post1", "2001-12-24", "v2"])
def test_versions_that_cannot_be_compared_are_changes(site: Site, version: str) -> None:
    """Of versions that can be read it is told which one is newer."""
    one_module(site, "WORD = 'one'\n")
    host = a_host()
    upgrade(site, tool("two"), "tool:Tool", version=version)
    (change,) = host.refresh()
    assert change.kind == ("changed" if "-" in version else "upgraded")


def test_an_asynchronous_host_is_awaited(site: Site) -> None:
    """It is told to be, if that is forgotten."""
    one_module(site, "WORD = 'one'\n")

    async def main() -> None:
        async with a_host() as host:
            upgrade(site, tool("two"), "tool:Tool", version="2.0")
            with pytest.raises(HostError, match="await"):
                host.refresh(apply=True)
            assert [each.kind for each in await host.refresh_async(apply=True)] == ["upgraded"]
            assert host[GROUP]["tool"]() == "two"

    asyncio.run(main())


def test_plugins_from_code_are_left_alone(site: Site) -> None:
    """They are not installed, and so not gone; an installed one of their name is refused."""
    one_module(site, "WORD = 'one'\n")
    host = Host("tabletop")
    host.register("mine", len, group=GROUP)
    host.discover(GROUP)
    assert told(host) == []
    install(site, {"thief.py": "mine = 1"}, "thief:mine", name="mine")
    with pytest.warns(plugbay.PluginWarning, match="same name"):
        (change,) = host.refresh(apply=True)
    assert "same name" in change.problem
    assert host[GROUP]["mine"] is len


PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "tabletop-tool"
version = "VERSION"
[project.entry-points."tabletop.tools"]
tool = "tool:say"
[tool.hatch.build.targets.wheel]
only-include = ["tool.py"]
"""


def test_an_upgrade_by_pip_in_another_process(tmp_path: Path) -> None:
    """With real wheels, in a real environment, while the host runs."""
    wheels = [_wheel(tmp_path / version, version) for version in ("1.0", "2.0")]
    folder = tmp_path / "installed"
    _pip("--target", str(folder), wheels[0])
    upgrading = [sys.executable, *_INSTALL, "--upgrade", "--target", str(folder), wheels[1]]
    program = f"""
import subprocess, sys
sys.path[:0] = {[str(folder), str(Path(plugbay.__file__).parents[1])]!r}
import plugbay
host = plugbay.Host("tabletop")
tools = host.discover("tabletop.tools")
print(tools["tool"]())
subprocess.run({upgrading!r}, check=True)
for change in host.refresh(apply=True):
    print(change)
print(tools["tool"]())
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    change = "plugin 'tool' of 'tabletop.tools' upgraded (1.0 -> 2.0)"
    assert done.stdout.splitlines() == ["version 1.0", change, "version 2.0"]


_INSTALL = ["-m", "pip", "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check"]


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, *_INSTALL, *arguments], check=True, timeout=120)


def _wheel(folder: Path, version: str) -> str:
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT.replace("VERSION", version))
    (folder / "tool.py").write_text(f"def say(): return 'version {version}'\n")
    command = [sys.executable, "-m", "build", "-w", "-n", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return str(next((folder / "dist").glob("*.whl")))
