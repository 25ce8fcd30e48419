"""Lifecycle: what is done with a plugin when its host starts and stops, in which order."""

import asyncio
from typing import Any

import pytest
from parts import BEGIN, END, QUIET, noting, observed, states

import plugbay
from plugbay import Component, Context, Host


def failing(log: list[str], name: str, *words: str, **more: Any) -> type:
    """A plugin whose methods of these names fail, besides noting that they ran."""
    return noting(log, name, failing=words, **more)


def test_a_plugin_starts_and_stops_by_whatever_it_has() -> None:
    """The counterparts in reverse, and a host may start and stop again with the same instance."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a"))
    host.register("b", noting(log, "b", "initialize", "on_unload"))
    host.register("c", object())
    once = [f"a.{word}" for word in BEGIN] + ["b.initialize", "b.on_unload"]
    once += [f"a.{word}" for word in END]
    made = host["tabletop.plugins"]["a"]
    for _ in range(2):
        with host as entered:
            assert host is entered
            assert {"active"} == set(states(host).values())
        assert {"stopped"} == set(states(host).values())
    assert once * 2 == log
    assert made is host["tabletop.plugins"]["a"]


def test_every_transition_is_observed() -> None:
    """From found to stopped, until the observer is taken away."""
    host = Host("tabletop")
    host.register("a", object())
    seen: list[tuple[Component, str, str]] = []
    end = host.observe(lambda each, before: seen.append((each, before, each.state)))
    host.start()
    host.stop()
    host.start()
    end()
    host.stop()
    (component,) = host.components
    words = ["found", "loaded", "active", "stopped", "active"]
    assert list(zip([component] * 4, words, words[1:], strict=False)) == seen


@pytest.mark.parametrize("way", ["refused", "failed", "unmade"])
@QUIET
def test_a_plugin_that_is_out_is_observed_once(way: str) -> None:
    """However often it is asked for, with the reason."""
    host = Host("tabletop")
    found: Any = failing([], "a", *(["initialize"] if way == "failed" else []))
    if way == "unmade":
        found = type("A", (), {"__init__": lambda self: 1 / 0})
    host.register("a", found, depends_on=["z"] if way == "refused" else [])
    seen = observed(host)
    host.start()
    for _ in range(2):
        with pytest.raises(KeyError):
            host["tabletop.plugins"]["a"]
    host.stop()
    expected = {
        "refused": ["a found>refused"],
        "failed": ["a found>loaded", "a loaded>failed"],
        "unmade": ["a found>loaded", "a loaded>failed"],
    }
    assert expected[way] == seen
    assert host.components[0].reason


@QUIET
def test_a_plugin_that_cannot_be_loaded_is_observed_once() -> None:
    """It has failed, and nothing changes by asking again."""
    host = Host("tabletop")
    host.group("tabletop.plugins", expect=int)
    host.register("a", "text")
    seen = observed(host)
    for _ in range(2):
        with pytest.raises(plugbay.PluginLoadError):
            host["tabletop.plugins"]["a"]
    assert ["a found>failed"] == seen


@pytest.mark.parametrize("step", BEGIN)
def test_a_start_that_fails_undoes_its_own_steps(step: str) -> None:
    """In reverse; the plugin has failed, its dependents are refused, and the others run."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "on_load", "on_unload"))
    host.register("b", failing(log, "b", step))
    host.register("c", noting(log, "c"), depends_on=["b"])
    with pytest.warns(plugbay.PluginWarning) as warned:
        host.start()
    done = BEGIN[: BEGIN.index(step) + 1]
    undone = END[len(END) - len(done) + 1 :]
    assert ["a.on_load", *(f"b.{word}" for word in done + undone)] == log
    assert {"a": "active", "b": "failed", "c": "refused"} == states(host)
    reasons = {each.name: each.reason for each in host.components}
    assert f"ValueError: {step} of b" == reasons["b"]
    assert f"it depends on 'b', which is failed: ValueError: {step} of b" == reasons["c"]
    assert ["could not be started", "is refused"] == [
        word
        for each in warned
        for word in ("could not be started", "is refused")
        if word in str(each.message)
    ]
    host.stop()
    assert {"a": "stopped", "b": "failed", "c": "refused"} == states(host)
    assert "a.on_unload" == log[-1]


@QUIET
def test_a_method_may_say_no() -> None:
    """By returning False, as some plugin systems have it; None and 0 are no such answer."""
    host = Host("tabletop")
    host.register("a", type("A", (), {"on_load": lambda self: False}))
    host.register("b", type("B", (), {"on_load": lambda self: 0}))
    with host:
        assert {"a": "failed", "b": "active"} == states(host)
        assert "RuntimeError: its on_load() returned False" == host.components[0].reason


def test_a_host_may_stop_everything_when_one_fails() -> None:
    """What was started is stopped in reverse, and the error raised with its cause."""
    log: list[str] = []
    host = Host("tabletop", on_start_failure="stop")
    for name in "ab":
        host.register(name, noting(log, name, "initialize", "shutdown"))
    host.register("c", failing(log, "c", "__enter__"))
    host.register("d", noting(log, "d"))
    with pytest.raises(plugbay.PluginStartError, match=r"'c' of .*ValueError: __enter__") as raised:
        host.start()
    assert isinstance(raised.value.__cause__, ValueError)
    assert ["c.shutdown", "c.on_unload", "b.shutdown", "a.shutdown"] == log[-4:]
    assert {"a": "stopped", "b": "stopped", "c": "failed", "d": "loaded"} == states(host)
    with pytest.raises(plugbay.HostError, match="'halt' is not one of isolate, stop"):
        Host("tabletop", on_start_failure="halt")  # type: ignore[arg-type]


