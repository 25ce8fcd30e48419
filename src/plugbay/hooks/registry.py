"""Registry: the hooks of a host, and the plugins that take part in them."""

import os
from _thread import RLock

from plugbay.errors import (
    CircularLoadError,
    HookError,
    HookSpecificationError,
    HookValidationError,
    PluginConflictError,
    PluginNotFoundError,
    did_you_mean,
)
from plugbay.hooks.failures import FailurePolicy, policy
from plugbay.hooks.hook import Hook
from plugbay.hooks.implementations import Options, mark
from plugbay.hooks.members import Member, name_of
from plugbay.hooks.ordering import Place, ordered
from plugbay.hooks.scopes import Scopes
from plugbay.hooks.strategies import plan_for
from plugbay.hooks.validation import faults
from plugbay.notices import warn
from plugbay.plugins import Plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Literal, ParamSpec, TypeVar, overload

    from plugbay.groups import Group
    from plugbay.hooks import decorators as typed
    from plugbay.hooks.failures import OnFailure
    from plugbay.hooks.hook import AsyncHook
    from plugbay.hooks.implementations import Implementation
    from plugbay.hooks.monitoring import Observer
    from plugbay.hooks.paths import HookCall
    from plugbay.hooks.scopes import _Opening

    F = TypeVar("F")
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
    own: see `spec`. `problems` has a sentence for each manifest that its code contradicts.

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
        self.on_failure = FailurePolicy(on_failure, disable_after)
        self.problems: list[str] = []
        # What the call paths ask. `version` counts what has changed.
        self.lock = RLock()
        self.version = 0
        self.scopes = Scopes(name)
        self.observers: list[tuple[Observer | None, Observer | None]] = []
        self._order = {**(order or {}), **order_from(os.environ)}
        self._hooks: dict[str, Hook[..., Any, Any]] = {}
        self._members: dict[str, Member] = {}
        self._blocked: set[str] = set()
        self._groups: dict[str, Group[Any]] = {}
        self._batches = 0

    # -- what the host says ---------------------------------------------------------------------

    if TYPE_CHECKING:
        # To a type checker a coroutine is a result like any other; these say that here it is not.
        @overload
        def spec(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
            self, function: "Callable[P, Coroutine[Any, Any, R | None]]", /
        ) -> "AsyncHook[P, Coroutine[Any, Any, list[R]], R]": ...

        @overload
        def spec(self, function: "Callable[P, R | None]", /) -> "Hook[P, list[R], R]": ...

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
            hook: Hook[..., Any, Any] = Hook(
                self,
                specification,
                plan_for(strategy),
                historic=historic,
                required=required,
                together=together,
                on_failure=policy(on_failure, disable_after),
            )
            self._add(hook)
            return hook.function

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
        HookOrderError for wishes that contradict each other.
        """
        if name is not None and len(plugins) != 1:
            raise HookError(f"name={name!r} is for one plugin; register the others by themselves")
        chosen = policy(on_failure, disable_after)
        with self.lock:
            members = [
                self._member(name or name_of(each), each, index, chosen)
                for index, each in enumerate(plugins)
            ]
            self._admit(members)

    def discover(
        self,
        group: str,
        *,
        on_failure: "OnFailure | None" = None,
        disable_after: int | None = None,
        **options: "Any",
    ) -> "Group[Any]":
        """Add the installed plugins of an entry-point group, and import none of them.

        The first call of a hook imports those whose manifest names it, and those that have no
        manifest. `options` are those of `load_group`, whose group is returned; its policy, gate
        and warnings are for these plugins too. Raises what `load_group` and `register` do.
        """
        from plugbay.groups import load_group

        found = load_group(group, **options)
        chosen = policy(on_failure, disable_after)
        with self.lock:
            members = [self._member(name, each, 0, chosen) for name, each in found.plugins.items()]
            self._groups.update({each.name: found for each in members})
            self._admit(members)
        return found

    def unregister(self, name: str) -> None:
        """Remove a plugin; calls that are under way still finish with it."""
        with self.lock:
            self._known(name)
            del self._members[name]
            self._groups.pop(name, None)
            self.changed()

    def block(self, name: str) -> None:
        """Keep a plugin out, whether it is registered or will be, until it is unblocked."""
        with self.lock:
            self._blocked.add(name)
            self.changed()

    def unblock(self, name: str) -> None:
        """Let a plugin in again that was blocked, or disabled after it failed."""
        with self.lock:
            self._blocked.discard(name)
            if name in self._members:
                self._members[name].forgive()
            self.changed()

    @property
    def plugins(self) -> "dict[str, Member]":
        """The registered plugins by name, in the order of registration."""
        return dict(self._members)

    def only(self, *names: str) -> "_Opening":
        """A context manager within which only these plugins run, in this thread or task alone."""
        return self._scope(only=names)

    def without(self, *names: str) -> "_Opening":
        """A context manager within which these plugins do not run, in this thread or task alone."""
        return self._scope(without=names)

    # -- who watches ----------------------------------------------------------------------------

    def monitor(
        self, before: "Observer | None" = None, after: "Observer | None" = None
    ) -> "Callable[[], None]":
        """Have each call of a hook told before it begins and after it is over, as a CallRecord.

        Returns a function that ends it.
        """
        observer = (before, after)
        with self.lock:
            self.observers = [*self.observers, observer]
            self.changed()

        def end() -> None:
            with self.lock:
                self.observers = [each for each in self.observers if each is not observer]
                self.changed()

        return end

    def trace(self, write: "Callable[[str], object]" = print) -> "Callable[[], None]":
        """Have each call written, with arguments, result and milliseconds; returns what ends it."""
        from plugbay.hooks.monitoring import tracer

        return self.monitor(*tracer(write))

    def __getitem__(self, name: str) -> "Hook[..., Any, Any]":
        """The hook of that name; raises HookError, with the closest names, when there is none."""
        if name not in self._hooks:
            raise HookError(
                f"{self.name!r} has no hook {name!r}; {did_you_mean(name, self._hooks)}"
            )
        return self._hooks[name].function  # type: ignore[return-value]  # a hook at run time, see there

    def __iter__(self) -> "Iterator[str]":
        return iter(list(self._hooks))

    def __repr__(self) -> str:
        return f"<Hooks of {self.name!r}: {len(self._hooks)} hooks, {len(self._members)} plugins>"

    # -- what the hooks ask ---------------------------------------------------------------------

    def implementations(self, hook: "Hook[..., Any, Any]") -> "tuple[list[Implementation], bool]":
        """The implementations of a hook in order, and whether those of all plugins are known.

        Loads the plugins that may implement it.
        """
        is_known = True
        for member in self.unknown(hook):
            is_known &= self._load(member)
        return [place.item for place in self.places(hook)], is_known

    def unknown(self, hook: "Hook[..., Any, Any]") -> "list[Member]":
        """The plugins that are still to be loaded before it is known whether they implement it."""
        with self.lock:
            members = [each for each in self._members.values() if each.name not in self._blocked]
        return [each for each in members if each.may_implement(hook.name)]

    def places(
        self, hook: "Hook[..., Any, Any]", members: "Iterable[Member] | None" = None
    ) -> "list[Place]":
        """The known implementations in the order in which they run, each with the reason why."""
        with self.lock:
            among = list(self._members.values() if members is None else members)
            blocked = set(self._blocked)
        places = [
            _place(each, member)
            for member in among
            if member.name not in blocked and hook.name not in member.disabled
            for each in member.implementations.get(hook.name, ())
        ]
        return ordered(places, self._order.get(hook.name, ()))

    def changed(self) -> None:
        """Have every hook's call written anew before it is next made."""
        with self.lock:
            self.version += 1
            for hook in self._hooks.values():
                hook.stale()

    # -- how it is done -------------------------------------------------------------------------

    def _add(self, hook: "Hook[..., Any, Any]") -> None:
        with self.lock:
            if hook.name in self._hooks:
                first = self._hooks[hook.name].specification
                raise HookSpecificationError(
                    f"the hook {hook.name!r} of {self.name!r} is specified twice, "
                    f"in {first.__module__} and in {hook.specification.__module__}; rename one"
                )
            problems = [
                fault
                for member in self._members.values()
                if member.is_loaded
                for fault in faults(str(member), member.implementations, {hook.name: hook})
                if hook.name in member.implementations or hook.is_required
            ]
            if problems:
                raise HookValidationError(f"plugins do not fit the hook {hook.name!r}:", problems)
            self._hooks[hook.name] = hook
            self.version += 1

    def _member(
        self, name: str, plugin: object, index: int, chosen: FailurePolicy | None
    ) -> Member:
        source = plugin if isinstance(plugin, Plugin) else None
        return Member(
            name,
            None if source else plugin,
            batch=self._batches,
            index=index,
            changed=self.changed,
            on_failure=chosen,
            source=source,
        )

    def _admit(self, members: "list[Member]") -> None:
        """Add all the members, or none: the lock is held."""
        taken = dict(self._members)
        problems: list[str] = []
        for member in members:
            if member.name in taken:
                raise PluginConflictError(
                    f"{member} cannot be registered with {self.name!r}: {taken[member.name]} "
                    f"has its name; give one of them another name"
                )
            taken[member.name] = member
            if member.owner is not None:
                found = member.adopt(member.owner, self.name)
                problems += faults(str(member), found, self._hooks)
                member.implementations = found
        if problems:
            raise HookValidationError("nothing was registered:", problems)
        concerned = {name for each in members for name in each.implementations}
        hooks = [self._hooks[name] for name in concerned if name in self._hooks]
        for hook in hooks:
            self.places(hook, taken.values())  # raises where no order is left
        before, self._members = self._members, taken
        self._batches += 1
        self.changed()
        try:
            for member in members:
                self._replay(member)
        except BaseException:
            self._members = before
            self.changed()
            raise

    def _replay(self, member: Member) -> None:
        """Give a new member the calls that historic hooks have had so far."""
        for hook in self._hooks.values():
            if hook.is_historic and hook.has_history and member.name not in self._blocked:
                if member.may_implement(hook.name):
                    self._load(member)
                else:
                    hook.replay(member.implementations.get(hook.name, ()))

    def _load(self, member: Member) -> bool:
        """Load a member, unless it fails; whether what it implements is known now.

        A plugin that calls hooks while it is imported is not known to those calls.
        """
        source = member.source
        assert source is not None
        try:
            owner = source.load()
        except CircularLoadError:
            return False
        except ImportError as failure:
            self._left_out(member, failure)
            return True
        with self.lock:
            if not member.is_loaded:
                found = member.adopt(owner, self.name)
                problems = list(faults(str(member), found, self._hooks))
                if problems:
                    error = HookValidationError(f"{member} is left out:", problems)
                    self._left_out(member, error)
                    return True
                member.implementations = found
                self._compare(member)
                self.changed()
                self._replay(member)
        return True

    def _left_out(self, member: Member, error: Exception) -> None:
        """Go on without a plugin that cannot be used, as its group does; a strict one raises."""
        group = self._groups.get(member.name)
        if group is None or group.is_strict:
            raise error
        group.tell_once(member.name, error)

    def _compare(self, member: Member) -> None:
        """Tell where a manifest and the code behind it disagree."""
        if member.declared is None:
            return
        declared, found = set(member.declared), set(member.implementations)
        missing, more = sorted(declared - found), sorted(found - declared)
        words = [f"names {', '.join(missing)}, which its code does not implement"] * bool(missing)
        words += [f"does not name {', '.join(more)}, which its code implements"] * bool(more)
        if words:
            problem = (
                f"the manifest of {member} {' and '.join(words)}; "
                f"a release with a manifest made anew will mend it"
            )
            self.problems.append(problem)
            warn(problem)

    def _scope(self, **names: "tuple[str, ...]") -> "_Opening":
        for each in names.values():
            for name in each:
                self._known(name)
        with self.lock:
            if not self.scopes.are_used:
                self.scopes.are_used = True
                self.changed()
        return self.scopes.narrowed(**names)

    def _known(self, name: str) -> None:
        if name not in self._members:
            raise PluginNotFoundError(
                f"no plugin {name!r} is registered with {self.name!r}; "
                f"{did_you_mean(name, self._members)}"
            )


def _place(implementation: "Implementation", member: Member) -> Place:
    options = implementation.options
    return Place(
        implementation,
        member.name,
        depends_on=member.depends_on,
        before=options.before,
        after=options.after,
        first=options.is_first,
        last=options.is_last,
        priority=member.priority if options.priority is None else options.priority,
        batch=member.batch,
        index=member.index,
    )


def order_from(environ: "Mapping[str, str]") -> "dict[str, tuple[str, ...]]":
    """What PLUGBAY_HOOK_ORDER asks for: plugins in order, by the name of the hook."""
    order = {}
    for part in environ.get("PLUGBAY_HOOK_ORDER", "").split(";"):
        hook, equals, names = part.partition("=")
        if equals:
            order[hook.strip()] = tuple(each.strip() for each in names.split(",") if each.strip())
    return order
