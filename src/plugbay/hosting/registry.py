"""Registry: the components of a host by group and name, whatever they come from."""

from _thread import RLock
from collections.abc import Iterator, Mapping

from plugbay.errors import (
    PluginConflictError,
    PluginNotFoundError,
    PluginUnavailableError,
    did_you_mean,
)
from plugbay.plugins import T
from plugbay.views import GroupItems, GroupValues

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plugbay.hosting.components import Component

__all__ = ["HostGroup", "Registry"]


class Registry:
    """Which plugins a host has. Safe from many threads; whoever iterates has a snapshot."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._groups: dict[str, dict[str, Component]] = {}
        self._sorted: dict[str, dict[str, Component]] = {}

    def add(self, components: "Iterable[Component]") -> None:
        """Add all, or none of them.

        Raises PluginConflictError, which names both places, where a name is taken in its group.
        """
        with self._lock:
            new: dict[str, dict[str, Component]] = {}
            for each in components:
                group = each.plugin.group
                others = new.setdefault(group, {})
                first = others.get(each.name) or self._groups.get(group, {}).get(each.name)
                if first is not None:
                    raise PluginConflictError(
                        f"{each.plugin} cannot be registered in {group!r}: {first.plugin} has its "
                        f"name; give one of them another name"
                    )
                others[each.name] = each
            for group, those in new.items():
                self._groups.setdefault(group, {}).update(those)
                self._sorted.pop(group, None)

    def remove(self, *components: "Component") -> None:
        """Take these out."""
        with self._lock:
            for each in components:
                those = self._groups[each.plugin.group]
                if those.get(each.name) is each:  # and not another one by now
                    del those[each.name]
                self._sorted.pop(each.plugin.group, None)
                each.forget()

    def replace(self, old: "Component", new: "Component") -> None:
        """Put one in the place of another of its name, in one step for whoever looks."""
        with self._lock:
            self._groups[old.plugin.group][old.name] = new
            self._sorted.pop(old.plugin.group, None)

    def group(self, name: str) -> "Mapping[str, Component]":
        """The components of a group by name, ordered by priority, then by name; a snapshot."""
        found = self._sorted.get(name)
        if found is None:
            with self._lock:
                those = sorted(
                    self._groups.get(name, {}).items(),
                    key=lambda item: (item[1].plugin.priority, item[0]),
                )
                found = self._sorted[name] = dict(those)
        return found

    def everything(self) -> "list[Component]":
        """All components, group by group."""
        with self._lock:
            groups = list(self._groups)
        return [each for name in groups for each in self.group(name).values()]


class HostGroup(Mapping[str, T]):
    """The plugins of one group of a host, of all sources, by name.

    `group[name]` gives what the plugin gives: its object, or of a class its one instance. The
    mapping follows the host: it holds what can be used now.
    """

    is_strict = False

    def __init__(self, name: str, registry: Registry, refresh: "Callable[[], None]") -> None:
        self.name = name
        self._registry = registry
        self._refresh = refresh
        self._told: set[str] = set()

    @property
    def components(self) -> "Mapping[str, Component]":
        """All of them, refused and failed ones too, by name."""
        self._refresh()
        return self._registry.group(self.name)

    def __getitem__(self, name: str) -> T:
        component = self.components.get(name)
        if component is None:
            raise PluginNotFoundError(
                f"the group {self.name!r} has no plugin {name!r}; "
                f"{did_you_mean(name, self.components)}"
            )
        try:
            found: T = component.instance()
        except PluginUnavailableError as error:
            if name not in self._told:
                from plugbay.notices import warn

                self._told.add(name)
                warn(str(error))
            raise
        return found

    def __contains__(self, name: object) -> bool:
        component = self.components.get(name)  # type: ignore[call-overload]  # any key may be asked for
        return component is not None and component.is_usable

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, each in self.components.items() if each.is_usable])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def values(self) -> GroupValues[T]:
        """What all plugins give; failing ones are left out, with a warning each."""
        return GroupValues(self)

    def items(self) -> GroupItems[T]:
        """As `values`, with their names."""
        return GroupItems(self)

    def __repr__(self) -> str:
        return f"<HostGroup {self.name!r}: {len(self)} usable of {len(self.components)}>"
