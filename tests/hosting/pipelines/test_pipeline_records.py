"""Records: what is noted of data on its way, and what is told of a batch that fails."""

import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from parts import child
from piping import GROUP, of_functions

import plugbay
from plugbay import Host


def split(rows: list[str]) -> list[str]:
    return [word for row in rows for word in row.split()]


def unique(rows: list[str]) -> set[str]:
    return set(rows)


def size(rows: set[str]) -> int:
    return len(rows)


def test_each_step_is_recorded() -> None:
    """Its input, output, milliseconds and rows."""
    run = (
        of_functions(split, unique, size)
        .pipeline(GROUP, ["split", "unique", "size"])
        .run(["a b a"])
    )
    assert 2 == run.value
    first, second, third = run.steps
    assert (["a b a"], ["a", "b", "a"]) == (first.input, first.output)
    assert (["a", "b", "a"], {"a", "b"}) == (second.input, second.output)
    assert ({"a", "b"}, 2) == (third.input, third.output)
    assert [(1, 3), (3, 2), (2, None)] == [(each.rows_in, each.rows_out) for each in run.steps]
    assert [1, 1, 1] == [each.batches for each in run.steps]
    text = r"1\. split: 1 -> 3 rows, \d+\.\d ms\n2\. unique: 3 -> 2 rows, .*\n3\. size: 2 -> None"
    assert re.match(text, str(run))


def test_the_milliseconds_are_those_of_the_step() -> None:
    """And of no other one, nor of what the caller does between batches; those of batches add up."""

    def fast(rows: list[int]) -> list[int]:
        return rows

    def slow(rows: list[int]) -> list[int]:
        time.sleep(0.05)
        return rows

    run = of_functions(fast, slow).pipeline(GROUP).stream([[1], [2]])
    next(run)
    time.sleep(0.1)
    next(run)
    took = [each.milliseconds for each in run.steps]
    assert 100 <= took[1] < 30_000
    assert 0 <= took[0] < took[1]


def test_records_follow_a_stream() -> None:
    """Rows in all, the last batch as it came and went, and what has come out so far."""
    run = of_functions(split).pipeline(GROUP).stream([["a b"], ["c"], ["d e f", "g"]])
    (step,) = run.steps
    assert (0, 0, 0, 0.0, None) == (
        step.batches,
        step.rows_in,
        step.rows_out,
        step.milliseconds,
        run.value,
    )
    seen = []
    for out in run:
        assert out is run.value is step.output
        seen.append((step.batches, step.rows_in, step.rows_out, step.input))
    assert [(1, 1, 2, ["a b"]), (2, 2, 3, ["c"]), (3, 4, 7, ["d e f", "g"])] == seen
    assert ["d", "e", "f", "g"] == run.value
    assert [] == list(run)


@pytest.mark.parametrize("data", ["text", b"bytes", {"a": 1}, 3, iter([1])])
def test_what_is_no_sequence_of_rows_has_no_number_of_them(data: object) -> None:
    """Once it is unknown, so is the sum."""
    run = of_functions(same=lambda rows: rows).pipeline(GROUP).stream([[1], data, [2, 3]])
    list(run)
    (step,) = run.steps
    assert (None, None, 3) == (step.rows_in, step.rows_out, step.batches)
    assert re.fullmatch(r"1\. same: \d+\.\d ms", str(step))


def test_a_host_may_count_rows_in_its_own_way() -> None:
    """Of the data before each step and after it, and of what failed."""
    host = of_functions(more=lambda table: {"height": table["height"] + 1})
    pipeline = host.pipeline(GROUP, ["more", "more"], rows=lambda table: table["height"])
    run = pipeline.run({"height": 3})
    assert [(3, 4), (4, 5)] == [(each.rows_in, each.rows_out) for each in run.steps]
    with pytest.raises(plugbay.PipelineError, match=r"batch 1 \(3 rows\): TypeError"):
        host.pipeline(GROUP, [("more", {"no": 1})], rows=len).run("abc")
    none = of_functions(same=lambda rows: rows).pipeline(GROUP, rows=lambda _: None).run([1])
    assert (None, None) == (none.steps[0].rows_in, none.steps[0].rows_out)


def failing_at(word: str) -> Callable[[list[str]], list[str]]:
    """A step that does not take this word."""

    def fussy(rows: list[str]) -> list[str]:
        if word in rows:
            raise ValueError(f"no {word} here")
        return rows

    return fussy


