"""Progress: a bar on the terminal of somebody who waits, and nowhere else."""

import os
import pty
import re
import sys
import termios
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any

import pytest
from parts import child
from piping import GROUP, of_functions
from rich import console
from rich.progress import Progress as Bar

import plugbay


class Screen:
    """What is written into the one end of something, read from the other one meanwhile."""

    def __init__(self, ends: tuple[int, int]) -> None:
        self._theirs, ours = ends
        self.file = open(ours, "w", encoding="utf-8", buffering=1)  # noqa: SIM115 - until closed
        self._text = ""
        self._came = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._theirs, 4096)
            except OSError:  # as a terminal says that nobody has it open any more
                part = b""
            with self._came:
                self._text += part.decode("utf-8", "replace")
                self._came.notify_all()
            if not part:
                return

    @property
    def text(self) -> str:
        """What is there so far."""
        with self._came:
            return self._text

    def shows(self, words: str, seconds: float = 30) -> bool:
        """Whether this comes; waits for it, for long."""
        with self._came:
            found = self._came.wait_for(lambda: re.search(words, self._text, re.DOTALL), seconds)
        return found is not None

    def close(self) -> None:
        """Nothing more is written."""
        self.file.close()
        self._reader.join(30)
        os.close(self._theirs)


@contextmanager
def standard_error(ends: tuple[int, int]) -> Iterator[Screen]:
    """What is written there, while nothing else is; no thread is left behind that would."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
            patch.delenv(variable, raising=False)
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", "80")
        before = set(threading.enumerate())
        screen = Screen(ends)
        try:
            patch.setattr(sys, "stderr", screen.file)
            yield screen
        finally:
            screen.close()
    left = set(threading.enumerate()) - before
    for each in left:
        each.join(30)  # what draws ends a little later
    assert [] == [each.name for each in left if each.is_alive()]


def terminal() -> AbstractContextManager[Screen]:
    """A terminal that shows what is written on it as it is."""
    theirs, ours = pty.openpty()
    attributes = termios.tcgetattr(ours)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(ours, termios.TCSANOW, attributes)
    return standard_error((theirs, ours))


def brief(rows: list[int]) -> list[int]:
    return rows


def long(rows: list[int]) -> list[int]:
    time.sleep(0.7)
    return rows


def test_a_bar_comes_while_a_step_takes_long() -> None:
    """Amid a single batch, with the step that it is at, and it is gone in the end."""

    def reading(rows: list[int]) -> list[int]:
        assert screen.shows(r"(reading.* 0%.*){4}")  # drawn again and again
        return rows

    def sorting(rows: list[int]) -> list[int]:
        assert screen.shows(r"sorting.* 50%")
        return rows

    pipeline = of_functions(reading, sorting).pipeline(GROUP, ["reading", "sorting"])
    with terminal() as screen:
        assert [1] == pipeline.run([1]).value
    ending = screen.text.rpartition("sorting")[2]
    assert "\x1b[2K" in ending  # the line is erased
    assert "\x1b[?25h" in ending  # and the cursor is back


def test_a_step_that_begins_while_the_bar_is_drawn_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though the step before it was there when that began."""
    is_drawn, is_next = threading.Event(), threading.Event()
    start = Bar.start

    def slow_start(bar: Bar) -> None:
        start(bar)
        is_drawn.set()
        is_next.wait(2)

    def reading(rows: list[int]) -> list[int]:
        assert is_drawn.wait(30)
        return rows

    def sorting(rows: list[int]) -> list[int]:
        is_next.set()
        assert screen.shows(r"sorting.* 50%", 3)
        return rows

    monkeypatch.setattr(Bar, "start", slow_start)
    with terminal() as screen:
        of_functions(reading, sorting).pipeline(GROUP, ["reading", "sorting"]).run([1])


def test_work_that_is_done_soon_shows_nothing() -> None:
    """Though it is on a terminal."""
    with terminal() as screen:
        started = time.monotonic()
        assert 9 == len(list(of_functions(brief).pipeline(GROUP).stream([[1]] * 9)))
        took = time.monotonic() - started
        timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
        assert all(each.finished.is_set() for each in timers)
    assert "" == screen.text or took > 0.4  # as on a machine that is held up


