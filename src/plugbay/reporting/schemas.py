"""Schemas: what plugins can be configured with, as JSON Schema."""

from plugbay.reporting.probe import probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.plugins import Plugin

__all__ = ["schema_record"]


def schema_record(plugin: "Plugin[Any]", *, load: bool) -> "dict[str, Any]":
    """Of one plugin its `schema`, or None and the `reason` why there is none to show.

    It is that of its manifest; with `load`, of a plugin whose manifest has none, that of its model,
    for which it is imported in a process of its own.
    """
    record: dict[str, Any] = {"group": plugin.group, "name": plugin.name, "schema": None}
    if plugin.facts and plugin.facts.config:
        return record | {"schema": plugin.facts.config, "reason": ""}
    if not plugin.is_admitted:
        return record | {"reason": f"it is refused: {plugin.reason}"}
    if not load:
        return record | {"reason": "its manifest has no schema; --load imports it to ask"}
    result = probe(plugin, schema=True)
    if not result["loaded"]:
        return record | {"reason": result["reason"]}
    schema = result["schema"]
    return record | {"schema": schema, "reason": "" if schema else "it has no configuration"}
