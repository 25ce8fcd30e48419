"""Choosing: which components of a host are meant by the names that it is given."""

from difflib import get_close_matches

from plugbay.errors import HostError, PluginNotFoundError, did_you_mean
from plugbay.hosting.planning import linked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plugbay.hosting.components import Component

__all__ = ["check_group", "known_of", "leaving_with", "the_one"]


def check_group(components: "list[Component]", group: str, host: str) -> None:
    """Raise PluginNotFoundError for a group without plugins that looks like one with some.

    Very much so, as groups of one host have much in common, and may be asked for early.
    """
    for close in get_close_matches(group, {each.plugin.group for each in components}, 1, 0.95):
        raise PluginNotFoundError(f"{host!r} has no group {group!r}; did you mean {close!r}?")


def known_of(
    components: "list[Component]", names: "Iterable[str] | None", host: str
) -> "Callable[[Component], bool] | None":
    """Whether one has one of these names, or None for all.

    Raises PluginNotFoundError for a name that nobody has.
    """
    if names is None:
        return None
    wanted, known = frozenset(names), {each.name for each in components}
    for name in sorted(wanted - known):
        words = did_you_mean(name, known)
        raise PluginNotFoundError(f"{host!r} has no plugin {name!r}; {words}")
    return lambda each: each.name in wanted


def the_one(components: "list[Component]", name: str, group: str | None, host: str) -> "Component":
    """The one plugin of that name; raises PluginNotFoundError where there is none, or several."""
    named = [
        each for each in components if each.name == name and group in (None, each.plugin.group)
    ]
    if len(named) != 1:
        known = [each.name for each in components]
        words = "say of which group" if named else did_you_mean(name, known)
        raise PluginNotFoundError(f"{host!r} has no one plugin {name!r}; {words}")
    return named[0]


def leaving_with(
    components: "list[Component]", name: str, group: str | None, host: str, *, dependents: bool
) -> "list[Component]":
    """The plugin of that name, and with `dependents` those that need it, directly or not.

    Raises HostError where they are not to leave, and one of them is in use.
    """
    leaving, plan = [the_one(components, name, group, host)], linked(components)
    for component in leaving:  # which grows on the way
        leaving += [
            each
            for each in components
            if each not in leaving and component in plan.needs[each].values()
        ]
    users = [each.name for each in leaving[1:] if each.state in ("active", "loaded")]
    if users and not dependents:
        raise HostError(
            f"{leaving[0].plugin} cannot be unloaded: {', '.join(users)} need it; "
            f"unload them first, or say dependents=True"
        )
    return leaving if dependents else leaving[:1]
