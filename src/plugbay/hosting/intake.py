"""Intake: how plugins of every source come to a host, all through the same gate."""

import os
from contextlib import contextmanager
from threading import Lock, get_ident

from plugbay.compatibility.declarations import compatible
from plugbay.discovery import MANIFEST_GROUP, Findings, find
from plugbay.discovery.directories import METADATA_FILE, PluginFile, find_files, read_plugin
from plugbay.discovery.manifests import Manifest
from plugbay.errors import (
    HookValidationError,
    HostError,
    InvalidVersionError,
    ManifestError,
    PlugbayError,
    PluginConflictError,
    Problem,
)
from plugbay.groups import Group, gate_for, load_group
from plugbay.hooks.implementations import names_of
from plugbay.hosting.components import Component
from plugbay.hosting.dependencies import Dependency
from plugbay.hosting.extensions import declarations, declared, generation
from plugbay.hosting.origins import CodeEntryPoint, Origin, is_from_code, said_by
from plugbay.hosting.planning import linked
from plugbay.loading.files import FileEntryPoint
from plugbay.notices import warn
from plugbay.plugins import Plugin
from plugbay.sandbox.targets import Resolver
from plugbay.selection import free_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from plugbay.compatibility.gate import Gate
    from plugbay.discovery.distributions import EntryPoint
    from plugbay.hosting.components import Observer
    from plugbay.hosting.registry import Registry

__all__ = ["Intake", "Renewal"]

_WORDS = {"depends_on": "depends-on"}  # where the manifest has another word for an option


class Renewal:
    """What takes the place of a plugin: `taken` gives it, and may import its module for that.

    `registered` are the components, with their options, that this module registers meanwhile.
    """

    __slots__ = ("reference", "registered", "taken", "thread")

    def __init__(self, reference: str, taken: "Callable[[], Component]") -> None:
        self.reference = reference
        self.taken = taken
        self.thread = get_ident()
        self.registered: dict[tuple[str, str], tuple[Component, dict[str, Any]]] = {}


