"""Processes: pipelines in worker processes, which are sent references and no code."""

import io
import multiprocessing
import os
import pickle
import pickletools
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import pytest
from parts import child
from piping import GROUP, Programs, add_step, discovered, letters, of_functions, on_path
from sites import Site

import plugbay
from plugbay import Host

TALKING = """
import os
from dataclasses import dataclass
@dataclass
class Model:
    word: str
    count: int = 1
class step:
    config_model = Model
    depends_on = ["base"]
    made = 0
    def __init__(self): type(self).made += 1
    def initialize(self, context):
        self.config, self.base = context.config, context.plugin("base")
    def __call__(self, rows, **options):
        said = [self.config.word] * self.config.count
        return [*rows, *said, self.base.state, *(options.values() or (self.made, os.getpid()))]
"""
BASE = "class step:\n    state = 'found'\n    def initialize(self): self.state = 'started'\n"
FUSSY = """
import os, sys
def step(rows, limit=9):
    if len(rows) > limit: raise ValueError("too many")
    if rows == ["double"]: return rows * 2
    if rows == ["leave"]: sys.exit(3)
    if rows == ["die"]: os._exit(3)
    if rows == ["interrupt"]: raise KeyboardInterrupt
    if rows == ["lambda"]: return lambda: 1
    if "c" in rows: raise LookupError("no c here")
    return rows
"""


@dataclass
class Table:
    """A kind of data of the host's, which its workers can import too."""

    rows: list[int]

    def __getitem__(self, at: int) -> int:
        return self.rows[at]


def height(table: Table) -> int:
    return len(table.rows)


@pytest.fixture(scope="module", autouse=True)
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plugins that worker processes find too, each in a group for its tests."""
    with on_path(tmp_path_factory.mktemp("processes") / "site") as site:
        add_step(site, "first", "[*rows, 'first', __import__('os').getpid()]")
        add_step(site, "second", "[*rows, *options.values()]")
        add_step(site, "talk", body=TALKING, group="tabletop.talk")
        add_step(site, "base", body=BASE, group="tabletop.base")
        add_step(site, "fussy", body=FUSSY, group="tabletop.fussy")
        add_step(site, "same", group="tabletop.same")
        add_step(site, "number", body="step = 3", group="tabletop.number")
        add_step(site, "broken", body="1 / 0", group="tabletop.broken")
        yield site


@pytest.fixture(scope="module", params=["spawn", "forkserver"])
def pool(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two worker processes."""
    context = multiprocessing.get_context(request.param)
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        yield executor


