"""Endings: signals, interrupts and the end of the interpreter leave nothing started."""

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from parts import QUIET, child, noting, states
from sites import Site

import plugbay
from plugbay import Host

# A program with two plugins that tell of their start and their stop.
HEAD = """\
import os, signal, sys, threading, time
import plugbay

TERM = os.getpid(), signal.SIGTERM

def say(*words): print(*words, flush=True)

class Plugin:
    name = ""
    def initialize(self): say("start", self.name)
    def shutdown(self): say("stop", self.name)

def host_of(*names):
    host = plugbay.Host("tabletop")
    for name in names:
        host.register(name, type("P", (Plugin,), {"name": name}))
    return host

def end(number=signal.SIGTERM):
    os.kill(os.getpid(), number)
    time.sleep(10)
    say("went on")

"""
BOTH = ["start a", "start b", "stop b", "stop a"]


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("host.start(); end()", 143),
        ("host.start()", 0),
        ("host.start(); sys.exit(3)", 3),
        ("host.start(); raise ValueError", 1),
        ("\nwith host: end()", 143),
        ("\nwith host: sys.exit(4)", 4),
        ("host.start(); threading.Thread(target=os.kill, args=TERM).start(); time.sleep(20)", 143),
        ("\nhost.start()\ntry: end()\nexcept Exception: say('caught')", 143),
        ("threading.Thread(target=host.start).start()", 0),
        ("host.start(); host.stop(); end()", -15),
    ],
)
def test_whatever_ends_a_program_stops_what_it_started(program: str, code: int) -> None:
    """Once, in reverse, with the status that the program would have had."""
    assert (code, BOTH) == child(f"{HEAD}host = host_of('a', 'b'); {program}\n")


@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", -2)])
def test_a_signal_while_plugins_start_undoes_what_was_done(number: str, code: int) -> None:
    """Also that of the plugin which was being started; later ones are left alone."""
    program = f"""
host = host_of('a', 'c')
class Slow(Plugin):
    name = 'b'
    def on_load(self): say('load b')
    def on_unload(self): say('unload b')
    def initialize(self): end(signal.{number})
host.register('b', Slow)
host.start()
"""
    expected = ["start a", "load b", "unload b", "stop a"]
    assert (code, expected) == child(HEAD + program)


def test_a_signal_while_plugins_stop_does_not_keep_the_others_started() -> None:
    """The program ends once all of them have been stopped."""
    program = """
host = host_of('a', 'c')
class Slow(Plugin):
    name = 'b'
    def shutdown(self): end()
host.register('b', Slow)
with host: pass
say('went on')
"""
    expected = ["start a", "start b", "start c", "stop c", "stop a"]
    assert (143, expected) == child(HEAD + program)


def test_a_signal_while_a_plugin_is_imported_ends_the_program(site: Site) -> None:
    """At once, since nothing was started yet."""
    body = "import os, signal, time\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(5)\nthing = 1"
    site.add_module("x", body, module="shade_ends", group="tabletop.plugins")
    program = "host = host_of('a'); host.discover('tabletop.plugins'); host.start(); say('went on')"
    assert (-signal.SIGTERM, []) == child(HEAD + program, str(site.root))


def test_a_host_that_stops_leaves_another_one_guarded() -> None:
    """Whichever was started first."""
    program = "one, two = host_of('a'), host_of('b'); one.start(); two.start(); one.stop(); end()"
    assert (143, ["start a", "start b", "stop a", "stop b"]) == child(HEAD + program)


def test_a_handler_that_was_set_meanwhile_is_left_alone() -> None:
    """It is not the host's to take away."""
    program = """
host = host_of('a')
host.start()
signal.signal(signal.SIGTERM, lambda *_: say('mine'))
host.stop()
os.kill(os.getpid(), signal.SIGTERM)
"""
    assert (0, ["start a", "stop a", "mine"]) == child(HEAD + program)


