"""Replacing: a running plugin by its next generation, or by the one before."""

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from time import perf_counter

from plugbay.discovery.modules import own_package
from plugbay.errors import ReloadError
from plugbay.hosting.components import method_of
from plugbay.hosting.origins import is_from_code
from plugbay.hosting.planning import linked
from plugbay.loading.failures import Terminated, told
from plugbay.loading.files import FileEntryPoint
from plugbay.notices import warn
from plugbay.reloading.draining import drained, running_in
from plugbay.reloading.leaks import leaks_of
from plugbay.reloading.modules import afresh, modules_of, put_back
from plugbay.sandbox.targets import reference_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import ModuleType
    from typing import Any

    from plugbay.hosting.components import Component
    from plugbay.hosting.intake import Intake
    from plugbay.hosting.planning import Plan
    from plugbay.hosting.registry import Registry
    from plugbay.hosting.running import Runner

__all__ = ["Replacement", "Replacer"]

# Seconds that threads have to end after they were told to, before they count as left behind.
_GRACE = 0.1


@dataclass(frozen=True, slots=True)
class Replacement:
    """One plugin that took the place of another one of its name.

    `generation` counts from 1, `version` is that of what brings it. `restarted` names the plugins
    that depend on it. `left` are the threads that were still in a call of the old one when it was
    stopped, and `problem` is what was wrong with stopping it; `leaks` are what it has left behind:
    threads that run its code still, and functions that it registered with `atexit`. `has_state`
    says whether it took over what the old one had exported.
    """

    name: str
    generation: int
    version: str
    milliseconds: float
    restarted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    problem: str = ""
    leaks: tuple[str, ...] = ()
    has_state: bool = False


class _Generation:
    """A component, and the modules that its code is in: those of a package."""

    def __init__(self, number: int, component: "Component", package: str) -> None:
        self.number = number
        self.component = component
        self.package = package
        self.modules: dict[str, ModuleType] = {}
        self.note()

    def note(self) -> None:
        """Take note of the modules that are imported now, as some are later than others."""
        entry_point = self.component.plugin.entry_point
        if isinstance(entry_point, FileEntryPoint):
            self.package = entry_point.module_name or self.package
        self.modules |= modules_of(self.package)


