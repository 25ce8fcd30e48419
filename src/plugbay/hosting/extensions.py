"""Extensions: plugins that register themselves by deriving from a base class."""

import weakref
from _thread import RLock
from types import FunctionType

from plugbay.errors import ExtensionError, PluginConflictError, did_you_mean
from plugbay.hosting.definitions import fields, problems_of
from plugbay.hosting.origins import Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.hosting.definitions import Check

__all__ = [
    "Declared",
    "Extension",
    "declarations",
    "declared",
    "generation",
    "live_instances",
]

_OPTIONS = (
    "after",
    "api",
    "before",
    "check",
    "depends_on",
    "group",
    "name",
    "priority",
    "summary",
    "tracked",
)


class Declared:
    """One class that was defined with a name: where, and what it says about itself."""

    __slots__ = ("extension", "options", "origin")

    def __init__(self, extension: type, options: "dict[str, Any]") -> None:
        self.extension = extension
        self.options = options
        self.origin = Origin.of_caller(extension)

    def __str__(self) -> str:
        return f"{self.extension.__qualname__} of {self.origin}"


# Held while the tables below change.
_lock = RLock()
_bases: "weakref.WeakKeyDictionary[type, str]" = weakref.WeakKeyDictionary()
_declared: dict[str, dict[str, Declared]] = {}
_generations: dict[str, int] = {}
_tracked: "weakref.WeakKeyDictionary[type, dict[int, weakref.ref[Any]]]" = (
    weakref.WeakKeyDictionary()
)


_checks: "weakref.WeakKeyDictionary[type, Check]" = weakref.WeakKeyDictionary()


def declared(group: str) -> "dict[str, Declared]":
    """The classes that were defined for a group, by name, without those left abstract."""
    with _lock:
        those = dict(_declared.get(group, {}))
    return {name: each for name, each in those.items() if not _is_abstract(each)}


def declarations(
    restored: "dict[str, dict[str, Declared]] | None" = None,
) -> "dict[str, dict[str, Declared]]":
    """All classes that were defined with a name, by group; or have these as such again."""
    with _lock:
        if restored is not None:
            _declared.clear()
            _declared.update(restored)
        return {group: dict(those) for group, those in _declared.items()}


def generation(group: str) -> int:
    """How often a class was defined for a group so far."""
    return _generations.get(group, 0)


class Extension:
    """The base of plugins that are defined as classes of a host's own kind.

    `class Validator(Extension, group="tabletop.validators")` is a kind, and
    `class Email(Validator, name="email")` a plugin of it. A class without a name is no plugin, nor
    is one with abstract methods. The other options are those of `Host.register`; with
    `tracked=True` the live instances of the kind are known to `Host.instances`, and with `check` a
    function looks at the fields of each class that is derived from the kind, and gives a sentence
    for each thing that is wrong with them. It is called once for classes whose fields are the same.

    Nothing is added to the namespace of a class. Raises ExtensionError for an unknown option, for
    a name without a group, for an attribute that looks like a misspelt one of its base, and for
    two mixins of which one hides the other's method; and PluginConflictError for a name that
    another class has.
    """

    def __init_subclass__(cls, **options: "Any") -> None:
        super().__init_subclass__()
        for each in options:
            if each not in _OPTIONS:
                raise ExtensionError(
                    f"{cls.__qualname__} has the option {each!r}, which is none; "
                    f"{did_you_mean(each, _OPTIONS)}"
                )
        name, group = options.pop("name", None), options.pop("group", None)
        tracked, check = options.pop("tracked", False), options.pop("check", None)
        _check_attributes(cls)
        _check_mixins(cls)
        _check_fields(cls)
        with _lock:
            if group is not None:
                _bases[cls] = group
            if tracked:
                _tracked[cls] = {}
            if check is not None:
                _checks[cls] = check
            if name is not None:
                _declare(cls, name, options)
            else:
                _take_over(cls)

    def __new__(cls, *args: "Any", **kwargs: "Any") -> "Any":
        new = super().__new__
        if new is object.__new__ and cls.__init__ is not object.__init__:
            made = new(cls)  # the arguments are for its __init__
        else:
            made = new(cls, *args, **kwargs)
        for kind in cls.__mro__:
            if kind in _tracked:
                _track(made, _tracked[kind])
        return made


def _track(made: object, instances: "dict[int, weakref.ref[Any]]") -> None:
    """Know an object while it lives, whether it can be hashed or not."""
    key = id(made)

    def forget(_: object) -> None:
        instances.pop(key, None)

    instances[key] = weakref.ref(made, forget)


