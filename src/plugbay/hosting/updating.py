"""Updating: what has changed of a host's plugins since it found them, and taking that over."""

import os
from dataclasses import dataclass, replace
from importlib import invalidate_caches
from time import monotonic

from packaging.version import InvalidVersion, Version

from plugbay.discovery.directories import METADATA_FILE
from plugbay.discovery.modules import find_module, own_package
from plugbay.errors import HostBusyError, HostError, PlugbayError, PluginStopError
from plugbay.hosting.choosing import leaving_with
from plugbay.hosting.origins import is_from_code
from plugbay.loading.files import FileEntryPoint
from plugbay.reloading.modules import modules_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any, TypeVar

    from plugbay.hosting.components import Component
    from plugbay.hosting.intake import Intake
    from plugbay.hosting.registry import Registry
    from plugbay.hosting.replacing import Replacement, Replacer
    from plugbay.hosting.running import Runner
    from plugbay.plugins import Plugin

    R = TypeVar("R")

__all__ = ["Change", "Updater", "places_of"]

# Seconds for which to try again what another thread keeps from being done, and between tries.
_PATIENCE, _PAUSE = 30.0, 0.02
# What nothing is running of, so that it need not be replaced in one step.
_IDLE = ("found", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Change:
    """One plugin that is not what a host has found.

    `kind` is "added", "removed", "upgraded", "downgraded" or "changed", the last one of those with
    the same version; `before` and `after` are the versions, empty where there is none. `problem`
    says why it was not taken over, or what is wrong with it now; `replacement` what was done to a
    plugin that was loaded.
    """

    name: str
    group: str
    kind: str
    before: str = ""
    after: str = ""
    problem: str = ""
    replacement: "Replacement | None" = None

    def __str__(self) -> str:
        versions = [each for each in (self.before, self.after) if each]
        how = f" ({' -> '.join(dict.fromkeys(versions))})" if versions else ""
        why = f": {self.problem}" if self.problem else ""
        return f"plugin {self.name!r} of {self.group!r} {self.kind}{how}{why}"


class Updater:
    """Takes over what has changed of the plugins of one host."""

    def __init__(
        self, registry: "Registry", intake: "Intake", runner: "Runner", replacer: "Replacer"
    ) -> None:
        self._registry = registry
        self._intake = intake
        self._runner = runner
        self._replacer = replacer

    async def refresh(self, seconds: float, *, apply: bool) -> list[Change]:
        """What has changed of the installed plugins, group by group, and taken over if asked."""
        invalidate_caches()
        found = []
        for group in list(self._intake.discovered):
            try:
                differences = list(self._differences(group))
            except PlugbayError as error:  # such as two of one name, where that is an error
                found.append(Change("", group, "changed", problem=str(error)))
                continue
            for change, old, new in differences:
                if apply and not change.problem:
                    change = await self._taken_over(change, old, new, seconds)
                found.append(change)
        return found

    async def refresh_files(self, paths: set[str], seconds: float) -> list[Change]:
        """Take over what has changed of plugins whose files are among these."""
        found, taken = [], set()
        for component in self._registry.everything():
            places = places_of(component)
            mine = {path for path in paths if any(_is_within(path, each) for each in places)}
            if not mine:
                continue
            taken |= mine
            if _is_gone(component):
                change = Change(
                    component.name, component.plugin.group, "removed", component.version
                )
                found.append(await self._removed(change, component))
            else:
                found.append(await self._file_changed(component, seconds))
        return found + await self._files_added(paths, taken)

    async def remove(self, components: "list[Component]") -> None:
        """Stop these and take them out; raises PluginStopError, once that is done all the same."""
        try:
            await self._runner.stop(components)
        except PluginStopError:
            self._take_out(components)
            raise
        self._take_out(components)

    def _differences(
        self, group: str
    ) -> "Iterator[tuple[Change, Component | None, Plugin[Any] | None]]":
        """What is installed otherwise than a group has it: first what is gone, last what is new."""
        found = self._intake.installed(group)
        installed = {
            _key(each): each for each in (*found.plugins.values(), *found.refused.values())
        }
        known = {
            _key(each.plugin): each
            for each in self._registry.group(group).values()
            if not is_from_code(each.plugin.entry_point)
        }
        broken = {each.distribution: str(each) for each in found.problems}
        for key, old in known.items():
            if key not in installed:
                # What cannot be read may be in the middle of an installation.
                problem = broken.get(old.plugin.distribution.name, "")
                change = Change(old.name, group, "removed", old.version, problem=problem)
                yield change, old, None
        for key in [each for each in installed if each in known]:
            old, new = known[key], installed[key]
            if kind := _kind(old.plugin, new):
                after = new.distribution.version
                yield Change(old.name, group, kind, old.version, after), old, new
        for key in [each for each in installed if each not in known]:
            new = installed[key]
            yield Change(new.name, group, "added", after=new.distribution.version), None, new

    async def _taken_over(
        self,
        change: Change,
        old: "Component | None",
        new: "Plugin[Any] | None",
        seconds: float,
    ) -> Change:
        if old is not None and new is None:
            return await self._removed(change, old)
        if old is not None and old.state not in _IDLE:
            return await self._replaced(change, old, seconds)
        if old is not None:
            self._take_out([old])
        assert new is not None  # one of the two is there
        return await self._started(change, self._intake.add(self._intake.component_of(new)))

    async def _file_changed(self, component: "Component", seconds: float) -> Change:
        """Take over what has become of a file, or of the modules of a plugin."""
        version, name, group = component.version, component.name, component.plugin.group
        entry_point = component.plugin.entry_point
        change = Change(name, group, "changed", version, version)
        if component.state not in _IDLE or not isinstance(entry_point, FileEntryPoint):
            return await self._replaced(change, component, seconds)
        try:
            new = self._intake.component_in(group, entry_point.value, entry_point.pattern)
        except PlugbayError as error:
            return replace(change, problem=str(error))
        self._take_out([component])
        new = self._intake.add(new)
        return await self._started(replace(change, after=new.version), new)

    async def _files_added(self, paths: set[str], taken: set[str]) -> list[Change]:
        """Add what is in the directories now and was not before, as far as these files tell."""
        found = []
        for (group, directory), pattern in list(self._intake.directories.items()):
            if not any(_is_within(path, directory) for path in paths):
                continue
            new, problems = self._intake.add_files(group, directory, pattern, among=paths)
            for component in new:
                change = Change(component.name, group, "added", after=component.version)
                found.append(await self._started(change, component))
            found += [
                Change(each.distribution or "", group, "changed", problem=str(each))
                for each in problems
                if each.file in paths - taken
            ]
        return found

    async def _removed(self, change: Change, component: "Component") -> Change:
        host = self._runner.host
        try:
            leaving = leaving_with(
                self._registry.everything(), component.name, change.group, host, dependents=False
            )
            await self.remove(leaving)
        except HostError as error:
            return replace(change, problem=str(error))
        return change

    async def _replaced(self, change: Change, component: "Component", seconds: float) -> Change:
        try:
            done = await self._when_free(lambda: self._replacer.reload(component, seconds))
        except HostError as error:
            return replace(change, problem=str(error))
        return replace(change, after=done.version, replacement=done, problem=done.problem)

    async def _started(self, change: Change, component: "Component") -> Change:
        """Start one as the others were, if they were."""
        try:
            await self._when_free(lambda: self._runner.start_more(component))
        except HostError as error:
            return replace(change, name=component.name, problem=str(error))
        return replace(change, name=component.name, problem=component.reason)

    async def _when_free(self, ask: "Callable[[], Coroutine[Any, Any, R]]") -> "R":
        """What is asked for, as soon as nobody else starts or stops something."""
        end = monotonic() + _PATIENCE
        while True:
            try:
                return await ask()
            except HostBusyError:
                if monotonic() > end:
                    raise
                await self._runner.pause(_PAUSE)

    def _take_out(self, components: "list[Component]") -> None:
        self._registry.remove(*components)
        self._runner.forget(*components)
        for each in components:
            self._replacer.forget(each)


def places_of(component: "Component") -> "list[str]":
    """The files, and the directories of packages, whose change makes a plugin another one."""
    entry_point = component.plugin.entry_point
    if isinstance(entry_point, FileEntryPoint):
        folder, name = os.path.split(entry_point.value)
        is_package = name == "__init__.py"
        beside = os.path.join(folder, METADATA_FILE)
        return [folder] if is_package else [entry_point.value, beside]
    if component.state in ("found", "refused"):  # it has not read any yet
        return []
    module = component.plugin.target.partition(":")[0]
    package = module if is_from_code(entry_point) else own_package(module)
    places: list[str] = []
    for each in map(_namespace, modules_of(package).values()):
        places += each.get("__path__") or filter(None, [each.get("__file__")])
    if not places and (file := find_module(package)) is not None:  # its import failed
        is_package = os.path.basename(file.path) == "__init__.py"
        places.append(os.path.dirname(file.path) if is_package else file.path)
    return [os.path.abspath(each) for each in places]


def _namespace(module: object) -> "dict[str, Any]":
    """What a module has; a stand-in for one may raise when it is asked for what it has not."""
    return getattr(module, "__dict__", {})


def _is_gone(component: "Component") -> bool:
    entry_point = component.plugin.entry_point
    return isinstance(entry_point, FileEntryPoint) and not os.path.exists(entry_point.value)


def _is_within(path: str, place: str) -> bool:
    return path == place or path.startswith(os.path.join(place, ""))


def _key(plugin: "Plugin[Any]") -> tuple[str, str]:
    return plugin.name, plugin.distribution.normalized_name


def _kind(old: "Plugin[Any]", new: "Plugin[Any]") -> str:
    """How one that is installed now differs from one that was found; empty where it does not."""
    before, after = old.distribution.version, new.distribution.version
    if before == after:
        is_same = (old.target, old.verdict.reason) == (new.target, new.verdict.reason)
        return "" if is_same else "changed"
    try:
        return "upgraded" if Version(before) < Version(after) else "downgraded"
    except InvalidVersion:
        return "changed"
