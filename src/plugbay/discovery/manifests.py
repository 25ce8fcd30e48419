"""Manifests: facts about a distribution's plugins, told without importing them.

A manifest is the JSON file `plugbay.json`, either as `extra_metadata/plugbay.json` in the
metadata directory or in a package that an entry point of group `plugbay.manifest` leads to.
"""

import os

from plugbay.discovery import MANIFEST_FILE
from plugbay.discovery.modules import package_directories
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import ManifestError, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from plugbay.discovery.distributions import Distribution

__all__ = ["Manifest", "PluginFacts", "read_manifest"]


_NAMES: "tuple[str, Any]" = ("a list of strings", lambda value: _is_list(value, _is_name))
_TOP = {
    "api": ("a string, or an object of host name to specifier", lambda value: _is_api(value)),
    "needs": _NAMES,
    "optional": _NAMES,
    "plugins": ("an object of group to plugins", lambda value: isinstance(value, dict)),
}
_HOOK = {
    "first": ("a boolean", lambda value: isinstance(value, bool)),
    "last": ("a boolean", lambda value: isinstance(value, bool)),
    "wrapper": ("a boolean", lambda value: isinstance(value, bool)),
    "before": _NAMES,
    "after": _NAMES,
    "priority": (
        "a number, or a list of priority and batch",
        lambda value: _is_number(value) or (_is_list(value, _is_number) and len(value) == 2),
    ),
}
_PLUGIN = {
    "summary": ("a string", lambda value: isinstance(value, str)),
    "depends-on": _NAMES,
    "before": _NAMES,
    "after": _NAMES,
    "priority": ("a number", lambda value: _is_number(value)),
    "hooks": (
        "a list of strings, or an object of hook to options",
        lambda value: isinstance(value, dict) or _is_list(value, _is_name),
    ),
    "config": ("an object", lambda value: isinstance(value, dict)),
}


class PluginFacts:
    """What a manifest says about one plugin; the defaults where it says nothing.

    `hooks` are those that it implements, each with the options of its implementation as far as
    they are told.
    """

    __slots__ = ("after", "before", "config", "depends_on", "hooks", "priority", "summary")

    def __init__(self, facts: "dict[str, Any]") -> None:
        self.summary: str = facts.get("summary", "")
        self.depends_on: tuple[str, ...] = tuple(facts.get("depends-on", ()))
        self.before: tuple[str, ...] = tuple(facts.get("before", ()))
        self.after: tuple[str, ...] = tuple(facts.get("after", ()))
        self.priority: float = facts.get("priority", 0)
        # None where it says nothing, which is not the same as naming none.
        self.hooks: dict[str, dict[str, Any]] | None = None
        if "hooks" in facts:
            hooks = facts["hooks"]
            self.hooks = hooks if isinstance(hooks, dict) else {name: {} for name in hooks}
        self.config: dict[str, Any] = facts.get("config", {})


class Manifest:
    """A manifest that was read; `source` names it, `problems` lists what is wrong in it.

    `api` maps host names ('' for the plugin's only host) to specifiers. `api_problem` says why
    what it declares about the host cannot be known, and is empty where it can.
    """

    __slots__ = ("_plugins", "api", "api_problem", "needs", "optional", "problems", "source")

    def __init__(self, source: str, content: "Any", distribution: str, file: str) -> None:
        self.source = source
        self.problems: list[Problem] = []
        wrong: list[str] = []
        content = _checked(content, _TOP, "$", wrong)
        self._plugins: dict[str, dict[str, dict[str, Any]]] = {}
        for group, plugins in content.pop("plugins", {}).items():
            path = f"$.plugins[{group!r}]"
            if not isinstance(plugins, dict):
                wrong.append(f"{path} is not an object of plugin to facts")
                continue
            self._plugins[group] = {
                name: _facts(facts, f"{path}[{name!r}]", wrong) for name, facts in plugins.items()
            }
        api = content.get("api", {})
        self.api: dict[str, str] = {"": api} if isinstance(api, str) else api
        self.needs: tuple[str, ...] = tuple(content.get("needs", ()))
        self.optional: tuple[str, ...] = tuple(content.get("optional", ()))
        self.api_problem = next(
            (
                each
                for each in wrong
                if each.startswith(("$ is not", "$.api is not", "$.needs is not"))
            ),
            "",
        )
        self.problems = [Problem(distribution, file, None, each) for each in wrong]

    def plugin(self, group: str, name: str) -> PluginFacts:
        """The facts about one plugin."""
        return PluginFacts(self._plugins.get(group, {}).get(name, {}))