@pytest.fixture(scope="module")
def one() -> Iterator[Executor]:
    """One worker process, where it does not matter how it was started."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


def test_worker_processes_do_the_steps_in_order(pool: Executor) -> None:
    """They find the plugins themselves, and the host has not even loaded them."""
    host = discovered()
    steps: list[Any] = ["first", ("second", {"x": 1}), ("second", {"y": 2, "z": 3})]
    run = host.pipeline(GROUP, steps, executor=pool).stream(letters(12))
    found = list(run)
    assert list("abcdefghijkl") == [rows[0] for rows in found]
    assert [["first", 1, 2, 3]] * 12 == [[rows[1], *rows[3:]] for rows in found]
    assert os.getpid() not in {rows[2] for rows in found}
    assert {"found"} == {each.state for each in host.components}
    assert {"steps_first", "steps_second"}.isdisjoint(sys.modules)
    first, second, third = run.steps
    assert (12, 12, 36) == (first.batches, first.rows_in, first.rows_out)
    assert (12, 48, 72) == (third.batches, third.rows_in, third.rows_out)
    assert (None, None) == (second.input, second.output)
    assert all(each.milliseconds > 0 for each in run.steps)


def test_forked_processes_do_as_well() -> None:
    """In a program of its own, as a fork takes along what threads are about."""
    code = (
        "import multiprocessing\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from plugbay import Host\n"
        f"host = Host('tabletop')\nhost.discover({GROUP!r})\n"
        "with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('fork')) as pool:\n"
        f"    run = host.pipeline({GROUP!r}, ['second'], executor=pool).stream([[1], [2]])\n"
        "    print(*run, run.steps[0].rows_in)\n"
    )
    place = next(each for each in sys.path if "processes" in each)
    assert (0, ["[1] [2] 2"]) == child(code, place)


class Watching(pickle.Unpickler):
    """Notes the modules of which a pickle names something."""

    def __init__(self, pickled: bytes) -> None:
        super().__init__(io.BytesIO(pickled))
        self.modules: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.modules.add(module)
        return super().find_class(module, name)


def named_in(pickled: bytes) -> tuple[set[str], set[object]]:
    """The modules of which a pickle names something, and all values in it; pickles in it too."""
    watching = Watching(pickled)
    watching.load()
    values = {argument for _, argument, _ in pickletools.genops(pickled)}
    for each in [value for value in values if isinstance(value, bytes)]:
        modules, more = named_in(each)
        watching.modules |= modules
        values |= more
    return watching.modules, values


def test_plugins_are_sent_by_name_and_version() -> None:
    """No code of theirs, no object, not even the name of a module."""
    groups = ("tabletop.talk", "tabletop.base")
    host = discovered(*groups, config={"talk": {"word": "hello"}})
    with host, Programs(sys.path[0]) as programs:
        steps: list[Any] = ["talk", ("talk", {"size": "large"})]
        run = host.pipeline("tabletop.talk", steps, executor=programs).run([])
        assert "steps_talk" in sys.modules
    assert ["hello", "started", "hello", "started", "large"] == run.value[:2] + run.value[4:]
    (sent,) = programs.sent
    modules, values = named_in(sent)
    assert {"plugbay"} == {each.partition(".")[0] for each in modules}
    told = {"tabletop.talk", "talk", "tabletop-talk", "1.0", "hello", "size", "large"}
    assert told <= {each for each in values if isinstance(each, str)}
    assert b"steps_" not in sent


def test_plugins_are_configured_and_started_in_the_worker(one: Executor) -> None:
    """With what they depend on, from another group, and once for all batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TABLETOP_PLUGINS__TALK__COUNT", "2")
        host = discovered("tabletop.talk", "tabletop.base", config={"talk": {"word": "hello"}})
    pipeline = host.pipeline("tabletop.talk", executor=one)
    for _ in range(2):
        found = list(pipeline.stream([["a"], ["b"]]))
        assert [["hello", "hello", "started", 1]] * 2 == [rows[1:5] for rows in found]
        assert {os.getpid()}.isdisjoint(rows[5] for rows in found)
    other = discovered("tabletop.talk", "tabletop.base", config={"talk": {"word": "bye"}})
    assert ["bye", "started", 2] == other.pipeline("tabletop.talk", executor=one).run([]).value[:3]


def test_a_step_that_fails_in_a_worker_is_named(one: Executor) -> None:
    """With the batch that went in, and the traceback of the worker as text."""
    host = discovered("tabletop.fussy")
    run = host.pipeline("tabletop.fussy", ["fussy", "fussy"], executor=one).stream(letters(5))
    assert [["a"], ["b"]] == [next(run), next(run)]
    with pytest.raises(plugbay.PipelineError) as raised:
        next(run)
    error = raised.value
    assert str(error) == (
        "step 1 of 2, plugin 'fussy' of tabletop-fussy 1.0, failed on batch 3 (1 row): "
        "LookupError: no c here"
    )
    assert (1, "fussy", 3, ["c"]) == (error.step, error.plugin, error.batch, error.data)
    assert "steps_fussy.py" in error.traceback
    assert error.__cause__ is None
    assert [] == list(run)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - just made
    assert (str(error), 3, "fussy") == (str(copy), copy.batch, copy.plugin)


def test_the_rows_that_a_failing_step_was_given_are_told(one: Executor) -> None:
    """Those that the step before it has made of the batch."""
    pipeline = discovered("tabletop.fussy").pipeline(
        "tabletop.fussy", ["fussy", ("fussy", {"limit": 1})], executor=one
    )
    with pytest.raises(plugbay.PipelineError, match=r"^step 2 .* batch 1 \(2 rows\): ValueError"):
        pipeline.run(["double"])


