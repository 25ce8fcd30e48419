"""Asynchronous hosts: `async with` awaits what plugins start and stop by, `with` cannot."""

import asyncio
from typing import Any

import pytest
from parts import BEGIN, END, QUIET, noting, states

import plugbay
from plugbay import Host


def awaited(log: list[str], name: str, *words: str, failing: str = "") -> type:
    """A class whose methods note that they ran, after others had their turn."""

    def method(word: str) -> Any:
        async def run(self: object, *_: object) -> None:
            await asyncio.sleep(0)
            log.append(f"{name}.{word}")
            if word == failing:
                raise ValueError(f"{word} of {name}")

        run.__name__ = word
        return run

    return type(name, (), {word: method(word) for word in words})


ASYNC = ("on_load", "initialize", "__aenter__", "__aexit__", "shutdown", "on_unload")


def test_asynchronous_methods_are_awaited_in_order() -> None:
    """Among those that are not."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", awaited(log, "a", *ASYNC))
    host.register("b", noting(log, "b"))

    async def main() -> None:
        async with host as entered:
            assert host is entered
            assert {"a": "active", "b": "active"} == states(host)

    expected = [f"a.{word}" for word in ASYNC[:3]] + [f"b.{word}" for word in BEGIN + END]
    expected += [f"a.{word}" for word in ASYNC[3:]]
    asyncio.run(main())
    asyncio.run(main())
    assert expected * 2 == log
    assert {"stopped"} == set(states(host).values())


@pytest.mark.parametrize("word", ["on_load", "initialize", "__aenter__"])
@QUIET
def test_a_synchronous_host_says_what_would_be_needed(word: str) -> None:
    """The asynchronous plugin has failed, undone; the others run."""
    log: list[str] = []
    host = Host("tabletop")
    plugin = awaited(log, "a", word, "__aexit__")
    plugin.on_unload = lambda self: log.append("a.on_unload")  # type: ignore[attr-defined]
    host.register("a", plugin)
    host.register("b", object())
    with host:
        assert {"a": "failed", "b": "active"} == states(host)
    assert "is asynchronous; start the host with `async with`" in host.components[0].reason
    assert f"its {word}" in host.components[0].reason
    assert ([] if word == "on_load" else ["a.on_unload"]) == log


def test_a_manager_of_both_kinds_is_entered_in_the_hosts_way() -> None:
    """Asynchronously where that is possible."""
    log: list[str] = []
    both = type("Both", (awaited(log, "a", "__aenter__", "__aexit__"),), {})
    both.__enter__ = lambda self: log.append("enter")  # type: ignore[attr-defined]
    both.__exit__ = lambda self, *_: log.append("exit")  # type: ignore[attr-defined]
    host = Host("tabletop")
    host.register("a", both)

    async def main() -> None:
        async with host:
            pass

    with host:
        pass
    asyncio.run(main())
    assert ["enter", "exit", "a.__aenter__", "a.__aexit__"] == log


def test_failures_while_stopping_asynchronously_are_reported_together() -> None:
    """All plugins are stopped."""
    log: list[str] = []
    host = Host("tabletop")
    for name in "abc":
        failing = "shutdown" if name != "b" else ""
        host.register(name, awaited(log, name, "shutdown", failing=failing))

    async def main() -> None:
        async with host:
            pass

    with pytest.raises(plugbay.PluginStopError) as raised:
        asyncio.run(main())
    assert ["c.shutdown", "b.shutdown", "a.shutdown"] == log
    assert ["shutdown of c", "shutdown of a"] == [str(each) for each in raised.value.exceptions]


def test_a_start_that_is_cancelled_leaves_nothing_started() -> None:
    """What was started is stopped, and the plugin that was being started undone."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "initialize", "shutdown"))

    class Slow:
        def on_unload(self) -> None:
            log.append("b.on_unload")

        async def initialize(self) -> None:
            await asyncio.sleep(60)

    host.register("b", Slow)

    async def main() -> None:
        async with asyncio.timeout(0.05), host:
            pass

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert ["a.initialize", "b.on_unload", "a.shutdown"] == log
    assert "stopped" == states(host)["a"]


def test_no_two_tasks_start_a_host() -> None:
    """The second one is told."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", awaited(log, "a", "initialize"))

    async def enter() -> None:
        async with host:
            await asyncio.sleep(0.05)

    async def main() -> list[Any]:
        return await asyncio.gather(enter(), enter(), return_exceptions=True)

    first, second = asyncio.run(main())
    assert (None, plugbay.HostBusyError) == (first, type(second))
    assert "cannot be started while it is being started or stopped" in str(second)
    assert ["a.initialize"] == log


def test_what_was_started_asynchronously_can_be_stopped_where_nothing_runs() -> None:
    """As at the end of the interpreter; inside a loop it is refused, since nothing could wait."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "shutdown"))
    host.register("b", awaited(log, "b", "shutdown"))

    async def start() -> None:
        await host.__aenter__()
        with pytest.raises(plugbay.HostError, match="was started by `async with`"):
            host.stop()

    asyncio.run(start())
    assert [] == log
    host.stop()
    assert ["b.shutdown", "a.shutdown"] == log


@QUIET
def test_a_function_that_gives_something_to_await_fails_alone() -> None:
    """Where the host cannot wait for it, the others run."""
    host = Host("tabletop")
    host.register("a", object())
    host.register("b", type("B", (), {"initialize": lambda self: asyncio.sleep(0)}))
    with host:
        assert {"a": "active", "b": "failed"} == states(host)


def test_a_host_starts_more_and_unloads_while_it_runs() -> None:
    """What has to be awaited is, without leaving the block."""
    log: list[str] = []

    async def run() -> None:
        host = Host("tabletop")
        host.register("a", awaited(log, "a", "on_load", "on_unload"))
        async with host:
            host.register("b", awaited(log, "b", "on_load", "on_unload"), depends_on="a")
            host.register("c", awaited(log, "c", "on_load", "on_unload"))
            await host.start_async(only=["b"])
            assert {"a": "active", "b": "active", "c": "found"} == states(host)
            with pytest.raises(plugbay.HostError, match="b need it"):
                await host.unload_async("a")
            with pytest.raises(plugbay.PluginNotFoundError):
                await host.unload_async("d")
            await host.unload_async("a", dependents=True)
            assert ["c"] == list(states(host))
            await host.start_async()
        assert {"c": "stopped"} == states(host)

    asyncio.run(run())
    assert ["a.on_load", "b.on_load", "b.on_unload", "a.on_unload"] == log[:4]
    assert ["c.on_load", "c.on_unload"] == log[4:]


def test_a_plugin_that_fails_to_stop_is_unloaded_all_the_same() -> None:
    """And what it raised is told."""

    class Failing:
        async def on_load(self) -> None: ...

        async def on_unload(self) -> None:
            raise OSError("no")

    async def run() -> None:
        host = Host("tabletop")
        host.register("a", Failing)
        async with host:
            with pytest.raises(plugbay.PluginStopError):
                await host.unload_async("a")
            assert {} == states(host)

    asyncio.run(run())
