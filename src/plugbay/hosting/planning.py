"""Planning: the order in which components start, and which of them cannot."""

from plugbay.errors import PluginOrderError, did_you_mean
from plugbay.hosting.origins import is_from_code
from plugbay.ordering import Place, ordered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from plugbay.hosting.components import Component
    from plugbay.hosting.dependencies import Dependency

__all__ = ["Plan", "explained", "linked", "planned"]


class Plan:
    """What is to be started.

    `order` has the components that can start, dependencies first, and `why` the reason for the
    place of each; `needs` has by component those that it depends on, by the name it has for them;
    `left_out` those that cannot start, each with the reason.
    """

    __slots__ = ("left_out", "needs", "order", "why")

    def __init__(self, components: "list[Component]") -> None:
        self.order: list[Component] = []
        self.why: dict[Component, str] = {}
        self.needs: dict[Component, dict[str, Component]] = {}
        self.left_out: dict[Component, str] = {
            each: each.fault for each in components if each.fault
        }

    def of(self, only: "Callable[[Component], bool] | None") -> "Plan":
        """The plan for those that are wanted and what they depend on; for None this one."""
        if only is None:
            return self
        wanted = [each for each in self.needs if only(each)]
        for each in wanted:  # which grows on the way
            wanted += [need for need in self.needs[each].values() if need not in wanted]
        plan = Plan(wanted)
        plan.order = [each for each in self.order if each in wanted]
        plan.why, plan.needs = self.why, self.needs
        plan.left_out = {each: why for each, why in self.left_out.items() if each in wanted}
        return plan

    def needed_by(self, component: "Component") -> "list[Component]":
        """What a component depends on, directly or not."""
        found = list(self.needs[component].values())
        for each in found:  # which grows on the way
            found += [need for need in self.needs.get(each, {}).values() if need not in found]
        return found

    def unmet(self, component: "Component", out: "Container[Component]") -> "dict[str, Component]":
        """Those of its dependencies that are out, by name; optional ones are done without."""
        needs = self.needs[component]
        optional = {need.name for need in component.needs if need.is_optional}
        found = {name: each for name, each in needs.items() if each in out}
        for name in optional & found.keys():
            del needs[name], found[name]
        return found


def linked(components: "Iterable[Component]") -> Plan:
    """Who needs whom, and who cannot start for that; without an order."""
    components = list(components)
    by_name, plan = _by_name(components), Plan(components)
    for each in components:
        plan.needs[each] = {}
        for need in each.needs:
            _look_up(each, need, by_name, plan)
    _leave_out_dependents(components, plan)
    return plan


def planned(components: "Iterable[Component]") -> Plan:
    """The plan for these.

    Of plugins whose wishes lead round in a circle those that were installed are left out. Raises
    PluginOrderError for a circle of which all are from the host's own code.
    """
    components = list(components)
    by_name, plan = _by_name(components), linked(components)
    words = {each: _word(each, by_name) for each in components}
    while True:
        places = [
            _place(each, words, by_name, plan) for each in components if each not in plan.left_out
        ]
        try:
            order = ordered(places)
            break
        except PluginOrderError as error:
            circle = [each for each in components if each in error.circle]
            installed = [each for each in circle if not is_from_code(each.plugin.entry_point)]
            if not installed:
                raise
            plan.left_out |= dict.fromkeys(installed, str(error))
            _leave_out_dependents(components, plan)
    for place in order:
        plan.order.append(place.item)
        plan.why[place.item] = place.why
    return plan


def explained(components: "Iterable[Component]", host: str) -> str:
    """Which of these start, in which order and why, and which do not, a line each."""
    try:
        plan = planned(components)
    except PluginOrderError as error:
        return f"The plugins of {host!r} cannot start: {error}"
    lines = [f"The plugins of {host!r} start in this order:"]
    usable = [each for each in plan.order if each.is_usable]
    for number, each in enumerate(usable, 1):
        lines.append(f"{number}. {each.plugin} ({each.state}): {plan.why[each]}")
    out = {each: each.reason for each in plan.order if not each.is_usable} | plan.left_out
    lines += [f"-  {each.plugin} ({each.state}): {reason}" for each, reason in out.items()]
    return "\n".join(lines)


def _by_name(components: "Iterable[Component]") -> "dict[str, list[Component]]":
    found: dict[str, list[Component]] = {}
    for each in components:
        found.setdefault(each.name, []).append(each)
    return found


def _named(
    name: str, component: "Component", by_name: "dict[str, list[Component]]"
) -> "list[Component]":
    """The components that a name stands for, said by a component: its own group comes first."""
    group, _, bare = name.rpartition(":")
    those = by_name.get(bare, [])
    own = [each for each in those if each.plugin.group == (group or component.plugin.group)]
    return own or ([] if group else those)


def _look_up(
    component: "Component", need: "Dependency", by_name: "dict[str, list[Component]]", plan: Plan
) -> None:
    """Note the component that a dependency names, or why there is none."""
    found = _named(need.name, component, by_name)
    if len(found) > 1:
        groups = " and ".join(repr(each.plugin.group) for each in found)
        reason = (
            f"it depends on {need.name!r}, which is in {groups}; name it as 'group:{need.name}'"
        )
    elif not found and need.is_optional:
        return
    elif not found:
        close = did_you_mean(need.name, by_name)
        hint = f"; {close}" if close.startswith("did") else ""
        reason = f"it depends on {need.text!r}, which is not there{hint}"
    elif found[0] is component:
        reason = "it depends on itself"
    elif not need.admits(found[0].version):
        version = found[0].version or "of no version"
        reason = f"it depends on {need.text!r}, and {need.name!r} is {version}"
    else:
        plan.needs[component][need.name] = found[0]
        return
    plan.left_out.setdefault(component, reason)


def _leave_out_dependents(components: "list[Component]", plan: Plan) -> None:
    """Leave out who depends on somebody left out, with the whole chain as the reason."""
    changed = True
    while changed:
        changed = False
        for each in components:
            for name, out in plan.unmet(each, plan.left_out).items():
                if each not in plan.left_out:
                    reason = plan.left_out[out]
                    plan.left_out[each] = f"it depends on {name!r}, which is refused: {reason}"
                    changed = True


def _word(component: "Component", by_name: "dict[str, list[Component]]") -> str:
    """What a component is called in an order: its name, with the group where others have it."""
    alone = len(by_name[component.name]) == 1
    return component.name if alone else f"{component.plugin.group}:{component.name}"


def _place(
    component: "Component",
    words: "dict[Component, str]",
    by_name: "dict[str, list[Component]]",
    plan: Plan,
) -> Place:
    facts = component.facts

    def wished(names: "Iterable[str]") -> "list[str]":
        return [words[each] for name in names for each in _named(name, component, by_name)]

    return Place(
        component,
        words[component],
        depends_on=[words[each] for each in plan.needs[component].values()],
        before=wished(facts.before if facts else ()),
        after=wished(facts.after if facts else ()),
        priority=facts.priority if facts else 0,
    )
