"""Host: the plugins of an application from every source, in order, started and stopped together."""

import atexit
import signal
import threading
from functools import partial

from plugbay.discovery import MANIFEST_GROUP, Findings, find
from plugbay.discovery.manifests import Manifest
from plugbay.errors import (
    HookValidationError,
    HostError,
    InvalidVersionError,
    ManifestError,
    PluginNotFoundError,
    PluginStopError,
    PluginUnavailableError,
    did_you_mean,
)
from plugbay.groups import gate_for, load_group
from plugbay.hooks.implementations import names_of
from plugbay.hosting.components import Component, Terminated
from plugbay.hosting.context import Context
from plugbay.hosting.dependencies import Dependency
from plugbay.hosting.extensions import declared, how_many, live_instances
from plugbay.hosting.origins import CodeEntryPoint, Origin, said_by
from plugbay.hosting.planning import Plan, planned
from plugbay.hosting.registry import HostGroup, Registry
from plugbay.notices import warn
from plugbay.plugins import Plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any, Literal, Self, TypeVar, overload

    from plugbay.compatibility.gate import Gate
    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.groups import Group
    from plugbay.hosting.components import Observer

    F = TypeVar("F")
    X = TypeVar("X")

__all__ = ["Host"]

_WORDS = {"depends_on": "depends-on"}  # where the manifest has another word for an option