class Slow(ModuleType):
    """A module that takes its time to give what it is asked for."""

    def __init__(self) -> None:
        super().__init__("rich.console")
        self.is_asked, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> object:
        if name == "Console":
            self.is_asked.set()
            assert self.go_on.wait(30)
        return getattr(console, name)


def test_a_bar_that_comes_too_late_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the work ends while rich is being imported."""
    slow = Slow()
    monkeypatch.setitem(sys.modules, "rich.console", slow)
    with terminal() as screen:
        of_functions(step=lambda rows: slow.is_asked.wait(30)).pipeline(GROUP).run([1])
        slow.go_on.set()
    assert "" == screen.text


def test_who_wants_no_bar_has_none() -> None:
    """However long it takes."""
    with terminal() as screen:
        of_functions(long).pipeline(GROUP, progress=False).run([1])
    assert "" == screen.text


def test_who_wants_a_bar_has_one_at_once() -> None:
    """Also where it is not known how many batches there are."""

    def waiting(rows: list[int]) -> list[int]:
        assert screen.shows("waiting")
        return rows

    with terminal() as screen:
        pipeline = of_functions(waiting).pipeline(GROUP, progress=True)
        assert [[1], [2]] == list(pipeline.stream(iter([[1], [2]])))
    assert "100%" not in screen.text


def test_the_batches_of_an_executor_are_counted() -> None:
    """As they come out, in their steps."""
    with ThreadPoolExecutor(1) as pool, terminal() as screen:
        pipeline = of_functions(one=brief, two=brief).pipeline(GROUP, executor=pool, progress=True)
        run = pipeline.stream([[1]] * 4)
        for percent in (25, 50, 75):
            next(run)
            assert screen.shows(f" {percent}%")
        next(run)
        assert [] == list(run)
        pool.shutdown()


@pytest.mark.parametrize("way", ["failed", "left"])
def test_the_bar_goes_with_its_stream(way: str) -> None:
    """Whether a step has failed or nobody wants the rest."""
    host = of_functions(fussy=lambda rows: 6 / rows)
    with terminal() as screen:
        run = host.pipeline(GROUP, progress=True).stream([1, 0, 2])
        assert 6 == next(run)
        assert screen.shows(r"fussy.* 33%")
        if way == "failed":
            with pytest.raises(plugbay.PipelineError):
                next(run)
        else:
            del run
        assert screen.shows(r"\x1b\[\?25h")


def test_a_pipeline_without_steps_may_have_a_bar_too() -> None:
    """Which has nothing to count."""
    with terminal():
        assert [[1]] == list(of_functions().pipeline(GROUP, progress=True).stream([[1]]))


def test_nothing_is_shown_where_nobody_looks() -> None:
    """As where the standard error is read by a program, or is not there at all."""
    pipeline = of_functions(long).pipeline(GROUP)
    with standard_error(os.pipe()) as screen:
        pipeline.run([1])
    assert "" == screen.text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", None)
        assert [1] == pipeline.run([1]).value


def test_a_bar_that_is_wanted_disturbs_no_pipe() -> None:
    """There is nothing to move in there."""
    with standard_error(os.pipe()) as screen:
        assert [1] == of_functions(brief).pipeline(GROUP, progress=True).run([1]).value
    assert "\x1b" not in screen.text


WITHOUT_RICH = """
import os, pty, sys
from plugbay import Host
theirs, ours = pty.openpty()
sys.stderr = open(ours, "w")
host = Host("tabletop")
ran = []
def step(rows):
    import time
    ran.append(1); time.sleep(rows[0])
    return rows
host.register("step", step)
pipeline = host.pipeline("tabletop.plugins", progress={progress})
try: print(pipeline.run([{seconds}]).value)
except ImportError as error: print(error, error.name, error.__cause__, ran)
sys.stderr.close()
try: print(os.read(theirs, 100))
except OSError: print("nothing was written")
"""


@pytest.mark.parametrize(
    ("progress", "seconds", "said"),
    [
        (None, 0.7, "[0.7]"),
        (False, 0, "[0]"),
        (True, 0, "a progress bar needs rich; install plugbay[rich] rich None []"),
    ],
)
def test_a_bar_needs_rich(progress: Any, seconds: float, said: str) -> None:
    """Without it there is none, on a terminal too; who wants one is told before all else."""
    code = WITHOUT_RICH.format(progress=progress, seconds=seconds)
    assert (0, [said, "nothing was written"]) == child(code)