class Intake:
    """Makes components of plugins and adds them to a registry.

    `options` are what `load_group` is told of the host: `api`, `api_version` and `policy`.
    """

    def __init__(
        self, registry: "Registry", observers: "list[Observer]", options: "dict[str, Any]"
    ) -> None:
        self._registry = registry
        self._observers = observers
        self._options = options
        self._expected: dict[str, Any] = {}
        self._gates: dict[str, Gate | None] = {}
        # The generation of each group that was looked at last, and the names of its classes.
        self._enrolled: dict[str, tuple[int, frozenset[str]]] = {}
        self._enrolling = Lock()
        # The groups whose installed plugins were added, and the plugins that were registered, each
        # with the options.
        self.discovered: dict[str, dict[str, Any]] = {}
        # The pattern of each directory whose files were added, by group and path.
        self.directories: dict[tuple[str, str], str] = {}
        self._said: dict[tuple[str, str], dict[str, Any]] = {}
        self._renewal: Renewal | None = None

    def expect(self, group: str, expected: "Any") -> None:
        """Say what every plugin of a group must be; raises HostError once it has some."""
        if expected is self._expected.get(group):
            return
        if self._registry.group(group):
            raise HostError(
                f"{group!r} has plugins already; say what to expect of them before they come"
            )
        self._expected[group] = expected

    def discover(self, group: str, options: "dict[str, Any]") -> None:
        """Add the installed plugins of a group; one whose name is taken is refused."""
        self.discovered[group] = options
        found = load_group(group, expect=self._expected.get(group), **self._options, **options)
        for plugin in (*found.plugins.values(), *found.refused.values()):
            self.add(self.component_of(plugin))

    def register(
        self, group: str, name: str, found: "Any", origin: Origin, options: "dict[str, Any]"
    ) -> None:
        """Add a plugin from code; raises PluginConflictError, and ManifestError for its options."""
        component = self._component(group, name, found, origin, options)
        if self._renewal is not None and self._renewal.thread == get_ident():
            self._renewal.registered[group, name] = component, options
            return
        self._registry.add([component])
        self._said[group, name] = options

    @contextmanager
    def renewing(self, component: Component, reference: str) -> "Iterator[Renewal]":
        """Within the block, what takes the place of a plugin, which goes the same way as the first.

        `reference` is the `module:attr` of one from code. What its module registers when it is
        imported anew is added when the block ends, unless it is there already; if the block raises,
        nothing of it is. Raises HostError for a plugin that is installed no longer.
        """
        plugin, before = component.plugin, declarations()
        renewal = Renewal(reference, lambda: self._defined_anew(component))
        if isinstance(plugin.entry_point, FileEntryPoint):
            new = self.component_in(plugin.group, reference, plugin.entry_point.pattern)
            renewal = Renewal(reference, lambda: new)
        elif not is_from_code(plugin.entry_point):
            new = self._installed_now(component)
            renewal = Renewal(new.plugin.target, lambda: new)
        self._renewal = renewal
        try:
            yield renewal
        except BaseException:
            declarations(before)
            raise
        finally:
            self._renewal = None
        for (group, name), (each, options) in renewal.registered.items():
            if name not in self._registry.group(group):
                self._registry.add([each])
                self._said[group, name] = options

    def installed(self, group: str) -> "Group[Any]":
        """The installed plugins of a group as they are now, of which it does not warn."""
        findings = find(group, MANIFEST_GROUP)
        return Group(
            group,
            findings,
            gate_for(group, findings, **self._options),
            self._expected.get(group),
            self.discovered[group].get("on_conflict", "first"),
        )

    def component_of(self, plugin: "Plugin[Any]", name: str = "") -> Component:
        """A component that is not one of the host's yet."""
        return Component(plugin, self._observers, self._misfit, name)

    def _installed_now(self, component: Component) -> Component:
        """The plugin of that name as it is installed now."""
        found = self.installed(component.plugin.group)
        new = found.plugins.get(component.name) or found.refused.get(component.name)
        if new is None:
            raise HostError(f"{component.plugin} is not installed any more")
        return self.component_of(new, component.name)

    def _defined_anew(self, component: Component) -> Component:
        """A plugin from code as its module defines it now."""
        renewal, group, name = self._renewal, component.plugin.group, component.name
        assert renewal is not None  # it is one that asks
        found = Resolver().named(renewal.reference)
        if (group, name) in renewal.registered:
            return renewal.registered[group, name][0]
        each = declared(group).get(name)
        if each is not None and each.extension is found:
            return self._component(group, name, found, each.origin, each.options)
        old: Any = component.plugin.distribution
        origin = Origin(old.module, old.path, old.line, said_by(found).get("version", ""))
        return self._component(group, name, found, origin, self._said.get((group, name), {}))

    def add_files(
        self, group: str, directory: str, pattern: str, among: "set[str] | None" = None
    ) -> "tuple[list[Component], list[Problem]]":
        """Add the plugins in a directory; gives those that are new, and what is wrong with others.

        A plugin whose name is taken is refused, as an installed one is. What is there already from
        the same file is left alone, and so are files that are not `among` these, if those are said.
        """
        self.directories[group, directory] = pattern
        files, problems = find_files(directory, pattern)
        known, new = self._files_of(group), []
        for file in files:
            if file.path in known:  # the directory is added again, for what is new in it
                continue
            if among is not None and among.isdisjoint(_files_of_plugin(file, among)):
                continue
            try:
                component = self._of_file(group, file, pattern)
            except PlugbayError as error:
                name = os.path.basename(file.path)
                problems.append(Problem(name, file.path, file.line, str(error)))
                continue
            new.append(self.add(component))
        return new, problems

    def add_file(self, group: str, path: str) -> Component:
        """The plugin in one file, or in the package of a directory, added unless it is there.

        Raises ManifestError for a file that is none, and PluginConflictError.
        """
        path = os.path.join(path, "__init__.py") if os.path.isdir(path) else path
        known = self._files_of(group).get(os.path.abspath(path))
        if known is not None:
            return known
        component = self.component_in(group, path, "*.py")
        try:
            self._registry.add([component])
        except PluginConflictError:
            # Another thread may have added the very file meanwhile.
            known = self._files_of(group).get(component.plugin.target)
            if known is None:
                raise
            return known
        return component

    def component_in(self, group: str, path: str, pattern: str) -> Component:
        """The plugin in a file as that is now, not one of the host's yet; raises ManifestError."""
        return self._of_file(group, read_plugin(path, pattern), pattern)

    def _files_of(self, group: str) -> "dict[str, Component]":
        components = self._registry.group(group).values()
        return {each.plugin.target: each for each in components}

    def enrol_declared(self, *groups: str) -> None:
        """Add the classes that were defined for these groups since."""
        left_out = []
        for group in groups:
            if self._enrolled.get(group, (0, None))[0] == generation(group):
                continue
            with self._enrolling:
                _, known = self._enrolled.get(group, (0, frozenset()))
                now, those = generation(group), declared(group)
                for name in sorted(those.keys() - known):
                    each = those[name]
                    try:
                        self.register(group, name, each.extension, each.origin, each.options)
                    except PlugbayError as error:  # which costs this one and no other
                        left_out.append(f"{each} is left out: {error}")
                self._enrolled[group] = now, known | those.keys()
        for words in left_out:
            warn(words)

    def _component(
        self, group: str, name: str, found: "Any", origin: Origin, options: "dict[str, Any]"
    ) -> Component:
        """A plugin from code, judged by the gate like any other."""
        told = {word: value for word, value in options.items() if value}
        for word in told.keys() & {"depends_on", "before", "after"}:
            told[word] = _names(word, told[word])
        facts = said_by(found) | {_WORDS.get(word, word): value for word, value in told.items()}
        return self._judged(CodeEntryPoint(name, group, found, origin), origin, facts)

    def _of_file(self, group: str, file: PluginFile, pattern: str) -> Component:
        """A plugin in a file, judged by what its text says of it."""
        facts = dict(file.facts)
        place = os.path.dirname(file.path) if file.is_package else file.path
        stem = os.path.splitext(os.path.basename(place))[0]
        origin = Origin(stem, file.path, file.line, str(facts.get("version", "")))
        api = [compatible(facts.pop(word)) for word in ("api", "min_api") if word in facts]
        known = ("summary", "depends-on", "before", "after", "hooks", "priority")
        facts = {word: value for word, value in facts.items() if word in known}
        entry_point = FileEntryPoint(file.name, group, file.path, pattern, origin)
        return self._judged(entry_point, origin, facts | {"api": ",".join(api)})

    def _judged(
        self, entry_point: "EntryPoint", origin: Origin, facts: "dict[str, Any]"
    ) -> Component:
        """A plugin that no distribution brings, judged as if what it says were a manifest."""
        group, name = entry_point.group, entry_point.name
        facts.pop("version", None)
        content: dict[str, Any] = {"api": facts.pop("api", ""), "plugins": {group: {name: facts}}}
        manifest = Manifest(f"what {name!r} says in {origin}", content, origin.name, origin.path)
        if manifest.problems:
            wrong = "; ".join(each.reason for each in manifest.problems)
            raise ManifestError(f"plugin {name!r} cannot be registered: {wrong}")
        gate = self._gate(group)
        verdict = gate.judge(entry_point, origin, manifest, shared=False) if gate else None  # type: ignore[arg-type]  # duck-typed
        expect = self._expected.get(group)
        plugin: Plugin[Any] = Plugin(
            entry_point,
            origin,  # type: ignore[arg-type]  # duck-typed
            verdict,
            manifest.plugin(group, name),
            expect,
        )
        component = self.component_of(plugin)
        if component.fault and plugin.is_admitted:
            raise InvalidVersionError(f"{plugin} cannot be registered: {component.fault}")
        return component

    def add(self, component: Component) -> Component:
        """Add one; if its name is taken, by another name, and refused."""
        plugin, taken = component.plugin, self._registry.group(component.plugin.group)
        name = free_name(plugin, taken)
        if name != plugin.name:
            first = taken[plugin.name].plugin
            component = self.component_of(plugin, name)
            if plugin.is_admitted:
                component.refuse(f"it has the same name as {first}, which was registered before")
                warn(f"{plugin} is refused: {component.reason}")
        self._registry.add([component])
        return component

    def _misfit(self, component: Component, found: "Any") -> str:
        """Why a plugin whose code says something of itself cannot run here; empty if it can."""
        plugin = component.plugin
        said = said_by(found)
        gate = self._gate(plugin.group) if "api" in said else None
        if gate is not None:
            source = f"attributes of {plugin.target}"
            manifest = Manifest(source, {"api": said["api"]}, plugin.distribution.name, source)
            verdict = gate.judge(plugin.entry_point, plugin.distribution, manifest, shared=False)
            if not verdict.admitted:
                component.fault = verdict.reason  # for good
                return verdict.reason
        known = {need.text for need in component.needs}
        try:
            new = [Dependency(each) for each in said.get("depends-on", ()) if each not in known]
        except InvalidVersionError as error:
            return str(error)
        if not new:
            return ""
        component.needs += new
        return linked(self._registry.everything()).left_out.get(component, "")

    def _gate(self, group: str) -> "Gate | None":
        """What stands in front of a group; found once, as is the host's installed version."""
        if group not in self._gates:
            knows = self._options["api"] or self._options["api_version"]
            findings = Findings() if knows else find(MANIFEST_GROUP)
            self._gates[group] = gate_for(group, findings, **self._options)
        return self._gates[group]


def _files_of_plugin(file: PluginFile, among: "set[str]") -> "set[str]":
    """Those of some paths that a plugin is made of: its file, or all that is in its package."""
    folder = os.path.dirname(file.path)
    beside = {file.path, os.path.join(folder, METADATA_FILE)}
    if not file.is_package:
        return beside
    return {each for each in among if each.startswith(os.path.join(folder, ""))}


def _names(word: str, names: "Any") -> "list[str]":
    """The names of plugins, of which a single one may be given alone."""
    try:
        return list(names_of(names))
    except HookValidationError as error:
        raise HostError(f"{word}: {error}") from None
