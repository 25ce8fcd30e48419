"""Dask clusters for tests, of worker processes that see the plugins of some place."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster
from piping import environment

from plugbay.hosting.pipelines import clusters

__all__ = ["PATIENCE", "connected_worker", "local_cluster", "within"]

PATIENCE = clusters._PATIENCE

_WORKER = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--no-dashboard"]
_WORKER += ["--nthreads", "1", "--host", "127.0.0.1"]


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """A client of a cluster on this machine, which nobody outside can reach."""
    settings: dict[str, Any] = {
        "distributed.scheduler.allowed-failures": 1,  # deaths of workers that a batch may see
        "distributed.comm.timeouts.connect": "20s",
    }
    with dask.config.set(settings), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "_PATIENCE", 20.0)  # a machine that runs tests may be busy
        cluster = LocalCluster(  # type: ignore[no-untyped-call]  # it has no types
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # None would be the usual port, which may be taken
            worker_dashboard_address=None,
            silence_logs=50,
        )
        try:
            with Client(cluster) as client:  # type: ignore[no-untyped-call]  # likewise
                yield client
        finally:
            cluster.close(timeout=20)


@contextmanager
def connected_worker(client: Client, place: Path, *path: object) -> Iterator[str]:
    """A worker process that is started with that PYTHONPATH; gives its address.

    What it says is in a file in `place`.
    """
    known = set(client.scheduler_info()["workers"])
    with open(place / "said.txt", "w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*_WORKER, str(client.scheduler_info()["address"])],
            stdout=said,
            stderr=said,
            env=environment(*path),
            cwd=place,
        )
    try:
        client.wait_for_workers(len(known) + 1, timeout=60)
        (address,) = set(client.scheduler_info()["workers"]) - known
        yield str(address)
    finally:
        process.terminate()
        process.wait(30)
        deadline = time.monotonic() + 30
        while len(client.scheduler_info()["workers"]) > len(known):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def within(seconds: float, work: Any) -> Any:
    """What work gives, or an error if that takes longer; nobody waits for it then."""
    future: Future[Any] = Future()

    def carry_out() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            future.set_exception(error)

    Thread(target=carry_out, daemon=True).start()
    return future.result(seconds)
