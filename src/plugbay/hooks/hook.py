"""Hook: what a host has of a specification, called like it and asked about it."""

from plugbay.errors import PluginNotFoundError, did_you_mean
from plugbay.hooks.dispatch import Dispatcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from typing import Any, Generic, ParamSpec, TypeVar

    from plugbay.hooks.paths import HookCall

    P = ParamSpec("P")
    A = TypeVar("A", covariant=True)
    R = TypeVar("R", covariant=True)
else:
    from plugbay.plugins import Generic

    P = A = R = object

__all__ = ["AsyncAvailHook", "AsyncHook", "AvailHook", "Hook"]


class Hook(Generic[P, A, R]):
    """What `@hooks.spec` makes of a function: called like it, it gives the answer of the plugins.

    A is what a call gives, R what one implementation does. At run time a hook is a Python
    function, so that a call costs no more than one, and has the methods below as attributes.
    """

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self.function = dispatcher.function
        for name in ("calls", "clear_history", "explain", "iterate", "of", "pairs"):
            self.function.__dict__[name] = getattr(self, name)

    if TYPE_CHECKING:

        def __call__(self, *args: P.args, **kwargs: P.kwargs) -> A:
            """Call the implementations; gives what the strategy makes of their results.

            Raises what an implementation raises unless the failure policy says otherwise, and
            HookResultError where there is nothing to give.
            """
            ...

    def calls(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "list[HookCall[R]]":
        """The call of each implementation, in order, for the caller to make; without wrappers."""
        return self._dispatcher.gatherer()(*args, **kwargs)

    def iterate(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "Iterator[R]":
        """The results one by one: an implementation runs when its result is asked for.

        None is passed over where the strategy does so. Without wrappers. Of an asynchronous hook
        it is an asynchronous iterator.
        """
        calls = self.calls(*args, **kwargs)
        if self._dispatcher.is_async:
            from plugbay.hooks.asynchrony import iterated

            return iterated(calls, self._dispatcher.plan.skips_none)  # type: ignore[return-value]  # see AsyncHook
        return (result for _, result in self._results(calls))

    def pairs(self, /, *args: "P.args", **kwargs: "P.kwargs") -> "list[tuple[str, R]]":
        """The name of each plugin with its result, as of `iterate`; awaited if the hook is."""
        calls = self.calls(*args, **kwargs)
        if self._dispatcher.is_async:
            from plugbay.hooks.asynchrony import paired

            return paired(calls, self._dispatcher.plan.skips_none)  # type: ignore[return-value]  # see AsyncHook
        return list(self._results(calls))

    def of(self, plugin: str) -> "Callable[P, R]":
        """A function that calls the implementation of one plugin, as its strategy "single" has it.

        Raises PluginNotFoundError, a KeyError, when the plugin does not implement the hook.
        """
        self._check_known(plugin, [each.member.name for each in self._dispatcher.running()])

        def call(*args: "Any", **kwargs: "Any") -> "Any":
            calls = self.calls(*args, **kwargs)
            self._check_known(plugin, [each.plugin for each in calls])
            return next(each for each in calls if each.plugin == plugin)()

        return call

    def clear_history(self) -> None:
        """Forget the calls so far, so that later plugins do not get them."""
        self._dispatcher.forget()

    def explain(self) -> str:
        """Who runs, in which order, and why, a line each."""
        roster = self._dispatcher.roster
        places = roster.places(self._dispatcher)
        places.sort(key=lambda each: not each.item.options.is_wrapper)
        name, strategy = self._dispatcher.name, self._dispatcher.plan.name
        lines = [f"The hook {name!r} of {roster.name!r} runs, as {strategy!r}:"]
        for number, place in enumerate(places, 1):
            around = ", around the others" if place.item.options.is_wrapper else ""
            lines.append(f"{number}. {place.item.member}{around}: {place.why}")
        lines += [f"-  {member}: {why}" for member, why in roster.absent(self._dispatcher)]
        return "\n".join(lines if len(lines) > 1 else [*lines, "nothing; no plugin implements it"])

    def _check_known(self, plugin: str, known: "list[str]") -> None:
        if plugin not in known:
            raise PluginNotFoundError(
                f"no plugin {plugin!r} implements the hook {self._dispatcher.name!r}; "
                f"{did_you_mean(plugin, known)}"
            )

    def _results(self, calls: "list[HookCall[R]]") -> "Iterator[tuple[str, R]]":
        for call in calls:
            result = call()
            if result is not None or not self._dispatcher.plan.skips_none:
                yield call.plugin, result


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

    class AvailHook(Hook[P, A, R | None], Generic[P, A, R]):
        """A hook whose strategy passes over None, which one implementation may well give."""

        def iterate(self, *args: P.args, **kwargs: P.kwargs) -> "Iterator[R]":
            """As of any hook, without None."""
            ...

        def pairs(self, *args: P.args, **kwargs: P.kwargs) -> "list[tuple[str, R]]":  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            """As of any hook, without None."""
            ...

    class AsyncAvailHook(AsyncHook[P, A, R | None], Generic[P, A, R]):
        """An asynchronous hook whose strategy passes over None."""

        def iterate(self, *args: P.args, **kwargs: P.kwargs) -> "AsyncIterator[R]":  # type: ignore[override]
            """As of any asynchronous hook, without None."""
            ...

        def pairs(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
            self, *args: P.args, **kwargs: P.kwargs
        ) -> "Coroutine[Any, Any, list[tuple[str, R]]]":
            """As of any asynchronous hook, without None."""
            ...

else:
    AsyncHook = AvailHook = AsyncAvailHook = Hook