def read_manifest(distribution: "Distribution", reference: str | None = None) -> Manifest | None:
    """The manifest of a distribution; None when it has none.

    `reference` is the value of its entry point in the group `plugbay.manifest`, if it has one.
    Never raises: a manifest that cannot be found or read is one with an `api_problem`.
    """
    source = MANIFEST_FILE
    file = os.path.join(distribution.path, MANIFEST_FILE)
    try:
        data = distribution.read_bytes(MANIFEST_FILE)
        if data is None:
            if reference is None:
                return None
            source = f"the manifest {reference}"
            file = _locate(reference)
            with open(file, "rb") as stream:
                data = stream.read()
        content = _parsed(data)
    except Exception as error:  # noqa: BLE001 - an archive or a provider may raise anything
        manifest = Manifest(source, {}, distribution.name, file)
        manifest.api_problem = str(error)
        manifest.problems.append(Problem(distribution.name, file, None, str(error)))
        return manifest
    return Manifest(source, content, distribution.name, file)


def _parsed(data: bytes) -> "Any":
    import json

    try:
        return json.loads(data)
    except RecursionError:
        raise ManifestError("it is nested too deeply") from None
    except ValueError as error:
        raise ManifestError(f"it is not JSON: {error}") from None


def _locate(reference: str) -> str:
    """The path of the file that `package:file` stands for, found without importing the package.

    Raises ManifestError when it is not there, or leads out of the top-level package.
    """
    module, filename, _ = parse_reference(reference)
    top, *below = module.split(".")
    directories = package_directories(top)
    if not directories:
        raise ManifestError(f"{reference!r} names no installed package; {top!r} is none")
    for directory in directories:
        file = os.path.join(directory, *below, filename or "plugbay.json")
        inside = os.path.realpath(directory) + os.sep
        if not os.path.realpath(file).startswith(inside):
            raise ManifestError(f"{reference!r} leads out of the package {top!r}, to {file!r}")
        if os.path.isfile(file):
            return file
    raise ManifestError(f"{reference!r} names a file that is not in {directories[0]!r}")


def _checked(
    value: "Any", keys: "dict[str, tuple[str, Any]]", path: str, wrong: list[str]
) -> "dict[str, Any]":
    """The entries of an object that have a known key and a value of its type; the rest is wrong."""
    if not isinstance(value, dict):
        wrong.append(f"{path} is not an object")
        return {}
    good = {}
    for key, each in value.items():
        if key not in keys:
            wrong.append(f"{path}.{key} is not known; known are {', '.join(sorted(keys))}")
        elif not keys[key][1](each):
            wrong.append(f"{path}.{key} is not {keys[key][0]}")
        else:
            good[key] = each
    return good


def _facts(value: "Any", path: str, wrong: list[str]) -> "dict[str, Any]":
    """What is right of the facts about one plugin; the rest is wrong."""
    facts = _checked(value, _PLUGIN, path, wrong)
    if isinstance(hooks := facts.get("hooks"), dict):
        facts["hooks"] = {
            name: _options(options, f"{path}.hooks[{name!r}]", wrong)
            for name, options in hooks.items()
        }
    return facts


def _options(value: "Any", path: str, wrong: list[str]) -> "dict[str, Any]":
    """What is right of the options of one hook; the rest is wrong."""
    options = _checked(value, _HOOK, path, wrong)
    if options.get("first") and options.get("last"):
        wrong.append(f"{path} is both first and last")
        del options["first"], options["last"]
    return options


def _is_list(value: object, is_fine: "Callable[[object], bool]") -> bool:
    return isinstance(value, list) and all(map(is_fine, value))


def _is_name(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    # JSON as Python reads it has NaN, which has no place in any order.
    return type(value) in (int, float) and value == value


def _is_api(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(each, str) for each in value.values())
    return isinstance(value, str)
