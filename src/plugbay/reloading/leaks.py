"""Leaks: what the code of some modules has left behind in the process, as far as can be seen."""

import atexit
from contextlib import suppress
from functools import partial

from plugbay.reloading.draining import running_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType
    from typing import Any

__all__ = ["leaks_of"]


def leaks_of(modules: "Mapping[str, ModuleType]") -> "list[str]":
    """Threads that run the code of these modules, and functions of theirs for the end of Python."""
    spaces = {id(vars(module)) for module in modules.values()}
    leaks = [f"the thread {name!r} runs its code" for name in running_in(modules)]
    leaks += [
        f"{getattr(each, '__qualname__', repr(each))} is registered with atexit"
        for each in _exit_functions()
        if any(id(space) in spaces for space in _namespaces(each))
    ]
    return leaks


def _exit_functions() -> "list[Any]":
    """What is to be called at exit, in the order in which it was registered."""
    seen = _Seen()
    with suppress(Exception):  # what is registered may fail to be compared
        atexit.unregister(seen)
    return seen.others


class _Seen:
    """Takes note of what it is compared with, and is equal to nothing.

    `atexit` has no way to list its functions, and compares each with the one to be unregistered.
    """

    def __init__(self) -> None:
        self.others: list[Any] = []

    def __call__(self) -> None: ...

    def __eq__(self, other: object) -> bool:
        self.others.append(other)
        return False

    __hash__ = None  # type: ignore[assignment]  # it is equal to nothing, not even to itself


def _namespaces(function: "Any") -> "Iterator[Any]":
    """The namespaces of the modules that a function is made of."""
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)
    for each in (function, type(function).__call__):
        yield getattr(each, "__globals__", None)
