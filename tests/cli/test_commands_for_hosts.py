"""The ready-made commands of a host's own command line, with argparse and with click."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import SOURCES
from sites import GROUP, HOST, RECORD, Site

PROGRAM = """
import sys
sys.path[:0] = [{site!r}, {sources!r}]
"""
WITH_ARGPARSE = """
import argparse
from plugbay.cli.for_hosts import add_plugin_commands
before = set(sys.modules)
parser = argparse.ArgumentParser("paint")
add_plugin_commands(parser.add_subparsers(required=True), {host})
brought = set(sys.modules) - before
options = parser.parse_args()
sys.exit(options.func(options))
"""
WITH_CLICK = """
import click
from plugbay.cli.for_hosts import click_plugin_commands
before = set(sys.modules)
group = click.Group("paint")
group.add_command(click_plugin_commands({host}))
brought = set(sys.modules) - before
group(prog_name="paint")
"""
Paint = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(params=[WITH_ARGPARSE, WITH_CLICK], ids=["argparse", "click"])
def paint(request: pytest.FixtureRequest, site: Site) -> Paint:
    """The command of a host that has the commands, where plugins of it and of others are."""
    if request.param is WITH_CLICK:
        pytest.importorskip("click")
    site.add(HOST, version="1.0")
    bound = [f"{HOST}<2"]
    site.add("shade-red", {"red": "red:it"}, requires=bound, files={"red.py": f"{RECORD}it = 1"})
    site.add("shade-new", {"new": "new:it"}, requires=[f"{HOST}>=2"], files={"new.py": "it = 2"})
    site.add("other", {"theirs": "nowhere:it"}, group="other-host.things")

    def run(*arguments: str, host: str = repr(HOST)) -> "subprocess.CompletedProcess[str]":
        start = PROGRAM.format(site=str(site.root), sources=str(SOURCES))
        return subprocess.run(
            [sys.executable, "-c", start + request.param.format(host=host), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_a_host_lists_its_own_plugins(paint: Paint, site: Site) -> None:
    """Not those of other hosts; and it says its own command for more."""
    result = paint("plugins", "list")
    assert (result.returncode, result.stderr) == (1, "")
    heading, *rows, hint = result.stdout.splitlines()
    assert heading.split() == ["NAME", "KIND", "DISTRIBUTION", "STATUS", "REASON"]
    assert [row.split()[:5] for row in rows] == [
        ["red", "shades", "shade-red", "1.0", "ok"],
        ["new", "shades", "shade-new", "1.0", "too-old-host"],
    ]
    assert hint == "`paint plugins why NAME` says what to do about one of them."
    told = json.loads(paint("plugins", "list", "--json").stdout)["plugins"]
    assert [(each["name"], each["group"]) for each in told] == [("red", GROUP), ("new", GROUP)]
    assert site.runs("red") == 0


def test_a_host_says_why(paint: Paint) -> None:
    """As `plugbay why` does, with its exit code."""
    result = paint("plugins", "why", "new")
    assert result.returncode == 1
    assert "new of shade-new 1.0 cannot be used." in result.stdout
    assert paint("plugins", "why", "red").returncode == 0
    assert paint("plugins", "why", "rde").returncode == 3


def test_a_hosts_own_api_is_what_plugins_are_checked_against(paint: Paint) -> None:
    """Where it has one, it is given in the place of the name."""
    api = f"__import__('plugbay').HostApi({HOST!r}, '2.5', compatible_since='2.0')"
    told = json.loads(paint("plugins", "list", "--json", host=api).stdout)["plugins"]
    assert {each["name"]: each["status"] for each in told} == {"red": "too-new-host", "new": "ok"}


@pytest.mark.parametrize("verb", ["install", "upgrade"])
def test_a_host_shows_commands_with_itself_pinned(paint: Paint, verb: str) -> None:
    """It has no `--host`, since that is known."""
    result = paint("plugins", verb, "shade-red", "--json")
    told = json.loads(result.stdout)
    assert (told["action"], told["pinned"], told["outcome"]) == (verb, {HOST: "1.0"}, None)
    assert told["commands"][-1][-2:] == ["shade-red", f"{HOST}==1.0"]
    result = paint("plugins", verb, "shade-red", "--host", "other")
    assert result.returncode == 2
    assert "usage: paint plugins" in result.stderr or "usage: paint [" in result.stderr


def test_a_host_does_not_uninstall_itself(paint: Paint) -> None:
    """That is no plugin; nor is plugbay."""
    for name in (HOST.upper(), "plugbay"):
        result = paint("plugins", "uninstall", name, "--yes")
        assert (result.returncode, result.stdout) == (3, "")
        assert f"{name} would be uninstalling itself" in result.stderr
    result = paint("plugins", "uninstall", "shade-red", "--json")
    assert json.loads(result.stdout)["commands"][-1][-1] == "shade-red"


def test_help_is_there_on_each_level(paint: Paint) -> None:
    """All commands are listed, and each says what it takes."""
    told = paint("plugins", "--help").stdout
    for command in ("list", "why", "install", "uninstall", "upgrade"):
        assert re.search(rf"^ +{command}\b", told, re.MULTILINE)
    told = paint("plugins", "install", "--help").stdout
    assert "usage: paint plugins install" in told
    assert "--yes" in told
    assert "--host" not in told
    assert paint("plugins", "nonsense").returncode == 2
    assert paint("plugins", "install").returncode == 2


def test_broken_metadata_does_not_stop_a_host(paint: Paint, site: Site) -> None:
    """It is told, beside all that can be shown."""
    site.write("torn-3.0.dist-info/METADATA", b"Name: \xff\n")
    site.write("torn-3.0.dist-info/entry_points.txt", f"[{GROUP}]\nx\n")
    result = paint("plugins", "list")
    assert result.returncode == 1
    assert "shade-red" in result.stdout
    assert "entry_points.txt" in result.stderr
    assert "Traceback" not in result.stderr
    assert paint("plugins", "install", "shade-red").returncode in (0, 1)


def test_adding_the_commands_imports_next_to_nothing(site: Site) -> None:
    """A host pays for them when they are used."""
    program = PROGRAM.format(site=str(site.root), sources=str(SOURCES)) + WITH_ARGPARSE.format(
        host=repr(HOST)
    )
    program = program.partition("options =")[0] + "print(*sorted(brought))"
    heavy = (
        "json",
        "plugbay.reporting",
        "plugbay.installing",
        "plugbay.compatibility",
        "packaging",
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    brought = done.stdout.split()
    assert [each for each in brought if each.startswith(heavy)] == []


def test_without_click_it_is_said_what_to_install(site: Site, tmp_path: Path) -> None:
    """Which needs nobody else: it is imported there only."""
    site.write("click.py", "raise ModuleNotFoundError(name=__name__)")
    start = PROGRAM.format(site=str(site.root), sources=str(SOURCES))
    program = f"{start}\nfrom plugbay.cli.for_hosts import click_plugin_commands as make\nmake('x')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "need click, which is not installed: pip install click" in done.stderr
