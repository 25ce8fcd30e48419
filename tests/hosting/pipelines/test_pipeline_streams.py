"""Streams: batches one after the other, of which no more are held than are worked on."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest
from piping import GROUP, letters, of_functions

import plugbay


def same(rows: Any) -> Any:
    return rows


@pytest.mark.parametrize(("threads", "ahead"), [(0, 1), (0, 8), (1, 8), (2, 1), (3, 2)])
def test_no_more_is_taken_than_is_worked_on(threads: int, ahead: int) -> None:
    """One batch, or `ahead` of them with an executor, each as late as can be."""
    taken = 0

    def source() -> Iterator[list[int]]:
        nonlocal taken
        for taken in range(1, 21):
            yield [taken]

    expected = ahead if threads else 1
    with ThreadPoolExecutor(threads or 1) as pool:
        pipeline = of_functions(same).pipeline(
            GROUP, executor=pool if threads else None, ahead=ahead
        )
        run = pipeline.stream(source())
        assert 0 == taken
        for number, out in enumerate(run, 1):
            assert ([number], min(number + expected - 1, 20)) == (out, taken)
    assert 20 == taken


@pytest.mark.parametrize("ahead", [0, -1])
def test_at_least_one_batch_is_worked_on(ahead: int) -> None:
    """With fewer nothing would ever come out."""
    with pytest.raises(plugbay.HostError, match=f"^ahead={ahead} is no number of batches$"):
        of_functions(same).pipeline(GROUP, ahead=ahead)


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("batches", [[], (), iter([])])
def test_an_empty_stream_gives_nothing(threads: int, batches: Any) -> None:
    """And no step has had anything."""
    with ThreadPoolExecutor(2) as pool:
        run = of_functions(same).pipeline(GROUP, executor=pool if threads else None).stream(batches)
        assert [] == list(run)
    assert (None, 0) == (run.value, run.steps[0].batches)


@pytest.mark.parametrize("threads", [0, 2])
def test_batches_that_are_none_or_empty_are_batches(threads: int) -> None:
    """What a host gives is its own affair."""
    with ThreadPoolExecutor(2) as pool:
        pipeline = of_functions(told=repr).pipeline(GROUP, executor=pool if threads else None)
        assert ["None", "[]", "0"] == list(pipeline.stream([None, [], 0]))


def test_threads_work_on_several_batches_at_once_and_keep_their_order() -> None:
    """Those that are ready first wait for those before them."""
    both, second = threading.Barrier(2, timeout=30), threading.Event()

    def meeting(rows: list[str]) -> list[str]:
        if rows[0] in "ab":
            both.wait()
        if rows == ["b"]:
            second.set()
        elif rows == ["a"]:
            assert second.wait(30)
        return [threading.current_thread().name, *rows]

    with ThreadPoolExecutor(2, thread_name_prefix="worker") as pool:
        found = list(of_functions(meeting).pipeline(GROUP, executor=pool).stream(letters(6)))
    assert list("abcdef") == [rows[1] for rows in found]
    assert {"worker_0", "worker_1"} == {rows[0] for rows in found[:2]}


class Held(ThreadPoolExecutor):
    """An executor of one thread, which is held by batch b; a test looks at its futures."""

    def __init__(self) -> None:
        super().__init__(1)
        self.futures: list[Future[Any]] = []
        self.began, self.go_on = threading.Event(), threading.Event()

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.futures.append(super().submit(*args, **kwargs))
        return self.futures[-1]

    def step(self, rows: list[str]) -> list[str]:
        if rows == ["b"]:
            self.began.set()
            assert self.go_on.wait(30)
        return [row.lower() for row in rows]

    @property
    def cancelled(self) -> list[bool]:
        return [each.cancelled() for each in self.futures]


@pytest.fixture
def held() -> Iterator[Held]:
    """It goes on at the end at the latest."""
    with Held() as pool:
        try:
            yield pool
        finally:
            pool.go_on.set()


@pytest.mark.parametrize("way", ["left", "let go"])
def test_a_stream_that_is_abandoned_cancels_what_waits(held: Held, way: str) -> None:
    """What is under way is finished, the rest is not begun, and the source is let go."""
    is_closed = False

    def source() -> Iterator[list[str]]:
        nonlocal is_closed
        try:
            yield from letters(9)
        finally:
            is_closed = True

    pipeline = of_functions(step=held.step).pipeline(GROUP, executor=held, ahead=4)
    if way == "left":
        for _ in pipeline.stream(source()):
            assert held.began.wait(30)
            break
    else:
        run = pipeline.stream(source())
        next(run)
        assert held.began.wait(30)
        assert not is_closed
        del run
    assert ([False, False, True, True], True) == (held.cancelled, is_closed)


def test_a_batch_that_fails_cancels_those_behind_it(held: Held) -> None:
    """But for one under way."""
    pipeline = of_functions(step=held.step).pipeline(GROUP, executor=held, ahead=4)
    with pytest.raises(plugbay.PipelineError, match="batch 1 "):
        next(pipeline.stream([[1], ["b"], ["c"], ["d"], ["e"]]))
    assert [True, True] == held.cancelled[2:]


def test_a_source_that_fails_cancels_what_waits(held: Held) -> None:
    """As a stream does that is abandoned."""

    def source() -> Iterator[list[str]]:
        yield ["b"]
        assert held.began.wait(30)
        yield ["c"]
        raise OSError("the disk is gone")

    run = of_functions(step=held.step).pipeline(GROUP, executor=held).stream(source())
    with pytest.raises(OSError, match="the disk is gone"):
        next(run)
    assert [False, True] == held.cancelled


@pytest.mark.parametrize("threads", [0, 1])
def test_an_error_of_the_source_is_raised_as_it_is(threads: int) -> None:
    """It is no plugin's; nothing comes out after it."""

    def source() -> Iterator[list[int]]:
        yield from ([1], [2])
        raise OSError("the disk is gone")

    with ThreadPoolExecutor(1) as pool:
        pipeline = of_functions(same).pipeline(GROUP, executor=pool if threads else None, ahead=2)
        run = pipeline.stream(source())
        assert [1] == next(run)
        seen: list[list[int]] = []
        with pytest.raises(OSError, match="the disk is gone"):
            seen.extend(run)
        assert threads or [[2]] == seen  # those that an executor was to do may be given up
        assert [] == list(run)


def test_an_executor_that_takes_nothing_raises_its_own_error() -> None:
    """It was shut down by the host, which knows."""
    pool: Executor = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        of_functions(same).pipeline(GROUP, executor=pool).run([])


def test_one_pipeline_may_be_used_from_many_threads() -> None:
    """Each run has records of its own, and a class is instantiated once for all."""
    made: list[int] = []
    start = threading.Barrier(8, timeout=30)

    class Doubling:
        def __init__(self) -> None:
            made.append(1)

        def __call__(self, rows: list[int]) -> list[int]:
            return [2 * row for row in rows]

    pipeline = of_functions(doubling=Doubling, same=same).pipeline(GROUP)

    def use(number: int) -> tuple[int, list[tuple[int, int | None]]]:
        start.wait()
        run = pipeline.stream([number] * size for size in range(1, 21))
        total = sum(sum(out) for out in run)
        return total, [(each.batches, each.rows_in) for each in run.steps]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(use, range(8)))
    assert [(number * 2 * 210, [(20, 210), (20, 210)]) for number in range(8)] == found
    assert [1] == made
