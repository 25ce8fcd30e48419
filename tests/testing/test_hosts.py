"""Hosts of a test are stopped after it, and what their plugins leave behind is told."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from children import outcomes, run_pytest
from sites import GROUP, HOST

import plugbay
from plugbay.testing import HostMaker, PluginEnvironment


class Clock:
    """A component that writes down what is done to it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def on_load(self) -> None:
        self.told.append("started")

    def on_unload(self) -> None:
        self.told.append("stopped")


class Stuck(Clock):
    def on_unload(self) -> None:
        super().on_unload()
        raise ValueError("it is stuck")


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What the threads of a test wait for, so that none is left behind it."""
    event = threading.Event()
    yield event
    event.set()


def test_a_host_is_made_and_stopped() -> None:
    """It takes what a Host takes, and is stopped however many there are, the last first."""
    clocks = [Clock(), Clock()]
    with HostMaker() as maker:
        for clock in clocks:
            host = maker(HOST, api_version="1.0", on_start_failure="stop")
            host.register("clock", clock)
            host.start()
        maker(HOST)  # which is not even started
        assert isinstance(host, plugbay.Host)
    assert [["started", "stopped"]] * 2 == [each.told for each in clocks]
    assert not host.is_running


def test_a_failing_stop_stops_the_others_and_is_raised() -> None:
    """What plugins raise comes out once everything has been stopped, also out of two hosts."""
    stuck, clock = Stuck(), Clock()
    with pytest.raises(plugbay.PluginStopError) as caught:
        _run({"clock": clock, "stuck": stuck})
    assert "it is stuck" in str(caught.value.exceptions[0])
    assert clock.told == stuck.told == ["started", "stopped"]
    with pytest.raises(ExceptionGroup, match="hosts did not stop"):
        _run({"one": Stuck(), "two": Stuck()})


def _run(plugins: dict[str, object]) -> None:
    """Start each plugin in a host of its own, and stop them all."""
    with HostMaker() as maker:
        for name, plugin in plugins.items():
            host = maker(name)
            host.register(name, plugin)
            host.start()


def test_an_asynchronous_host_is_stopped_too() -> None:
    """One that was started in a loop which is over by now."""
    import asyncio

    told: list[str] = []

    class Slow:
        async def on_load(self) -> None:
            told.append("started")

        async def on_unload(self) -> None:
            told.append("stopped")

    with HostMaker() as maker:
        host = maker(HOST)
        host.register("slow", Slow())
        asyncio.run(host.start_async())
    assert ["started", "stopped"] == told


def test_a_thread_that_is_left_is_told(release: threading.Event) -> None:
    """The warning names the thread and what it runs; those that end in time are none."""

    class Worker:
        def __init__(self, event: threading.Event, name: str) -> None:
            self.thread = threading.Thread(target=event.wait, args=(20,), name=name)

        def on_load(self) -> None:
            self.thread.start()

    ending = threading.Event()
    threading.Timer(0.3, ending.set).start()
    with pytest.warns(plugbay.PluginWarning, match=r"'left-behind', .*wait") as told:
        _run({"one": Worker(release, "left-behind"), "two": Worker(ending, "in-time")})
    assert 1 == len(told)


def test_a_thread_is_told_once(release: threading.Event) -> None:
    """What a test has asked for is not told again when the hosts are stopped."""
    with HostMaker() as maker:
        assert [] == maker.leftovers()
        maker(HOST)
        threading.Thread(target=release.wait, args=(20,), name="asked-for").start()
        [left] = maker.leftovers()
        assert left.startswith("'asked-for', which runs threading.Event.wait")
        assert [] == maker.leftovers()


def test_threads_of_the_test_itself_are_no_leftovers(release: threading.Event) -> None:
    """What ran before the first host was made, or where there is none, is nobody's fault."""
    threading.Thread(target=release.wait, args=(20,)).start()
    with HostMaker() as maker:
        maker(HOST)
    with HostMaker():
        threading.Thread(target=release.wait, args=(20,)).start()


def test_the_fixture_stops_hosts_while_the_environment_is_there(
    plugin_host: Any, make_distribution: Any, plugbay_environment: PluginEnvironment
) -> None:
    """A plugin that imports something while it is stopped still finds it."""
    code = """
        class Late:
            def on_load(self): pass
            def on_unload(self):
                import late_at_night
    """
    files = {"late_evening.py": code, "late_at_night.py": ""}
    make_distribution("late", plugins={GROUP: {"late": "late_evening:Late"}}, files=files)
    host = plugin_host(HOST)
    host.discover(GROUP)
    host.start()
    assert plugbay_environment.path.is_dir()


TESTS = """
    import threading

    class Clock:
        def on_load(self): print("the clock starts")
        def on_unload(self): print("the clock stops")

    class Leak(Clock):
        def on_load(self):
            threading.Thread(target=threading.Event().wait, daemon=True, name="a-leak").start()

    def test_fails(plugin_host):
        host = plugin_host("fair")
        host.register("clock", Clock())
        host.start()
        assert False

    def test_leaks(plugin_host):
        host = plugin_host("fair")
        host.register("leak", Leak())
        host.start()
"""


def test_whatever_happens_they_are_stopped(tmp_path: Path) -> None:
    """After a test that fails, too; a thread that is left behind is a warning of that test."""
    output = run_pytest(tmp_path, {"test_hosts_in_there.py": TESTS})
    assert {"failed": 1, "passed": 1, "error": 1} == outcomes(output), output
    assert "the clock stops" in output
    assert "'a-leak', which runs threading.Event.wait" in output
