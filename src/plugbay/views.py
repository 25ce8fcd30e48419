"""Views: the values and the items of a group, which leave out what cannot be loaded."""

from collections.abc import ItemsView, Iterator, ValuesView

from plugbay.errors import PluginUnavailableError
from plugbay.plugins import T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.groups import Group
    from plugbay.hosting.registry import HostGroup

__all__ = ["GroupItems", "GroupValues"]


class GroupValues(ValuesView[T]):
    """The objects of a group, loaded while it is iterated over."""

    _mapping: "Group[T] | HostGroup[T]"

    def __contains__(self, value: object) -> bool:
        return any(found is value or found == value for found in self)

    def __iter__(self) -> Iterator[T]:
        for _, found in _loaded(self._mapping):
            yield found


class GroupItems(ItemsView[str, T]):
    """The names and objects of a group, loaded while it is iterated over."""

    _mapping: "Group[T] | HostGroup[T]"

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return _loaded(self._mapping)


def _loaded(group: "Group[T] | HostGroup[T]") -> Iterator[tuple[str, T]]:
    """Name and object of each plugin that can be had, in order, loading them on the way.

    In a strict group the first failure is raised.
    """
    for name in group:
        try:
            found = group[name]
        except PluginUnavailableError:
            if group.is_strict:
                raise
            continue  # the group has told of it
        yield name, found
