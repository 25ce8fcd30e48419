"""Reloading, endings: what becomes of the old one when its end does not go as it should."""

import _thread
import sys
import threading
import warnings

import pytest
from generations import CLASS, GROUP, component, install, installed, one_module
from sites import Site

import plugbay
from plugbay import Host, ReloadError

WORKING = """
import threading

class Tool:
    def initialize(self):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, name='worker')
        self.thread.start()

    def run(self):
        self.ended.wait(30)

    def shutdown(self):
        self.ended.set()
        self.thread.join()
"""


def test_a_thread_of_the_plugin_itself_is_left(site: Site) -> None:
    """It is in a call like any other one, until the plugin is stopped."""
    host = installed(site, {"tool.py": WORKING}, "tool:Tool")
    with host:
        old = host[GROUP]["tool"]
        assert ("worker",) == host.reload("tool", seconds=0.05).left
        assert (False, True) == (old.thread.is_alive(), host[GROUP]["tool"].thread.is_alive())


LEAKING = """
import atexit, functools, threading

def wait():
    ended.wait(30)

class Flush:
    def __call__(self):
        pass

ended = threading.Event()
flush = functools.partial(functools.partial(wait))
atexit.register(flush)
atexit.register(int)

class Tool:
    def initialize(self):
        threading.Thread(target=wait, name='forgotten', daemon=True).start()
        atexit.register(self.save, 1)
        atexit.register(Flush())

    def save(self, number):
        pass

    def shutdown(self):
        if TIDY:
            atexit.unregister(flush)
            atexit.unregister(self.save)
            ended.set()
"""


def test_what_a_generation_leaves_behind_is_told(site: Site) -> None:
    """Threads that run its code still, and functions of its own for the end of the program."""
    host = installed(site, {"tool.py": f"TIDY = False\n{LEAKING}"}, "tool:Tool")
    with host:
        ended = sys.modules["tool"].ended
        done = host.reload("tool", seconds=0.01)
        ended.set()
        assert ("forgotten",) == done.left
        thread, *functions = done.leaks
        assert "the thread 'forgotten' runs its code" == thread
        assert all(each.endswith(" is registered with atexit") for each in functions)
        assert 3 == len(functions)
        assert "functools.partial" in functions[0]
        assert functions[1].startswith("Tool.save is")
        assert "Flush object" in functions[2]
        sys.modules["tool"].ended.set()


def test_a_tidy_generation_leaves_nothing_behind(site: Site) -> None:
    """What it takes back when it is stopped does not count, nor what is not of its own."""
    tidy = LEAKING.replace("        atexit.register(Flush())\n", "")
    host = installed(site, {"tool.py": f"TIDY = True\n{tidy}"}, "tool:Tool")
    with host:
        assert () == host.reload("tool", seconds=0.01).leaks


def test_a_host_stops_what_is_in_place(site: Site) -> None:
    """However often it was replaced; each generation is started once and stopped once."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    logs = []
    with host:
        for _ in range(3):
            logs.append(sys.modules["tool"].log)
            host.reload("tool")
        logs.append(sys.modules["tool"].log)
        assert [["init", "initialize", "shutdown"]] * 3 == logs[:3]
        assert ["init", "initialize"] == logs[3]
    assert [["init", "initialize", "shutdown"]] * 4 == logs
    assert "stopped" == component(host).state


def test_a_problem_that_must_not_be_warned_of_is_a_problem(site: Site) -> None:
    """The new one is in place by then, so it is not said that the old one goes on."""
    broken = CLASS.replace("log.append('shutdown')", "1 / 0")
    host = installed(site, {"tool.py": f"WORD = 1\n{broken}"}, "tool:Tool")
    with host:
        one_module(site, "WORD = 2\n")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                host.reload("tool")
            except plugbay.PluginWarning:
                pass
            except ReloadError as error:
                assert "goes on as it is" not in str(error)  # noqa: PT017 - it need not be raised
        assert 2 == host[GROUP]["tool"]()
        assert 1 == len(host.history("tool"))


def test_an_interrupt_of_the_waiting_ends_the_waiting(site: Site) -> None:
    """It passes, and the old one is stopped, since the new one is in place already."""
    wait = "    def wait(self, event): event.wait(30)\n"
    one_module(site, "WORD = 1\n")
    site.write("tool.py", (site.root / "tool.py").read_text() + wait)
    host = Host("tabletop")
    host.discover(GROUP)
    host.start()
    log, event = sys.modules["tool"].log, threading.Event()
    thread = threading.Thread(target=host[GROUP]["tool"].wait, args=(event,))
    thread.start()
    try:
        threading.Timer(0.2, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            host.reload("tool", seconds=30)
    finally:
        event.set()
        thread.join(30)
        host.stop()
    assert ["init", "initialize", "shutdown"] == log


def test_a_rollback_that_failed_may_be_tried_again(site: Site) -> None:
    """What it lacked may be there by now, such as a file."""
    body = f"WORD = 1\n{CLASS}Tool.on_load = lambda self: open(FILE).close()\n"
    file = site.write("here.txt", "")
    install(site, {"tool.py": f"FILE = {str(file)!r}\n{body}"}, "tool:Tool")
    host = Host("tabletop")
    host.discover(GROUP)
    with host:
        one_module(site, "WORD = 2\n")
        host.reload("tool")
        file.unlink()
        with pytest.raises(ReloadError, match="FileNotFoundError"):
            host.rollback("tool")
        file.touch()
        assert 1 == host.rollback("tool").generation
