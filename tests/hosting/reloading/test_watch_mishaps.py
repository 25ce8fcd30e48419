"""Watching and replacing where something gets in between."""

import logging
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from generations import GROUP, one_module, uninstall
from sites import Site
from test_files import folder, modules, said
from test_watch import PLUGINS, SETTLE, Watched, eventually, in_place, text

import plugbay
from plugbay import Host, PluginLoader, ReloadError


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_failing_listener_does_not_end_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    """What it raised is logged; the next save is taken over, and told."""
    folder(tmp_path, a=text("one"))
    host = Host("tabletop")
    host.add_directory(tmp_path)
    told: list[str] = []

    def tell(change: plugbay.Change) -> None:
        told.append(change.name)
        raise error("listener")

    with caplog.at_level(logging.ERROR), host.watch(tell, settle=SETTLE):
        for word in ("two", "three"):
            host[PLUGINS]["a"].say()
            in_place(tmp_path / "a.py", text(word))
            assert eventually(lambda word=word: host[PLUGINS]["a"].say() == word)
    assert told == ["a", "a"]
    assert f"{error.__name__}: listener" in caplog.text


@pytest.mark.parametrize("options", [{"tell": 3}, {"settle": -1}])
def test_what_cannot_be_is_refused_at_once(tmp_path: Path, options: Any) -> None:
    """And not in the thread."""
    with pytest.raises(plugbay.HostError, match=r"tell is called with|is no number of seconds"):
        Host("tabletop").watch(**options)


