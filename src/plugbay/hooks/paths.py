"""Paths: the functions that a call of one hook goes through, from the code that `calls` writes."""

import builtins
from functools import partial
from types import FunctionType

from plugbay.errors import CircularLoadError, HookResultError
from plugbay.hooks.calls import Writer, compiled
from plugbay.hooks.failures import give_up, note, note_by_line, take_note
from plugbay.hooks.wrapping import Around
from plugbay.notices import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Generic, TypeVar

    from plugbay.hooks.dispatch import Dispatcher
    from plugbay.hooks.failures import Failed
    from plugbay.hooks.implementations import Implementation
    from plugbay.hooks.members import Member

    R = TypeVar("R", covariant=True)

    # An implementation, and the function to call for it.
    Bound = tuple[Implementation, Callable[..., Any]]
else:
    from plugbay.plugins import Generic

    R = object

__all__ = ["HookCall", "Paths"]


class HookCall(Generic[R]):
    """One implementation with the arguments of a call, which is made by calling this.

    `plugin` is the name of who implements it. A custom strategy is given a list of these.
    """

    __slots__ = ("_arguments", "_function", "_keywords", "implementation", "plugin")

    def __init__(
        self,
        function: "Callable[..., R]",
        implementation: "Implementation",
        /,
        *arguments: object,
        **keywords: object,
    ) -> None:
        self.implementation = implementation
        self.plugin = implementation.member.name
        self._function = function
        self._arguments = arguments
        self._keywords = keywords

    def __call__(self) -> R:
        try:
            return self._function(*self._arguments, **self._keywords)
        except BaseException as error:
            note(error, self.implementation.label)
            raise

    def __repr__(self) -> str:
        return f"<HookCall of {self.implementation.label}>"


