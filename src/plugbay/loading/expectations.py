"""Expectations: is a loaded plugin what the host can use? A class, a Protocol or a predicate."""

import typing
from typing import Any

__all__ = ["shortfall"]


def shortfall(plugin: object, expected: Any) -> str:
    """Why the object does not meet the expectation, as a clause; empty when it does.

    A class is met by its instances and its concrete subclasses, a Protocol by whatever has all
    its members (a class counts for the instances it makes, and can itself be called), a predicate
    by what it is true for.
    """
    if not isinstance(expected, type):
        return _against_predicate(plugin, expected)
    if getattr(expected, "_is_protocol", False):
        return _against_protocol(plugin, expected)
    return _against_class(plugin, expected)


def _against_predicate(plugin: object, predicate: Any) -> str:
    name = getattr(predicate, "__name__", repr(predicate))
    try:
        met = predicate(plugin)
    except Exception as error:  # noqa: BLE001 - the host's code, and its mistake to hear of
        return f"the host's check {name}() raised {type(error).__name__}: {error}"
    return "" if met else f"{_described(plugin)} does not pass the host's check {name}()"


def _against_class(plugin: object, expected: type) -> str:
    if isinstance(plugin, expected):
        return ""
    if isinstance(plugin, type) and issubclass(plugin, expected):
        return _left_abstract(plugin)
    missing = _listed(name for name in _members(expected) if not hasattr(plugin, name))
    lacks = f"; it lacks {missing}" if missing else ""
    return (
        f"{_described(plugin)} is neither an instance nor a subclass of {expected.__name__}{lacks}"
    )


def _against_protocol(plugin: object, expected: type) -> str:
    callables, attributes = _protocol_members(expected)
    missing = [name for name in callables if not _has(plugin, name)]
    if not isinstance(plugin, type):
        # An annotated attribute is often set by __init__, so only an instance can lack it.
        missing += [name for name in attributes if not hasattr(plugin, name)]
    if missing:
        return f"{_described(plugin)} is no {expected.__name__}: it lacks {_listed(missing)}"
    return _left_abstract(plugin) if isinstance(plugin, type) else ""


def _has(plugin: object, method: str) -> bool:
    if method == "__call__":
        return callable(plugin)  # a class is, too: it makes an instance
    # The special methods of a class are for its instances; those of its metaclass are not asked.
    owner = type(plugin) if method.startswith("__") and not isinstance(plugin, type) else plugin
    return callable(getattr(owner, method, None))


def _left_abstract(plugin: type) -> str:
    abstract = sorted(getattr(plugin, "__abstractmethods__", ()))
    return f"{_described(plugin)} leaves {_listed(abstract)} abstract" if abstract else ""


def _protocol_members(protocol: Any) -> tuple[list[str], list[str]]:
    """The methods and the attributes that a Protocol asks for."""
    names = getattr(protocol, "__protocol_attrs__", None)
    if names is None:  # Python 3.11 works them out anew each time
        names = typing._get_protocol_attrs(protocol)  # type: ignore[attr-defined]
    methods = sorted(name for name in names if callable(getattr(protocol, name, None)))
    return methods, sorted(set(names).difference(methods))


def _members(owner: type) -> list[str]:
    """The names that a class defines for its users: public ones, and `__call__`."""
    return [
        name
        for name, value in vars(owner).items()
        if name == "__call__" or not name.startswith("_")
    ]


def _listed(names: Any) -> str:
    return ", ".join(dict.fromkeys(names))


def _described(plugin: object) -> str:
    if isinstance(plugin, type):
        return f"the class {plugin.__qualname__}"
    name = getattr(plugin, "__qualname__", None) or getattr(plugin, "__name__", None)
    kind = type(plugin).__name__
    return f"the {kind} {name}" if name else f"an object of type {kind}"
