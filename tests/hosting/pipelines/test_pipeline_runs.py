"""Runs: each has the plugins that its host has then, and none that is not ready for data."""

import multiprocessing
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from parts import child
from piping import GROUP, Programs, add_step, discovered, of_functions, on_path
from sites import Site

import plugbay
from plugbay import Host, Policy

MARKING = """
class step:
    def initialize(self): open({mark!r} + ".started", "a").close()
    def shutdown(self): open({mark!r} + ".stopped", "a").close()
    def __call__(self, rows): return rows
"""


def names(run: plugbay.PipelineRun) -> list[str]:
    """Those of the steps that a run has records of."""
    return [each.name for each in run.steps]


def test_each_run_has_the_plugins_that_are_there_then() -> None:
    """Those that came since, and none that is gone; one that has begun goes on as it was."""
    host = of_functions(a=lambda rows: [*rows, "a"], b=lambda rows: [*rows, "b"])
    pipeline = host.pipeline(GROUP)
    begun = pipeline.stream([[], []])
    assert ["a", "b"] == next(begun)
    host.register("c", lambda rows: [*rows, "c"], group=GROUP)
    host.unload("a")
    run = pipeline.run([])
    assert (["b", "c"], ["b", "c"]) == (run.value, names(run))
    assert (["a", "b"], ["a", "b"]) == (next(begun), names(begun))
    assert "<Pipeline of 'tabletop.transforms': b -> c>" == repr(pipeline)


def test_a_stream_has_the_plugins_of_its_first_batch() -> None:
    """Its records are of these, whatever there was when it was made."""
    host = of_functions(a=lambda rows: [*rows, "a"])
    run = host.pipeline(GROUP).stream([[]])
    assert ["a"] == names(run)
    host.register("b", lambda rows: [*rows, "b"], group=GROUP)
    assert ["a", "b"] == next(run)
    assert [("a", 1), ("b", 1)] == [(each.name, each.batches) for each in run.steps]


def test_a_chosen_step_that_has_gone_is_told() -> None:
    """By the run that misses it."""
    host = of_functions(a=sorted, b=sorted)
    pipeline = host.pipeline(GROUP, ["b", "a"])
    host.unload("a")
    with pytest.raises(plugbay.PluginNotFoundError, match="no plugin 'a'; there are b"):
        pipeline.run([])


def test_what_the_code_of_a_plugin_depends_on_counts(site: Site) -> None:
    """As it does when the host starts, though it is known only once it is loaded."""
    add_step(
        site, "a", body="class step:\n    depends_on = ['b']\n    __call__ = lambda _, rows: rows\n"
    )
    add_step(site, "b")
    host = discovered()
    pipeline = host.pipeline(GROUP)
    assert ["b", "a"] == names(pipeline.run([]))
    with host:
        assert ["b", "a"] == names(pipeline.run([]))


class Waiting:
    """A plugin that is ready once it is started."""

    def on_load(self) -> None: ...

    def __call__(self, rows: list[int]) -> list[int]:
        return rows


@pytest.mark.parametrize("threads", [0, 1])
def test_a_plugin_that_has_to_start_is_no_step_before(threads: int) -> None:
    """Nor after its host has stopped; no data is passed then."""
    host = of_functions(first=lambda rows: 1 / 0, then=Waiting)
    with ThreadPoolExecutor(1) as pool:
        pipeline = host.pipeline(GROUP, ["then"], executor=pool if threads else None)
        words = "'then' of .* is not started; start the host before data is passed"
        for _ in range(2):
            with pytest.raises(plugbay.HostError, match=words):
                pipeline.run([1])
            with pytest.raises(plugbay.HostError, match=words):
                host.pipeline(GROUP, ["first", "then"]).run([1])
            with host:
                assert [1] == pipeline.run([1]).value


def test_an_asynchronous_step_is_told() -> None:
    """Nothing awaits what it gives."""

    async def later(rows: list[int]) -> list[int]:
        return rows

    with pytest.raises(plugbay.PipelineError, match=r"'later' .* asynchronous, which a pipeline"):
        of_functions(later).pipeline(GROUP).run([])


