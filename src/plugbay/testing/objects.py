"""Objects that a test hands to a fake distribution, and that its module asks for here."""

from itertools import count

from plugbay.errors import PlugbayError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["forget", "given", "keep"]

_objects: "dict[int, Any]" = {}
_keys = count(1)


def keep(found: "Any") -> int:
    """Keep an object; gives the key to it."""
    key = next(_keys)
    _objects[key] = found
    return key


def given(key: int) -> "Any":
    """The object of a key.

    Raises PlugbayError where it is not, as in the process of a sandbox, which a plugin that is
    written in `files` reaches.
    """
    if key not in _objects:
        raise PlugbayError(
            "this plugin is an object of a test, which is gone or in another process; "
            "write its code in `files` of make_distribution() and name it as 'module:attr'"
        )
    return _objects[key]


def forget(keys: "Iterable[int]") -> None:
    """Keep these no longer."""
    for key in keys:
        _objects.pop(key, None)
