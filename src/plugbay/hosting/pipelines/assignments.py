"""Assignments: steps that a worker process carries out with plugins of its own.

What is sent are references to installed plugins and the values of their configuration, never code
and no objects of theirs. The worker makes a host of it, which goes the same way as any: find,
check, load, start. Where it has another release of a plugin it refuses, and says what differs.
"""

import pickle
import warnings
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

from plugbay.errors import HostError, PlugbayError, PluginWarning
from plugbay.hosting.pipelines.fingerprints import Reference, difference, installed_reference
from plugbay.hosting.pipelines.steps import Passage, StepFailedError, row_count, through

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from typing import Any

    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.hosting.components import Component
    from plugbay.hosting.host import Host

__all__ = ["Assignment", "HostDescription", "callable_of", "carry_out", "received", "submitted"]


@dataclass(frozen=True)
class HostDescription:
    """What a worker makes its host of: the `groups` to discover, and configuration by plugin.

    The expectations of groups are left to the host, which has held the same releases to them.
    """

    name: str
    api: "HostApi | None"
    api_version: str | None
    policy: "Policy | None"
    groups: "dict[str, dict[str, Any]]"
    config: "dict[str, dict[str, Any]]"


@dataclass(frozen=True)
class Assignment:
    """Steps for a worker: each a reference, and the options of its call."""

    host: HostDescription
    steps: "tuple[tuple[Reference, dict[str, Any]], ...]"
    method: str | None
    rows: "Callable[[Any], int | None]" = row_count


# The hosts of this process, by their pickled descriptions and the plugins that are started. Held
# while one is made.
_hosts: "dict[tuple[bytes, frozenset[str]], Host]" = {}
_making = Lock()


def submitted(executor: "Executor", assignment: bytes, batch: "Any") -> "Future[Any]":
    """Have a worker carry out a pickled assignment.

    The batch is pickled here and not by the executor, of which some never answer when a worker
    cannot unpickle what it was sent.
    """
    try:
        return executor.submit(carry_out, assignment, pickle.dumps(batch))
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        future: Future[Any] = Future()
        future.set_exception(error)
        return future


def received(answer: bytes, batch: "Any") -> "tuple[Any, list[Passage]]":
    """What a worker has made of a batch; raises StepFailedError."""
    found = pickle.loads(answer)
    if isinstance(found, StepFailedError):
        found.data = batch
        raise found
    passed: tuple[Any, list[Passage]] = found
    return passed


def carry_out(assignment: bytes, batch: bytes) -> bytes:
    """What comes out of a batch, and how it passed the steps, or the StepFailedError; pickled.

    The inputs and outputs of the steps stay here.
    """
    try:
        out, passages = _carried_out(pickle.loads(assignment), pickle.loads(batch))
        return pickle.dumps((out, [replace(each, input=None, output=None) for each in passages]))
    except StepFailedError as error:
        told = StepFailedError(error.at, error.reason, error.traceback, rows=error.rows)
        return pickle.dumps(told)


def _carried_out(assignment: Assignment, batch: "Any") -> "tuple[Any, list[Passage]]":
    try:
        host = _host(assignment)
    except PlugbayError as error:
        raise StepFailedError(0, f"the host of the worker cannot start: {error}") from error
    calls = []
    for at, (reference, options) in enumerate(assignment.steps):
        call = _found(host, at, reference, assignment.method)
        calls.append(partial(call, **options))
    return through(calls, batch, assignment.rows)


def callable_of(component: "Component", method: str | None) -> "Any":
    """What is called of a plugin; raises HostError, and what loading and instantiating it do."""
    instance = component.instance()
    if component.has_to_start and component.state != "active":
        raise HostError(f"{component.plugin} is not started; start the host before data is passed")
    found = instance if method is None else getattr(instance, method, None)
    if not callable(found):
        words = "it cannot be called" if method is None else f"it has no method {method!r}"
        raise HostError(f"{component.plugin} is no step of a pipeline: {words}")
    return found


def _found(host: "Host", at: int, reference: Reference, method: str | None) -> "Any":
    """What is called of the plugin of a step, if it is just that one."""
    component = host[reference.group].components.get(reference.name)
    have = None
    if component is not None:
        entry_point = component.plugin.entry_point
        has_digest = bool(reference.digest)
        have = installed_reference(component.name, entry_point, has_digest=has_digest)
    if differs := difference(reference, have):
        raise StepFailedError(at, f"the worker refuses it: {differs}")
    assert component is not None
    try:
        return callable_of(component, method)
    except PlugbayError as error:
        raise StepFailedError(at, str(error)) from error


def _host(assignment: Assignment) -> "Host":
    names = frozenset(reference.name for reference, _ in assignment.steps)
    key = pickle.dumps(assignment.host), names
    with _making:
        if key not in _hosts:
            with warnings.catch_warnings():
                # What a step lacks is told as an error, and the rest to the host itself.
                warnings.simplefilter("ignore", PluginWarning)
                _hosts[key] = _made(assignment.host, names)
        return _hosts[key]


def _made(told: HostDescription, names: "frozenset[str]") -> "Host":
    """A host that has started what it has of these plugins, and stops it with its process."""
    from multiprocessing.util import Finalize

    from plugbay.hosting.host import Host

    host = Host(
        told.name,
        api=told.api,
        api_version=told.api_version,
        policy=told.policy,
        config=told.config,
    )
    for group, options in told.groups.items():
        host.discover(group, **options)
    host.start(only=names & {each.name for each in host.components})
    Finalize(host, host.stop, exitpriority=1)  # processes of pools end without `atexit`
    return host
