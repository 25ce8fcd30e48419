"""Monitoring: who wants to hear of calls is told; who does not pays nothing for those who do."""

import linecache
import re
from collections.abc import Callable
from threading import Thread
from time import sleep
from typing import Any

import pytest
from speakers import declared, speaker, surround

from plugbay import CallRecord, HookFailureError, Hooks


def told(log: list[str], name: str) -> tuple[Callable[[CallRecord], None], ...]:
    """Two observers that note when they are told."""
    return (
        lambda record: log.append(f"{name} before {record.hook}"),
        lambda record: log.append(f"{name} after {record.hook}"),
    )


@pytest.fixture
def hooks() -> Hooks:
    """A hook `ask` of two parameters and a default, which one plugin answers."""
    made = Hooks("tabletop")

    @made.spec
    def ask(what: str, how: str = "kindly", *, loudly: bool = False) -> str | None: ...

    @made.impl(name="ask")
    def answer(what: str) -> str:
        if what == "nothing":
            raise ValueError(what)
        return f"answer to {what}"

    made.register(answer)
    return made


def test_what_a_record_tells(hooks: Hooks) -> None:
    """Before the call its arguments by name, defaults included; after it how it went."""
    seen: list[tuple[object, ...]] = []

    def note(record: CallRecord) -> None:
        told = record.hook, dict(record.arguments), record.result, record.error
        seen.append((*told, record.duration_ms is not None))

    hooks.monitor(note, note)
    hooks["ask"]("me", loudly=True)
    arguments = {"what": "me", "how": "kindly", "loudly": True}
    assert [
        ("ask", arguments, None, None, False),
        ("ask", arguments, ["answer to me"], None, True),
    ] == seen


def test_a_failure_is_told_and_raised(hooks: Hooks) -> None:
    """The record has the very error that the caller gets, and its time."""
    records: list[CallRecord] = []
    hooks.monitor(after=records.append)
    with pytest.raises(ValueError, match="nothing") as raised:
        hooks["ask"]("nothing")
    [record] = records
    assert (raised.value, None) == (record.error, record.result)
    assert record.duration_ms is not None
    assert hooks["ask"]("me") == records[-1].result


@pytest.mark.parametrize("policy", ["skip", "collect"])
def test_a_failure_that_is_kept_from_the_caller_is_no_error(hooks: Hooks, policy: Any) -> None:
    """The record has what the caller gets: a result of the others, or the collected errors."""
    quiet = Hooks("tabletop", on_failure=policy)
    roll = declared(quiet)

    def fail() -> None:
        raise ValueError

    quiet.register(speaker(quiet, "a", fail), speaker(quiet, "b"))
    records: list[CallRecord] = []
    quiet.monitor(after=records.append)
    if policy == "skip":
        with pytest.warns(match="plugin 'a' in the hook 'roll' was skipped"):
            roll()
        assert (["b"], None) == (records[0].result, records[0].error)
    else:
        with pytest.raises(HookFailureError) as raised:
            roll()
        assert (None, raised.value) == (records[0].result, records[0].error)


def test_the_duration_is_in_milliseconds_and_that_of_the_whole_call() -> None:
    """Wrappers included."""
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    records: list[CallRecord] = []
    hooks.monitor(after=records.append)
    hooks.register(speaker(hooks, "a", lambda: sleep(0.02)), surround(hooks, "w"))
    roll()
    duration = records[0].duration_ms
    assert duration is not None
    assert 19 <= duration < 2000


def test_observers_are_told_around_each_other(hooks: Hooks) -> None:
    """Before it the first one first, after it the last one first, until each is ended."""
    log: list[str] = []
    ends = [hooks.monitor(*told(log, name)) for name in ("one", "two")]
    hooks["ask"]("me")
    assert ["one before ask", "two before ask", "two after ask", "one after ask"] == log
    ends[0]()
    hooks["ask"]("me")
    assert ["two before ask", "two after ask"] == log[4:]
    ends[1]()
    hooks["ask"]("me")
    assert 6 == len(log)


