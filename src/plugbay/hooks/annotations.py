"""Annotations: whether what one function promises is what another one asks for.

Imported only where two annotations are not written alike, because it needs `typing`. Where it
cannot tell, it takes them to fit: a type checker says more than this can.
"""

from collections.abc import Awaitable
from types import NoneType, UnionType
from typing import Annotated, Any, ForwardRef, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["awaited", "fits", "resolved"]


def resolved(function: Any, name: str) -> Any:
    """The annotation of a parameter, or of "return"; Any where it cannot be evaluated."""
    function = getattr(function, "__func__", function)
    try:
        return get_type_hints(function).get(name, Any)
    except Exception:  # noqa: BLE001 - a name may be there for type checkers only
        annotation = getattr(function, "__annotations__", {}).get(name, Any)
        return Any if isinstance(annotation, str) else annotation


def fits(wide: Any, narrow: Any) -> bool:
    """Whether every value of the second type is one of the first, as far as can be told."""
    wide, narrow = _bare(wide), _bare(narrow)
    if _is_unknown(wide) or _is_unknown(narrow):
        return True
    if _is_union(narrow):
        return all(fits(wide, each) for each in get_args(narrow))
    if _is_union(wide):
        return any(fits(each, narrow) for each in get_args(wide))
    wide_class, narrow_class = _class_of(wide), _class_of(narrow)
    if wide_class is None or narrow_class is None:
        return True
    # As type checkers have it.
    if (wide_class is float and issubclass(narrow_class, int)) or (
        wide_class is complex and issubclass(narrow_class, (int, float))
    ):
        return True
    try:
        return issubclass(narrow_class, wide_class)
    except TypeError:  # a Protocol with data members has no answer
        return True


def awaited(annotation: Any) -> Any:
    """What a result comes to where it is awaited."""
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, Awaitable):
        return (get_args(annotation) or (Any,))[-1]
    return annotation


def _bare(annotation: Any) -> Any:
    """A type without what is annotated besides."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_unknown(annotation: Any) -> bool:
    return annotation is Any or isinstance(annotation, (str, ForwardRef, TypeVar))


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _class_of(annotation: Any) -> type | None:
    if annotation is None:
        return NoneType
    origin = get_origin(annotation) or annotation
    return origin if isinstance(origin, type) else None
