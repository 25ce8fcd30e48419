"""Reloading in asynchronous hosts: plugins are awaited, and other tasks go on meanwhile."""

import asyncio
import sys
import threading
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from generations import CLASS, GROUP, component, install, modules
from sites import Site

import plugbay
from plugbay import Host, ReloadError

ASYNC = """
import asyncio
log = []

class Tool:
    async def initialize(self):
        await asyncio.sleep(0)
        log.append('initialize')
    async def shutdown(self):
        await asyncio.sleep(0)
        log.append('shutdown')
    async def __aenter__(self):
        await asyncio.sleep(0)
        log.append('enter')
    async def __aexit__(self, *_):
        log.append('exit')
    def __call__(self):
        return WORD
"""


def found(site: Site, word: int, body: str = ASYNC) -> Host:
    """A host with a plugin that has to be awaited."""
    install(site, {"tool.py": f"WORD = {word}\n{body}"}, "tool:Tool")
    host = Host("tabletop")
    host.discover(GROUP)
    return host


def test_a_plugin_that_is_awaited_is_replaced(site: Site) -> None:
    """The new one is awaited before it is seen, and the old one when it is stopped."""

    async def run() -> None:
        host = found(site, 1)
        async with host:
            assert 1 == host[GROUP]["tool"]()
            old = sys.modules["tool"].log
            found(site, 2)
            done = await host.reload_async("tool")
            assert (2, 2, ()) == (done.generation, host[GROUP]["tool"](), done.left)
            assert (["initialize", "enter", "exit", "shutdown"], ["initialize", "enter"]) == (
                old,
                sys.modules["tool"].log,
            )
            assert done == host.history("tool")[0]
        assert ["exit", "shutdown"] == sys.modules["tool"].log[2:]

    asyncio.run(run())


def test_a_failure_leaves_the_old_one(site: Site) -> None:
    """What was awaited of the new one is undone by awaiting."""
    broken = ASYNC.replace("log.append('enter')", "raise OSError('late')")

    async def run() -> None:
        host = found(site, 1)
        async with host:
            before, old = modules("tool"), host[GROUP]["tool"]
            found(site, 2, broken)
            seen: list[Any] = []
            end = host.observe(lambda each, _: seen.append(each))
            with pytest.raises(ReloadError, match="OSError: late") as raised:
                await host.reload_async("tool")
            end()
            assert isinstance(raised.value.__cause__, plugbay.PluginStartError)
            log = type(seen[0].plugin.load()).__name__, seen[0].plugin.load().initialize
            assert ["initialize", "shutdown"] == log[1].__globals__["log"]
            assert (before, old, 1) == (modules("tool"), host[GROUP]["tool"], old())
            assert ["initialize", "enter"] == before["tool"].log

    asyncio.run(run())


@pytest.mark.parametrize("way", ["reload", "rollback"])
def test_what_cannot_be_awaited_is_refused(site: Site, way: str) -> None:
    """A word tells what to do instead; nothing changes, and no coroutine is left over."""

    async def run() -> None:
        host = found(site, 1)
        async with host:
            await host.reload_async("tool")
            before = modules("tool")
            with pytest.raises(plugbay.HostError, match=r"started by `async with`, so await"):
                getattr(host, way)("tool")
            assert (before, 1) == (modules("tool"), len(host.history("tool")))

    asyncio.run(run())


def test_a_synchronous_host_awaits_nothing(site: Site) -> None:
    """A generation that would have to be awaited is refused, whatever way it is reloaded."""
    host = found(site, 1, CLASS)
    with host:
        found(site, 2)
        with pytest.raises(ReloadError, match="is asynchronous; start the host with `async with`"):
            host.reload("tool")
        with pytest.raises(ReloadError, match="is asynchronous; start the host with `async with`"):
            asyncio.run(host.reload_async("tool"))
        assert 1 == host[GROUP]["tool"]()
        found(site, 3, CLASS)
        assert 2 == asyncio.run(host.reload_async("tool")).generation
        assert 3 == host[GROUP]["tool"]()


def test_other_tasks_go_on_while_calls_end(site: Site) -> None:
    """A call in a thread may need them to come to its end."""
    waits = "class Tool:\n    is_stopped = False\n    def __call__(self, event):\n"
    waits += "        return event.wait(30) and not self.is_stopped\n"
    waits += "    def shutdown(self): self.is_stopped = True\n"

    async def run() -> None:
        host = found(site, 1, waits)
        async with host:
            event = threading.Event()
            old = host[GROUP]["tool"]
            call = asyncio.create_task(asyncio.to_thread(old, event))
            await asyncio.sleep(0.05)

            async def let_go() -> None:
                while host[GROUP]["tool"] is old:
                    await asyncio.sleep(0.001)
                event.set()

            letting = asyncio.create_task(let_go())
            began = time.monotonic()
            done = await host.reload_async("tool", seconds=25)
            assert time.monotonic() - began < 20
            await letting
            assert ((), True, True) == (done.left, await call, old.is_stopped)

    asyncio.run(run())