@pytest.mark.parametrize("threads", [0, 2])
def test_a_failing_step_names_plugin_step_and_batch(threads: int) -> None:
    """The batches before it have come out, and its error is the cause."""
    host = of_functions(split, fussy=failing_at("c"))
    with ThreadPoolExecutor(threads or 1) as pool:
        pipeline = host.pipeline(GROUP, ["split", "fussy"], executor=pool if threads else None)
        run = pipeline.stream([["a"], ["b"], ["c d"], ["e"]])
        got = [next(run), next(run)]
        with pytest.raises(plugbay.PipelineError) as raised:
            next(run)
    assert [["a"], ["b"]] == got
    error = raised.value
    place = (
        r"step 2 of 2, plugin 'fussy' of .*, failed on batch 3 \(2 rows\): ValueError: no c here"
    )
    assert re.fullmatch(place, str(error))
    assert (2, "fussy", 3, ["c", "d"]) == (error.step, error.plugin, error.batch, error.data)
    assert isinstance(error.__cause__, ValueError)
    assert "ValueError: no c here" in error.traceback
    assert "in fussy" in error.traceback
    assert [2, 2] == [each.batches for each in run.steps]
    assert [] == list(run)


def test_the_size_of_a_batch_that_failed_is_told_in_words() -> None:
    """One row is no plural, and data that has no rows has no number."""
    host = of_functions(fail=lambda rows: 1 / 0)
    for data, words in ([1], r" \(1 row\)"), ([], r" \(0 rows\)"), ("text", ""):
        with pytest.raises(plugbay.PipelineError, match=rf"batch 1{words}: ZeroDivisionError"):
            host.pipeline(GROUP).run(data)


@pytest.mark.parametrize("data", [None, 3])
def test_an_error_of_what_counts_rows_does_not_hide_that_of_a_step(data: object) -> None:
    """A batch that a step does not take may be one whose rows cannot be counted."""
    host = of_functions(fail=lambda table: table["a"])
    with pytest.raises(plugbay.PipelineError, match="step 1 of 1, plugin 'fail'"):
        host.pipeline(GROUP, rows=lambda table: table["height"]).run(data)


def test_the_error_of_a_step_is_told_though_its_rows_cannot_be_counted() -> None:
    """Which is the host's affair, and no plugin's."""

    def find(table: object) -> object:
        raise LookupError("no such column")

    with pytest.raises(plugbay.PipelineError, match="LookupError: no such column"):
        of_functions(find).pipeline(GROUP, rows=lambda table: table["height"]).run([1])


def test_a_step_has_to_give_something() -> None:
    """None is no data, though nothing else is wrong with what is empty."""
    host = of_functions(forgets=lambda rows: None, empty=lambda rows: [])
    with pytest.raises(
        plugbay.PipelineError, match=r"'forgets'.* TypeError: it gave None, and not"
    ):
        host.pipeline(GROUP, ["empty", "forgets"]).run([1])
    run = host.pipeline(GROUP, ["empty"]).run([1])
    assert ([], 0) == (run.value, run.steps[0].rows_out)


@pytest.mark.parametrize("threads", [0, 1])
def test_a_step_cannot_end_the_program(threads: int) -> None:
    """SystemExit is an error like any other; KeyboardInterrupt is the user's, and passes."""

    def leave(rows: list[Any]) -> list[Any]:
        raise rows[0]

    with ThreadPoolExecutor(threads or 1) as pool:
        pipeline = of_functions(leave).pipeline(GROUP, executor=pool if threads else None)
        with pytest.raises(plugbay.PipelineError, match=r"'leave' .*: SystemExit: 3$") as raised:
            pipeline.run([SystemExit(3)])
        assert isinstance(raised.value.__cause__, SystemExit)
        with pytest.raises(KeyboardInterrupt):
            pipeline.run([KeyboardInterrupt()])


def test_a_signal_ends_the_program_amid_a_step() -> None:
    """As its host stops by it: that is no error of the plugin's."""
    code, lines = child(
        "import os, signal\n"
        "from plugbay import Host\n"
        "host = Host('tabletop')\n"
        "class Step:\n"
        "    def shutdown(self): print('stopped', flush=True)\n"
        "    def __call__(self, rows): os.kill(os.getpid(), signal.SIGTERM); return rows\n"
        "host.register('step', Step)\n"
        "with host: host.pipeline('tabletop.plugins').run([])\n"
        "print('went on')\n"
    )
    assert (128 + signal.SIGTERM, ["stopped"]) == (code, lines)


def test_the_error_of_a_pipeline_is_one_of_hosts() -> None:
    """So that one clause takes them all."""
    host = Host("tabletop")
    host.register("fail", lambda rows: 1 / 0)
    with pytest.raises(plugbay.HostError):
        host.pipeline("tabletop.plugins").run([])
    with pytest.raises(RuntimeError):
        host.pipeline("tabletop.plugins").run([])
