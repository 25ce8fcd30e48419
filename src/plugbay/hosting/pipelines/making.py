"""Making: of a host's components the steps of a pipeline, and who carries them out."""

from concurrent.futures import Executor, ThreadPoolExecutor

from plugbay.errors import HostError, PluginNotFoundError, PluginRefusedError, did_you_mean
from plugbay.hosting.origins import is_from_code
from plugbay.hosting.pipelines.assignments import Assignment
from plugbay.hosting.pipelines.fingerprints import Reference, reference_to
from plugbay.hosting.pipelines.pipeline import Step
from plugbay.hosting.pipelines.steps import row_count
from plugbay.hosting.planning import planned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from plugbay.hosting.components import Component
    from plugbay.hosting.pipelines.assignments import HostDescription
    from plugbay.hosting.pipelines.clusters import Client

__all__ = ["carriers", "steps_of"]


def steps_of(
    group: str,
    components: "Iterable[Component]",
    chosen: "Iterable[str | tuple[str, Mapping[str, Any]]] | None",
) -> list[Step]:
    """The steps in their order: all plugins of a group that can be used, or those that are chosen.

    Raises PluginOrderError where there is no order, PluginNotFoundError, and PluginRefusedError.
    """
    components = list(components)
    if chosen is None:
        plan = planned(components)
        mine = [each for each in plan.order if each.plugin.group == group and each.is_usable]
        return [Step(each, {}, plan.why[each]) for each in mine]
    by_name = {each.name: each for each in components if each.plugin.group == group}
    return [_chosen(group, each, by_name) for each in chosen]


def carriers(
    executor: "Executor | Client | None",
    steps: "Iterable[Step]",
    method: str | None,
    rows: "Callable[[Any], int | None] | None",
    described: "Callable[[], HostDescription]",
) -> "tuple[Executor | None, Assignment | None]":
    """Who carries out the steps, and what it is assigned where it does that in another process.

    Raises HostError for a plugin that another process cannot find, or that differs there.
    """
    if executor is None or isinstance(executor, ThreadPoolExecutor):
        return executor, None
    host = described()
    is_client = not isinstance(executor, Executor)
    references = _references(steps, has_digest=is_client)
    assignment = Assignment(host, host.key, references, method, rows or row_count)
    if isinstance(executor, Executor):
        return executor, assignment
    try:
        from plugbay.hosting.pipelines.clusters import connected
    except ModuleNotFoundError as error:
        raise HostError(
            f"{executor!r} is no executor; for a client of Dask install plugbay[dask]"
        ) from error
    return connected(executor, host.groups), assignment


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
        references.append((reference_to(entry_point, has_digest=has_digest), step.options))
    return tuple(references)


def _chosen(
    group: str, chosen: "str | tuple[str, Mapping[str, Any]]", by_name: "dict[str, Component]"
) -> Step:
    name, options = (chosen, {}) if isinstance(chosen, str) else chosen
    component = by_name.get(name)
    if component is None:
        hint = did_you_mean(name, by_name)
        raise PluginNotFoundError(f"the group {group!r} has no plugin {name!r}; {hint}")
    if not component.is_usable:
        raise PluginRefusedError(f"{component.plugin} is {component.state}: {component.reason}")
    return Step(component, dict(options), "as chosen")
