"""Decorators: what `spec(strategy=...)` makes of a function, for type checkers alone.

Where a strategy passes over None, a specification that gives `str | None` makes a hook of `str`.
The first overload of each is for results of which nothing is known, which fit all of them, the
second for asynchronous hooks; checkers that warn of the overlap are told that a coroutine is no
result here.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal, ParamSpec, Protocol, TypeVar, final, overload

from plugbay.hooks.hook import AsyncAvailHook, AsyncHook, AvailHook, Hook

__all__ = [
    "All",
    "AllAvails",
    "Available",
    "AvailableName",
    "Custom",
    "Picked",
    "PickedName",
    "Tried",
    "TriedAvailable",
    "TriedAvailableName",
    "TriedName",
    "Untold",
]

P = ParamSpec("P")
R = TypeVar("R")
X = TypeVar("X")
X_co = TypeVar("X_co", covariant=True)

PickedName = Literal["all_first", "all_last", "first", "last", "single", "pipeline"]
TriedName = Literal["try_all_first", "try_all_last", "try_first", "try_last", "try_single"]
AvailableName = Literal["all_first_avail", "all_last_avail", "first_avail", "last_avail"]
TriedAvailableName = Literal[
    "try_all_first_avail", "try_all_last_avail", "try_first_avail", "try_last_avail"
]

Async = Coroutine[Any, Any, X]


@final
class Untold:
    """What no specification gives, so that only Any fits."""


class AllAvails(Protocol):
    """A list of what is not None."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> AvailHook[P, list[Any], Any]: ...
    @overload
    def __call__(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
        self, function: Callable[P, Async[R | None]], /
    ) -> AsyncAvailHook[P, Async[list[R]], R]: ...
    @overload
    def __call__(self, function: Callable[P, R | None], /) -> AvailHook[P, list[R], R]: ...


class All(Protocol):
    """A list of everything."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> Hook[P, list[Any], Any]: ...
    @overload
    def __call__(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
        self, function: Callable[P, Async[R]], /
    ) -> AsyncHook[P, Async[list[R]], R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Hook[P, list[R], R]: ...


class Picked(Protocol):
    """One result, None among them."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> Hook[P, Any, Any]: ...
    @overload
    def __call__(self, function: Callable[P, Async[R]], /) -> AsyncHook[P, Async[R], R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Hook[P, R, R]: ...


class Tried(Protocol):
    """One result, or None where there is none."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> Hook[P, Any, Any]: ...
    @overload
    def __call__(self, function: Callable[P, Async[R]], /) -> AsyncHook[P, Async[R | None], R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Hook[P, R | None, R]: ...


class Available(Protocol):
    """One result that is not None."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> AvailHook[P, Any, Any]: ...
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, function: Callable[P, Async[R | None]], /
    ) -> AsyncAvailHook[P, Async[R], R]: ...
    @overload
    def __call__(self, function: Callable[P, R | None], /) -> AvailHook[P, R, R]: ...


class TriedAvailable(Protocol):
    """One result that is not None, or None where there is none."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> AvailHook[P, Any, Any]: ...
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, function: Callable[P, Async[R | None]], /
    ) -> AsyncAvailHook[P, Async[R | None], R]: ...
    @overload
    def __call__(self, function: Callable[P, R | None], /) -> AvailHook[P, R | None, R]: ...


class Custom(Protocol[X_co]):  # type: ignore[misc]  # as a protocol it would be invariant
    """What the host's own function gives; of an asynchronous hook, to be awaited."""

    @overload
    def __call__(self, function: Callable[P, Untold], /) -> Hook[P, X_co, Any]: ...
    @overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]
        self: "Custom[Awaitable[X]]", function: Callable[P, Async[R]], /
    ) -> AsyncHook[P, Async[X], R]: ...
    @overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]
        self, function: Callable[P, Async[R]], /
    ) -> AsyncHook[P, Async[X_co], R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Hook[P, X_co, R]: ...