class Host:
    """The plugins of an application, and what runs them.

    `api`, `api_version` and `policy` are those of `load_group`, for all groups of this host. A
    plugin whose start fails is left out with those that depend on it, and the others run; with
    `on_start_failure="stop"` everything that was started is stopped, and the error raised.

    Use it as a context manager, of `with` or `async with`, or call `start` and `stop`.
    """

    def __init__(
        self,
        name: str,
        *,
        api: "HostApi | None" = None,
        api_version: str | None = None,
        policy: "Policy | None" = None,
        on_start_failure: "Literal['isolate', 'stop']" = "isolate",
    ) -> None:
        if on_start_failure not in ("isolate", "stop"):
            raise HostError(f"on_start_failure={on_start_failure!r} is not one of isolate, stop")
        self.name = name
        self._options: dict[str, Any] = {"api": api, "api_version": api_version, "policy": policy}
        self._is_isolating = on_start_failure == "isolate"
        self._registry = Registry()
        self._groups: dict[str, HostGroup[Any]] = {}
        self._expected: dict[str, Any] = {}
        self._gates: dict[str, Gate | None] = {}
        # How many classes of each group were looked at, and their names.
        self._enrolled: dict[str, tuple[int, frozenset[str]]] = {}
        self._enrolling = threading.Lock()
        self._observers: list[Observer] = []
        self._started: list[Component] = []
        self._changing: int | None = None  # the thread that starts or stops something
        self._previous_signal: Any = None

    # -- where plugins come from ----------------------------------------------------------------

    if TYPE_CHECKING:

        @overload
        def group(self, name: str) -> HostGroup[Any]: ...

        @overload
        def group(
            self, name: str, *, expect: "type[X] | Callable[[Any], bool]"
        ) -> HostGroup[X]: ...

    def group(self, name: str, *, expect: "Any" = None) -> "HostGroup[Any]":
        """The plugins of one group, of all sources; a mapping that follows the host.

        `expect` is what each of them must be, as for `load_group`; it is said once for a group,
        before plugins come to it.
        """
        if expect is not None and expect is not self._expected.get(name):
            if self._registry.group(name):
                raise HostError(
                    f"{name!r} has plugins already; say what to expect of them before they come"
                )
            self._expected[name] = expect
        refresh = partial(self._enrol_declared, name)
        return self._groups.setdefault(name, HostGroup(name, self._registry, refresh))

    def discover(self, group: str, *, expect: "Any" = None, **options: "Any") -> "Group[Any]":
        """Add the installed plugins of an entry-point group, and import none of them.

        Gives what `load_group` does, and takes its other options.
        """
        self.group(group, expect=expect)
        found = load_group(group, expect=self._expected.get(group), **self._options, **options)
        those = [*found.plugins.items(), *found.refused.items()]
        self._registry.add(
            Component(plugin, self._observers, self._misfit, name) for name, plugin in those
        )
        return found

    def register(
        self,
        name: str,
        target: "Any" = None,
        *,
        group: str | None = None,
        depends_on: "str | Iterable[str]" = (),
        before: "str | Iterable[str]" = (),
        after: "str | Iterable[str]" = (),
        priority: float = 0,
        summary: str = "",
        api: str = "",
    ) -> "Any":
        """Add a function, class or object as a plugin; without `target`, as a decorator.

        The group is "<host>.plugins" unless it is given. `depends_on` names plugins, each with
        versions if need be ("filter>=1.2") and with "?" behind it where it may be missing; they
        start before this one. `before` and `after` only put it in order. `api` is the specifier
        for the host's version, as in a manifest. A class says the same by attributes of these
        names (and `api_version`, or `min_api_version`), where it is not said here.
        """
        options = {
            "depends_on": depends_on,
            "before": before,
            "after": after,
            "priority": priority,
            "summary": summary,
            "api": api,
        }

        def add(found: "F") -> "F":
            chosen = group or f"{self.name}.plugins"
            component = self._component(chosen, name, found, Origin.of_caller(found), options)
            self._registry.add([component])
            return found

        return add if target is None else add(target)

    def load_modules(self, paths: "Iterable[str]") -> "list[str]":
        """Import modules that register plugins while they are imported; gives what went wrong.

        A module that cannot be imported costs what it would have registered: it is told in a
        warning, and the others are imported.
        """
        from importlib import import_module

        from plugbay.loading.failures import told

        problems = []
        for path in paths:
            try:
                import_module(path)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
                problems.append(f"the module {path!r} could not be imported: {told(error)}")
                warn(problems[-1])
        return problems

    def instances(self, kind: type) -> "list[Any]":
        """The live instances of an Extension that is defined with `tracked=True`."""
        return live_instances(kind)

    # -- running --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start what is not started yet, dependencies first.

        Raises PluginOrderError for dependencies that lead round in a circle, and PluginStartError
        where a failure is to stop everything.
        """
        _run(self._start(waits=False))

    def stop(self) -> None:
        """Stop what was started, in reverse; raises PluginStopError with all that failed."""
        _run(self._stop(self._started))

    def unload(self, name: str, *, group: str | None = None, dependents: bool = False) -> None:
        """Stop one plugin and take it out, and with `dependents` those that need it.

        Raises HostError when others need it and are started, and PluginNotFoundError.
        """
        _run(self._unload(name, group, dependents=dependents))

    def __enter__(self) -> "Self":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    async def __aenter__(self) -> "Self":
        await self._start(waits=True)
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._stop(self._started)

    # -- looking --------------------------------------------------------------------------------

    @property
    def components(self) -> "list[Component]":
        """All plugins of the host, refused and failed ones too, group by group."""
        self._enrol_declared(*self._groups)
        return self._registry.everything()

    def observe(self, observer: "Observer") -> "Callable[[], None]":
        """Have each transition told: the component, and the state that it was in before.

        Returns a function that ends it.
        """
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def explain(self) -> str:
        """Which plugins start, in which order and why, and which do not, a line each."""
        plan = planned(self.components)
        lines = [f"The plugins of {self.name!r} start in this order:"]
        usable = [each for each in plan.order if each.is_usable]
        for number, each in enumerate(usable, 1):
            lines.append(f"{number}. {each.plugin} ({each.state}): {plan.why[each]}")
        out = {each: each.reason for each in plan.order if not each.is_usable} | plan.left_out
        lines += [f"-  {each.plugin} ({each.state}): {reason}" for each, reason in out.items()]
        return "\n".join(lines)

    # -- how ------------------------------------------------------------------------------------

    def _component(
        self, group: str, name: str, found: "Any", origin: Origin, options: "dict[str, Any]"
    ) -> Component:
        """A plugin from code, judged by the gate like any other."""
        told = {word: value for word, value in options.items() if value}
        for word in told.keys() & {"depends_on", "before", "after"}:
            told[word] = _names(word, told[word])
        facts = said_by(found) | {_WORDS.get(word, word): value for word, value in told.items()}
        facts.pop("version", None)
        content: dict[str, Any] = {"api": facts.pop("api", ""), "plugins": {group: {name: facts}}}
        manifest = Manifest(f"what {name!r} says in {origin}", content, origin.name, origin.path)
        if manifest.problems:
            wrong = "; ".join(each.reason for each in manifest.problems)
            raise ManifestError(f"plugin {name!r} cannot be registered: {wrong}")
        entry_point = CodeEntryPoint(name, group, found, origin)
        gate = self._gate(group)
        verdict = gate.judge(entry_point, origin, manifest) if gate else None  # type: ignore[arg-type]  # duck-typed
        expect = self._expected.get(group)
        plugin: Plugin[Any] = Plugin(
            entry_point,
            origin,  # type: ignore[arg-type]  # duck-typed
            verdict,
            manifest.plugin(group, name),
            expect,
        )
        component = Component(plugin, self._observers, self._misfit)
        if component.fault and plugin.is_admitted:
            raise InvalidVersionError(f"{plugin} cannot be registered: {component.fault}")
        return component

    def _misfit(self, component: Component, found: "Any") -> str:
        """Why a plugin whose code says something of itself cannot run here; empty if it can."""
        plugin = component.plugin
        said = said_by(found)
        gate = self._gate(plugin.group) if "api" in said else None
        if gate is not None:
            source = f"attributes of {plugin.target}"
            manifest = Manifest(source, {"api": said["api"]}, plugin.distribution.name, source)
            verdict = gate.judge_declared(plugin.entry_point, plugin.distribution, manifest)
            if not verdict.admitted:
                return verdict.reason
        known = {need.text for need in component.needs}
        new = [Dependency(each) for each in said.get("depends-on", ()) if each not in known]
        if not new:
            return ""
        component.needs += new
        return planned(self.components).left_out.get(component, "")

    def _gate(self, group: str) -> "Gate | None":
        """What stands in front of a group; found once, as is the host's installed version."""
        if group not in self._gates:
            knows = self._options["api"] or self._options["api_version"]
            findings = Findings() if knows else find(MANIFEST_GROUP)
            self._gates[group] = gate_for(group, findings, **self._options)
        return self._gates[group]

    def _enrol_declared(self, *groups: str) -> None:
        """Add the classes that were defined for these groups since."""
        for group in groups:
            if self._enrolled.get(group, (0, None))[0] == how_many(group):
                continue
            with self._enrolling:
                _, known = self._enrolled.get(group, (0, frozenset()))
                count, those = how_many(group), declared(group)
                self._registry.add(
                    self._component(group, name, each.extension, each.origin, each.options)
                    for name, each in those.items()
                    if name not in known
                )
                self._enrolled[group] = count, known | those.keys()

    async def _start(self, *, waits: bool) -> None:
        with self._alone("started"):
            plan = planned(self.components)
            for component, reason in plan.left_out.items():
                if component.state != "refused":
                    self._refuse(component, reason)
            self._guard()
            try:
                for component in plan.order:
                    if component.state != "active":
                        await self._start_one(component, plan, waits=waits)
            except BaseException:
                await self._stop_each(self._started)
                raise

    async def _start_one(self, component: Component, plan: Plan, *, waits: bool) -> None:
        idle = [each for each in plan.order if each.state != "active"]
        for name, each in plan.unmet(component, idle).items():
            reason = f"it depends on {name!r}, which is {each.state}: {each.reason}"
            return self._refuse(component, reason)
        if component.state == "refused":  # what it was refused for is there now
            component.moves("found")
        needs = plan.needs[component]
        try:
            await component.start(Context(self.name, component, needs), waits=waits)
        except PluginUnavailableError as error:
            if not self._is_isolating:
                raise
            warn(str(error))
        else:
            self._started.append(component)

    def _refuse(self, component: Component, reason: str) -> None:
        component.moves("refused", reason)
        warn(f"{component.plugin} is refused: {reason}")

    async def _stop(self, components: "list[Component]") -> None:
        with self._alone("stopped"):
            errors = await self._stop_each(components)
        if errors:
            raise PluginStopError(f"{len(errors)} plugins of {self.name!r} did not stop", errors)

    async def _stop_each(self, components: "list[Component]") -> "list[Exception]":
        """Stop these in reverse, past those that fail; gives what they raised."""
        errors: list[Exception] = []
        ended: Terminated | None = None
        for component in reversed(list(components)):
            self._started.remove(component)
            try:
                await component.stop()
            except Terminated as error:
                ended = error
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
                error.add_note(f"raised by {component.plugin} while it was stopped")
                errors.append(error if isinstance(error, Exception) else RuntimeError(str(error)))
        if not self._started:
            self._unguard()
        if ended is not None:
            raise ended
        return errors

    async def _unload(self, name: str, group: str | None, *, dependents: bool) -> None:
        components = [
            each
            for each in self.components
            if each.name == name and group in (None, each.plugin.group)
        ]
        if len(components) != 1:
            known = [each.name for each in self.components]
            words = did_you_mean(name, known) if not components else "say of which group"
            raise PluginNotFoundError(f"{self.name!r} has no one plugin {name!r}; {words}")
        plan = planned(self.components)
        leaving = [components[0]]
        for component in plan.order:
            if any(each in leaving for each in plan.needs[component].values()):
                leaving.append(component)
        users = [each.name for each in leaving[1:] if each.state == "active"]
        if users and not dependents:
            raise HostError(
                f"{components[0].plugin} cannot be unloaded: {', '.join(users)} need it; "
                f"unload them first, or say dependents=True"
            )
        await self._stop([each for each in self._started if each in leaving])
        self._registry.remove(components[0])

    def _alone(self, word: str) -> "_Alone":
        return _Alone(self, word)

    def _guard(self) -> None:
        """Have what is started stopped when the interpreter ends, also by SIGTERM."""
        if self._started:
            return
        atexit.register(self._stop_at_exit)
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._previous_signal = signal.signal(signal.SIGTERM, _end)

    def _unguard(self) -> None:
        atexit.unregister(self._stop_at_exit)
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and self._previous_signal is not None:
            signal.signal(signal.SIGTERM, self._previous_signal)
            self._previous_signal = None

    def _stop_at_exit(self) -> None:
        self.stop()

    def __getitem__(self, group: str) -> "HostGroup[Any]":
        return self.group(group)

    def __repr__(self) -> str:
        return f"<Host {self.name!r}: {len(self._registry.everything())} plugins>"


class _Alone:
    """While one thread or task starts or stops plugins of a host, no other one does."""

    def __init__(self, host: Host, word: str) -> None:
        self._host = host
        self._word = word

    def __enter__(self) -> None:
        if self._host._changing is not None:
            raise HostError(
                f"{self._host.name!r} cannot be {self._word} while it is being started or stopped"
            )
        self._host._changing = threading.get_ident()

    def __exit__(self, *exception: object) -> None:
        self._host._changing = None


def _names(word: str, names: "Any") -> "list[str]":
    """The names of plugins, of which a single one may be given alone."""
    try:
        return list(names_of(names))
    except HookValidationError as error:
        raise HostError(f"{word}: {error}") from None


def _end(number: int, _: object) -> None:
    raise Terminated(128 + number)


def _run(coroutine: "Coroutine[Any, Any, None]") -> None:
    """Run what awaits nothing that is not there already."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise HostError("a plugin has to be awaited; start and stop the host with `async with`")
