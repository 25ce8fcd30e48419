"""Finding: one plugin among what is installed, in whatever state it is, without a warning."""

from plugbay.compatibility.declarations import read_declarations
from plugbay.discovery import MANIFEST_GROUP, find, normalized
from plugbay.errors import PluginNotFoundError, did_you_mean
from plugbay.groups import Group, gate_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.compatibility.declarations import Declaration
    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.plugins import Plugin

__all__ = ["declarations_of", "find_plugin", "plugins_of"]

# Of these groups the entry points are no plugins of a host.
_NO_PLUGINS = ("console_scripts", "gui_scripts", MANIFEST_GROUP)


def find_plugin(
    group: str,
    name: str,
    *,
    distribution: str = "",
    api: "HostApi | None" = None,
    api_version: str | None = None,
    policy: "Policy | None" = None,
    expect: "Any" = None,
) -> "Plugin[Any]":
    """The plugin of that name as `load_group` makes it, also one that is refused or shadowed.

    Where several distributions have it, the one that counts, unless a `distribution` is named.
    Raises PluginNotFoundError.
    """
    findings = find(group, MANIFEST_GROUP)
    gate = gate_for(group, findings, api=api, api_version=api_version, policy=policy)
    found: Group[Any] = Group(group, findings, gate, expect)
    everything = [*found.plugins.values(), *found.refused.values(), *found.shadowed]
    for plugin in everything:
        owner = normalized(plugin.distribution.name)
        if plugin.name == name and normalized(distribution) in ("", owner):
            return plugin
    words = did_you_mean(name, {plugin.name for plugin in everything})
    raise PluginNotFoundError(
        f"no plugin {name!r} is installed in the group {group!r}; install the project that has it, "
        f"as by pip install --editable .; {words}"
    )


def declarations_of(plugin: "Plugin[Any]", host: str) -> "list[Declaration]":
    """What the distribution of an installed plugin declares about a host, wherever it does."""
    findings = find(plugin.group, MANIFEST_GROUP)
    for each in findings.entry_points:
        # Each search has distributions of its own.
        if each.dist is not None and each.dist.path == plugin.distribution.path:
            return read_declarations(each.dist, normalized(host), findings.manifest(each.dist))
    return []


def plugins_of(distribution: str) -> list[tuple[str, str]]:
    """The group and name of each plugin that an installed distribution has."""
    return [
        (each.group, each.name)
        for each in find().entry_points
        if each.dist is not None
        and each.group not in _NO_PLUGINS
        and each.dist.normalized_name == normalized(distribution)
    ]
