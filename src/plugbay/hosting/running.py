"""Running: the components of a host started in order, and stopped in reverse."""

from contextlib import contextmanager
from threading import Lock, get_ident
from time import sleep

from plugbay.errors import (
    ConfigurationError,
    HostBusyError,
    HostError,
    PluginStopError,
    PluginUnavailableError,
)
from plugbay.hosting.configuration import Configuration
from plugbay.hosting.context import Context
from plugbay.hosting.endings import Ending
from plugbay.hosting.planning import planned
from plugbay.loading.failures import Terminated, told
from plugbay.notices import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Any, TypeVar

    R = TypeVar("R")

    from plugbay.hosting.components import Component
    from plugbay.hosting.planning import Plan

__all__ = ["Runner", "at_once"]

# Seconds that stopping waits for another thread that is changing something; a program may end.
_PATIENCE = 10.0


class Runner:
    """Starts and stops the components of one host, and knows which are started.

    Starting and stopping are coroutines. Where nothing has to be awaited they are run to their end
    in one step, see `at_once`.
    """

    def __init__(
        self,
        host: str,
        components: "Callable[[], list[Component]]",
        configuration: Configuration,
        *,
        is_isolating: bool,
    ) -> None:
        self.host = host
        self._components = components
        self._configuration = configuration
        self._is_isolating = is_isolating
        self._ending = Ending(self.stop_at_once)
        self._started: list[Component] = []
        self._made: dict[Component, Any] = {}  # the configuration of each
        self._lock = Lock()  # held while something starts or stops
        self._holder = 0  # the thread that holds it
        self._waits = False
        self.is_running = False  # between a start and a stop of the host

    async def start(
        self,
        *,
        waits: bool,
        only: "Callable[[Component], bool] | None" = None,
        isolates: bool = False,
    ) -> None:
        """Start what is not started, dependencies first; `waits` says that it may be awaited.

        Of the plugins only those that are wanted, and what they depend on. A failure is isolated
        with `isolates`, whatever the host says of failures.
        """
        with self.alone("started"), self._isolating(isolates):
            plan = self._prepared(only)
            self._waits |= waits
            self.is_running = True
            self._ending.set()
            try:
                for component in plan.order:
                    await self._start_one(component, plan, waits=waits)
            except BaseException as error:
                for each in await self._stop_each(self._started):
                    error.add_note(f"and while what was started was stopped: {each!r}")
                raise

    async def stop(self, components: "list[Component] | None" = None) -> None:
        """Stop these, or all that is started, in reverse; raises PluginStopError at the end."""
        with self.alone("stopped", seconds=_PATIENCE):
            those = self._started if components is None else components
            self.is_running = self.is_running and components is not None
            errors = await self._stop_each([each for each in self._started if each in those])
        if errors:
            count = f"{len(errors)} plugin{'s' * (len(errors) > 1)}"
            raise PluginStopError(f"{count} of {self.host!r} did not stop as it should", errors)

    def stop_at_once(self) -> None:
        """As `stop`, from where nothing can be awaited."""
        self.at_once(self.stop())

    def at_once(self, coroutine: "Coroutine[Any, Any, R]") -> "R":
        """What a coroutine gives, from where nothing can be awaited."""
        if not self._waits:
            return at_once(coroutine)
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(coroutine)
        coroutine.close()
        raise HostError(
            f"{self.host!r} was started by `async with`, so await that it stops or is changed"
        )

    async def start_more(self, component: "Component") -> None:
        """Start one as the others were, if they were; what came by itself stops nothing."""
        if self.is_running:
            await self.start(waits=self._waits, only=lambda each: each is component, isolates=True)

    def users_of(self, component: "Component", plan: "Plan") -> "list[Component]":
        """Those that are started and need it, directly or not, in the order of their start."""
        found = {component}
        for each in self._started:  # where dependencies come first
            if not found.isdisjoint(plan.needs.get(each, {}).values()):
                found.add(each)
        return [each for each in self._started if each in found and each is not component]

    async def start_beside(self, component: "Component", plan: "Plan") -> None:
        """Configure and start one that is not one of the host's; raises what goes wrong."""
        made, faults = self._configuration.made(component.name, component.model)
        if faults and component.model is not None:
            raise ConfigurationError(f"the configuration of {component.name!r} is wrong:", faults)
        self._made[component] = made
        await component.start(self._context_of(component, plan), waits=self._waits)

    def took_the_place_of(
        self, old: "Component", new: "Component", needs: "Iterable[Component]"
    ) -> None:
        """Note that one is started instead of another, behind those that it needs."""
        at = self._started.index(old)
        needed = [self._started.index(each) for each in needs if each in self._started]
        self._started.insert(max([at, *needed]) + 1, new)
        self._started.remove(old)

    def also_started(self, component: "Component") -> None:
        """Note that one is started as well."""
        self._started.append(component)

    def forget(self, *components: "Component") -> None:
        """Keep nothing of these."""
        for each in components:
            self._made.pop(each, None)

    async def restart(
        self,
        components: "list[Component]",
        plan: "Plan",
        first: BaseException | None = None,
    ) -> None:
        """Stop these in reverse, and start them again by a plan; raises what goes wrong.

        After a `first` error all are started that can be, and what goes wrong is noted in that.
        """
        for component in reversed(components):
            try:
                if component.state == "active":
                    await component.stop()
            except Exception as error:
                if first is None:
                    raise
                first.add_note(f"and while {component.plugin} was stopped: {error!r}")
        for component in components:
            component.recover()
            try:
                await component.start(self._context_of(component, plan), waits=self._waits)
            except Exception as error:
                if first is None:
                    raise
                first.add_note(f"and while {component.plugin} was started again: {error!r}")

    def _context_of(self, component: "Component", plan: "Plan") -> Context:
        """What it is given; raises RuntimeError for a dependency that is not started."""
        idle = [each for each in plan.needs if each is not component and each.state != "active"]
        for name, each in plan.unmet(component, idle).items():
            raise RuntimeError(f"it depends on {name!r}, which is {each.state}: {each.reason}")
        needs = plan.needs[component]
        return Context(self.host, component, needs, self._made.get(component))

    async def awaited(self, value: "Any") -> "Any":
        """A value, or what has to be awaited for it; raises HostError where that cannot be."""
        if not hasattr(type(value), "__await__"):
            return value
        if self._waits:
            return await value
        if hasattr(value, "close"):
            value.close()
        raise HostError("it has to be awaited; start the host by `async with`")

    async def pause(self, seconds: float) -> None:
        """Wait, while other tasks run where there are any."""
        if self._waits:
            import asyncio

            await asyncio.sleep(seconds)
        else:
            sleep(seconds)

    @contextmanager
    def alone(self, word: str, *, seconds: float = 0) -> "Iterator[None]":
        """While one thread or task starts or stops plugins of a host, no other one does.

        Raises HostBusyError, after so many seconds where it is another thread that does.
        """
        is_other = self._holder != get_ident()
        if not self._lock.acquire(timeout=seconds if is_other else 0):
            words = "while it is being started or stopped"
            raise HostBusyError(f"{self.host!r} cannot be {word} {words}")
        self._holder = get_ident()
        try:
            yield
        finally:
            self._holder = 0
            self._lock.release()

    @contextmanager
    def _isolating(self, isolates: bool) -> "Iterator[None]":
        before, self._is_isolating = self._is_isolating, self._is_isolating or isolates
        try:
            yield
        finally:
            self._is_isolating = before

    def _prepared(self, only: "Callable[[Component], bool] | None") -> "Plan":
        """Load and configure what is wanted, and give the plan of what of it can start."""
        plan = planned(self._components()).of(only)
        seen: set[Component] = set()
        # Again, since loading a plugin may bring others, and what its code depends on.
        while new := [each for each in plan.order if each not in seen]:
            for component in new:
                if component.state != "active":
                    self._load(component)
            seen.update(new)
            plan = planned(self._components()).of(only)
        for component, reason in plan.left_out.items():
            if component.state not in ("refused", "active"):
                self._refuse(component, reason)
        self._configure(plan)
        return plan

    def _load(self, component: "Component") -> None:
        if component.state == "refused":  # what it was refused for may be there now
            component.moves("found")
        component.recover()
        try:
            component.load()
        except PluginUnavailableError as error:
            if not self._is_isolating:
                raise
            warn(str(error))

    def _configure(self, plan: "Plan") -> None:
        """Make the configuration of each plugin, and refuse those whose values are wrong.

        All that is wrong is told at once. Raises ConfigurationError where nothing is isolated.
        """
        found = self._configuration.unknown(each.name for each in self._components())
        for component in plan.order:
            if component.state == "active" or not component.is_usable:
                continue
            made, faults = self._configuration.made(component.name, component.model)
            self._made[component] = made
            found += faults
            if faults and component.model is not None:
                component.moves("refused", f"its configuration is wrong: {faults[0]}")
        if found:
            error = ConfigurationError(f"the configuration of {self.host!r} is wrong:", found)
            if not self._is_isolating:
                raise error
            warn(str(error))

    async def _start_one(self, component: "Component", plan: "Plan", *, waits: bool) -> None:
        if component.state == "failed" and not self._is_isolating:
            component.instance()  # which raises what it failed with
        if component.state == "active" or not component.is_usable:
            return None
        try:
            context = self._context_of(component, plan)
        except RuntimeError as error:
            return self._refuse(component, str(error))
        self._started.append(component)
        try:
            await component.start(context, waits=waits)
        except PluginUnavailableError as error:
            self._started.remove(component)
            if not self._is_isolating:
                raise
            warn(str(error))

    def _refuse(self, component: "Component", reason: str) -> None:
        component.moves("refused", reason)
        warn(f"{component.plugin} is refused: {reason}")

    async def _stop_each(self, components: "list[Component]") -> "list[Exception]":
        """Stop these in reverse, past those that fail; gives what they raised."""
        errors: list[Exception] = []
        ended: BaseException | None = None
        for component in reversed(list(components)):
            self._started.remove(component)
            try:
                await component.stop()
            except BaseException as error:  # noqa: BLE001 - the others are stopped before it is raised
                if isinstance(error, Terminated) or not isinstance(error, (Exception, SystemExit)):
                    ended = error
                    continue
                error.add_note(f"raised by {component.plugin} while it was stopped")
                errors.append(error if isinstance(error, Exception) else RuntimeError(told(error)))
        if not self._started:
            self._ending.unset()
            self._waits = False
        if ended is not None:
            raise ended
        return errors


def at_once(coroutine: "Coroutine[Any, Any, R]") -> "R":
    """What a coroutine gives that awaits nothing which is not there already."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        found: R = ended.value
        return found
    coroutine.close()
    raise HostError("a plugin has to be awaited; start and stop the host by `async with`")
