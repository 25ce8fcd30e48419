"""Surroundings: the hosts that a plugin is checked against, and what else is installed."""

import os
import re

from plugbay.compatibility.host_api import HostApi
from plugbay.discovery import MANIFEST_GROUP, Findings, find, normalized
from plugbay.discovery.modules import package_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.discovery.distributions import Distribution

__all__ = ["SCRIPTS", "Host", "Surroundings", "is_plugin_group"]

# Groups that installers read, not hosts.
SCRIPTS = ("console_scripts", "gui_scripts")


def is_plugin_group(group: str) -> bool:
    """Whether what is in a group are plugins of a host."""
    return group not in (*SCRIPTS, MANIFEST_GROUP)


class Host:
    """A host that is known, because it is installed or was named with a version.

    `python` is the Requires-Python of its distribution, "" where that is not known, and `filled`
    are the groups that plugins of it are in, each with the distributions of these.
    """

    def __init__(
        self, api: HostApi, distribution: "Distribution | None", filled: "dict[str, set[str]]"
    ) -> None:
        self.api = api
        self.name = api.normalized_name
        self.python = ""
        self._filled = filled
        self._texts: list[str] = []
        if distribution is not None:
            self.python = distribution.headers().first("requires-python") or ""
            self._texts = list(_sources(distribution))

    def groups(self, own: str) -> set[str]:
        """What may be its groups: those of plugins but this one, and what its text has of names."""
        names = re.compile(rf"""["']({re.escape(self.name)}\.[\w.]+)["']""", re.IGNORECASE)
        named = {each for text in self._texts for each in names.findall(text)}
        return named | {group for group, those in self._filled.items() if those - {own}}

    def reads(self, group: str, own: str) -> bool | None:
        """Whether the host has a group, as far as its text tells; None where it does not.

        `own` is the distribution that is checked, which is no witness.
        """
        known = self.groups(own)
        if group in known:
            return True
        if not self._texts or not known:
            return None
        # A group may be put together of the host's name and another word.
        last = re.compile(rf"""["'.]{re.escape(group.rpartition(".")[2])}["']""")
        return None if any(last.search(text) for text in self._texts) else False


class Surroundings:
    """What is installed here, and the hosts as `apis` describe them, before those installed."""

    def __init__(self, *apis: HostApi, findings: "Findings | None" = None) -> None:
        self._apis = {each.normalized_name: each for each in apis}
        self._findings = findings
        self._hosts: dict[str, Host | None] = {}

    @property
    def installed(self) -> Findings:
        """Everything that is installed here."""
        if self._findings is None:
            self._findings = find()
        return self._findings

    def host(self, group: str) -> Host | None:
        """The host of a group; None where it is neither installed nor described."""
        name = normalized(group.partition(".")[0])
        if name not in self._hosts:
            self._hosts[name] = self._host(name)
        return self._hosts[name]

    def filled(self) -> "dict[str, set[str]]":
        """The groups that plugins are in, each with the distributions of these."""
        found: dict[str, set[str]] = {}
        for each in self.installed.entry_points:
            if each.dist is not None and is_plugin_group(each.group):
                found.setdefault(each.group, set()).add(each.dist.normalized_name)
        return found

    def _host(self, name: str) -> Host | None:
        distribution = self.installed.distributions.get(name)
        api = self._apis.get(name)
        if api is None and distribution is None:
            return None
        if api is None:
            assert distribution is not None
            api = HostApi(distribution.name, distribution.version)
        filled = {
            group: those
            for group, those in self.filled().items()
            if normalized(group.partition(".")[0]) == name
        }
        return Host(api, distribution, filled)


def _sources(distribution: "Distribution") -> "Iterator[str]":
    """The text of each module of a host."""
    names = {distribution.normalized_name}
    names.update((distribution.read_text("top_level.txt") or "").split())
    for name in sorted(names):
        for top in package_directories(name):
            for folder, _, files in os.walk(top):
                for each in files:
                    if each.endswith(".py"):
                        path = os.path.join(folder, each)
                        with open(path, encoding="utf-8", errors="replace") as stream:
                            yield stream.read()
