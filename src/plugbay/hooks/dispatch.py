"""Dispatch: the function by which a host calls a hook, kept up to date with who implements it."""

from types import FunctionType

from plugbay.errors import HookSpecificationError
from plugbay.hooks.calls import compiled
from plugbay.hooks.paths import Paths
from plugbay.hooks.signatures import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from plugbay.hooks.failures import FailurePolicy
    from plugbay.hooks.implementations import Implementation
    from plugbay.hooks.members import Member
    from plugbay.hooks.paths import Bound, HookCall
    from plugbay.hooks.roster import Roster
    from plugbay.hooks.scopes import Scope
    from plugbay.hooks.strategies import Plan

    Arguments = tuple[tuple[Any, ...], dict[str, Any]]

__all__ = ["Dispatcher"]


class Dispatcher:
    """Keeps the function of one hook up to date with who implements it.

    `function` is what hosts call. It becomes `stale` when something changes, and then the next
    call has its code written anew.
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
        on_failure: "FailurePolicy",
    ) -> None:
        while (wrapped := getattr(specification, "__wrapped__", None)) is not None:
            specification = wrapped
        if not isinstance(specification, FunctionType) or not specification.__name__.isidentifier():
            raise HookSpecificationError(
                f"{specification!r} is no function with a name, so it cannot specify a hook"
            )
        self.name = specification.__name__
        self.specification = specification
        self.signature = Signature.of(specification)
        self.annotations: dict[str, Any] = specification.__annotations__
        self.is_async = self.signature.is_async
        self.is_historic = historic
        self.is_required = required
        # A strategy that needs one implementation runs no others.
        self.is_together = together and (plan.kind != "until" or plan.skips_none)
        self._on_failure = on_failure.over(roster.on_failure)
        self.plan = plan
        self.roster = roster
        self._history: list[Arguments] = []
        # What was made for `calls`, and the version and scope that it was made for.
        self._gathered: tuple[object, Callable[..., Any]] = (None, list)
        self._check(together, on_failure)
        self._paths = Paths(self)
        self._form, source = self._paths.forward()
        self._paths.scope[self._form] = None
        self.function = self._named(self._paths.function(source, self._paths.scope))

    @property
    def place(self) -> str:
        """Where it is specified, in a message."""
        code = self.specification.__code__
        return f"{self.specification.__module__} (line {code.co_firstlineno})"

    def resolved(self, name: str) -> "Any":
        """The annotation of a parameter, or of "return", with names in text looked up."""
        from plugbay.hooks.annotations import resolved

        return resolved(self.specification, name)

    def policy_of(self, implementation: "Implementation") -> "FailurePolicy":
        """What becomes of the failures of an implementation: the plugin's word, then the hook's."""
        return implementation.member.on_failure.over(self._on_failure)

    def stale(self) -> None:
        """Have the call written anew before it is next made, and let go who took part in it."""
        self._paths.scope[self._form] = None
        self._gathered = None, list

    def again(self, /, *args: "Any", **kwargs: "Any") -> "Any":
        """Write the call anew, and make it."""
        return self._written()(*args, **kwargs)

    def history(self) -> "list[Arguments]":
        """The arguments of the calls so far, of a historic hook."""
        return list(self._history)

    def forget(self) -> None:
        """Drop the history."""
        self._history.clear()

    def replay(
        self, implementations: "Iterable[Implementation]", calls: "Iterable[Arguments]"
    ) -> None:
        """Make calls again on implementations that came after them."""
        path = self._paths.route(self._paths.bound(implementations)[0])
        for args, kwargs in calls:
            path(*args, **kwargs)

    def gatherer(self) -> "Callable[..., list[HookCall[Any]]]":
        """The function that gives the calls of who runs in the current scope."""
        key = self.roster.version, self.roster.scopes.current()
        known, gatherer = self._gathered
        if known != key:
            bound, is_complete = self._paths.bound(self.running())
            gatherer = self._paths.gatherer(bound)
            self._gathered = (key if is_complete else None), gatherer
        return gatherer

    def running(self) -> "list[Implementation]":
        """Who runs in the current scope, without the wrappers."""
        implementations, _ = self.roster.implementations(self)
        scope = self.roster.scopes.current()
        return [
            each
            for each in implementations
            if not each.options.is_wrapper and (scope is None or scope.admits(each.member.name))
        ]

    def _written(self) -> "Callable[..., Any]":
        """The hook's function with its code up to date, or another one for this call alone."""
        failed: dict[Member, BaseException] = {}
        while True:
            version = self.roster.version
            implementations, is_known = self.roster.implementations(self)
            bound, is_bound = self._paths.bound(implementations, failed)
            if version != self.roster.version:
                continue  # a plugin was loaded, or has come or gone meanwhile
            form, source, plugins = self._form_for(bound)
            if not (is_known and is_bound):
                return self._paths.function(source, {**self._paths.scope, form: plugins})
            with self.roster.lock:
                if version == self.roster.version:
                    self._paths.scope[form] = plugins
                    self._form = form
                    self.function.__code__ = compiled(self.name, source)
                    return self.function

    def _form_for(self, bound: "list[Bound]") -> "tuple[str, str, Any]":
        """The form of the hook's function, its source, and what it has to call."""
        roster = self.roster
        is_plain = self.plan.kind != "custom" and not (self.is_together or self.is_historic)
        is_plain = is_plain and not any(each.options.is_wrapper for each, _ in bound)
        if is_plain and not roster.scopes.are_used and not roster.observers:
            return self._paths.loops(bound)
        path = self._scoped(bound) if roster.scopes.are_used else self._paths.route(bound)
        if roster.observers:
            from plugbay.hooks.monitoring import observed

            path = observed(self, path, roster.observers)
        if self.is_historic:
            path = self._remembered(path)
        return (*self._paths.forward(), path)

    def _scoped(self, bound: "list[Bound]") -> "Callable[..., Any]":
        """A function that leaves out who is not in the scope of its context."""
        scopes = self.roster.scopes
        within: dict[Scope | None, Callable[..., Any]] = {}

        def scoped(*args: "Any", **kwargs: "Any") -> "Any":
            scope = scopes.current()
            if scope not in within:
                admitted = (
                    bound
                    if scope is None
                    else [pair for pair in bound if scope.admits(pair[0].member.name)]
                )
                within[scope] = self._paths.route(admitted)
            return within[scope](*args, **kwargs)

        return scoped

    def _remembered(self, path: "Callable[..., Any]") -> "Callable[..., Any]":
        """A function that keeps what it is called with for those who come later."""
        version = self.roster.version

        def remembered(*args: "Any", **kwargs: "Any") -> "Any":
            with self.roster.lock:
                # Those who have come since get this call either now or from the history.
                is_current = version == self.roster.version
                if is_current:
                    self._history.append((args, kwargs))
            return (path if is_current else self.again)(*args, **kwargs)

        return remembered

    def _check(self, together: bool, on_failure: "FailurePolicy") -> None:
        """Raise HookSpecificationError for options that contradict each other."""
        collects = self.plan.kind == "collect" and not self.plan.picks
        wrong = ""
        if self.is_historic and (self.is_async or not collects):
            wrong = "historic, so it gives all results and is not asynchronous"
        elif together and (not self.is_async or self.plan.kind in ("pipeline", "custom")):
            wrong = "run together, so it is asynchronous and neither a pipeline nor custom"
        elif self.plan.kind == "custom" and not on_failure.is_plain:
            wrong = "custom, so its strategy deals with failures, and not on_failure"
        elif self.signature.is_generator or self.signature.is_async_generator:
            wrong = "called for its result, so its specification has no yield"
        if wrong:
            raise HookSpecificationError(f"the hook {self.name!r} is {wrong}; change one of these")

    def _named(self, function: FunctionType) -> FunctionType:
        """The function with the name and the words of the specification."""
        specification = self.specification
        for name in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
            setattr(function, name, getattr(specification, name))
        function.__dict__.update(specification.__dict__)
        function.__dict__["__wrapped__"] = specification
        return function

    def __repr__(self) -> str:
        return f"<Dispatcher of {self.name!r}>"
