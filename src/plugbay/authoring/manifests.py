"""Manifests: made when a distribution is built, of what its project and its code say."""

import os
import sys

from plugbay.discovery import MANIFEST_GROUP
from plugbay.discovery.distributions import Distribution, EntryPoint
from plugbay.discovery.manifests import Manifest
from plugbay.errors import ManifestError, did_you_mean
from plugbay.plugins import Plugin
from plugbay.reporting.probe import probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["manifest_of"]


def manifest_of(
    project: "Mapping[str, Any]", table: "Mapping[str, Any]", root: str
) -> "tuple[dict[str, Any], list[str]]":
    """The manifest of a project in a folder, and what it could not be told.

    `project` is the table `[project]` of pyproject.toml, and `table` is `[tool.plugbay]`, which is
    the manifest as its author writes it. A plugin whose code names a `config_model` is imported, in
    a process of its own, to add the JSON Schema of it, unless the table has one.

    Raises ManifestError for a table that is no manifest.
    """
    name = str(project.get("name", ""))
    problems = Manifest("[tool.plugbay]", dict(table), name, "pyproject.toml").problems
    if problems:
        raise ManifestError(f"[tool.plugbay]: {'; '.join(each.reason for each in problems)}")
    declared = {(group, name) for group, name, _ in _declared(project)}
    for group, those in table.get("plugins", {}).items():
        for each in those:
            if (group, each) not in declared:
                known = [name for of, name in declared if of == group]
                hint = did_you_mean(each, known)
                raise ManifestError(
                    f"[tool.plugbay]: {group!r} has no entry point {each!r} in this project; {hint}"
                )
    plugins = {group: dict(those) for group, those in table.get("plugins", {}).items()}
    untold = []
    distribution = Distribution(root, name)
    for group, plugin_name, value in _declared(project):
        facts = dict(plugins.get(group, {}).get(plugin_name, {}))
        if "config" in facts or not _names_a_model(value, root):
            continue
        entry_point = EntryPoint(plugin_name, value, group, distribution)
        result = probe(Plugin(entry_point, distribution), schema=True, path=_path(root))
        if not result["loaded"]:
            untold.append(f"the configuration of {plugin_name!r}: {result['reason']}")
        elif result["schema"]:
            facts["config"] = result["schema"]
            plugins.setdefault(group, {})[plugin_name] = facts
    return {**table, "plugins": plugins}, untold


def _declared(project: "Mapping[str, Any]") -> "Iterator[tuple[str, str, str]]":
    """Group, name and value of each plugin; scripts and the way to a manifest are none."""
    for group, plugins in project.get("entry-points", {}).items():
        if group == MANIFEST_GROUP:
            continue
        for name, value in plugins.items():
            yield group, name, value


def _path(root: str) -> list[str]:
    """Where modules of the project are looked for, before those that are installed."""
    return [os.path.join(root, "src"), root, *sys.path]


def _names_a_model(value: str, root: str) -> bool:
    """Whether the text of the module that a plugin is in, or of its package, has the word."""
    module = value.partition(":")[0].strip().split(".")
    for folder in (os.path.join(root, "src"), root):
        for path in (os.path.join(folder, *module) + ".py", os.path.join(folder, module[0])):
            for file in _sources(path):
                with open(file, encoding="utf-8", errors="replace") as stream:
                    if "config_model" in stream.read():
                        return True
    return False


def _sources(path: str) -> "Iterator[str]":
    if os.path.isfile(path):
        yield path
    for folder, _, files in os.walk(path):
        yield from (os.path.join(folder, each) for each in files if each.endswith(".py"))
