"""Comparison: the workers of a Dask cluster that have other plugins are named, and refuse."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clustering import connected_worker, local_cluster, within
from distributed import Client
from piping import add_step, discovered, on_path
from sites import Site

import plugbay

EDITABLE = json.dumps({"url": "file:///src", "dir_info": {"editable": True}})
# The files that they install have these digests, which their records say.
LINKED = {"direct_url.json": EDITABLE, "RECORD": "_linked.pth,sha256=1,1\n"}
MOVED = {**LINKED, "RECORD": "_linked.pth,sha256=2,1\n"}


def one(name: str) -> str:
    """The group of one plugin."""
    return f"tabletop.{name}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a cluster without workers; a plugin in each group is installed here."""
    with on_path(tmp_path_factory.mktemp("comparison") / "site") as site:
        plant(site)
        add_step(site, "missing", group=one("missing"))
        with local_cluster(0) as client:
            yield client


def plant(site: Site, **others: dict[str, object]) -> None:
    """Install plugins, some of them in another way than these are."""
    infos = {
        "edited": {"RECORD": "x.py,sha256=1,1\n"},
        "linked": LINKED,
        "moved": LINKED,
        "same": {"RECORD": "x.py,sha256=1,1\n"},
    }
    for name in ("same", "older", "other", "edited", "linked", "moved"):
        options = {"info": infos.get(name), "given": f"[*rows, {name!r}]"} | others.get(name, {})
        add_step(site, name, group=one(name), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def differing(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a worker of which only two plugins are the same."""
    place = tmp_path_factory.mktemp("differing")
    site = Site(place / "site")
    plant(
        site,
        older={"version": "0.9"},
        other={"distribution": "fork"},
        edited={"info": {"RECORD": "x.py,sha256=2,1\n"}},
        linked={"given": "[*rows, 'otherwise']"},
        moved={"info": MOVED},
    )
    with connected_worker(client, place, site.root) as address:
        yield address


def test_a_cluster_without_workers_is_told(client: Client) -> None:
    """Instead of waiting for them for ever."""
    assert {} == client.scheduler_info()["workers"]
    with pytest.raises(plugbay.PlugbayError, match="worker"):
        within(30, lambda: discovered(one("same")).pipeline(one("same"), executor=client).run([]))


@pytest.mark.parametrize(
    ("name", "difference"),
    [
        ("older", "it has tabletop-older 0.9, and not 1.0"),
        ("missing", "it has no plugin 'missing' in 'tabletop.missing'"),
        ("other", "its 'other' is of fork 1.0, and not of tabletop-other"),
        ("edited", "its tabletop-edited 1.0 has other files"),
        ("linked", "its tabletop-linked 1.0 has other files"),
    ],
)
def test_a_worker_with_other_plugins_is_named(
    client: Client, differing: str, name: str, difference: str
) -> None:
    """With what differs, soon after the pipeline is asked for, and no batch is sent."""
    host = discovered(one("same"), one(name))
    started = time.monotonic()
    with pytest.raises(plugbay.PluginRefusedError) as raised:
        host.pipeline(one("same"), executor=client)
    assert time.monotonic() - started < 10
    assert f"workers have other plugins:\n- {differing}: {difference}" == str(raised.value)


def test_all_that_differs_is_told_of_each_worker(client: Client, differing: str) -> None:
    """A line for each of them."""
    host = discovered(one("older"), one("same"), one("missing"))
    with pytest.raises(plugbay.PluginRefusedError) as raised:
        host.pipeline(one("older"), executor=client)
    lines = str(raised.value).splitlines()
    assert [f"- {differing}: "] == [line.partition("it has")[0] for line in lines[1:]]
    assert "0.9, and not 1.0; it has no plugin 'missing'" in lines[1]


@pytest.mark.parametrize("name", ["same", "moved"])
def test_a_worker_with_the_same_plugins_is_taken(client: Client, differing: str, name: str) -> None:
    """An editable one too, of which the sources are the same and nothing else is."""
    host = discovered(one(name))
    run = within(30, lambda: host.pipeline(one(name), executor=client).run(["a"]))
    assert (["a", name], True) == (run.value, bool(differing))


def test_a_worker_that_comes_later_is_compared_too(
    client: Client, differing: str, tmp_path: Path
) -> None:
    """It says what differs when it comes, and refuses its tasks; one that is equal does them."""
    host = discovered(one("same"))
    pipeline = host.pipeline(one("same"), executor=client)
    site = Site(tmp_path / "site")
    other = {"RECORD": "x.py,sha256=2,1\n"}
    add_step(site, "same", "[*rows, 'new']", group=one("same"), info=other)
    with connected_worker(client, tmp_path, site.root) as late:
        client.retire_workers([differing])
        words = "its tabletop-same 1.0 has other files"
        with pytest.raises(plugbay.PipelineError) as raised:
            within(30, lambda: pipeline.run(["a"]))
        error = raised.value
        assert str(error).startswith("step 1 of 1, plugin 'same' of tabletop-same 1.0, failed on")
        assert str(error).endswith(f"batch 1 (1 row): the worker refuses it: {words}")
        with pytest.raises(plugbay.PluginRefusedError, match=late):
            host.pipeline(one("same"), executor=client)
    assert f"{late}: {words}" in (tmp_path / "said.txt").read_text("utf-8")
