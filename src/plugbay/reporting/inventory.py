"""Inventory: every group of this environment, found and judged, with nothing imported."""

import os

from plugbay.compatibility.host_api import HostApi
from plugbay.discovery import MANIFEST_GROUP, Findings, find, normalized
from plugbay.errors import Problem
from plugbay.groups import Group, gate_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.plugins import Plugin

__all__ = ["Inventory", "take_inventory"]

# Groups that installers read, not hosts: what they hold is no plugin of anything.
_SCRIPTS = ("console_scripts", "gui_scripts", MANIFEST_GROUP)


class Inventory:
    """The groups by name, and the problems of the whole environment."""

    def __init__(self, findings: Findings, apis: "dict[str, HostApi]") -> None:
        self.findings = findings
        self.groups: dict[str, Group[Any]] = {}
        self._apis = apis
        self._in_files: list[Plugin[Any]] = []
        self._problems: list[Problem] = []
        names = {each.group for each in findings.entry_points}
        for name in sorted(names.difference(_SCRIPTS)):
            api = apis.get(normalized(name.partition(".")[0]))
            self.groups[name] = Group(name, findings, gate_for(name, findings, api=api))

    def add_directory(self, path: str, group: str, pattern: str = "") -> None:
        """Add the plugins in the files of a directory, as `Host.add_directory` does."""
        from plugbay.hosting.intake import Intake  # which the installed ones do without
        from plugbay.hosting.registry import Registry

        api = self._apis.get(normalized(group.partition(".")[0]))
        intake = Intake(Registry(), [], {"api": api, "api_version": None, "policy": None})
        components, problems = intake.add_files(group, os.path.abspath(path), pattern)
        self._in_files += [each.plugin for each in components]
        self._problems += problems

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with installed distributions, and with files in directories."""
        return [*self.findings.problems, *self._problems]

    def plugins(self, group: str | None = None) -> "Iterator[Plugin[Any]]":
        """All plugins of one group or of all, usable ones first."""
        for name, each in self.groups.items():
            if group in (None, name):
                yield from each.plugins.values()
                yield from each.refused.values()
                yield from each.shadowed
        yield from (each for each in self._in_files if group in (None, each.group))

    def problems_of(self, plugin: "Plugin[Any]") -> list[Problem]:
        """The problems of a plugin's distribution."""
        name = plugin.distribution.name
        return [each for each in self.problems if each.distribution == name]


def take_inventory(*apis: HostApi) -> Inventory:
    """Find and judge everything; `apis` replace what the installed hosts' versions would say."""
    return Inventory(find(), {api.normalized_name: api for api in apis})
