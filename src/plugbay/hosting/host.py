"""Host: the plugins of an application from every source, in order, started and stopped together."""

from functools import cached_property, partial
from os import fspath
from os.path import abspath

from plugbay.errors import HostError
from plugbay.hosting.choosing import check_group, known_of, leaving_with, the_one
from plugbay.hosting.configuration import Configuration
from plugbay.hosting.extensions import live_instances
from plugbay.hosting.intake import Intake
from plugbay.hosting.models import field_names, schema_of_file, schema_of_plugin
from plugbay.hosting.origins import Origin
from plugbay.hosting.planning import explained
from plugbay.hosting.registry import HostGroup, Registry
from plugbay.hosting.running import Runner, at_once
from plugbay.loading.failures import Terminated, told
from plugbay.notices import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Executor
    from os import PathLike
    from typing import Any, Literal, Self, TypeVar, overload

    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.errors import Problem
    from plugbay.hosting.components import Component, Observer
    from plugbay.hosting.configuration import Fault
    from plugbay.hosting.pipelines.assignments import HostDescription
    from plugbay.hosting.pipelines.clusters import Client
    from plugbay.hosting.pipelines.pipeline import Pipeline
    from plugbay.hosting.replacing import Replacement, Replacer
    from plugbay.hosting.updating import Change, Updater
    from plugbay.hosting.watching import Watch
    from plugbay.sandbox.sandbox import Sandbox

    F = TypeVar("F")
    X = TypeVar("X")

__all__ = ["Host"]


