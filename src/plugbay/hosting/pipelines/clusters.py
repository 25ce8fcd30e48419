"""Clusters: pipelines on the workers of a Dask cluster; needs the extra plugbay[dask].

When a pipeline is made, the plugins of every worker are compared with those of this process, and so
are those of workers that come later. A worker that differs refuses each task, and says in what.
"""

import logging
from concurrent.futures import TimeoutError as LateError

from distributed import Client, WorkerPlugin

from plugbay.errors import HostError, PluginRefusedError
from plugbay.hosting.pipelines.fingerprints import Reference, difference, fingerprint
from plugbay.sandbox.threads import in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor
    from typing import Any

    from distributed import Worker

    Fingerprint = dict[tuple[str, str], Reference]

__all__ = ["Client", "connected", "differences"]

# Seconds that workers may take to say which plugins they have.
_PATIENCE = 2.0


def connected(client: Client, groups: "Mapping[str, Mapping[str, Any]]") -> "Executor":
    """An executor of the cluster's workers, once all of them have the same plugins as we have.

    Raises PluginRefusedError that names what differs, by worker, and for a cluster that does not
    answer within two seconds; HostError for what is no client.
    """
    if not isinstance(client, Client):
        raise HostError(
            f"{client!r} is no executor, and no client of Dask; of a cluster take Client(cluster)"
        )
    ours = fingerprint(groups)
    try:
        asked = in_thread(lambda: client.run(differences, ours, groups))
        told: dict[str, list[str]] = asked.result(_PATIENCE)  # pyright: ignore[reportAssignmentType]  # the client is none that is awaited
    except LateError:
        raise PluginRefusedError(
            f"the workers of {client!r} did not say within {_PATIENCE:g} s which plugins they have"
        ) from None
    if not told:
        raise PluginRefusedError(f"there are no workers of {client!r}")
    wrong = [f"{worker}: {'; '.join(those)}" for worker, those in sorted(told.items()) if those]
    if wrong:
        raise PluginRefusedError("\n- ".join(["workers have other plugins:", *wrong]))
    client.register_plugin(_Comparison(ours, groups), name="plugbay " + " ".join(groups))
    executor: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]  # it has no types
    return executor


def differences(ours: "Fingerprint", groups: "Mapping[str, Mapping[str, Any]]") -> "list[str]":
    """What is different of the plugins of this process, a clause each."""
    theirs = fingerprint(groups)
    return [words for key, each in ours.items() if (words := difference(each, theirs.get(key)))]


class _Comparison(WorkerPlugin):
    """Compares the plugins of each worker that connects with those of the client."""

    def __init__(self, ours: "Fingerprint", groups: "Mapping[str, Mapping[str, Any]]") -> None:
        self._ours = ours
        self._groups = groups

    def setup(self, worker: "Worker") -> None:
        for each in differences(self._ours, self._groups):
            logging.getLogger("plugbay").warning("%s: %s", worker.address, each)