class Paths:
    """Makes the functions of one hook. `scope` are the globals of the one that hosts call.

    Those are the helpers that the written code uses, and a name for each form that the code has
    had, which stays None once the form is out of use.
    """

    def __init__(self, hook: "Dispatcher") -> None:
        self._hook = hook
        self._writer = Writer(hook.name, hook.signature, hook.plan, is_async=hook.is_async)
        self._forms: dict[tuple[object, ...], str] = {}
        helpers: dict[str, Any] = {
            "BaseException": BaseException,
            "again": hook.again,
            "bound": self._call_class(),
            "failed": self._failed,
            "give_up": self._give_up,
            "hasattr": hasattr,
            "note_by_line": note_by_line,
            "nothing": self._nothing,
        }
        self.scope: dict[str, Any] = {
            self._writer.names[each]: helper for each, helper in helpers.items()
        }
        # The module is plugbay's, so that a warning is told at the line of the host's call.
        self.scope |= {"__builtins__": builtins, "__name__": __name__}

    def bound(
        self,
        implementations: "Iterable[Implementation]",
        failed: "dict[Member, BaseException] | None" = None,
    ) -> "tuple[list[Bound], bool]":
        """The implementations with their functions, and whether these are so for good.

        They are not where a class cannot be instantiated, which each call of it then raises, or
        where it calls the hook while it is being instantiated, and is left out. Those that have
        `failed` before are not tried again.
        """
        failed = {} if failed is None else failed
        found: list[Bound] = []
        is_complete = True
        for each in implementations:
            if each.member in failed:
                found.append((each, partial(_fail, failed[each.member])))
                is_complete = False
                continue
            try:
                found.append((each, each.function()))
            except CircularLoadError:
                is_complete = False
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
                note(error, f"{each.member} while it was instantiated")
                failed[each.member] = error
                found.append((each, partial(_fail, error)))
                is_complete = False
        return found, is_complete

    def form(self, *key: object) -> str:
        """The name in the globals for one form of the code."""
        if key not in self._forms:
            name = f"plugins_{len(self._forms)}"
            self._forms[key] = self._writer.free(name, self._hook.signature)
        return self._forms[key]

    def function(self, source: str, scope: "dict[str, Any]") -> FunctionType:
        """The function that is written in a source, with the defaults of the specification."""
        specification = self._hook.specification
        code = compiled(self._hook.name, source)
        function = FunctionType(code, scope, None, specification.__defaults__)
        function.__kwdefaults__ = specification.__kwdefaults__
        return function

    def forward(self) -> "tuple[str, str]":
        """The form and the source of a function that passes on to another one."""
        form = self.form("forward")
        return form, self._writer.forwards(plugins=form)

    def loops(self, bound: "Sequence[Bound]") -> "tuple[str, str, tuple[Any, ...]]":
        """The form and the source of a function that runs these, and what it has to call."""
        plan = self._hook.plan
        if plan.is_single and len(bound) > 1:
            names = ", ".join(each.member.name for each, _ in bound)
            warn(
                f"the hook {self._hook.name!r} asks one plugin, and {names} implement it: the "
                f"last one answers; name one by {self._hook.name}.of({bound[0][0].member.name!r})"
            )
        if plan.kind == "until" and plan.is_last:
            bound = bound[::-1]
        shapes, plugins = self._shapes(bound)
        contains = any(not self._hook.policy_of(each).is_plain for each, _ in bound)
        form = self.form("loops", shapes, contains)
        return form, self._writer.calls(shapes, plugins=form, contains=contains), plugins

    def gatherer(self, bound: "Sequence[Bound]") -> "Callable[..., list[HookCall[Any]]]":
        """A function that gives the calls of these, each ready to be made."""
        shapes, plugins = self._shapes(bound)
        form = self.form("gathers", shapes)
        source = self._writer.gathers(shapes, plugins=form)
        return self.function(source, {**self.scope, form: plugins})

    def route(self, bound: "Sequence[Bound]") -> "Callable[..., Any]":
        """The function that runs these, the wrappers among them around the others."""
        hook, names = self._hook, self._writer.names
        inner = [(each, function) for each, function in bound if not each.options.is_wrapper]
        if hook.plan.kind == "custom" or hook.is_together:
            scope = {names["inner"]: self.gatherer(inner), names["together"]: self._together()}
            path = self.function(self._writer.gathered(), {**self.scope, **scope})
        else:
            form, source, plugins = self.loops(inner)
            path = self.function(source, {**self.scope, form: plugins})
        for each, function in reversed(bound):
            if each.options.is_wrapper:
                source = self._writer.wraps(each.signature.passed(hook.signature))
                scope = {
                    names["implementation"]: function,
                    names["inner"]: path,
                    names["started"]: partial(Around, each),
                }
                path = self.function(source, {**self.scope, **scope})
        return path

    def _shapes(self, bound: "Sequence[Bound]") -> "tuple[tuple[str, ...], tuple[Any, ...]]":
        """The arguments of each call, and the functions to call, with the implementations last."""
        shapes = tuple(each.signature.passed(self._hook.signature) for each, _ in bound)
        functions = (function for _, function in bound)
        return shapes, (*functions, tuple(each for each, _ in bound))

    def _call_class(self) -> "type[HookCall[Any]]":
        if not self._hook.is_async:
            return HookCall
        from plugbay.hooks.asynchrony import AsyncHookCall

        return AsyncHookCall

    def _together(self) -> "Callable[[list[HookCall[Any]]], Any]":
        """What answers from a list of calls."""
        plan = self._hook.plan
        if plan.function is not None:
            return plan.function
        from plugbay.hooks.asynchrony import Together

        return Together(self._hook, self._failed, self._give_up, self._nothing)

    def _failed(
        self, error: BaseException, implementation: "Implementation", errors: "list[Failed]"
    ) -> None:
        take_note(error, implementation, errors, self._hook.policy_of(implementation))

    def _give_up(self, errors: "list[Failed]", *results: object) -> None:
        give_up(self._hook.name, errors, results)

    def _nothing(self) -> None:
        raise HookResultError(
            f"no implementation of the hook {self._hook.name!r} gave a result, and its strategy "
            f"is {self._hook.plan.name!r}; install a plugin that does, or use the strategy "
            f"'try_{self._hook.plan.name}' to get None"
        )


def _fail(error: BaseException, /, *arguments: object, **keywords: object) -> None:
    raise error