def test_a_step_cannot_end_its_worker_by_an_exit(one: Executor) -> None:
    """SystemExit is an error like any other, and KeyboardInterrupt is none."""
    pipeline = discovered("tabletop.fussy").pipeline("tabletop.fussy", executor=one)
    with pytest.raises(plugbay.PipelineError, match=r"'fussy' .*: SystemExit: 3"):
        pipeline.run(["leave"])
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(["interrupt"])
    assert ["on"] == pipeline.run(["on"]).value


def test_a_batch_is_lost_with_its_worker() -> None:
    """Which is told of the first batch that nothing came back of; no step is to blame."""
    host = discovered("tabletop.fussy")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        run = host.pipeline("tabletop.fussy", executor=pool, ahead=1).stream([["a"], ["die"]])
        assert ["a"] == next(run)
        words = "^batch 2 of 'tabletop.fussy' was lost: BrokenProcessPool: "
        with pytest.raises(plugbay.PipelineError, match=words) as raised:
            next(run)
        error = raised.value
        assert (2, None, None, ["die"]) == (error.batch, error.step, error.plugin, error.data)
        assert isinstance(error.__cause__, BrokenProcessPool)
        with pytest.raises(plugbay.PipelineError, match=r"batch 1 .* was lost"):
            host.pipeline("tabletop.fussy", executor=pool).run([])


def test_what_cannot_be_carried_is_lost(one: Executor) -> None:
    """On its way there or back; the pool goes on."""
    pipeline = discovered("tabletop.fussy").pipeline("tabletop.fussy", executor=one)
    for batch in (["lambda"], [lambda: 1]):
        with pytest.raises(
            plugbay.PipelineError, match=r"^batch 1 .* was lost: .*(pickle|local object)"
        ) as raised:
            pipeline.run(batch)
        assert batch is raised.value.data
    assert ["on"] == pipeline.run(["on"]).value


def test_rows_are_counted_in_the_worker_as_the_host_says(one: Executor) -> None:
    """By a function that the worker can import, of data of any such class."""
    host = discovered("tabletop.same")
    run = host.pipeline("tabletop.same", executor=one, rows=height).run(Table([1, 2, 3]))
    assert (Table([1, 2, 3]), 3, 3) == (run.value, run.steps[0].rows_in, run.steps[0].rows_out)


def test_a_method_is_called_in_the_worker(one: Executor) -> None:
    """Or is told to be missing there."""
    host = discovered("tabletop.talk", "tabletop.base", config={"talk": {"word": "hello"}})
    run = host.pipeline("tabletop.talk", executor=one, method="__call__").run(["a"])
    assert ["a", "hello"] == run.value[:2]
    for words in ({"method": "apply"}, {}):
        with pytest.raises(
            plugbay.PipelineError, match=r"'number' .*: it (has no method|cannot be)"
        ):
            discovered("tabletop.number").pipeline("tabletop.number", executor=one, **words).run([])  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_plugin_that_the_worker_cannot_load_is_named(one: Executor) -> None:
    """As a failing step, with its reason."""
    host = discovered("tabletop.broken")
    with pytest.raises(plugbay.PipelineError, match=r"'broken' .* ZeroDivisionError") as raised:
        host.pipeline("tabletop.broken", executor=one).run([])
    assert (1, "broken") == (raised.value.step, raised.value.plugin)


def test_a_pipeline_without_steps_has_nothing_to_do_there(one: Executor) -> None:
    """And gives what it is given."""
    host = discovered("tabletop.same")
    assert [[1], [2]] == list(host.pipeline("tabletop.same", [], executor=one).stream([[1], [2]]))
    assert [] == list(host.pipeline("tabletop.same", executor=one).stream([]))


def test_a_plugin_from_code_is_refused_with_processes(one: Executor) -> None:
    """When the pipeline is made, with what to do; threads take it."""
    host: Host = of_functions(upper=str.upper)
    words = r"plugin 'upper' of .* no installed plugin; take an executor of threads, or install it"
    with pytest.raises(plugbay.HostError, match=words):
        host.pipeline(GROUP, executor=one)
    with ThreadPoolExecutor(1) as threads:
        assert "TEXT" == host.pipeline(GROUP, executor=threads).run("text").value
    host.discover("tabletop.same")
    assert [1] == host.pipeline("tabletop.same", executor=one).run([1]).value