class Replacer:
    """Replaces the components of one host, and keeps of each the generation before."""

    def __init__(self, registry: "Registry", intake: "Intake", runner: "Runner") -> None:
        self._registry = registry
        self._intake = intake
        self._runner = runner
        self._current: dict[tuple[str, str], _Generation] = {}
        self._previous: dict[tuple[str, str], _Generation] = {}
        self._highest: dict[tuple[str, str], int] = {}
        self._history: dict[tuple[str, str], list[Replacement]] = {}

    def history(self, component: "Component") -> "list[Replacement]":
        """The replacements of a plugin so far, the first one first."""
        return list(self._history.get(_key(component), ()))

    async def reload(self, component: "Component", seconds: float) -> Replacement:
        """Put the next generation of a plugin in its place; raises ReloadError and changes nothing.

        The old one is stopped when no thread runs its code any more, or after so many seconds.
        """
        key, started = _key(component), perf_counter()
        with self._runner.alone("reloaded"):
            with _told_of(component):
                self._check_place(component)
                reference, _ = reference_to(component.plugin, is_exact=False)
                current = self._current.get(key)
                if current is None or current.component is not component:
                    current = _Generation(1, component, _package_of(component, reference))
                    self._highest[key] = 1
                current.note()
                number = self._highest[key] + 1
                with self._intake.renewing(component, reference) as renewal:
                    package = _package_of(component, renewal.reference)
                    with _imported_anew(component, package):
                        successor = renewal.taken()
                        try:
                            if successor.name != component.name:
                                words = f"its id is {successor.name!r} by now; unload it first"
                                raise RuntimeError(words)
                            successor.load()
                            exchanged = await self._exchange(current.component, successor)
                        except BaseException:
                            successor.forget()
                            raise
                        new = _Generation(number, successor, package)
            self._highest[key] = number
            return await self._finish(current, new, started, seconds, *exchanged)

    async def rollback(self, component: "Component", seconds: float) -> Replacement:
        """Put the generation before in the place of a plugin; raises ReloadError if it cannot."""
        key, started = _key(component), perf_counter()
        current = self._current.get(key)
        if key not in self._previous or current is None or current.component is not component:
            raise ReloadError(f"{component.plugin} has no generation before this one")
        before = self._previous[key]
        with self._runner.alone("reloaded"):
            with _told_of(component):
                self._check_place(component)
                current.note()
                put_back(before.package, before.modules)
                before.component.recover()
                try:
                    exchanged = await self._exchange(current.component, before.component)
                except BaseException:
                    put_back(current.package, current.modules)
                    raise
            return await self._finish(current, before, started, seconds, *exchanged)

    def forget(self, component: "Component") -> None:
        """Keep nothing of a plugin that was taken out."""
        key = _key(component)
        for each in (self._current.pop(key, None), self._previous.pop(key, None)):
            if each is not None:
                each.component.forget()

    def _check_place(self, component: "Component") -> None:
        """Raise RuntimeError for one that is the host's no longer, as it was asked for before."""
        if self._registry.group(component.plugin.group).get(component.name) is not component:
            raise RuntimeError("it was replaced or unloaded meanwhile")

    async def _exchange(self, old: "Component", new: "Component") -> "tuple[list[str], bool]":
        """Have one component in the place of another, started if that was, in one step.

        Gives the names of the plugins that were started again for it, and whether there was state
        to hand over. If anything fails the old one is in its place, and so are those that use it.
        """
        all_now = self._registry.everything()
        before = linked(all_now)
        after = linked([new if each is old else each for each in all_now])
        if new in after.left_out:
            raise RuntimeError(after.left_out[new])
        if old.state != "active":
            await self._wake(old, new, after)
            return [], False
        users = self._runner.users_of(old, before)
        for each in users:
            if each in after.left_out:
                raise RuntimeError(f"{each.plugin} cannot go on with it: {after.left_out[each]}")
            if each in after.needed_by(new):
                raise RuntimeError(f"it depends on {each.name!r}, which depends on it")
        try:
            has_state = await self._begin(old, new, after)
            await self._swap(old, new, users, before, after)
        except BaseException as error:
            if new.state == "active":
                try:
                    await new.stop()
                except Exception as another:  # noqa: BLE001 - it is the first one that counts
                    error.add_note(f"and while it was stopped again: {another!r}")
            raise
        return [each.name for each in users], has_state

    async def _wake(self, old: "Component", new: "Component", plan: "Plan") -> None:
        """Have one in the place of another that is not started; start it if that had failed."""
        if old.state == "failed" and self._runner.is_running:
            await self._runner.start_beside(new, plan)
            self._runner.also_started(new)
        self._registry.replace(old, new)

    async def _begin(self, old: "Component", new: "Component", plan: "Plan") -> bool:
        """Start one beside another, and tell whether it took over its state."""
        exporting = method_of(old.instance(), "export_state")
        importing = method_of(new.instance(), "import_state")
        if exporting is None or importing is None:
            await self._runner.start_beside(new, plan)
            return False
        state = await self._runner.awaited(exporting())
        await self._runner.start_beside(new, plan)
        await self._runner.awaited(importing(state))
        return True

    async def _swap(
        self,
        old: "Component",
        new: "Component",
        users: "list[Component]",
        before: "Plan",
        after: "Plan",
    ) -> None:
        """Put one in the place of another, and start those that use it again."""
        self._put(old, new, after)
        try:
            await self._runner.restart(users, after)
        except BaseException as error:
            self._put(new, old, before)
            await self._runner.restart(users, before, first=error)
            raise

    def _put(self, old: "Component", new: "Component", plan: "Plan") -> None:
        self._registry.replace(old, new)
        self._runner.took_the_place_of(old, new, plan.needs[new].values())

    async def _finish(
        self,
        old: _Generation,
        new: _Generation,
        started: float,
        seconds: float,
        restarted: "list[str]",
        has_state: bool,
    ) -> Replacement:
        """Stop the old one as soon as nobody is in a call of it, and note what was done."""
        took = (perf_counter() - started) * 1000
        key = _key(new.component)
        gone = self._previous.get(key)
        self._current[key], self._previous[key] = new, old
        if gone is not None and gone is not new:
            gone.component.forget()
            self._runner.forget(gone.component)
        problem, left = "", []
        if old.component.state == "active":
            try:
                for pause in drained(old.modules, seconds):
                    await self._runner.pause(pause)
                left = running_in(old.modules)
            finally:
                problem = await _stopped(old.component)
            for pause in drained(old.modules, _GRACE):
                await self._runner.pause(pause)
        done = Replacement(
            new.component.name,
            new.number,
            new.component.version,
            took,
            tuple(restarted),
            tuple(left),
            problem,
            tuple(leaks_of(old.modules)),
            has_state,
        )
        self._history.setdefault(key, []).append(done)
        if problem:
            warn(f"{old.component.plugin}: {problem}")
        return done


@contextmanager
def _told_of(component: "Component") -> "Iterator[None]":
    """What goes wrong, told as a ReloadError; the plugin goes on as it is."""
    try:
        yield
    except (Terminated, ReloadError):
        raise
    except (Exception, SystemExit) as error:
        reason = str(error) if type(error) is RuntimeError else told(error)
        words = f"{component.plugin} could not be replaced, and goes on as it is: {reason}"
        raise ReloadError(words) from error


async def _stopped(component: "Component") -> str:
    """Stop one, and give what was wrong with that."""
    try:
        await component.stop()
    except Terminated:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is plugin code
        return f"the generation before did not stop as it should: {told(error)}"
    return ""


def _package_of(component: "Component", reference: str) -> str:
    """The package whose modules a plugin is replaced with; of code the one module, and below."""
    module = reference.partition(":")[0]
    return module if is_from_code(component.plugin.entry_point) else own_package(module)


def _imported_anew(component: "Component", package: str) -> "AbstractContextManager[Any]":
    """Within the block the modules are imported anew; those of a file are others anyway."""
    is_file = isinstance(component.plugin.entry_point, FileEntryPoint)
    return nullcontext() if is_file else afresh(package)


def _key(component: "Component") -> tuple[str, str]:
    return component.plugin.group, component.name
