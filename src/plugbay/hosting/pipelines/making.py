"""Making: of a host's components the steps of a pipeline, and who carries them out."""

import pickle
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial

from plugbay.errors import HostError, PluginNotFoundError, PluginRefusedError, did_you_mean
from plugbay.hosting.origins import is_from_code
from plugbay.hosting.pipelines.assignments import Assignment
from plugbay.hosting.pipelines.fingerprints import Reference, installed_reference
from plugbay.hosting.pipelines.pipeline import Pipeline, Step
from plugbay.hosting.pipelines.steps import row_count
from plugbay.hosting.planning import planned
from plugbay.loading.failures import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from plugbay.hosting.components import Component
    from plugbay.hosting.pipelines.assignments import HostDescription
    from plugbay.hosting.pipelines.clusters import Client
    from plugbay.sandbox.sandbox import Sandbox

__all__ = ["pipeline_of", "steps_of"]


def pipeline_of(
    group: str,
    steps: "Iterable[str | tuple[str, Mapping[str, Any]]] | None",
    components: "Callable[[], list[Component]]",
    described: "Callable[[], HostDescription]",
    *,
    method: str | None,
    executor: "Executor | Client | None",
    sandbox: "Sandbox | Callable[[Component], Sandbox | None] | None",
    rows: "Callable[[Any], int | None] | None",
    ahead: int,
    progress: bool | None,
) -> Pipeline:
    """The pipeline that `Host.pipeline` gives, checked as far as can be now."""
    choose = partial(steps_of, group, components, None if steps is None else _parsed(steps))
    carrier = _carrier_of(executor, described)
    assign = None
    if not (carrier is None or isinstance(carrier, ThreadPoolExecutor)):
        assign = partial(_assigned, described, method, rows, carrier is not executor)
        assign(choose())  # so that what cannot be is told now
    if assign is not None and sandbox is not None:
        raise HostError("a sandbox holds for this process, and not for those of an executor")
    if not (sandbox is None or callable(sandbox) or hasattr(sandbox, "run")):
        raise HostError(f"sandbox={sandbox!r} is no Sandbox, and no function that gives one")
    choose()
    return Pipeline(
        group,
        choose,
        method=method,
        executor=carrier,
        assign=assign,
        sandbox=sandbox if callable(sandbox) else lambda _: sandbox,
        rows=rows,
        ahead=ahead,
        progress=progress,
    )


def steps_of(
    group: str,
    all_components: "Callable[[], list[Component]]",
    chosen: "list[tuple[str, dict[str, Any]]] | None",
    *,
    is_loading: bool = False,
) -> list[Step]:
    """The steps in their order: all plugins of a group that can be used, or those that are chosen.

    With `is_loading` the order is what their code says of it too, and not only their manifests.
    Raises PluginOrderError where there is no order, PluginNotFoundError, PluginRefusedError, and
    PluginLoadError for a plugin that is not loaded yet, and cannot be.
    """
    components = all_components()
    if chosen is None:
        for each in components if is_loading else ():
            if each.state == "found" and each.plugin.group == group:
                each.load()  # as its code may have a say in the order
        plan = planned(all_components())
        mine = [each for each in plan.order if each.plugin.group == group and each.is_usable]
        return [Step(each, {}, plan.why[each]) for each in mine]
    by_name = {each.name: each for each in components if each.plugin.group == group}
    return [_chosen(group, name, options, by_name) for name, options in chosen]


def _parsed(
    steps: "Iterable[str | tuple[str, Mapping[str, Any]]]",
) -> "list[tuple[str, dict[str, Any]]]":
    """Steps as they are written, each with options; raises HostError for what is none."""
    found = []
    for each in steps:
        try:
            name, options = (each, {}) if isinstance(each, str) else each
            found.append((name, dict(options)))
        except (TypeError, ValueError):
            words = f"{each!r} is no step; write a name, or a name and a dict of options"
            raise HostError(words) from None
    return found


def _carrier_of(
    executor: "Executor | Client | None", described: "Callable[[], HostDescription]"
) -> "Executor | None":
    """Who carries out the steps; raises HostError for what cannot, or has other plugins."""
    if executor is None or isinstance(executor, Executor):
        return executor
    try:
        from plugbay.hosting.pipelines.clusters import connected
    except ModuleNotFoundError as error:
        raise HostError(
            f"{executor!r} is no executor; for a client of Dask install plugbay[dask]"
        ) from error
    return connected(executor, described().groups)


def _assigned(
    described: "Callable[[], HostDescription]",
    method: str | None,
    rows: "Callable[[Any], int | None] | None",
    has_digest: bool,
    steps: "Iterable[Step]",
) -> bytes:
    """The steps as another process is told of them, pickled; `has_digest` with their files.

    Raises HostError for a plugin that it cannot find, and for what cannot be pickled.
    """
    references = _references(steps, has_digest=has_digest)
    try:
        return pickle.dumps(Assignment(described(), references, method, rows or row_count))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise HostError(
            f"the configuration, the options of a step or `rows` cannot be sent to another "
            f"process: {told(error)}"
        ) from error


def _references(
    steps: "Iterable[Step]", *, has_digest: bool
) -> "tuple[tuple[Reference, dict[str, Any]], ...]":
    references = []
    for step in steps:
        entry_point = step.component.plugin.entry_point
        if is_from_code(entry_point):
            raise HostError(
                f"{step} cannot be found by another process, as it is no installed plugin; take an "
                f"executor of threads, or install it"
            )
        name = step.component.name
        reference = installed_reference(name, entry_point, has_digest=has_digest)
        references.append((reference, step.options))
    return tuple(references)


def _chosen(
    group: str, name: str, options: "dict[str, Any]", by_name: "dict[str, Component]"
) -> Step:
    component = by_name.get(name)
    if component is None:
        hint = did_you_mean(name, by_name)
        raise PluginNotFoundError(f"the group {group!r} has no plugin {name!r}; {hint}")
    if not component.is_usable:
        raise PluginRefusedError(f"{component.plugin} is {component.state}: {component.reason}")
    return Step(component, options, "as chosen")
