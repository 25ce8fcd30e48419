"""Conflicts: several plugins of one name in one group, of which only one can have it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from plugbay.plugins import Plugin, T

__all__ = ["free_name", "settled"]


def settled(
    plugins: "Iterable[Plugin[T]]", on_conflict: str
) -> "tuple[dict[str, Plugin[T]], tuple[Plugin[T], ...]]":
    """The plugins that have their name, by name, and those that lost it to another one.

    The first by priority, then by distribution, wins. Raises PluginConflictError at the first
    conflict when `on_conflict` is "error"; with "all" the rivals are named `name@distribution`.
    """
    by_name: dict[str, list[Plugin[T]]] = {}
    for plugin in plugins:
        by_name.setdefault(plugin.name, []).append(plugin)
    winners: dict[str, Plugin[T]] = {}
    shadowed: list[Plugin[T]] = []
    for name, rivals in by_name.items():
        contested = len(rivals) > 1
        rivals.sort(key=lambda each: (each.priority, each.distribution.normalized_name))
        if contested and on_conflict == "error":
            from plugbay.errors import PluginConflictError

            rivals[1].shadowed_by = rivals[0]
            raise PluginConflictError(rivals[1].explain())
        for plugin in rivals:
            if contested and on_conflict == "all":
                plugin.name = f"{name}@{plugin.distribution.name}"
            winner = winners.setdefault(plugin.name, plugin)
            if winner is not plugin:
                plugin.shadowed_by = winner
                shadowed.append(plugin)
    return winners, tuple(sorted(shadowed, key=lambda each: each.name))


def free_name(plugin: "Plugin[T]", taken: "Container[str]") -> str:
    """The plugin's name, qualified as far as others are already recorded under it."""
    name = plugin.name
    qualified = f"{name}@{plugin.distribution.name}"
    number = 1
    while name in taken:
        name = qualified if number == 1 else f"{qualified} ({number})"
        number += 1
    return name