def test_each_monitor_is_ended_by_its_own_function(hooks: Hooks) -> None:
    """The same observer may be there twice; ending one twice ends it once."""
    records: list[CallRecord] = []
    end, _ = hooks.monitor(records.append), hooks.monitor(records.append)
    hooks["ask"]("me")
    assert 2 == len(records)
    end()
    end()
    hooks["ask"]("me")
    assert 3 == len(records)


def test_a_call_under_way_is_told_to_the_end(hooks: Hooks) -> None:
    """Who stops listening during a call still hears of its end, and who begins hears no half."""
    log: list[str] = []
    ends: list[Callable[[], None]] = []
    ends.append(hooks.monitor(*told(log, "old")))

    @hooks.impl(name="ask")
    def swap() -> None:
        if ends:
            ends.pop()()
            hooks.monitor(*told(log, "new"))

    hooks.register(swap)
    hooks["ask"]("me")
    assert ["old before ask", "old after ask"] == log
    hooks["ask"]("me")
    assert ["new before ask", "new after ask"] == log[2:]


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_observer_may_raise(hooks: Hooks, side: str) -> None:
    """The caller gets it, as its own; the next call is as if it had not been."""
    errors = [RuntimeError("full")]

    def observe(record: CallRecord) -> None:
        if errors:
            raise errors.pop()

    hooks.monitor(**{side: observe})
    with pytest.raises(RuntimeError, match="full") as raised:
        hooks["ask"]("me")
    assert [] == getattr(raised.value, "__notes__", [])
    assert ["answer to me"] == hooks["ask"]("me")


def test_every_hook_is_monitored(hooks: Hooks) -> None:
    """Also one that is specified later, and calls that a plugin makes meanwhile."""
    log: list[str] = []
    hooks.monitor(*told(log, "it"))
    roll = declared(hooks)
    hooks.register(speaker(hooks, "a", lambda: hooks["ask"]("me")))
    assert [["answer to me"]] == roll()
    assert ["it before roll", "it before ask", "it after ask", "it after roll"] == log


# -- what it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize("watch", ["monitor", "trace"])
def test_who_ends_monitoring_pays_nothing_afterwards(hooks: Hooks, watch: str) -> None:
    """The call has the code of the plain path again."""
    ask: Any = hooks["ask"]
    ask("me")
    plain = ask.__code__
    assert "result = plugins[0](" in "".join(linecache.getlines(plain.co_filename))
    end = hooks.monitor(id) if watch == "monitor" else hooks.trace(lambda line: None)
    ask("me")
    assert plain is not ask.__code__
    end()
    ask("me")
    assert plain is ask.__code__


# -- tracing --------------------------------------------------------------------------------------


def lines(written: list[str]) -> list[str]:
    """The lines without the milliseconds, which have three decimals."""
    times = re.compile(r"\(\d+\.\d{3} ms\)$")
    return [times.sub("(ms)", line) for line in written]


@pytest.fixture
def nested(hooks: Hooks) -> Any:
    """A hook whose implementation calls `ask`."""
    roll = declared(hooks)
    hooks.register(speaker(hooks, "a", lambda: hooks["ask"]("me", "now")[0]))
    return roll


TRACE = [
    "roll()",
    "  ask(what='me', how='now', loudly=False)",
    "  ask -> ['answer to me'] (ms)",
    "roll -> ['answer to me'] (ms)",
]


def test_a_trace_shows_nested_calls(hooks: Hooks, nested: Any) -> None:
    """Two lines a call, those within another one indented, until it is ended."""
    written: list[str] = []
    end = hooks.trace(written.append)
    nested()
    assert TRACE == lines(written)
    end()
    nested()
    assert 4 == len(written)


