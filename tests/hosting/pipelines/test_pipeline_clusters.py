"""Clusters: pipelines on the workers of a Dask cluster, here of two processes."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clustering import PATIENCE, local_cluster, within
from distributed import Client
from piping import GROUP, add_step, discovered, letters, of_functions, on_path
from sites import Site

import plugbay
from plugbay.hosting.pipelines import clusters

TALKING = """
import os
from dataclasses import dataclass
@dataclass
class Model:
    word: str
class step:
    config_model = Model
    depends_on = ["base"]
    def initialize(self, context):
        self.word, self.base = context.config.word, context.plugin("base")
    def __call__(self, rows): return [*rows, self.word, self.base.state, os.getpid()]
"""
BASE = "class step:\n    state = 'found'\n    def initialize(self): self.state = 'started'\n"
HOSTILE = """
import glob, os, sys, time
def step(rows):
    asked, *more = rows
    if asked == "raise": raise LookupError("no c here")
    if asked == "leave": sys.exit(3)
    if asked == "die": os._exit(3)
    place, number = more
    with open(f"{place}/{number}.{os.getpid()}", "a") as noted: noted.write("x")
    if asked == "hang" and len(glob.glob(f"{place}/{number}.*")) == 1: time.sleep(60)
    time.sleep(0.05)
    return number
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of two workers that see the plugins which are installed here."""
    with on_path(tmp_path_factory.mktemp("clusters") / "site") as site:
        add_step(site, "first", "[*rows, 'first', __import__('os').getpid()]")
        add_step(site, "second", "[*rows, *options.values()] if options else rows")
        add_step(site, "talk", body=TALKING, group="tabletop.talk")
        add_step(site, "base", body=BASE, group="tabletop.base")
        add_step(site, "hostile", body=HOSTILE, group="tabletop.hostile")
        with local_cluster(2) as client:
            yield client


def test_workers_do_the_steps_in_order(client: Client) -> None:
    """The results come as the batches went, from all workers, and nothing was loaded here."""
    steps: list[Any] = ["first", ("second", {"x": 1, "y": 2})]
    host = discovered()
    run = host.pipeline(GROUP, steps, executor=client, ahead=4).stream(letters(20))
    found = list(run)
    assert [[letter, "first", 1, 2] for letter in "abcdefghijklmnopqrst"] == [
        [*rows[:2], *rows[3:]] for rows in found
    ]
    pids = {rows[2] for rows in found}
    assert pids <= set(client.run(os.getpid).values())
    assert (20, 20, 60) == (run.steps[0].batches, run.steps[0].rows_in, run.steps[0].rows_out)
    assert {"found"} == {each.state for each in host.components}
    assert "steps_first" not in sys.modules


def test_the_same_batch_is_done_each_time(client: Client, tmp_path: Path) -> None:
    """No result stands for that of another batch, as for what a pure function gives."""
    pipeline = discovered("tabletop.hostile").pipeline("tabletop.hostile", executor=client)
    assert [0] * 6 == list(pipeline.stream([["note", str(tmp_path), 0]] * 6))
    assert 6 == sum(len(each.read_text()) for each in tmp_path.iterdir())


def test_plugins_are_configured_and_started_on_the_workers(client: Client) -> None:
    """With what they depend on, from another group."""
    groups = ("tabletop.talk", "tabletop.base")
    host = discovered(*groups, config={"talk": {"word": "hello"}})
    found = list(host.pipeline("tabletop.talk", executor=client).stream(letters(6)))
    assert [["hello", "started"]] * 6 == [rows[1:3] for rows in found]
    assert {rows[3] for rows in found} <= set(client.run(os.getpid).values())


def test_a_batch_that_fails_is_named(client: Client) -> None:
    """With plugin, step and the traceback of the worker."""
    host = discovered("tabletop.hostile", GROUP)
    run = host.pipeline("tabletop.hostile", executor=client).stream([["raise"]])
    with pytest.raises(plugbay.PipelineError) as raised:
        next(run)
    error = raised.value
    assert str(error) == (
        "step 1 of 1, plugin 'hostile' of tabletop-hostile 1.0, failed on batch 1 (1 row): "
        "LookupError: no c here"
    )
    assert (1, "hostile", 1, ["raise"]) == (error.step, error.plugin, error.batch, error.data)
    assert "steps_hostile.py" in error.traceback
    with pytest.raises(plugbay.PipelineError, match=r"'hostile' .*: SystemExit: 3"):
        host.pipeline("tabletop.hostile", executor=client).run(["leave"])


def test_a_batch_of_a_class_that_workers_do_not_have_is_lost(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an error, and at once."""
    monkeypatch.syspath_prepend(tmp_path)
    Site(tmp_path).write("tabletop_only_here.py", "class Rows(list): pass\n")
    from tabletop_only_here import Rows  # type: ignore[import-not-found]

    pipeline = discovered().pipeline(GROUP, executor=client)
    with pytest.raises(
        plugbay.PipelineError, match=r"batch 1 .* lost: ModuleNotFoundError: .*only"
    ):
        within(30, lambda: pipeline.run(Rows("a")))