def live_instances(kind: type) -> "list[Any]":
    """The instances of a tracked kind that are alive, in the order in which they were made.

    Raises ExtensionError for a class that is not tracked.
    """
    tracked = next((each for each in kind.__mro__ if each in _tracked), None)
    if tracked is None:
        raise ExtensionError(
            f"the instances of {kind.__qualname__} are not tracked; define it, or its base, with "
            f"tracked=True"
        )
    found = (reference() for reference in list(_tracked[tracked].values()))
    return [each for each in found if isinstance(each, kind)]


def _take_over(cls: type) -> None:
    """Put a class in the place of one that it was made from, as `dataclass(slots=True)` does.

    The lock is held.
    """
    if "__slots__" not in vars(cls):
        return

    def is_same(other: type) -> bool:
        # The qualified name is set later.
        mine = cls.__module__, cls.__name__, cls.__bases__
        return mine == (other.__module__, other.__name__, other.__bases__)

    for kind, group in list(_bases.items()):
        if is_same(kind):
            _bases[cls] = group
            if kind in _tracked:
                _tracked[cls] = {}
    for those in _declared.values():
        for each in those.values():
            if is_same(each.extension):
                each.extension = cls


def _is_abstract(each: Declared) -> bool:
    return bool(getattr(each.extension, "__abstractmethods__", None))


def _declare(cls: type, name: str, options: "dict[str, Any]") -> None:
    """Note a plugin: the lock is held."""
    group = next((_bases[each] for each in cls.__mro__ if each in _bases), None)
    if group is None:
        raise ExtensionError(
            f"{cls.__qualname__} is named {name!r}, and none of its bases says for which group; "
            f"derive it from a class with group=..."
        )
    those = _declared.setdefault(group, {})
    first, new = those.get(name), Declared(cls, options)
    if first is not None and _is_abstract(first):
        first = None
    # A module that is executed again defines its classes again.
    again = first is not None and (
        (first.origin.module, first.extension.__qualname__) == (new.origin.module, cls.__qualname__)
    )
    if first is not None and not again:
        raise PluginConflictError(
            f"{new} cannot be named {name!r} in {group!r}: {first} has that name; "
            f"give one of them another name"
        )
    those[name] = new
    _generations[group] = _generations.get(group, 0) + 1


def _check_mixins(cls: type) -> None:
    """Raise ExtensionError where two mixins have a method, of which one would never be called.

    It is where the first calls super(), or the class has the method itself.
    """
    mixins = [each for each in cls.__mro__[1:] if not issubclass(each, Extension)]
    for at, first in enumerate(mixins):
        for name, method in vars(first).items():
            if name[:2] == "__" or not isinstance(method, FunctionType):
                continue
            if getattr(cls, name) is not method or "__class__" in method.__code__.co_freevars:
                continue  # it is not what counts, or calls the next one
            for second in mixins[at + 1 :]:
                other = vars(second).get(name)
                is_left = other is not None and not getattr(other, "__isabstractmethod__", False)
                if is_left and not issubclass(first, second):
                    raise ExtensionError(
                        f"{cls.__qualname__} has {name}() of {first.__qualname__}, which does not "
                        f"call that of {second.__qualname__}; define it in {cls.__qualname__}, or "
                        f"call super().{name}() in {first.__qualname__}"
                    )


def _check_fields(cls: type) -> None:
    """Raise ExtensionError for what the checks of its bases find wrong with a class."""
    found = [
        problem
        for base in cls.__mro__[1:]
        if base in _checks
        for problem in problems_of(cls, _checks[base])
    ]
    if found:
        raise ExtensionError(f"{cls.__qualname__} is not defined as it should: {'; '.join(found)}")


def _check_attributes(cls: type) -> None:
    """Raise ExtensionError for an attribute that looks like a misspelt field of a base.

    A field is what a base annotates.
    """
    own = set(vars(cls).get("__annotations__", {}))
    known_fields = {name for base in cls.__bases__ for name in fields(base)}
    if not known_fields:
        return
    from difflib import get_close_matches

    for attribute, value in vars(cls).items():
        known = attribute in known_fields or attribute in own or attribute.startswith("_")
        known = known or callable(value) or hasattr(value, "__get__")
        known = known or any(attribute in vars(base) for base in cls.__mro__[1:])
        close = [] if known else get_close_matches(attribute, known_fields, cutoff=0.8)
        if close:
            raise ExtensionError(
                f"{cls.__qualname__} sets {attribute!r}, which its bases do not have; did you "
                f"mean {close[0]!r}? If not, annotate it"
            )