def test_a_handler_of_the_programs_own_is_left_alone() -> None:
    """It decides; what was started is stopped when the interpreter ends."""
    program = """
signal.signal(signal.SIGTERM, lambda *_: say('mine'))
host_of('a').start()
os.kill(os.getpid(), signal.SIGTERM)
"""
    assert (0, ["start a", "mine", "stop a"]) == child(HEAD + program)


def test_a_signal_ends_an_asynchronous_host() -> None:
    """While its loop runs."""
    program = """
import asyncio
async def main():
    async with host_of('a', 'b'):
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.sleep(10)
        say('went on')
asyncio.run(main())
"""
    assert (143, BOTH) == child(HEAD + program)


def test_a_process_that_is_told_to_end_from_outside_stops_its_plugins(tmp_path: Path) -> None:
    """As a supervisor does it."""
    src = str(Path(plugbay.__file__).parents[1])
    program = f"import sys; sys.path.insert(0, {src!r})\n{HEAD}host_of('a').start()\n"
    program += "say('ready')\ntime.sleep(30)\n"
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        assert ["start a\n", "ready\n"] == [process.stdout.readline() for _ in range(2)]
        process.terminate()
        assert ("stop a\n", 143) == (process.stdout.read(), process.wait(20))


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_an_interrupted_start_stops_what_it_started(error: type[BaseException]) -> None:
    """And can be made again."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "initialize", "shutdown"))
    interrupted = noting(log, "b", "on_load", "initialize", "on_unload", failing=["initialize"])
    words = ["a.initialize", "b.on_load", "b.initialize", "b.on_unload", "a.shutdown"]
    method = interrupted.initialize  # type: ignore[attr-defined]

    def initialize(self: object) -> None:
        try:
            method(self)
        except ValueError:
            raise error from None

    interrupted.initialize = initialize  # type: ignore[attr-defined]
    host.register("b", interrupted)
    host.register("c", noting(log, "c"))
    with pytest.raises(error):
        host.start()
    assert words == log
    assert ("stopped", "loaded") == (states(host)["a"], states(host)["c"])
    interrupted.initialize = lambda self: None  # type: ignore[attr-defined]
    with host:
        assert {"active"} == set(states(host).values())


@pytest.mark.parametrize("way", ["start", "stop", "unload", "with"])
def test_a_plugin_cannot_start_or_stop_the_host_that_starts_it(way: str) -> None:
    """It fails by the error that it gets; the others run."""
    host = Host("tabletop")

    class Meddling:
        def initialize(self) -> None:
            if way == "with":
                with host:
                    pass
            elif way == "unload":
                host.unload("a")
            else:
                getattr(host, way)()

    host.register("a", object())
    host.register("b", Meddling)
    with pytest.warns(plugbay.PluginWarning, match="while it is being started or stopped"):
        host.start()
    assert {"a": "active", "b": "failed"} == states(host)
    host.stop()


def test_another_thread_cannot_start_a_host_that_is_starting() -> None:
    """It is told, and does not wait; who stops it waits for that, so that nothing is left."""
    host, is_starting, may_go = Host("tabletop"), threading.Event(), threading.Event()

    class Slow:
        def initialize(self) -> None:
            is_starting.set()
            may_go.wait(5)

    host.register("a", Slow)
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(host.start)
        assert is_starting.wait(5)
        with pytest.raises(plugbay.HostBusyError, match="while it is being started or stopped"):
            host.start()
        threading.Timer(0.1, may_go.set).start()
        host.stop()
        starting.result()
    assert {"a": "stopped"} == states(host)


@QUIET
def test_a_host_of_which_nothing_started_leaves_the_signal_alone() -> None:
    """Once it has been stopped."""
    program = """
before = signal.getsignal(signal.SIGTERM)
host = plugbay.Host('tabletop')
with host: pass
say(before is signal.getsignal(signal.SIGTERM))
"""
    assert (0, ["True"]) == child(HEAD + program)


def test_a_forked_child_stops_nothing() -> None:
    """What its parent started is the parent's."""
    program = """
host = host_of('a')
host.start()
if os.fork() == 0:
    sys.exit()
os.wait()
"""
    assert (0, ["start a", "stop a"]) == child(HEAD + program)