def test_a_plugin_from_code_is_refused(client: Client) -> None:
    """No worker would find it."""
    with pytest.raises(plugbay.HostError, match="no installed plugin"):
        of_functions(sorted).pipeline(GROUP, executor=client)


def test_an_abandoned_stream_is_cancelled(client: Client, tmp_path: Path) -> None:
    """The cluster does not go on with what waits."""
    host = discovered("tabletop.hostile")
    pipeline = host.pipeline("tabletop.hostile", executor=client, ahead=50)
    for number in pipeline.stream(["note", str(tmp_path), number] for number in range(50)):
        assert 0 == number
        break
    assert 50 == pipeline.run(["note", str(tmp_path), 50]).value
    assert len(list(tmp_path.iterdir())) < 40


def test_every_batch_is_there_once_when_a_worker_is_killed(client: Client, tmp_path: Path) -> None:
    """What it was at is done by another one, and so is what waited for it."""
    host = discovered("tabletop.hostile")
    pipeline = host.pipeline("tabletop.hostile", executor=client, ahead=8)
    place = str(tmp_path)
    run = pipeline.stream(
        ["hang" if number == 10 else "note", place, number] for number in range(30)
    )
    found = [next(run) for _ in range(10)]
    deadline = time.monotonic() + 30
    while not (begun := list(tmp_path.glob("10.*"))):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(int(begun[0].suffix[1:]), signal.SIGKILL)
    found += run
    assert list(range(30)) == found
    assert (30, 90) == (run.steps[0].batches, run.steps[0].rows_in)
    assert 2 == len(list(tmp_path.glob("10.*")))


def test_a_batch_that_kills_its_workers_is_lost(client: Client) -> None:
    """By its number, after some have died of it; the cluster goes on."""
    host = discovered("tabletop.hostile")
    pipeline = host.pipeline("tabletop.hostile", executor=client)
    with pytest.raises(plugbay.PipelineError, match=r"^batch 1 of .* lost: KilledWorker") as raised:
        within(60, lambda: pipeline.run(["die"]))
    assert (None, None, ["die"]) == (raised.value.step, raised.value.plugin, raised.value.data)
    client.wait_for_workers(2, timeout=60)
    assert ["a"] == discovered().pipeline(GROUP, ["second"], executor=client).run(["a"]).value


def test_workers_that_do_not_answer_are_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the pipeline is made, instead of waiting for them."""
    client.wait_for_workers(2, timeout=60)
    pid = min(client.run(os.getpid).values())
    os.kill(pid, signal.SIGSTOP)
    try:
        monkeypatch.setattr(clusters, "_PATIENCE", PATIENCE)
        started = time.monotonic()
        with pytest.raises(
            plugbay.PluginRefusedError, match="did not say within 2 s which plugins"
        ):
            within(30, lambda: discovered().pipeline(GROUP, executor=client))
        assert time.monotonic() - started < 10
    finally:
        monkeypatch.undo()
        os.kill(pid, signal.SIGCONT)
    assert ["a"] == discovered().pipeline(GROUP, ["second"], executor=client).run(["a"]).value