def test_a_trace_is_printed(hooks: Hooks, nested: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is told how to write."""
    hooks.trace()
    nested()
    assert TRACE == lines(capsys.readouterr().out.splitlines())


def test_a_trace_shows_what_was_raised(hooks: Hooks) -> None:
    """And the next call begins at the margin."""
    written: list[str] = []
    hooks.trace(written.append)
    with pytest.raises(ValueError, match="nothing"):
        hooks["ask"]("nothing", "")
    hooks["ask"]("me", "")
    assert [
        "ask(what='nothing', how='', loudly=False)",
        "ask -> raised ValueError('nothing') (ms)",
        "ask(what='me', how='', loudly=False)",
        "ask -> ['answer to me'] (ms)",
    ] == lines(written)


def test_a_trace_begins_at_the_margin_in_each_thread(hooks: Hooks, nested: Any) -> None:
    """A call in another thread is not within the one that started it."""
    written: list[str] = []

    def call_in_a_thread() -> None:
        thread = Thread(target=nested)
        thread.start()
        thread.join()

    roll = Hooks("other")
    outer = declared(roll)
    roll.register(speaker(roll, "a", call_in_a_thread))
    hooks.trace(written.append)
    roll.trace(written.append)
    outer()
    assert ["roll()", *TRACE, "roll -> [] (ms)"] == lines(written)


def test_a_trace_recovers_from_an_observer_that_raises(hooks: Hooks) -> None:
    """The next call is at the margin again, though the end of the one before was not told."""
    written: list[str] = []
    hooks.trace(written.append)
    errors = [RuntimeError("full")]

    def observe(record: CallRecord) -> None:
        if errors:
            raise errors.pop()

    hooks.monitor(observe)
    with pytest.raises(RuntimeError):
        hooks["ask"]("me")
    hooks["ask"]("me")
    assert "ask(what='me', how='kindly', loudly=False)" == written[-2]


# -- observers that raise -------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["me", "nothing"])
def test_all_are_told_when_one_raises_after_a_call(hooks: Hooks, what: str) -> None:
    """The caller gets what the first of them raised, and all of them the same record."""
    records: list[CallRecord] = []

    def fail(words: str) -> Callable[[CallRecord], None]:
        def observe(record: CallRecord) -> None:
            records.append(record)
            raise RuntimeError(words)

        return observe

    hooks.monitor(after=records.append)
    hooks.monitor(after=fail("second"))
    hooks.monitor(after=fail("first"))
    hooks.monitor(after=records.append)
    with pytest.raises(RuntimeError, match="first"):
        hooks["ask"](what)
    assert (4, 1) == (len(records), len(set(map(id, records))))
    assert (what == "nothing") is isinstance(records[0].error, ValueError)


def test_who_was_told_before_is_told_that_another_raised(hooks: Hooks) -> None:
    """Whoever was not told of the beginning does not hear of the end."""
    log: list[str] = []
    records: list[CallRecord] = []
    error = RuntimeError("full")

    def fail(record: CallRecord) -> None:
        log.append("fails")
        raise error

    hooks.monitor(*told(log, "one"))
    hooks.monitor(after=records.append)
    hooks.monitor(fail, lambda record: log.append("never"))
    hooks.monitor(*told(log, "last"))
    with pytest.raises(RuntimeError, match="full") as raised:
        hooks["ask"]("me")
    assert raised.value is error
    assert ["one before ask", "fails", "one after ask"] == log
    [record] = records
    assert (error, None, "ask") == (record.error, record.result, record.hook)
    assert record.duration_ms is not None
    assert 0 <= record.duration_ms < 1000


def test_the_time_of_observers_is_not_that_of_the_call(hooks: Hooks) -> None:
    """The clock starts when the last one has been told."""
    records: list[CallRecord] = []
    hooks.monitor(lambda record: sleep(0.3), records.append)
    hooks["ask"]("me")
    assert records[0].duration_ms is not None
    assert 0 <= records[0].duration_ms < 250
