"""Implementations: the functions of a plugin that answer hooks, marked and found."""

from collections.abc import Iterable
from functools import partial
from types import MethodType, ModuleType

from plugbay.attributes import instance_dict, namespace
from plugbay.errors import HookValidationError
from plugbay.hooks.signatures import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from plugbay.hooks.members import Member

__all__ = [
    "Implementation",
    "Options",
    "checked_priority",
    "is_marked",
    "mark",
    "marked",
    "names_of",
]

# Where a function keeps its options: a dict of the hooks' name to Options.
_MARK = "__plugbay_impl__"


class Options:
    """What `@hooks.impl(...)` says about one implementation."""

    __slots__ = (
        "after",
        "before",
        "is_first",
        "is_last",
        "is_optional",
        "is_wrapper",
        "name",
        "priority",
    )

    def __init__(
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
    ) -> None:
        if first and last:
            raise HookValidationError("an implementation cannot be both first and last")
        self.name = name
        self.priority = checked_priority(priority)
        self.before = names_of(before)
        self.after = names_of(after)
        self.is_first = first
        self.is_last = last
        self.is_wrapper = wrapper
        self.is_optional = optional

    def facts(self) -> "dict[str, Any]":
        """What is out of the ordinary, as a manifest tells it."""
        told = {
            "first": self.is_first,
            "last": self.is_last,
            "wrapper": self.is_wrapper,
            "before": list(self.before),
            "after": list(self.after),
        }
        found: dict[str, Any] = {word: value for word, value in told.items() if value}
        if self.priority is not None:
            priority = self.priority
            found["priority"] = list(priority) if isinstance(priority, tuple) else priority
        return found


def names_of(names: "str | Iterable[str]") -> "tuple[str, ...]":
    """The names of plugins, of which a single one may be given alone.

    Raises HookValidationError for anything else.
    """
    found = (names,) if isinstance(names, str) else names
    if not isinstance(found, Iterable) or not all(isinstance(each, str) for each in found):
        raise HookValidationError(f"{names!r} is neither the name of a plugin nor a list of names")
    return tuple(found)


def checked_priority(priority: "Any") -> "float | tuple[float, int] | None":
    """A priority as it was given; raises HookValidationError for what cannot be ordered."""
    if isinstance(priority, list):  # a pair, as a manifest writes it
        priority = tuple(priority)
    numbers = priority if isinstance(priority, tuple) and len(priority) == 2 else (priority,)
    fine = all(isinstance(each, (int, float)) and each == each for each in numbers)
    if priority is not None and not fine:
        raise HookValidationError(
            f"priority={priority!r} is neither a number nor a pair of priority and batch"
        )
    return priority  # type: ignore[no-any-return]  # as checked


def mark(function: "Any", project: str, options: Options) -> None:
    """Note on a function, static or class method that it implements a hook of the project."""
    marks = dict(getattr(function, _MARK, {}))
    marks[project] = options
    try:
        if isinstance(function, type):
            raise AttributeError
        setattr(function, _MARK, marks)
    except AttributeError:
        raise HookValidationError(
            f"{function!r} cannot be marked as an implementation; mark a function or a method"
        ) from None


def marked(plugin: object, project: str) -> "Iterator[tuple[str, Options, Any]]":
    """Each implementation in a module, class or object: (attribute, options, the raw function).

    Looked up without running code of the plugin, such as properties.
    """
    named = namespace(plugin)
    if _marks(plugin):  # a plugin of one function
        named = {getattr(plugin, "__name__", ""): plugin}
    for attribute, raw in named.items():
        options = _marks(raw).get(project)
        if options is not None:
            yield attribute, options, raw


def is_marked(raw: object, project: str) -> bool:
    """Whether a function says that it implements a hook of the project."""
    return project in _marks(raw)


def _marks(raw: "Any") -> "dict[str, Options]":
    """The marks of a value in a namespace, most of which are no functions and have none."""
    marks = instance_dict(raw).get(_MARK)
    if marks is None and isinstance(raw, (staticmethod, classmethod, MethodType)):
        marks = instance_dict(raw.__func__).get(_MARK)
    return marks if type(marks) is dict else {}


class Implementation:
    """One function of one plugin that answers one hook."""

    __slots__ = ("attribute", "hook", "member", "needs_instance", "options", "raw", "signature")

    def __init__(
        self, member: "Member", owner: object, attribute: str, options: Options, raw: "Any"
    ) -> None:
        self.member = member
        self.attribute = attribute
        self.hook = options.name or attribute
        self.options = options
        self.raw = raw
        in_class = isinstance(owner, type) or attribute not in instance_dict(owner)
        in_class = in_class and owner is not raw
        # What a class holds is given the instance if it can be bound, as functions can. A partial
        # can from Python 3.14 on; here it never is, so that a plugin works alike on all.
        binds = hasattr(type(raw), "__get__") and not isinstance(raw, (staticmethod, partial))
        bound = in_class and binds and not isinstance(owner, ModuleType)
        self.needs_instance = isinstance(owner, type) and bound and not isinstance(raw, classmethod)
        function = raw.__func__ if isinstance(raw, (staticmethod, classmethod)) else raw
        self.signature = Signature.of(function, bound=bound)

    def function(self) -> "Callable[..., Any]":
        """What to call; a class is instantiated when this is first asked for."""
        owner = self.member.instance() if self.needs_instance else self.member.owner
        is_whole = owner is self.raw or isinstance(self.raw, partial)
        found: Any = self.raw if is_whole else getattr(owner, self.attribute)
        return found  # type: ignore[no-any-return]  # marked, so it can be called

    @property
    def label(self) -> str:
        """Who it is, in a message: its plugin, the distribution of that, and the hook."""
        return f"{self.member} in the hook {self.hook!r}"

    def __repr__(self) -> str:
        return f"<Implementation of {self.hook!r} by {self.member}>"
