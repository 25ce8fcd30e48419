"""Selection: which of the plugins that were found a group has, and which it has not."""

from plugbay.plugins import Plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from typing import Any

    from plugbay.compatibility.gate import Gate
    from plugbay.discovery import Findings
    from plugbay.discovery.distributions import EntryPoint
    from plugbay.plugins import T

    Selection = tuple[dict[str, Plugin[T]], dict[str, Plugin[T]], tuple[Plugin[T], ...]]

__all__ = ["free_name", "select"]


def select(
    findings: "Findings",
    group: str,
    gate: "Gate | None",
    expect: "type[T] | Callable[[Any], bool] | None",
    on_conflict: str,
) -> "Selection[T]":
    """The plugins of a group: those admitted and those refused by name, and those shadowed.

    Those admitted are ordered by priority, then by name. Raises PluginConflictError at the first
    conflict when `on_conflict` is "error".
    """
    admitted = []
    refused: dict[str, Plugin[T]] = {}
    for entry_point in findings.entry_points:
        if entry_point.group != group:
            continue
        plugin = _judged(entry_point, gate, findings, expect)
        if plugin.is_admitted:
            admitted.append(plugin)
        else:
            refused[free_name(plugin, refused)] = plugin
    by_name, shadowed = _settled(admitted, on_conflict)
    ordered = sorted(by_name.items(), key=lambda item: (item[1].priority, item[0]))
    return dict(ordered), dict(sorted(refused.items())), shadowed


def _judged(
    entry_point: "EntryPoint",
    gate: "Gate | None",
    findings: "Findings",
    expect: "type[T] | Callable[[Any], bool] | None",
) -> "Plugin[T]":
    distribution = entry_point.dist
    assert distribution is not None  # whatever `find` finds is of a distribution
    manifest = findings.manifest(distribution)
    verdict = gate.judge(entry_point, distribution, manifest) if gate else None
    facts = manifest.plugin(entry_point.group, entry_point.name) if manifest else None
    return Plugin(entry_point, distribution, verdict, facts, expect)


def _settled(
    plugins: "Iterable[Plugin[T]]", on_conflict: str
) -> "tuple[dict[str, Plugin[T]], tuple[Plugin[T], ...]]":
    """The plugins that have their name, by name, and those that lost it to another one.

    The first by priority, then by distribution, wins. With "all" the rivals are named
    `name@distribution`.
    """
    by_name: dict[str, list[Plugin[T]]] = {}
    for plugin in plugins:
        by_name.setdefault(plugin.name, []).append(plugin)
    winners: dict[str, Plugin[T]] = {}
    shadowed: list[Plugin[T]] = []
    for name, rivals in by_name.items():
        contested = len(rivals) > 1
        if contested:
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