def test_two_tasks_replace_one_after_the_other(site: Site) -> None:
    """Of one host one is refused at once."""
    slow = ASYNC.replace("sleep(0)", "sleep(0.01)")

    async def run() -> None:
        host = found(site, 1, slow)
        async with host:
            results = await asyncio.gather(
                *(host.reload_async("tool") for _ in range(2)), return_exceptions=True
            )
        first, second = results
        assert isinstance(first, plugbay.Replacement)
        assert isinstance(second, plugbay.HostError)
        assert "cannot be reloaded while" in str(second)

    asyncio.run(run())


def test_two_hosts_in_one_loop_do_not_mix_their_modules(site: Site) -> None:
    """While one is at it the other one is refused, and may try again afterwards."""

    async def run() -> None:
        one, two = found(site, 1), found(site, 1)
        async with one, two:
            before = modules("tool")
            found(
                site, 2, ASYNC.replace("await asyncio.sleep(0)\n        log.append('enter')", LATE)
            )
            failing = asyncio.create_task(expect_failure(one.reload_async("tool")))
            await asyncio.sleep(0.02)
            found(site, 3)
            await expect_failure(two.reload_async("tool"))
            await failing
            assert (before, 1, 1) == (modules("tool"), one[GROUP]["tool"](), two[GROUP]["tool"]())
            for host in (one, two):
                await host.reload_async("tool")
                assert type(host[GROUP]["tool"]) is sys.modules["tool"].Tool
            assert (3, 3) == (one[GROUP]["tool"](), two[GROUP]["tool"]())

    asyncio.run(run())


LATE = "await asyncio.sleep(0.1)\n        raise OSError('late')"


async def expect_failure(reload: Coroutine[Any, Any, Any]) -> None:
    """Await a reload that is to fail."""
    with pytest.raises(ReloadError):
        await reload


@pytest.mark.parametrize("when", ["start", "before"])
def test_a_task_that_is_cancelled_leaves_the_old_one(site: Site, when: str) -> None:
    """In the middle of the start of the new one, or before it has begun."""
    late = ASYNC.replace("await asyncio.sleep(0)\n        log.append('enter')", "await forever()")
    late += "async def forever(): await asyncio.sleep(3600)\n"

    async def run() -> None:
        host = found(site, 1)
        async with host:
            before = modules("tool")
            found(site, 2, late)
            task = asyncio.create_task(host.reload_async("tool"))
            await asyncio.sleep(0.05 if when == "start" else 0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (before, 1) == (modules("tool"), host[GROUP]["tool"]())
            assert ("active", []) == (component(host).state, host.history("tool"))
            found(site, 3)
            assert 2 == (await host.reload_async("tool")).generation

    asyncio.run(run())


def test_a_task_that_is_cancelled_while_it_waits_stops_the_old_one(site: Site) -> None:
    """The new one is in place, so nobody else would."""
    body = ASYNC.replace("return WORD", "return WORD\n    def wait(self, event): event.wait(30)")

    async def run() -> None:
        host = found(site, 1, body)
        async with host:
            event, log = threading.Event(), sys.modules["tool"].log
            call = asyncio.create_task(asyncio.to_thread(host[GROUP]["tool"].wait, event))
            await asyncio.sleep(0.02)
            found(site, 2, body)
            task = asyncio.create_task(host.reload_async("tool", seconds=30))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            event.set()
            await call
            assert 2 == host[GROUP]["tool"]()
        assert "shutdown" == log[-1]

    asyncio.run(run())


def test_a_generation_that_is_awaited_is_taken_back(site: Site) -> None:
    """By a method that can be awaited."""

    async def run() -> None:
        host = found(site, 1)
        async with host:
            await host.reload_async("tool")
            assert 1 == (await host.rollback_async("tool")).generation
            assert 1 == host[GROUP]["tool"]()

    asyncio.run(run())


def test_state_that_is_awaited_is_handed_over(site: Site) -> None:
    """As everything else of a plugin may be."""
    more = "    async def export_state(self): return WORD\n"
    more += "    async def import_state(self, state): self.state = state\n"

    async def run() -> None:
        host = found(site, 1, ASYNC + more)
        async with host:
            found(site, 2, ASYNC + more)
            await host.reload_async("tool")
            assert 1 == host[GROUP]["tool"].state

    asyncio.run(run())