def test_stopping_goes_on_past_failures_and_reports_them_together() -> None:
    """Each with a note of whose it is; the host can start again."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", failing(log, "a", "shutdown"))
    host.register("b", noting(log, "b"))
    host.register("c", failing(log, "c", "__exit__", error=SystemExit))
    host.start()
    log.clear()
    with pytest.raises(plugbay.PluginStopError, match="2 plugins of 'tabletop' did not") as raised:
        host.stop()
    assert [f"{name}.{word}" for name in "cba" for word in END] == log
    assert {"stopped"} == set(states(host).values())
    errors = raised.value.exceptions
    assert ["SystemExit: __exit__ of c", "shutdown of a"] == [str(each) for each in errors]
    assert "raised by plugin 'a' of" in errors[1].__notes__[0]
    host.stop()
    host.start()
    assert {"active"} == set(states(host).values())
    with pytest.raises(plugbay.PluginStopError):
        host.stop()


def test_starting_and_stopping_twice_changes_nothing() -> None:
    """But that what came meanwhile is started."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "initialize", "shutdown"))
    host.start()
    host.register("b", noting(log, "b", "initialize", "shutdown"))
    host.start()
    host.start()
    host.stop()
    host.stop()
    assert ["a.initialize", "b.initialize", "b.shutdown", "a.shutdown"] == log


def with_users() -> tuple[Host, list[str]]:
    """A started host whose plugin `base` is used by `user`, and that one by `top`."""
    log: list[str] = []
    host = Host("tabletop")
    for name, needs in {"base": [], "user": ["base"], "top": ["user?"], "other": []}.items():
        host.register(name, noting(log, name, "shutdown"), depends_on=needs)
    host.start()
    return host, log


def test_what_is_used_is_not_unloaded() -> None:
    """Unless its users are gone before."""
    host, log = with_users()
    with pytest.raises(plugbay.HostError, match=r"'base' of .* user, top need it; .*dependents=Tr"):
        host.unload("base")
    assert ([], {"active"}) == (log, set(states(host).values()))
    for name in ("top", "user", "base"):
        host.unload(name)
    assert ["top.shutdown", "user.shutdown", "base.shutdown"] == log
    assert {"other": "active"} == states(host)
    host.stop()


def test_users_may_be_taken_along() -> None:
    """They are stopped first; nobody else is."""
    host, log = with_users()
    host.unload("base", dependents=True)
    assert ["top.shutdown", "user.shutdown", "base.shutdown"] == log
    assert "base" not in states(host)
    assert "active" == states(host)["other"]
    host.stop()


def test_users_that_are_taken_along_are_gone() -> None:
    """As `unload` says: it takes them out too."""
    host, _ = with_users()
    host.unload("base", dependents=True)
    try:
        assert {"other": "active"} == states(host)
    finally:
        host.stop()


def test_a_plugin_that_fails_while_it_is_unloaded_is_gone() -> None:
    """Its error is told all the same."""
    host = Host("tabletop")
    host.register("a", failing([], "a", "shutdown"))
    host.start()
    with pytest.raises(plugbay.PluginStopError):
        host.unload("a")
    assert {} == states(host)


def test_unloading_asks_for_one_plugin() -> None:
    """Of a group, where several have one of its name."""
    host = Host("tabletop")
    for group in ("one", "two"):
        host.register("a", object(), group=group)
    with pytest.raises(plugbay.PluginNotFoundError, match="no one plugin 'a'; say of which group"):
        host.unload("a")
    with pytest.raises(plugbay.PluginNotFoundError, match="no one plugin 'ab'; did you mean 'a'"):
        host.unload("ab")
    host.unload("a", group="one")
    assert (["a"], []) == (list(host["two"]), list(host["one"]))


@QUIET
def test_asking_for_what_is_not_there_fails_a_start_too() -> None:
    """An error of plugbay's own is raised by the plugin like any other."""

    class Asking:
        def initialize(self, context: Context) -> None:
            context.plugin("nothing")

    host = Host("tabletop")
    host.register("a", Asking)
    host.start()
    assert ("failed", True) == (host.components[0].state, bool(host.components[0].reason))


def test_a_failing_observer_leaves_nothing_started() -> None:
    """The plugin that it was told of is stopped with the others."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "initialize", "shutdown"))

    def fail(component: Component, _: str) -> None:
        if component.state == "active":
            raise ValueError("not seen")

    host.observe(fail)
    with pytest.raises(ValueError, match="not seen"):
        host.start()
    host.stop()
    assert ["a.initialize", "a.shutdown"] == log


def test_errors_in_the_block_stop_the_host() -> None:
    """And pass through, in both kinds of blocks."""
    log: list[str] = []
    host = Host("tabletop")
    host.register("a", noting(log, "a", "shutdown"))

    async def block() -> None:
        async with host:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), host:
        raise KeyError("mine")
    with pytest.raises(KeyError, match="mine"):
        asyncio.run(block())
    assert ["a.shutdown"] * 2 == log


def test_a_context_may_be_taken_by_keyword_alone() -> None:
    """It has a name."""
    seen: list[Any] = []
    host = Host("tabletop")
    taking = type("A", (), {"initialize": lambda self, *, context: seen.append(context.name)})
    host.register("a", taking)
    with host:
        assert ["a"] == seen


def test_what_stopped_everything_does_so_again() -> None:
    """A second start does not go on without it in silence."""
    log: list[str] = []
    host = Host("tabletop", on_start_failure="stop")
    host.register("a", failing(log, "a", "initialize"))
    for _ in range(2):
        with pytest.raises(plugbay.PluginStartError, match="ValueError: initialize"):
            host.start()
