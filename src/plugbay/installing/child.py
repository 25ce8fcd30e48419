"""The fresh process of a snapshot: it writes what is installed, and how the gate judges it.

It has the import path that a host has when it is started, since what an installer did may have
changed that as well (`.pth` files of editable installations). No plugin code is imported.
"""

import json
import os
import sys
from typing import Any

from plugbay.compatibility.host_api import Denial, HostApi
from plugbay.discovery.distributions import Distribution
from plugbay.plugins import Plugin
from plugbay.reporting.inventory import Inventory, take_inventory
from plugbay.reporting.records import plugin_record, problem_record
from plugbay.reporting.trace import trace

__all__ = ["main"]


def main(question: str) -> None:
    """Write a snapshot, as JSON, to the file that the one with the question names."""
    with open(question, encoding="utf-8") as stream:
        asked = json.load(stream)
    inventory = take_inventory(*map(_api, asked["apis"]))
    versions = _distributions(inventory)
    looked_into = {*asked["names"], *_changed(versions, asked["before"])}
    answer = {
        "distributions": versions,
        "plugins": [_record(each, inventory, looked_into) for each in inventory.plugins()],
        "problems": [problem_record(each) for each in inventory.problems],
    }
    with open(asked["answer"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


def _api(told: dict[str, Any]) -> HostApi:
    denied = [Denial(name, versions, **more) for name, versions, more in told.pop("denied")]
    return HostApi(**told, denied=denied)


def _distributions(inventory: Inventory) -> dict[str, list[str]]:
    """Name and version of each by normalised name, whatever is wrong with its metadata."""
    found: dict[str, list[str]] = {}
    for place in sys.path:
        for child in _children(place):
            if child.endswith((".dist-info", ".egg-info")):
                each = Distribution(place, child)
                name = each.normalized_name
                winner = inventory.findings.distributions.get(name) or each
                found.setdefault(name, [winner.name, winner.version])
    return found


def _changed(versions: dict[str, list[str]], before: dict[str, list[str]] | None) -> set[str]:
    return (
        set() if before is None else {key for key in versions if versions[key] != before.get(key)}
    )


def _children(place: str) -> list[str]:
    try:
        return sorted(os.listdir(place or "."))
    except OSError:  # a file, such as an archive, or nothing
        return []


def _record(plugin: Plugin[Any], inventory: Inventory, looked_into: set[str]) -> dict[str, Any]:
    """The record of a plugin with the steps that `plugbay why` shows.

    Whether its target exists takes reading its module, which is done only of distributions that
    are to be looked into; an admitted plugin of another one has no steps.
    """
    if plugin.state == "found" and plugin.distribution.normalized_name not in looked_into:
        named = {"name": plugin.distribution.name, "version": plugin.distribution.version}
        told = {"name": plugin.name, "group": plugin.group, "distribution": named}
        return {**told, "usable": True, "finding": False, "steps": []}
    steps = trace(plugin, inventory)
    usable = steps[-1].answer != "no"
    fine = usable and not plugin.has_reservation and not inventory.problems_of(plugin)
    return {
        **plugin_record(plugin),
        "usable": usable,
        "finding": not fine,
        "steps": [each.record() for each in steps],
    }
