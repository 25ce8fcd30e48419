"""Watching: what is saved is taken over while the host runs, once for each save."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from generations import GROUP, component, install, one_module
from sites import Site
from test_files import folder, said

import plugbay
from plugbay import Change, Host

PLUGINS = "tabletop.plugins"
BOTH = pytest.mark.parametrize("polling", [False, True], ids=["told", "polling"])
SETTLE = 0.1


def text(word: str, name: str = "a") -> str:
    """A plugin that says a word."""
    return said(name) + f"def say(): return {word!r}\n"


def eventually(question: Callable[[], object]) -> bool:
    """Whether something comes true, which may take a while."""
    deadline = time.monotonic() + 20
    while not question() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(question())


class Watched:
    """A host with the plugins of a folder, and the changes that it has taken over."""

    def __init__(self, root: Path, *, polling: bool = False, settle: float = SETTLE) -> None:
        self.host = Host("tabletop")
        self.host.add_directory(root)
        self.changes: Queue[Change] = Queue()
        self.watch = self.host.watch(self.changes.put, settle=settle, polling=polling)

    def next(self) -> Change:
        """The next change; fails when there is none for long."""
        return self.changes.get(timeout=20)

    def no_more(self, seconds: float = 0.6) -> bool:
        """Whether nothing happens for a while."""
        try:
            self.changes.get(timeout=seconds)
        except Empty:
            return True
        return False

    def say(self, name: str = "a") -> str:
        """What a plugin says now."""
        word: str = self.host[PLUGINS][name].say()
        return word

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.close()


def in_place(file: Path, content: str) -> None:
    """As vi does with `backupcopy=yes`."""
    file.write_text(content)


def in_two_steps(file: Path, content: str) -> None:
    """The second half comes later than a file has to be quiet; half of it is Python, too."""
    with file.open("w") as stream:
        for half in (content[: len(content) // 2], content[len(content) // 2 :]):
            stream.write(half)
            stream.flush()
            time.sleep(SETTLE * 4)


def by_rename(file: Path, content: str) -> None:
    """A new file in the place of the old one."""
    other = file.with_suffix(".tmp")
    other.write_text(content)
    os.replace(other, file)


def by_backup(file: Path, content: str) -> None:
    """The old one is moved away first, so that there is none for a moment."""
    os.replace(file, file.with_suffix(".py~"))
    file.write_text(content)


def truncated(file: Path, content: str) -> None:
    """It is empty for a moment."""
    file.write_text("")
    time.sleep(SETTLE / 4)
    file.write_text(content)


@BOTH
@pytest.mark.parametrize("save", [in_place, in_two_steps, by_rename, by_backup, truncated])
def test_each_save_is_one_reload(
    tmp_path: Path, save: Callable[[Path, str], None], polling: bool
) -> None:
    """Of the whole file, whatever way an editor has."""
    if save is in_two_steps and not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells who has a file open")
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path, polling=polling) as watched:
        assert watched.say() == "one"
        save(tmp_path / "a.py", text("two") + "x = 1\n" * 20)
        change = watched.next()
        assert (change.kind, change.name, change.problem) == ("changed", "a", "")
        assert change.replacement is not None
        assert (change.replacement.generation, watched.say()) == (2, "two")
        assert watched.no_more()


def test_saves_one_after_the_other_are_all_there(tmp_path: Path) -> None:
    """Each waits for the one before."""
    folder(tmp_path, a=text("0"))
    with Watched(tmp_path) as watched:
        assert watched.say() == "0"
        for number in range(1, 4):
            in_place(tmp_path / "a.py", text(str(number)))
            assert watched.next().problem == ""
            assert watched.say() == str(number)
        assert len(watched.host.history("a")) == 3


def test_what_is_the_same_as_before_is_no_change(tmp_path: Path) -> None:
    """Though it was written, touched or replaced."""
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path) as watched:
        watched.say()
        for save in (in_place, by_rename):
            save(tmp_path / "a.py", text("one"))
        os.utime(tmp_path / "a.py")
        assert watched.no_more()


def test_a_save_with_the_time_and_size_of_before(tmp_path: Path) -> None:
    """Is not seen where only those are looked at; a new file is."""
    folder(tmp_path, a=text("one"))
    before = (tmp_path / "a.py").stat()
    with Watched(tmp_path) as watched:
        watched.say()
        other = tmp_path / "a.new"
        other.write_text(text("two"))
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(other, tmp_path / "a.py")
        assert watched.next().problem == ""
        assert watched.say() == "two"


def test_a_broken_save_leaves_the_old_one(tmp_path: Path) -> None:
    """It is told, and the next save mends it."""
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path) as watched:
        assert watched.say() == "one"
        in_place(tmp_path / "a.py", "def say(:\n")
        change = watched.next()
        assert "a.py, line 1" in change.problem
        assert watched.say() == "one"
        in_place(tmp_path / "a.py", text("two"))
        assert (watched.next().problem, watched.say()) == ("", "two")


def test_files_that_come_and_go(tmp_path: Path) -> None:
    """New ones are added, and started with the others; those that are gone are unloaded."""
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path) as watched, watched.host:
        folder(tmp_path, deep__b=text("b", "b"), c="1 +\n")
        seen = {change.name: change for change in (watched.next(), watched.next())}
        assert (seen["b"].kind, seen["b"].problem) == ("added", "")
        assert "it is not Python" in seen["c.py"].problem
        assert component(watched.host, "b").state == "active"
        (tmp_path / "a.py").unlink()
        assert str(watched.next()) == f"plugin 'a' of {PLUGINS!r} removed"
        assert [each.name for each in watched.host.components] == ["b"]
        assert watched.no_more(0.3)


def test_a_package_is_one_plugin(tmp_path: Path) -> None:
    """All of its modules that were saved together are one change."""
    folder(tmp_path, p__init=said("a") + "from .word import say", p__word="def say(): return 'one'")
    with Watched(tmp_path, settle=0.3) as watched:
        assert watched.say() == "one"
        folder(tmp_path, p__word="from .more import say", p__more="def say(): return 'two'")
        assert (watched.next().problem, watched.say()) == ("", "two")
        assert watched.no_more()


def test_what_is_not_loaded_is_read_anew_and_not_loaded(tmp_path: Path) -> None:
    """What it says of itself counts from then on."""
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path) as watched:
        in_place(tmp_path / "a.py", said("a", version="2.0"))
        assert (watched.next().problem, component(watched.host, "a").state) == ("", "found")
        assert component(watched.host, "a").version == "2.0"


@BOTH
def test_an_installed_plugin_is_watched_once_it_is_loaded(site: Site, polling: bool) -> None:
    """As while it is developed."""
    files = {
        "toolbox/__init__.py": "from .word import say",
        "toolbox/word.py": "def say(): return 1",
    }
    install(site, files, "toolbox:say")
    host, changes = Host("tabletop"), Queue[Change]()
    host.discover(GROUP)
    with host.watch(changes.put, settle=SETTLE, polling=polling):
        assert host[GROUP]["tool"]() == 1
        time.sleep(1.5)  # until it looks at what has been loaded since
        site.write("toolbox/word.py", "def say(): return 2")
        assert changes.get(timeout=20).problem == ""
        assert host[GROUP]["tool"]() == 2


@BOTH
def test_an_installed_plugin_that_failed_is_watched_too(site: Site, polling: bool) -> None:
    """Its module is not there to tell its file, and is what is mended."""
    one_module(site, "raise RuntimeError('out of paint')\n")
    host, changes = Host("tabletop"), Queue[Change]()
    host.discover(GROUP)
    with host.watch(changes.put, settle=SETTLE, polling=polling):
        with suppress(KeyError), pytest.warns(plugbay.PluginWarning, match="out of paint"):
            host[GROUP]["tool"]
        time.sleep(1.5)  # until it looks at what has been loaded since
        site.write("tool.py", "def Tool(): return 2")
        assert changes.get(timeout=20).problem == ""
        assert host[GROUP]["tool"]() == 2


def test_it_waits_while_the_host_starts(tmp_path: Path) -> None:
    """What is saved meanwhile is taken over afterwards."""
    go, body = threading.Event(), "class A:\n    def on_load(self): type(self).wait()\n"
    folder(tmp_path, a=said("a") + body + "    wait = int\n")
    with Watched(tmp_path) as watched:
        type(watched.host[PLUGINS]["a"]).wait = go.wait
        starting = threading.Thread(target=watched.host.start)
        starting.start()
        in_place(tmp_path / "a.py", text("two"))
        assert watched.no_more()
        go.set()
        starting.join()
        assert (watched.next().problem, watched.say()) == ("", "two")
        watched.host.stop()


def test_problems_are_warned_of_where_nobody_is_told(tmp_path: Path) -> None:
    """And only those."""
    folder(tmp_path, a=text("one"))
    host = Host("tabletop")
    host.add_directory(tmp_path)
    host[PLUGINS]["a"].say()
    with warnings.catch_warnings(record=True) as caught, host.watch(settle=SETTLE):
        warnings.simplefilter("always")
        in_place(tmp_path / "a.py", "def say(\n")
        assert eventually(lambda: caught)
        in_place(tmp_path / "a.py", text("two"))
        assert eventually(lambda: host[PLUGINS]["a"].say() == "two")
    (warning,) = caught
    assert warning.category is plugbay.PluginWarning
    assert re.match(r"plugin 'a' of .* changed: .*'\(' was never closed", str(warning.message))


def test_an_asynchronous_host_is_replaced_in_its_loop(tmp_path: Path) -> None:
    """Where its plugins belong."""
    body = (
        "import threading\nclass A:\n"
        "    async def on_load(self): self.where = threading.get_ident()\n"
    )
    folder(tmp_path, a=said("a") + body)

    async def main() -> Any:
        host, changes = Host("tabletop"), Queue[Change]()
        host.add_directory(tmp_path)
        async with host:
            with host.watch(changes.put, settle=SETTLE):
                in_place(tmp_path / "a.py", said("a") + body + "    new = 1\n")
                while changes.empty():
                    await asyncio.sleep(0.01)
            assert changes.get().problem == ""
            return host[PLUGINS]["a"].new, host[PLUGINS]["a"].where == threading.get_ident()

    assert asyncio.run(asyncio.wait_for(main(), 30)) == (1, True)


def test_a_closed_watch_has_no_thread(tmp_path: Path) -> None:
    """Closing it again has no effect, nor has what is saved then."""
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path) as watched:
        watched.say()
    assert "plugbay-watch" not in {each.name for each in threading.enumerate()}
    watched.watch.close()
    in_place(tmp_path / "a.py", text("two"))
    assert (watched.no_more(0.3), watched.say()) == (True, "one")


@BOTH
def test_a_program_that_ends_need_not_close_it(tmp_path: Path, polling: bool) -> None:
    """Its thread does not keep it."""
    folder(tmp_path, a=text("one"))
    program = f"import plugbay\nhost = plugbay.Host('x')\nhost.add_directory({str(tmp_path)!r})\n"
    program += f"host.watch(polling={polling})\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and not in the thread; polling does without it."""
    folder(tmp_path, a=text("one"))
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(ModuleNotFoundError, match=r"install plugbay\[reload\], or say polling"):
        Watched(tmp_path)
    Watched(tmp_path, polling=True).watch.close()
