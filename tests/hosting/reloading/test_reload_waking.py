"""Reloading what does not run: plugins that are not started, not loaded, failed or refused."""

import sys
import threading
from typing import Any

import pytest
from generations import CLASS, GROUP, component, installed, modules, one_module, upgrade
from parts import QUIET, observed, states
from sites import Site

import plugbay
from plugbay import Host, ReloadError


def test_a_plugin_that_nobody_has_asked_for_is_reloaded(site: Site) -> None:
    """It is loaded then, and not started before the host is."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    assert {} == modules("tool")
    one_module(site, "WORD = 2\n")
    assert 2 == host.reload("tool").generation
    assert ("loaded", []) == (component(host).state, sys.modules["tool"].log)
    with host:
        assert (2, ["init", "initialize"]) == (host[GROUP]["tool"](), sys.modules["tool"].log)
    one_module(site, "WORD = 3\n")
    assert 3 == host.reload("tool").generation
    with host:
        assert 3 == host[GROUP]["tool"]()


@QUIET
def test_what_could_not_be_loaded_comes_to_life(site: Site) -> None:
    """Once it is mended; and so do those that need it, with the next start."""
    host = installed(site, {"tool.py": "retrun 1\n"}, "tool:Tool")
    host.register("user", object(), depends_on=f"{GROUP}:tool")
    host.start()
    assert {"tool": "failed", "user": "refused"} == states(host)
    with pytest.raises(ReloadError, match="SyntaxError"):
        host.reload("tool")
    assert "failed" == component(host).state
    one_module(site, "WORD = 2\n")
    assert () == host.reload("tool").left
    assert 2 == host[GROUP]["tool"]()
    host.start()
    assert {"tool": "active", "user": "active"} == states(host)
    host.stop()


@QUIET
@pytest.mark.parametrize("body", ["retrun 1\n", f"{CLASS}Tool.initialize = lambda self: 1 / 0\n"])
def test_what_had_failed_is_started_in_a_host_that_is(site: Site, body: str) -> None:
    """Nobody gets it before that."""
    with installed(site, {"tool.py": body}, "tool:Tool") as host:
        assert {"tool": "failed"} == states(host)
        one_module(site, "WORD = 2\n")
        host.reload("tool")
        assert {"tool": "active"} == states(host)


@QUIET
def test_what_could_not_be_started_comes_to_life(site: Site) -> None:
    """As what could not be loaded."""
    body = f"WORD = 1\n{CLASS}Tool.initialize = lambda self: 1 / 0\n"
    host = installed(site, {"tool.py": body}, "tool:Tool")
    with host:
        assert {"tool": "failed"} == states(host)
        one_module(site, "WORD = 2\n")
        host.reload("tool")
        host.start()
        assert (2, "active") == (host[GROUP]["tool"](), component(host).state)


@QUIET
def test_what_was_refused_comes_to_life(site: Site) -> None:
    """When a version is installed that the gate admits."""
    one_module(site, "WORD = 1\n", requires=["tabletop>=2"])
    host = Host("tabletop", api_version="1.0")
    host.discover(GROUP)
    assert {"tool": "refused"} == states(host)
    with pytest.raises(ReloadError, match="refused"):
        host.reload("tool")
    upgrade(site, {}, "tool:Tool", version="1.1", requires=["tabletop>=1"])
    assert "1.1" == host.reload("tool").version
    assert 1 == host[GROUP]["tool"]()


@pytest.mark.parametrize("word", ["start", "stop"])
@pytest.mark.parametrize("way", ["reload", "rollback"])
def test_a_host_that_is_starting_or_stopping_replaces_nothing(
    site: Site, word: str, way: str
) -> None:
    """In another thread, or in this one by what is being started."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host.reload("tool")
    begun, end = threading.Event(), threading.Event()
    errors: list[BaseException] = []

    def wait() -> None:
        begun.set()
        try:
            getattr(host, way)("tool")
        except plugbay.HostError as error:
            errors.append(error)
        end.wait(30)

    method = {"start": "initialize", "stop": "shutdown"}[word]
    slow = type("Slow", (), {method: lambda self: wait()})
    host.register("slow", slow)
    if word == "stop":
        host.start()
    thread = threading.Thread(target=getattr(host, word))
    thread.start()
    assert begun.wait(30)
    before = modules("tool")
    with pytest.raises(plugbay.HostError, match="cannot be reloaded while it is being started or"):
        getattr(host, way)("tool")
    end.set()
    thread.join(30)
    assert ["'tabletop' cannot be reloaded while it is being started or stopped"] == [
        str(each) for each in errors
    ]
    assert before == modules("tool")
    host.stop()
    host.reload("tool")


def test_a_host_that_replaces_something_starts_and_stops_nothing(site: Site) -> None:
    """Until the old one has been stopped."""
    body = (
        "def say(path):\n    import os, time\n    while not os.path.exists(path): time.sleep(.001)"
    )
    host = installed(site, {"toolbox.py": body})
    with host:
        seen: list[Any] = []
        go = site.root / "go"
        thread = threading.Thread(target=host[GROUP]["tool"], args=(go,))
        thread.start()

        def look() -> None:
            for each in (host.stop, host.start, lambda: host.reload("tool")):
                try:
                    each()
                except plugbay.HostError as error:
                    seen.append(str(error).rpartition(" cannot be ")[2].partition(" ")[0])
            go.touch()

        states_seen = observed(host)
        host.observe(
            lambda each, _: (
                threading.Thread(target=look).start() if each.state == "active" else None
            )
        )
        host.reload("tool", seconds=60)
        thread.join(30)
        assert ["stopped", "started", "reloaded"] == seen
        assert "tool active>stopped" == states_seen[-1]


def test_two_threads_replace_one_after_the_other(site: Site) -> None:
    """Of one host one is refused; no number is given twice."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    errors: list[str] = []

    def run() -> None:
        for _ in range(10):
            try:
                host.reload("tool")
            except plugbay.HostError as error:
                errors.append(str(error))

    with host:
        threads = [threading.Thread(target=run) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)
        numbers = [each.generation for each in host.history("tool")]
    assert list(range(2, 2 + len(numbers))) == numbers
    assert 30 == len(errors) + len(numbers)
    assert all("cannot be reloaded while" in each for each in errors)
