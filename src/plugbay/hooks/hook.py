"""Hook: one specification, and the function by which a host calls all that implement it."""

from types import FunctionType

from plugbay.errors import HookSpecificationError, PluginNotFoundError, did_you_mean
from plugbay.hooks.calls import compiled
from plugbay.hooks.paths import Paths
from plugbay.hooks.signatures import Signature
from plugbay.notices import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
    from typing import Any, Generic, ParamSpec, TypeVar

    from plugbay.hooks.failures import FailurePolicy
    from plugbay.hooks.implementations import Implementation
    from plugbay.hooks.paths import Bound, HookCall
    from plugbay.hooks.roster import Roster
    from plugbay.hooks.scopes import Scope
    from plugbay.hooks.strategies import Plan

    Arguments = tuple[tuple[Any, ...], dict[str, Any]]
    P = ParamSpec("P")
    A = TypeVar("A", covariant=True)
    R = TypeVar("R", covariant=True)
else:
    from plugbay.plugins import Generic

    P = A = R = object

__all__ = ["AsyncHook", "Hook"]

# What a hook has as attributes beside what every function has.
_METHODS = ("calls", "clear_history", "explain", "iterate", "of", "pairs")


class Hook(Generic[P, A, R]):
    """What `@hooks.spec` makes of a function: called like it, it gives the answer of the plugins.

    A is what a call gives, R what one implementation does. At run time a hook is a Python
    function, so that a call costs no more than one, and has the methods below as attributes.
    """

    def __init__(
        self,
        roster: "Roster",
        specification: "Callable[..., Any]",
        plan: "Plan",
        *,
        historic: bool = False,
        required: bool = False,
        together: bool = False,
        on_failure: "FailurePolicy | None" = None,
    ) -> None:
        if not isinstance(specification, FunctionType):
            raise HookSpecificationError(
                f"{specification!r} is no plain function, so it cannot specify a hook"
            )
        self.name = specification.__name__
        self.specification = specification
        self.signature = Signature.of(specification)
        self.annotations: dict[str, Any] = specification.__annotations__
        self.is_async = self.signature.is_async
        self.is_historic = historic
        self.is_required = required
        self.is_together = together
        self.on_failure = on_failure
        self.plan = plan
        self._roster = roster
        self._history: list[Arguments] = []
        self._check()
        self._paths = Paths(self)
        self._form, source = self._paths.forward()
        self._paths.scope[self._form] = None
        self.function = self._dressed(self._paths.function(source, self._paths.scope))

    if TYPE_CHECKING:

        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> A:
            """Call the implementations; gives what the strategy makes of their results.

            Raises what an implementation raises unless the failure policy says otherwise, and
            HookResultError where there is nothing to give.
            """
            ...

    def calls(self, *args: "P.args", **kwargs: "P.kwargs") -> "list[HookCall[R]]":
        """The call of each implementation, in order, for the caller to make; without wrappers."""
        bound, _ = self._paths.bound(self._running())
        return self._paths.gatherer(bound)(*args, **kwargs)

    def iterate(self, *args: "P.args", **kwargs: "P.kwargs") -> "Iterator[R]":
        """The results one by one: an implementation runs when its result is asked for.

        None is passed over where the strategy does so. Without wrappers. Of an asynchronous hook
        it is an asynchronous iterator.
        """
        calls = self.calls(*args, **kwargs)
        if self.is_async:
            from plugbay.hooks.asynchrony import iterated

            return iterated(calls, self.plan.skips_none)  # type: ignore[return-value]  # see AsyncHook
        return (result for _, result in self._results(calls))

    def pairs(self, *args: "P.args", **kwargs: "P.kwargs") -> "list[tuple[str, R]]":
        """The name of each plugin with its result, as of `iterate`; awaited if the hook is."""
        calls = self.calls(*args, **kwargs)
        if self.is_async:
            from plugbay.hooks.asynchrony import paired

            return paired(calls, self.plan.skips_none)  # type: ignore[return-value]  # see AsyncHook
        return list(self._results(calls))

    def of(self, plugin: str) -> "Callable[P, R]":
        """A function that calls the implementation of one plugin, as its strategy "single" has it.

        Raises PluginNotFoundError, a KeyError, when the plugin does not implement the hook.
        """
        known = [each.member.name for each in self._running()]
        if plugin not in known:
            raise PluginNotFoundError(
                f"no plugin {plugin!r} implements the hook {self.name!r}; "
                f"{did_you_mean(plugin, known)}"
            )

        def call(*args: "Any", **kwargs: "Any") -> "Any":
            mine = [each for each in self.calls(*args, **kwargs) if each.plugin == plugin]
            return mine[0]() if mine else self.of(plugin)

        return call

    def clear_history(self) -> None:
        """Forget the calls so far, so that later plugins do not get them."""
        self._history.clear()

    def explain(self) -> str:
        """Who runs, in which order, and why, a line each."""
        places = self._roster.places(self)
        places.sort(key=lambda each: not each.item.options.is_wrapper)
        lines = [f"The hook {self.name!r} of {self._roster.name!r} runs, as {self.plan.name!r}:"]
        for number, place in enumerate(places, 1):
            around = ", around the others" if place.item.options.is_wrapper else ""
            lines.append(f"{number}. {place.item.member}{around}: {place.why}")
        for each in self._roster.unknown(self):
            why = "known when it is loaded, on the first call"
            if each.source is not None and each.source.error is not None:
                why = each.source.error.reason
            lines.append(f"-  {each}: {why}")
        return "\n".join(lines if len(lines) > 1 else [*lines, "nothing; no plugin implements it"])

    def resolved(self, name: str) -> "Any":
        """The annotation of a parameter, or of "return", with names in text looked up."""
        from plugbay.hooks.annotations import resolved

        return resolved(self.specification, name)

    def policy_of(self, implementation: "Implementation") -> "FailurePolicy":
        """What becomes of the failures of an implementation: the plugin's word, then the hook's."""
        return implementation.member.on_failure or self.on_failure or self._roster.on_failure

    def stale(self) -> None:
        """Have the call written anew before it is next made."""
        self._paths.scope[self._form] = None

    def again(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Write the call anew, and make it."""
        return self._written()(*args, **kwargs)

    def history(self) -> "list[Arguments]":
        """The arguments of the calls so far, of a historic hook."""
        return list(self._history)

    def replay(
        self, implementations: "Iterable[Implementation]", calls: "Iterable[Arguments]"
    ) -> None:
        """Make calls again on implementations that came after them."""
        gatherer = self._paths.gatherer(self._paths.bound(implementations)[0])
        for args, kwargs in calls:
            for call in gatherer(*args, **kwargs):
                call()

    def _running(self) -> "list[Implementation]":
        """Who runs in the current scope, without the wrappers."""
        implementations, _ = self._roster.implementations(self)
        scope = self._roster.scopes.current()
        return [
            each
            for each in implementations
            if not each.options.is_wrapper and (scope is None or scope.admits(each.member.name))
        ]

    def _written(self) -> "Callable[..., Any]":
        """The hook's function with its code up to date, or another one for this call alone."""
        while True:
            version = self._roster.version
            implementations, is_known = self._roster.implementations(self)
            bound, is_bound = self._paths.bound(implementations)
            if version != self._roster.version:
                continue  # a plugin was loaded, or has come or gone meanwhile
            form, source, parts = self._form_for(bound)
            if not (is_known and is_bound):
                return self._paths.function(source, {**self._paths.scope, form: parts})
            with self._roster.lock:
                if version == self._roster.version:
                    self._paths.scope[form] = parts
                    self._form = form
                    self.function.__code__ = compiled(self.name, source)
                    return self.function

    def _form_for(self, bound: "list[Bound]") -> "tuple[str, str, Any]":
        """The form of the hook's function, its source and its parts."""
        roster = self._roster
        if self.plan.name in ("single", "try_single") and len(bound) > 1:
            names = ", ".join(each.member.name for each, _ in bound)
            warn(
                f"the hook {self.name!r} asks one plugin, and {names} implement it: the last one "
                f"answers; name one by {self.name}.of({bound[0][0].member.name!r})"
            )
        is_plain = self.plan.kind != "custom" and not (self.is_together or self.is_historic)
        is_plain = is_plain and not any(each.options.is_wrapper for each, _ in bound)
        if is_plain and not roster.scopes.are_used and not roster.observers:
            return self._paths.loops(bound)
        path = self._paths.route(bound)
        if roster.scopes.are_used:
            path = self._scoped(path, bound)
        if self.is_historic:
            path = self._remembered(path)
        if roster.observers:
            from plugbay.hooks.monitoring import observed

            path = observed(self, path, roster.observers)
        return (*self._paths.forward(), path)

    def _scoped(self, path: "Callable[..., Any]", bound: "list[Bound]") -> "Callable[..., Any]":
        """A function that leaves out who is not in the scope of its context."""
        scopes = self._roster.scopes
        within: dict[Scope, Callable[..., Any]] = {}

        def scoped(*args: "Any", **kwargs: "Any") -> "Any":
            scope = scopes.current()
            if scope is None:
                return path(*args, **kwargs)
            if scope not in within:
                within[scope] = self._paths.route(
                    [pair for pair in bound if scope.admits(pair[0].member.name)]
                )
            return within[scope](*args, **kwargs)

        return scoped

    def _remembered(self, path: "Callable[..., Any]") -> "Callable[..., Any]":
        """A function that keeps what it is called with for those who come later."""
        version = self._roster.version

        def remembered(*args: "Any", **kwargs: "Any") -> "Any":
            with self._roster.lock:
                # Those who have come since get this call either now or from the history.
                is_current = version == self._roster.version
                if is_current:
                    self._history.append((args, kwargs))
            return (path if is_current else self.again)(*args, **kwargs)

        return remembered

    def _results(self, calls: "list[HookCall[R]]") -> "Iterator[tuple[str, R]]":
        for call in calls:
            result = call()
            if result is not None or not self.plan.skips_none:
                yield call.plugin, result

    def _check(self) -> None:
        """Raise HookSpecificationError for options that contradict each other."""
        collects = self.plan.name in ("all", "all_avails")
        wrong = ""
        if self.is_historic and (self.is_async or not collects):
            wrong = "historic, so it gives all results and is not asynchronous"
        elif self.is_together and (not self.is_async or self.plan.kind in ("pipeline", "custom")):
            wrong = "run together, so it is asynchronous and neither a pipeline nor custom"
        elif self.signature.is_generator or self.signature.is_async_generator:
            wrong = "called for its result, so its specification has no yield"
        if wrong:
            raise HookSpecificationError(f"the hook {self.name!r} is {wrong}; change one of these")

    def _dressed(self, function: FunctionType) -> FunctionType:
        """The function with the name and the words of the specification, and the methods."""
        specification = self.specification
        for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
            setattr(function, name, getattr(specification, name))
        function.__dict__.update(specification.__dict__)
        function.__dict__["__wrapped__"] = specification
        for name in _METHODS:
            function.__dict__[name] = getattr(self, name)
        return function

    def __repr__(self) -> str:
        return f"<Hook {self.name!r} of {self._roster.name!r}>"


if TYPE_CHECKING:

    class AsyncHook(Hook[P, A, R]):
        """A hook whose specification is asynchronous, as it is at run time."""

        def calls(self, *args: P.args, **kwargs: P.kwargs) -> "list[HookCall[Awaitable[R]]]":  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            """As of any hook; what a call gives is to be awaited."""
            ...

        def iterate(self, *args: P.args, **kwargs: P.kwargs) -> "AsyncIterator[R]":  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            """As of any hook, for `async for`."""
            ...

        def pairs(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            self, *args: P.args, **kwargs: P.kwargs
        ) -> "Coroutine[Any, Any, list[tuple[str, R]]]":
            """As of any hook, to be awaited."""
            ...

        def of(self, plugin: str) -> "Callable[P, Awaitable[R]]":  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            """As of any hook; what the function gives is to be awaited."""
            ...

else:
    AsyncHook = Hook