def test_where_the_system_does_not_tell_files_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where it has no watches left."""

    def watch(*_: object, **__: object) -> Any:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", watch)
    folder(tmp_path, a=text("one"))
    with caplog.at_level(logging.ERROR), Watched(tmp_path) as watched:
        assert watched.say() == "one"
        in_place(tmp_path / "a.py", text("two"))
        assert (watched.next().problem, watched.say()) == ("", "two")
    assert "watch limit reached" in caplog.text


def test_what_was_saved_before_it_is_taken_over(tmp_path: Path) -> None:
    """If it was loaded as it was before that."""
    folder(tmp_path, a=text("one"), b=text("one", "b"))
    host = Host("tabletop")
    host.add_directory(tmp_path)
    host[PLUGINS]["a"].say()
    in_place(tmp_path / "a.py", text("two"))
    in_place(tmp_path / "b.py", text("two", "b"))  # which is not loaded yet
    changes: list[plugbay.Change] = []
    with host.watch(changes.append, settle=SETTLE):
        assert eventually(lambda: changes)
    assert [each.name for each in changes] == ["a"]
    assert host[PLUGINS]["a"].say() == host[PLUGINS]["b"].say() == "two"


def test_no_save_is_lost_while_others_reload(tmp_path: Path) -> None:
    """They take turns."""
    names = [f"p{number}" for number in range(8)]
    folder(tmp_path, other=text("one", "other"), **{name: text("one", name) for name in names})
    with Watched(tmp_path) as watched:
        for name in (*names, "other"):
            watched.say(name)
        ended = threading.Event()

        def reload() -> None:
            while not ended.is_set():
                with suppress(plugbay.HostError):
                    watched.host.reload("other", seconds=0.01)
                ended.wait(0.02)

        thread = threading.Thread(target=reload)
        thread.start()
        for name in names:
            in_place(tmp_path / f"{name}.py", text("two", name))
        seen = [watched.next() for _ in names]
        ended.set()
        thread.join()
        assert [each.problem for each in seen] == [""] * len(names)
        assert {watched.say(name) for name in names} == {"two"}


def test_what_is_saved_while_the_host_is_busy_is_done_later(tmp_path: Path) -> None:
    """A plugin that was changed, and one that is new and to be started."""
    folder(tmp_path, a=text("one"))
    with Watched(tmp_path) as watched, watched.host:
        watched.say()
        with watched.host._runner.alone("changed"):
            folder(tmp_path, a=text("two"), b=text("new", "b"))
            assert watched.no_more(SETTLE * 6)
        assert [watched.next().problem, watched.next().problem] == ["", ""]
        assert (watched.say(), watched.say("b")) == ("two", "new")
        assert {each.state for each in watched.host.components} == {"active"}


def test_another_id_is_no_next_generation(tmp_path: Path) -> None:
    """The plugin goes on under its own; nothing of the other is registered."""
    folder(tmp_path, a=text("one"))
    host = Host("tabletop")
    host.add_directory(tmp_path)
    host[PLUGINS]["a"].say()
    in_place(tmp_path / "a.py", text("two", "b"))
    with pytest.raises(ReloadError, match="its id is 'b' by now; unload it first"):
        host.reload("a")
    assert [(each.name, host[PLUGINS]["a"].say()) for each in host.components] == [("a", "one")]
    host.unload("a")
    host.add_directory(tmp_path)
    assert host[PLUGINS]["b"].say() == "two"


def test_an_id_that_is_taken_is_told_of_a_plugin_that_was_not_loaded(tmp_path: Path) -> None:
    """It is there under another name, and the change says why it cannot be used."""
    folder(tmp_path, a=text("one"), b=text("one", "b"))
    with Watched(tmp_path) as watched:
        in_place(tmp_path / "b.py", text("two", "a"))
        with pytest.warns(plugbay.PluginWarning, match="same name"):
            change = watched.next()
        assert "it has the same name as" in change.problem
        assert watched.say() == "one"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("polling", [False, True])
def test_a_pipe_among_the_files_is_left_alone(tmp_path: Path, polling: bool) -> None:
    """Who reads it waits for somebody who writes it."""
    folder(tmp_path, a=text("one"))
    os.mkfifo(tmp_path / "pipe.py")
    with Watched(tmp_path, polling=polling) as watched:
        watched.say()
        in_place(tmp_path / "a.py", text("two"))
        assert (watched.next().problem, watched.say()) == ("", "two")


def test_an_unloaded_plugin_does_not_come_back(tmp_path: Path) -> None:
    """Neither by a reload that was asked for before, nor by a save of another file."""
    folder(tmp_path, a=text("one"), b=text("one", "b"))
    with Watched(tmp_path) as watched:
        watched.say()
        watched.say("b")
        (old,) = (each for each in watched.host.components if each.name == "a")
        watched.host.unload("a")
        with pytest.raises(ReloadError, match="replaced or unloaded meanwhile"):
            watched.host._runner.at_once(watched.host._replacer.reload(old, 1))
        in_place(tmp_path / "b.py", text("two", "b"))
        assert watched.next().name == "b"
        assert [each.name for each in watched.host.components] == ["b"]


def test_nothing_is_kept_of_what_was_replaced_and_unloaded(tmp_path: Path) -> None:
    """No module, and nobody who finds it."""
    file = folder(tmp_path, a=text("one")) / "a.py"
    before, finders, loader = modules(), len(sys.meta_path), PluginLoader()
    for _ in range(3):
        loader.load_plugin(file)
        loader.reload_plugin("a")
        loader.unload_plugin("a")
    assert (modules(), len(sys.meta_path)) == (before, finders)


def test_modules_with_an_underscore_belong_to_a_package(tmp_path: Path) -> None:
    """Though no plugins are looked for in them."""
    package = {"p__init": said("a") + "from ._deep.word import say", "p___deep__init": ""}
    folder(tmp_path, **package, p___deep__word="def say(): return 'one'")
    with Watched(tmp_path) as watched:
        assert watched.say() == "one"
        (tmp_path / "p" / "_deep" / "word.py").write_text("def say(): return 'two'")
        assert (watched.next().problem, watched.say()) == ("", "two")


def test_metadata_that_cannot_be_read_is_not_removed(site: Site) -> None:
    """As in the middle of an installation."""
    one_module(site, "WORD = 'one'\n")
    host = Host("tabletop")
    host.discover(GROUP)
    host[GROUP]["tool"]
    (entry_points,) = site.root.glob("tabletop_tool-*.dist-info/entry_points.txt")
    whole = entry_points.read_bytes()
    entry_points.write_bytes(whole[:20] + b"\nbroken\n")
    (change,) = host.refresh(apply=True)
    assert (change.kind, bool(change.problem)) == ("removed", True)
    assert host[GROUP]["tool"]() == "one"
    entry_points.write_bytes(whole)
    assert host.refresh(apply=True) == []
    uninstall(site)
    assert [each.problem for each in host.refresh(apply=True)] == [""]


def test_a_loaded_plugin_stays_where_loading_it_again_fails(tmp_path: Path) -> None:
    """As while another thread starts something."""
    folder(tmp_path, a=text("one"))
    with PluginLoader() as loader:
        plugin = loader.load_plugin(tmp_path / "a.py")
        with loader.host._runner.alone("changed"):
            assert loader.load_plugin(tmp_path / "a.py") is plugin
        assert loader.is_loaded("a")


def test_the_end_of_a_host_waits_for_another_thread(tmp_path: Path) -> None:
    """What is being changed meanwhile is stopped, too."""
    folder(tmp_path, a=said("a") + "class A:\n    def on_load(self): ...\n")
    host = Host("tabletop")
    host.add_directory(tmp_path)
    busy, go = threading.Event(), threading.Event()

    def change() -> None:
        with host._runner.alone("changed"):
            busy.set()
            go.wait(10)

    with host:
        thread = threading.Thread(target=change)
        thread.start()
        busy.wait(10)
        threading.Timer(0.2, go.set).start()
    thread.join()
    assert [each.state for each in host.components] == ["stopped"]
