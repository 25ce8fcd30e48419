"""Definitions: the fields of a class, read once, and again when the class has changed.

A field is a name that a class or a base of it annotates. Python does not say when a class was
changed, so its version is what its bases and all their annotations are, compared by identity:
cheaper than reading the fields again, and never out of date. Defaults are looked up when they are
asked for.
"""

import weakref
from operator import is_
from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    # Gives a sentence for each thing that is wrong with the fields of a class.
    Check = Callable[[Mapping[str, "Field"]], Iterable[str]]

__all__ = ["MISSING", "Field", "fields", "problems_of"]

MISSING = object()  # the default of a field that has none
# How many definitions are known to have been checked, at most.
_ROOM = 4096


class Field:
    """One field of a class; `name` is its name."""

    __slots__ = ("_annotation", "_class", "name")

    def __init__(self, cls: type, name: str, annotation: "Any") -> None:
        self._class = weakref.ref(cls)
        self.name = name
        self._annotation = None if annotation is cls else annotation

    @property
    def annotation(self) -> "Any":
        """The annotation, as it is written."""
        return self._class() if self._annotation is None else self._annotation

    @property
    def default(self) -> "Any":
        """What the class has under that name now, as it is written there; MISSING for nothing."""
        for each in getattr(self._class(), "__mro__", ()):
            if self.name in vars(each):
                return vars(each)[self.name]
        return MISSING

    @property
    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is MISSING

    def __repr__(self) -> str:
        default = "" if self.is_required else f" = {self.default!r}"
        return f"<Field {self.name}: {self.annotation}{default}>"


# By class: its version and its fields at that one. Threads that read the same class at once come to
# the same, and whichever is last stays.
_known: "weakref.WeakKeyDictionary[type, tuple[list[Any], Mapping[str, Field]]]" = (
    weakref.WeakKeyDictionary()
)
# The problems of definitions, by the check and all that it can see.
_checked: "dict[tuple[Any, ...], tuple[str, ...]]" = {}


def fields(cls: type) -> "Mapping[str, Field]":
    """The fields of a class and its bases by name, in the order of their first writing."""
    version = _version(cls)
    known = _known.get(cls)
    if known is not None and len(known[0]) == len(version) and all(map(is_, known[0], version)):
        return known[1]
    found: dict[str, Field] = {}
    for each in reversed(cls.__mro__):
        for name, annotation in vars(each).get("__annotations__", {}).items():
            found[name] = Field(cls, name, annotation)
    _known[cls] = version, MappingProxyType(found)
    return _known[cls][1]


def problems_of(cls: type, check: "Check") -> tuple[str, ...]:
    """What a check finds wrong with the fields of a class.

    Classes with the same definition are checked once. A definition whose defaults cannot be hashed
    is checked each time.
    """
    definition = fields(cls)
    try:
        key = (check, *(_key(each) for each in definition.values()))
        known = _checked.get(key)
    except TypeError:
        return tuple(check(definition))
    if known is None:
        if len(_checked) >= _ROOM:
            _checked.clear()
        known = _checked[key] = tuple(check(definition))
    return known


def _version(cls: type) -> "list[Any]":
    """All that the fields depend on: the objects themselves, none of which holds the class."""
    version: list[Any] = list(cls.__mro__[1:])
    for each in cls.__mro__:
        annotations = vars(each).get("__annotations__", {})
        version += annotations.keys()
        # A class is held weakly, as it may be the one that is annotated.
        version += [weakref.ref(x) if isinstance(x, type) else x for x in annotations.values()]
    return version


def _key(field: Field) -> "tuple[Any, ...]":
    default = field.default
    hash(default)
    # 1, 1.0 and True are equal, and not the same, nor are tuples of them.
    return field.name, field.annotation, type(default), default, repr(default)
