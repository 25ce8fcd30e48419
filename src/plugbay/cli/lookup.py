"""Lookup: which plugins a name on the command line means."""

from plugbay.cli.exit_codes import NOT_FOUND
from plugbay.cli.render import complain
from plugbay.discovery import normalized
from plugbay.errors import did_you_mean
from plugbay.reporting.inventory import take_inventory

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from plugbay.plugins import Plugin
    from plugbay.reporting.inventory import Inventory

__all__ = ["inventory_for", "not_found", "plugins_named"]


def inventory_for(options: "argparse.Namespace") -> "Inventory":
    """The inventory for the host APIs of the command line; one that no group is of is told."""
    inventory = take_inventory(*options.api)
    hosts = {name.partition(".")[0] for name in (*inventory.groups, options.group or "")}
    for api in options.api:
        if api.normalized_name not in map(normalized, hosts):
            complain(f"no group is of the host {api.name!r}; {did_you_mean(api.name, hosts)}")
    if directory := getattr(options, "directory", None):
        if options.group:
            inventory.add_directory(directory, options.group)
        else:
            complain("--directory is left out: say by --group of which group its plugins are")
    return inventory


def plugins_named(inventory: "Inventory", name: str, group: str | None) -> "list[Plugin[Any]]":
    """The plugins of that name, else those of the distribution of that name."""
    plugins = list(inventory.plugins(group))
    found = [
        each for each in plugins if name in (each.name, f"{each.name}@{each.distribution.name}")
    ]
    wanted = normalized(name)
    return found or [each for each in plugins if each.distribution.normalized_name == wanted]


def not_found(inventory: "Inventory", name: str, group: str | None) -> int:
    """Say that nothing has the name, what is closest, and what else may hide it."""
    if group and not any(inventory.plugins(group)):
        complain(f"no group {group!r} is installed; {did_you_mean(group, inventory.groups)}")
        return NOT_FOUND
    elsewhere = sorted({each.group for each in plugins_named(inventory, name, None)})
    where = f" in the group {group!r}" if group else ""
    names = {each.name for each in inventory.plugins(group)}
    distribution = inventory.findings.distributions.get(normalized(name))
    if distribution and not elsewhere:
        complain(f"{distribution.name} {distribution.version} is installed, and has no plugins")
        return NOT_FOUND
    if elsewhere:
        complain(f"no plugin {name!r} is installed{where}; it is in {', '.join(elsewhere)}")
    else:
        complain(f"no plugin {name!r} is installed{where}; {did_you_mean(name, names)}")
    for hidden, winner in inventory.findings.distributions.hidden():
        if name.encode() in (hidden.read_bytes("entry_points.txt") or b""):
            complain(
                f"{hidden.name} {hidden.version} in {hidden.location} may have it, and is hidden "
                f"by {winner.name} {winner.version} in {winner.location}; uninstall one of them"
            )
    for problem in inventory.problems:
        complain(f"it may be hidden by a problem of {problem}")
    return NOT_FOUND
