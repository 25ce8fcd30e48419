"""Signatures: the parameters of a function, and how one function's arguments suit another's.

They are read from the code object: `inspect` would take longer to import than many hosts take to
start, and is asked only about callables that are no Python functions.
"""

from functools import partial
from types import FunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Signature"]

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200  # the flags of inspect.CO_*
_VARARGS, _VARKEYWORDS = 0x04, 0x08


class Signature:
    """The parameters of a callable, without the one that a method is bound to.

    `positional` are the names that can be given by position, of which the first `only_positional`
    can be given in no other way; `keyword_only` the others. `rest` names `*args` and `keywords`
    names `**kwargs`, or are empty.
    """

    __slots__ = ("flags", "keyword_only", "keywords", "only_positional", "positional", "rest")

    def __init__(
        self,
        positional: "tuple[str, ...]",
        keyword_only: "tuple[str, ...]" = (),
        *,
        only_positional: int = 0,
        rest: str = "",
        keywords: str = "",
        flags: int = 0,
    ) -> None:
        self.positional = positional
        self.keyword_only = keyword_only
        self.only_positional = only_positional
        self.rest = rest
        self.keywords = keywords
        self.flags = flags

    @classmethod
    def of(cls, function: "Callable[..., Any]", *, bound: bool = False) -> "Signature":
        """The signature of a callable; `bound` says that its first argument will be given.

        Raises TypeError for something that has none.
        """
        if isinstance(function, MethodType):
            function, bound = function.__func__, True
        flags = _flags(function)
        while not hasattr(function, "__signature__") and hasattr(function, "__wrapped__"):
            function = getattr(function, "__wrapped__")  # noqa: B009  # unknown to type checkers
        if not isinstance(function, FunctionType) or hasattr(function, "__signature__"):
            return cls._inspected(function, bound, flags)
        code = function.__code__
        skipped = int(bound and code.co_argcount > 0)
        names, count = code.co_varnames, code.co_argcount
        end = count + code.co_kwonlyargcount
        has_rest = bool(code.co_flags & _VARARGS)
        return cls(
            names[skipped:count],
            names[count:end],
            only_positional=max(0, code.co_posonlyargcount - skipped),
            rest=names[end] if has_rest else "",
            keywords=names[end + has_rest] if code.co_flags & _VARKEYWORDS else "",
            flags=flags,
        )

    @classmethod
    def _inspected(cls, function: "Callable[..., Any]", bound: bool, flags: int) -> "Signature":
        import inspect

        try:
            parameters = list(inspect.signature(function).parameters.values())[int(bound) :]
        except ValueError as error:
            raise TypeError(f"{function!r} has no signature: {error}") from None
        by_kind: dict[Any, list[str]] = {kind: [] for kind in inspect._ParameterKind}
        for each in parameters:
            by_kind[each.kind].append(each.name)
        only = by_kind[inspect.Parameter.POSITIONAL_ONLY]
        return cls(
            (*only, *by_kind[inspect.Parameter.POSITIONAL_OR_KEYWORD]),
            tuple(by_kind[inspect.Parameter.KEYWORD_ONLY]),
            only_positional=len(only),
            rest="".join(by_kind[inspect.Parameter.VAR_POSITIONAL]),
            keywords="".join(by_kind[inspect.Parameter.VAR_KEYWORD]),
            flags=flags,
        )

    @property
    def names(self) -> "tuple[str, ...]":
        """The names of all parameters but `*args` and `**kwargs`."""
        return self.positional + self.keyword_only

    @property
    def is_generator(self) -> bool:
        """Whether a call gives a generator."""
        return bool(self.flags & _GENERATOR)

    @property
    def is_async(self) -> bool:
        """Whether a call gives something to await, or to iterate over asynchronously."""
        return bool(self.flags & (_COROUTINE | _ASYNC_GENERATOR))

    @property
    def is_async_generator(self) -> bool:
        """Whether a call gives an asynchronous generator."""
        return bool(self.flags & _ASYNC_GENERATOR)

    def header(self) -> str:
        """The parameters as source text, without defaults."""
        words = list(self.positional)
        if self.only_positional:
            words.insert(self.only_positional, "/")
        if self.keyword_only:
            words += ["*", *self.keyword_only]
        return ", ".join(words)

    def passed(self, given: "Signature") -> str:
        """As source text, the arguments of a call that has the parameters of `given` at hand."""
        words = [*self.positional, *(f"{name}={name}" for name in self.keyword_only)]
        if self.keywords:
            words += [f"{name}={name}" for name in given.names if name not in self.names]
        return ", ".join(words)


def _flags(function: "Any") -> int:
    """What a call gives, as the flags of the code that is run first; 0 where it is not Python's."""
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, MethodType):
        function = function.__func__
    if not isinstance(function, FunctionType):
        function = getattr(function, "__wrapped__", None) or type(function).__call__
    return function.__code__.co_flags if isinstance(function, FunctionType) else 0