def test_rows_are_counted_before_a_step_changes_them() -> None:
    """As it may do that in place."""

    def halve(rows: list[int]) -> list[int]:
        del rows[::2]
        if not rows:
            raise ValueError("nothing is left")
        return rows

    pipeline = of_functions(halve).pipeline(GROUP)
    run = pipeline.run([1, 2, 3, 4])
    assert (4, 2) == (run.steps[0].rows_in, run.steps[0].rows_out)
    with pytest.raises(plugbay.PipelineError, match=r"batch 1 \(1 row\): ValueError: nothing"):
        pipeline.run([1])


@pytest.mark.parametrize("step", [3, None, ("a",), ("a", 3), ("a", {}, {}), ["a", [1]]])
def test_what_is_no_step_is_told(step: Any) -> None:
    """With how one is written; any mapping has options, and any pair will do."""
    host = of_functions(a=lambda rows, **options: options)
    with pytest.raises(plugbay.HostError, match="is no step; write a name, or a name and a dict"):
        host.pipeline(GROUP, [step])
    assert {"x": 1} == host.pipeline(GROUP, [["a", {"x": 1}]]).run([]).value  # type: ignore[list-item]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Installed plugins of one group that leave marks here, by their names, where they run."""
    folder = tmp_path_factory.mktemp("runs")
    with on_path(folder / "site") as site:
        for name in ("used", "idle", "denied"):
            add_step(site, name, body=MARKING.format(mark=str(folder / name)))
        yield folder


def marks(folder: Path) -> set[str]:
    """Those that are there."""
    return {each.name for each in folder.iterdir() if each.is_file()}


def test_a_worker_starts_what_it_has_to_and_stops_it_in_the_end(marked: Path) -> None:
    """Neither plugins that are no steps nor those that are denied, and it warns of none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", plugbay.PluginWarning)
        host = discovered(policy=Policy(deny=["tabletop-denied"]))
    context = multiprocessing.get_context("forkserver")  # whose processes end without `atexit`
    with ProcessPoolExecutor(1, context) as pool:
        assert [[1], [2]] == list(host.pipeline(GROUP, ["used"], executor=pool).stream([[1], [2]]))
        assert {"used.started"} == marks(marked)
        assert [3] == host.pipeline(GROUP, executor=pool).run([3]).value
        assert {"used.started", "idle.started"} == marks(marked)
    ended = {f"{name}.{word}" for name in ("used", "idle") for word in ("started", "stopped")}
    assert ended == marks(marked)


def unpicklable() -> Any:
    """Something that no other process can be sent."""
    return threading.Lock()


@pytest.mark.parametrize("place", ["rows", "options", "config"])
def test_what_cannot_be_sent_to_a_worker_is_told(marked: Path, place: str) -> None:
    """When the pipeline is made."""
    host = Host("tabletop", config={"idle": {"lock": unpicklable()}} if place == "config" else None)
    host.discover(GROUP, on_conflict="first")
    steps: list[Any] = [("idle", {"lock": unpicklable()} if place == "options" else {})]
    rows: Any = (lambda data: 1) if place == "rows" else None
    with pytest.raises(
        plugbay.HostError, match=r"cannot be sent to another process: .*(pickle|local)"
    ):
        host.pipeline(GROUP, steps, executor=Programs(marked / "site"), rows=rows)


def test_what_is_no_executor_is_told() -> None:
    """With the extra that it may need, if that is not there."""
    with pytest.raises(plugbay.HostError, match=r"^3 is no executor"):
        of_functions(sorted).pipeline(GROUP, executor=3)  # type: ignore[arg-type]
    code = (
        "from plugbay import Host, HostError\n"
        "try: Host('tabletop').pipeline('x', executor=3)\n"
        "except HostError as error: print(error)"
    )
    words = "3 is no executor; for a client of Dask install plugbay[dask]"
    assert (0, [words]) == child(code)
