"""Registry: the hooks of a host, and the plugins that take part in them."""

from plugbay.errors import HookError, HookValidationError, did_you_mean
from plugbay.hooks.dispatch import Dispatcher
from plugbay.hooks.failures import FailurePolicy
from plugbay.hooks.hook import Hook
from plugbay.hooks.implementations import Options, mark
from plugbay.hooks.members import name_of
from plugbay.hooks.roster import Roster
from plugbay.hooks.strategies import plan_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Literal, ParamSpec, TypeVar, overload

    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.groups import Conflict, Group
    from plugbay.hooks import decorators as typed
    from plugbay.hooks.failures import OnFailure
    from plugbay.hooks.hook import AsyncAvailHook, AvailHook
    from plugbay.hooks.members import Member
    from plugbay.hooks.monitoring import Observer
    from plugbay.hooks.paths import HookCall
    from plugbay.hooks.scopes import Opening

    F = TypeVar("F", bound="Callable[..., Any] | classmethod[Any, Any, Any]")
    P = ParamSpec("P")
    R = TypeVar("R")
    X = TypeVar("X")

__all__ = ["Hooks"]


class Hooks:
    """The hooks of a host: what it specifies, and who implements it.

    `name` is that of the host; implementations are marked with it. `order` gives, by the name of
    a hook, plugins that run in that order whatever they ask for; PLUGBAY_HOOK_ORDER, such as
    "describe=csv,json;prepare_rows=filter,normalise", does the same for the operator, and counts
    more. `on_failure` and `disable_after` are for hooks and plugins that say nothing of their
    own: see `spec`.

    Safe from many threads: a call that is under way when a plugin comes or goes is finished with
    the plugins that it began with.
    """

    def __init__(
        self,
        name: str,
        *,
        order: "Mapping[str, Sequence[str]] | None" = None,
        on_failure: "OnFailure" = "raise",
        disable_after: int | None = None,
    ) -> None:
        self.name = name
        self._roster = Roster(name, order or {}, FailurePolicy(on_failure, disable_after))

    # -- what the host says ---------------------------------------------------------------------

    if TYPE_CHECKING:
        # To a type checker a coroutine is a result like any other; these say that here it is not.
        @overload
        def spec(
            self, function: "Callable[P, typed.Untold]", /
        ) -> "AvailHook[P, list[Any], Any]": ...

        @overload
        def spec(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
            self, function: "Callable[P, Coroutine[Any, Any, R | None]]", /
        ) -> "AsyncAvailHook[P, Coroutine[Any, Any, list[R]], R]": ...

        @overload
        def spec(self, function: "Callable[P, R | None]", /) -> "AvailHook[P, list[R], R]": ...

        @overload
        def spec(
            self,
            *,
            strategy: Literal["all_avails"] = "all_avails",
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.AllAvails": ...

        @overload
        def spec(
            self,
            *,
            strategy: Literal["all"],
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.All": ...

        @overload
        def spec(
            self,
            *,
            strategy: "typed.PickedName",
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.Picked": ...

        @overload
        def spec(
            self,
            *,
            strategy: "typed.TriedName",
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.Tried": ...

        @overload
        def spec(
            self,
            *,
            strategy: "typed.AvailableName",
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.Available": ...

        @overload
        def spec(
            self,
            *,
            strategy: "typed.TriedAvailableName",
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.TriedAvailable": ...

        @overload
        def spec(
            self,
            *,
            strategy: "Callable[[list[HookCall[Any]]], X]",
            historic: bool = False,
            required: bool = False,
            together: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "typed.Custom[X]": ...

    def spec(
        self,
        function: "Callable[..., Any] | None" = None,
        *,
        strategy: "str | Callable[[list[Any]], Any]" = "all_avails",
        historic: bool = False,
        required: bool = False,
        together: bool = False,
        on_failure: "OnFailure | None" = None,
        disable_after: int | None = None,
    ) -> "Any":
        """Make a hook of a function whose parameters and annotations specify it.

        `strategy` is one of `Strategy`, or a function of the list of calls, each of which it makes
        or leaves. A `historic` hook gives plugins that come later the calls that were made
        before. With `required` every plugin has to implement it. An asynchronous hook awaits its
        implementations one by one, or `together`. `on_failure` is "raise", "skip" (a warning) or
        "collect" (a HookFailureError once the others have run), and after `disable_after`
        failures a plugin is left out of the hook. Raises HookSpecificationError.
        """

        def make(specification: "Callable[..., Any]") -> "Any":
            dispatcher = Dispatcher(
                self._roster,
                specification,
                plan_for(strategy),
                historic=historic,
                required=required,
                together=together,
                on_failure=FailurePolicy(on_failure, disable_after),
            )
            self._roster.add(dispatcher)
            return Hook(dispatcher).function

        return make if function is None else make(function)

    if TYPE_CHECKING:

        @overload
        def impl(self, function: F, /) -> F: ...

        @overload
        def impl(
            self,
            *,
            name: str | None = None,
            priority: "float | tuple[float, int] | None" = None,
            before: "str | Iterable[str]" = (),
            after: "str | Iterable[str]" = (),
            first: bool = False,
            last: bool = False,
            wrapper: bool = False,
            optional: bool = False,
        ) -> "Callable[[F], F]": ...

    def impl(
        self,
        function: "Any" = None,
        *,
        name: str | None = None,
        priority: "float | tuple[float, int] | None" = None,
        before: "str | Iterable[str]" = (),
        after: "str | Iterable[str]" = (),
        first: bool = False,
        last: bool = False,
        wrapper: bool = False,
        optional: bool = False,
    ) -> "Any":
        """Mark a function or method as an implementation; it stays as it is.

        `name` is that of the hook where it is not the function's. `before` and `after` name
        plugins; `first` and `last` run so as far as those allow; then the lower `priority` (a
        number, or a pair of priority and batch) runs first. A `wrapper` is a generator function
        that runs around the others. An `optional` one may be of a hook that is not there.
        """

        def make(function: "Any") -> "Any":
            options = Options(
                name=name,
                priority=priority,
                before=before,
                after=after,
                first=first,
                last=last,
                wrapper=wrapper,
                optional=optional,
            )
            mark(function, self.name, options)
            return function

        return make if function is None else make(function)

    # -- who takes part -------------------------------------------------------------------------

    def register(
        self,
        *plugins: object,
        name: str | None = None,
        on_failure: "OnFailure | None" = None,
        disable_after: int | None = None,
    ) -> None:
        """Add plugins: modules, objects, `Plugin`s, or classes, which are instantiated when needed.

        Those of one call share a batch and keep their order. `name` is for a single one; others
        go by their attribute `name`, or that of the module or class. `on_failure` and
        `disable_after` count more than the hook's.

        All is checked first, and nothing is added unless everything fits: raises
        HookValidationError with every fault, PluginConflictError for a name that is taken and
        PluginOrderError for wishes that contradict each other.
        """
        if name is not None and len(plugins) != 1:
            raise HookError(f"name={name!r} is for one plugin; register the others by themselves")
        if None in plugins:
            raise HookValidationError(
                "nothing was registered: None is no plugin; "
                "give a module, an object, a class or a function, or what makes one"
            )
        named = [(name or name_of(each), each) for each in plugins]
        self._roster.enrol(named, FailurePolicy(on_failure, disable_after))

    if TYPE_CHECKING:
        # The options of `load_group`, so that a misspelt one is seen before it is run.
        @overload
        def discover(
            self,
            group: str,
            *,
            api_version: str | None = None,
            api: "HostApi | None" = None,
            policy: "Policy | None" = None,
            expect: "Callable[[Any], bool] | None" = None,
            on_conflict: "Conflict" = "first",
            strict: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "Group[Any]": ...

        @overload
        def discover(
            self,
            group: str,
            *,
            api_version: str | None = None,
            api: "HostApi | None" = None,
            policy: "Policy | None" = None,
            expect: "type[X] | Callable[[Any], bool]",
            on_conflict: "Conflict" = "first",
            strict: bool = False,
            on_failure: "OnFailure | None" = None,
            disable_after: int | None = None,
        ) -> "Group[X]": ...

    def discover(
        self,
        group: str,
        *,
        api_version: str | None = None,
        api: "HostApi | None" = None,
        policy: "Policy | None" = None,
        expect: "Any" = None,
        on_conflict: "Conflict" = "first",
        strict: bool = False,
        on_failure: "OnFailure | None" = None,
        disable_after: int | None = None,
    ) -> "Group[Any]":
        """Add the installed plugins of an entry-point group, and import none of them.

        The first call of a hook imports those whose manifest names it, and those that have no
        manifest. The first options are those of `load_group`, whose group is returned; its policy,
        gate and warnings are for these plugins too. Raises what `load_group` and `register` do.
        """
        from plugbay.groups import load_group

        found = load_group(
            group,
            api_version=api_version,
            api=api,
            policy=policy,
            expect=expect,
            on_conflict=on_conflict,
            strict=strict,
        )
        chosen = FailurePolicy(on_failure, disable_after)
        self._roster.enrol(found.plugins.items(), chosen, group=found)
        return found

    def unregister(self, name: str) -> None:
        """Remove a plugin; calls that are under way still finish with it."""
        self._roster.remove(name)

    def block(self, name: str) -> None:
        """Keep a plugin out, whether it is registered or will be, until it is unblocked."""
        with self._roster.lock:
            self._roster.blocked.add(name)
            self._roster.changed()

    def unblock(self, name: str) -> None:
        """Let a plugin in again that was blocked, or left out of a hook after it failed.

        So also one that could not be loaded, and since has been by `Plugin.retry`.
        """
        self._roster.unblock(name)

    @property
    def problems(self) -> "tuple[str, ...]":
        """A sentence for each manifest that the code behind it contradicts, as far as loaded."""
        return tuple(self._roster.problems)

    @property
    def plugins(self) -> "dict[str, Member]":
        """The registered plugins by name, in the order of registration."""
        return dict(self._roster.members)

    def only(self, *names: str) -> "Opening":
        """A context manager within which only these plugins run, in this thread or task alone."""
        return self._roster.narrowed(only=names)

    def without(self, *names: str) -> "Opening":
        """A context manager within which these plugins do not run, in this thread or task alone."""
        return self._roster.narrowed(without=names)

    # -- who watches ----------------------------------------------------------------------------

    def monitor(
        self, before: "Observer | None" = None, after: "Observer | None" = None
    ) -> "Callable[[], None]":
        """Have each call of a hook told before it begins and after it is over, as a CallRecord.

        Returns a function that ends it.
        """
        roster, observer = self._roster, (before, after)
        with roster.lock:
            roster.observers = (*roster.observers, observer)
            roster.changed()

        def end() -> None:
            with roster.lock:
                roster.observers = tuple(each for each in roster.observers if each is not observer)
                roster.changed()

        return end

    def trace(self, write: "Callable[[str], object]" = print) -> "Callable[[], None]":
        """Have each call written, with arguments, result and milliseconds; returns what ends it."""
        from plugbay.hooks.monitoring import tracer

        return self.monitor(*tracer(write))

    def __getitem__(self, name: str) -> "Hook[..., Any, Any]":
        """The hook of that name; raises HookError, with the closest names, when there is none."""
        if name not in self._roster.hooks:
            raise HookError(
                f"{self.name!r} has no hook {name!r}; {did_you_mean(name, self._roster.hooks)}"
            )
        return self._roster.hooks[name].function  # type: ignore[return-value]  # a hook at run time, see there

    def __iter__(self) -> "Iterator[str]":
        return iter(list(self._roster.hooks))

    def __repr__(self) -> str:
        hooks, members = self._roster.hooks, self._roster.members
        return f"<Hooks of {self.name!r}: {len(hooks)} hooks, {len(members)} plugins>"