class Host:
    """The plugins of an application, and what runs them.

    `api`, `api_version` and `policy` are those of `load_group`, for all groups of this host. A
    plugin whose start fails is left out with those that depend on it, and the others run; with
    `on_start_failure="stop"` everything that was started is stopped, and the error raised.

    `config` has values for plugins by their name, and `config_file` is a TOML file with more, in
    tables `[plugins.NAME]`; variables `HOST_PLUGINS__NAME__FIELD` count more than either.

    Use it as a context manager, of `with` or `async with`, or call `start` and `stop`.
    """

    def __init__(
        self,
        name: str,
        *,
        api: "HostApi | None" = None,
        api_version: str | None = None,
        policy: "Policy | None" = None,
        config: "Mapping[str, Mapping[str, Any]] | None" = None,
        config_file: "str | PathLike[str] | None" = None,
        on_start_failure: "Literal['isolate', 'stop']" = "isolate",
    ) -> None:
        if on_start_failure not in ("isolate", "stop"):
            raise HostError(f"on_start_failure={on_start_failure!r} is not one of isolate, stop")
        self.name = name
        self._registry = Registry()
        self._groups: dict[str, HostGroup[Any]] = {}
        self._observers: list[Observer] = []
        self._api = api
        self._api_version = api_version
        self._policy = policy
        options = {"api": api, "api_version": api_version, "policy": policy}
        self._intake = Intake(self._registry, self._observers, options)
        self._configuration = Configuration(name, config, config_file)
        self._runner = Runner(
            name,
            lambda: self.components,
            self._configuration,
            is_isolating=on_start_failure == "isolate",
        )

    @cached_property
    def _replacer(self) -> "Replacer":
        from plugbay.hosting.replacing import Replacer  # which few hosts have a use for

        return Replacer(self._registry, self._intake, self._runner)

    @cached_property
    def _updater(self) -> "Updater":
        from plugbay.hosting.updating import Updater

        return Updater(self._registry, self._intake, self._runner, self._replacer)

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
        if expect is not None:
            self._intake.expect(name, expect)
        refresh = partial(self._intake.enrol_declared, name)
        return self._groups.setdefault(name, HostGroup(name, self._registry, refresh))

    def discover(self, group: str, *, expect: "Any" = None, **options: "Any") -> "HostGroup[Any]":
        """Add the installed plugins of an entry-point group, and import none of them.

        Takes the other options of `load_group`, and gives the group as `group` does. An installed
        plugin whose name is taken by one that was registered is refused.
        """
        mine = self.group(group, expect=expect)
        self._intake.discover(group, options)
        return mine

    if TYPE_CHECKING:

        @overload
        def register(
            self,
            name: str,
            *,
            group: str | None = None,
            depends_on: "str | Iterable[str]" = (),
            before: "str | Iterable[str]" = (),
            after: "str | Iterable[str]" = (),
            priority: float = 0,
            summary: str = "",
            api: str = "",
        ) -> "Callable[[F], F]": ...

        @overload
        def register(
            self,
            name: str,
            target: F,
            *,
            group: str | None = None,
            depends_on: "str | Iterable[str]" = (),
            before: "str | Iterable[str]" = (),
            after: "str | Iterable[str]" = (),
            priority: float = 0,
            summary: str = "",
            api: str = "",
        ) -> F: ...

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
        for the host's version, as in a manifest. A class says such things by its attributes
        `depends_on`, `before`, `after`, `priority`, `version`, `api_version` and
        `min_api_version`, where they are not said here.
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
            self._intake.register(chosen, name, found, Origin.of_caller(found), options)
            return found

        if not isinstance(name, str):
            raise HostError(f"{name!r} is no name; write @host.register('name')")
        return add if target is None else add(target)

    def add_directory(
        self, path: "str | PathLike[str]", *, group: str | None = None, pattern: str = ""
    ) -> "list[Problem]":
        """Add the plugins in the files and packages of a directory, and run none of them.

        What they say of themselves is read from their text: `PLUGIN_METADATA = {...}`, a class with
        `get_metadata`, or a `plugin.json`; `pattern`, such as "*_plugin.py", is for files that say
        nothing. The group is "<host>.plugins" unless it is given. A file gives what its
        `create_plugin()` returns, else its one plugin class, else its module.

        Returns what is wrong with other files, of which it also warns.
        """
        group = group or f"{self.name}.plugins"
        _, problems = self._intake.add_files(group, abspath(fspath(path)), pattern)
        for problem in problems:
            warn(str(problem))
        return problems

    def add_file(self, path: "str | PathLike[str]", *, group: str | None = None) -> "Component":
        """Add the plugin in one file, or in the package of a directory, and do not run it.

        It may say nothing of itself; its id is the name of the file then. What is added already is
        given again. Raises ManifestError for a file that cannot be read or has a wrong field, and
        PluginConflictError where another plugin has its id.
        """
        return self._intake.add_file(group or f"{self.name}.plugins", abspath(fspath(path)))

    def load_modules(self, paths: "Iterable[str]") -> "list[str]":
        """Import modules that register plugins while they are imported; gives what went wrong.

        A module that cannot be imported costs what it would have registered: it is told in a
        warning, and the others are imported.
        """
        from importlib import import_module

        problems = []
        for path in paths:
            try:
                import_module(path)
            except Terminated:
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
                problems.append(f"the module {path!r} could not be imported: {told(error)}")
                warn(problems[-1])
        return problems

    def instances(self, kind: type) -> "list[Any]":
        """The live instances of an Extension that is defined with `tracked=True`."""
        return live_instances(kind)

    # -- running --------------------------------------------------------------------------------

    def start(self, only: "Iterable[str] | None" = None) -> None:
        """Start what is not started yet, dependencies first.

        With `only`, the plugins of these names and what they depend on; the others are not even
        loaded. Raises PluginOrderError for dependencies that lead round in a circle,
        PluginNotFoundError for a name that there is not, and PluginStartError where a failure is to
        stop everything.
        """
        at_once(self._runner.start(waits=False, only=known_of(self.components, only, self.name)))

    def stop(self) -> None:
        """Stop what was started, in reverse; raises PluginStopError with all that failed."""
        self._runner.stop_at_once()

    def unload(self, name: str, *, group: str | None = None, dependents: bool = False) -> None:
        """Stop one plugin and take it out, and with `dependents` those that need it.

        Raises HostError when others need it and are started, and PluginNotFoundError.
        """
        self._runner.at_once(self.unload_async(name, group=group, dependents=dependents))

    async def start_async(self, only: "Iterable[str] | None" = None) -> None:
        """As `start`, for plugins that have to be awaited too."""
        await self._runner.start(waits=True, only=known_of(self.components, only, self.name))

    async def stop_async(self) -> None:
        """As `stop`, for plugins that have to be awaited too."""
        await self._runner.stop()

    async def unload_async(
        self, name: str, *, group: str | None = None, dependents: bool = False
    ) -> None:
        """As `unload`, for plugins that have to be awaited too."""
        leaving = leaving_with(self.components, name, group, self.name, dependents=dependents)
        await self._updater.remove(leaving)

    def __enter__(self) -> "Self":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    async def __aenter__(self) -> "Self":
        await self.start_async()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop_async()

    def reload(self, name: str, *, group: str | None = None, seconds: float = 5.0) -> "Replacement":
        """Put the next generation of a plugin in its place, from its sources as they are now.

        All modules of its package are imported anew; the plugin is checked, configured and started
        before anybody sees it, and those that depend on it are started again. The old one is
        stopped when no thread is in a call of it, or after so many seconds. With methods
        `export_state()` and `import_state(state)` it hands over what it knows.

        Raises ReloadError, for whatever goes wrong before, and then the old one goes on.
        """
        return self._runner.at_once(self.reload_async(name, group=group, seconds=seconds))

    async def reload_async(
        self, name: str, *, group: str | None = None, seconds: float = 5.0
    ) -> "Replacement":
        """As `reload`, for plugins that have to be awaited too."""
        return await self._replacer.reload(
            the_one(self.components, name, group, self.name), seconds
        )

    def rollback(
        self, name: str, *, group: str | None = None, seconds: float = 5.0
    ) -> "Replacement":
        """Put the generation before in the place of a plugin that was reloaded, started again."""
        return self._runner.at_once(self.rollback_async(name, group=group, seconds=seconds))

    async def rollback_async(
        self, name: str, *, group: str | None = None, seconds: float = 5.0
    ) -> "Replacement":
        """As `rollback`, for plugins that have to be awaited too."""
        return await self._replacer.rollback(
            the_one(self.components, name, group, self.name), seconds
        )

    def history(self, name: str, *, group: str | None = None) -> "list[Replacement]":
        """What was done to a plugin by `reload` and `rollback`, the first one first."""
        return self._replacer.history(the_one(self.components, name, group, self.name))

    def refresh(self, *, apply: bool = False, seconds: float = 5.0) -> "list[Change]":
        """What pip has installed, upgraded or removed since, of the groups that were discovered.

        With `apply` it is taken over: what is new is added, and started if the others are; what
        was loaded is replaced as by `reload`, what is gone is unloaded unless others need it. What
        could not be taken over stays as it is, with the reason in `problem`. A reinstallation of
        the same version is noticed only where it changes a target, or whether it may run here.
        """
        return self._runner.at_once(self._updater.refresh(seconds, apply=apply))

    async def refresh_async(self, *, apply: bool = False, seconds: float = 5.0) -> "list[Change]":
        """As `refresh`, for plugins that have to be awaited too."""
        return await self._updater.refresh(seconds, apply=apply)

    def watch(
        self,
        tell: "Callable[[Change], object] | None" = None,
        *,
        settle: float = 0.2,
        seconds: float = 5.0,
        polling: bool = False,
    ) -> "Watch":
        """Take over what is saved in the files of plugins, in a thread, until that is closed.

        Each save is one reload, once a file is as it is for `settle` seconds and nobody has it open
        for writing; `tell` gets a Change for each, and without it those with a problem are warned
        of. Files that are new in directories that were added are added, and those that are gone
        unloaded. With `polling` the files are looked at four times a second, otherwise the system
        tells, for which the extra plugbay[reload] is needed; where it does not they are looked at
        once a second.
        """
        from plugbay.hosting.watching import Watch

        return Watch(
            lambda: self.components,
            self._intake,
            self._runner,
            self._updater,
            tell=tell,
            settle=settle,
            seconds=seconds,
            polling=polling,
        )

    def pipeline(
        self,
        group: str,
        steps: "Iterable[str | tuple[str, Mapping[str, Any]]] | None" = None,
        *,
        method: str | None = None,
        executor: "Executor | Client | None" = None,
        sandbox: "Sandbox | Callable[[Component], Sandbox | None] | None" = None,
        rows: "Callable[[Any], int | None] | None" = None,
        ahead: int = 8,
        progress: bool | None = None,
    ) -> "Pipeline":
        """What passes data through the plugins of a group: each is called with what the last gave.

        They come in the order in which they start, or in that of `steps`: names, or names with the
        options for the call. `method` names what is called of each, which is called itself
        otherwise. `rows` counts the rows of data that is no list.

        With an `executor` of `concurrent.futures`, or a client of Dask, up to `ahead` batches of a
        stream are worked on at once. Workers in other processes are sent references to installed
        plugins, which they find, check and start themselves, and refuse those of another version.
        Calls are made in `sandbox`, or in what it gives for a plugin, None for none. `progress`
        says whether to show a bar; if not said, on a terminal, when it takes a while.

        Raises PluginNotFoundError and PluginRefusedError for a step that cannot be had, and
        HostError for a plugin that no other process can find.
        """
        from plugbay.hosting.pipelines.making import pipeline_of

        self.group(group)
        return pipeline_of(
            group,
            steps,
            lambda: self.components,
            self._described,
            method=method,
            executor=executor,
            sandbox=sandbox,
            rows=rows,
            ahead=ahead,
            progress=progress,
        )

    # -- looking --------------------------------------------------------------------------------

    @property
    def components(self) -> "list[Component]":
        """All plugins of the host, refused and failed ones too, group by group."""
        self._intake.enrol_declared(*self._groups)
        return self._registry.everything()

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._runner.is_running

    def observe(self, observer: "Observer") -> "Callable[[], None]":
        """Have each transition told: the component, and the state that it was in before.

        Returns a function that ends it.
        """
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def check_configuration(self) -> "list[Fault]":
        """What is wrong with the values that are set for plugins, as far as can be told now.

        That is by the schemas of manifests, without importing a plugin, and by the models of
        plugins that are loaded.
        """
        return self._configuration.faults(self.components)

    def configuration_schema(self) -> "dict[str, Any]":
        """The JSON Schema of the configuration file, with the tables of all plugins.

        Plugins whose manifest has no schema are loaded to ask for their model. Raises
        ConfigurationError for a model that has no schema.
        """
        return schema_of_file({each.name: schema_of_plugin(each) for each in self.components})

    def explain(self) -> str:
        """Which plugins start, in which order and why, and which do not, a line each."""
        return explained(self.components, self.name)

    # -- how ------------------------------------------------------------------------------------

    def _described(self) -> "HostDescription":
        """What another process makes a host like this one of."""
        from plugbay.hosting.pipelines.assignments import HostDescription

        values = {
            each.name: self._configuration.values(each.name, field_names(each.model))
            for each in self.components
        }
        config = {name: those for name, those in values.items() if those}
        groups = dict(self._intake.discovered)
        return HostDescription(
            self.name, self._api, self._api_version, self._policy, groups, config
        )

    def __getitem__(self, group: str) -> "HostGroup[Any]":
        mine = self.group(group)
        if not mine.components and group not in self._intake.discovered:
            check_group(self.components, group, self.name)
        return mine

    def __repr__(self) -> str:
        return f"<Host {self.name!r}: {len(self._registry.everything())} plugins>"
