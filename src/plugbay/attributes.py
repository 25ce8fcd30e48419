"""Attributes: what plugins have, read without running code of theirs, such as properties.

`inspect.getattr_static` does as much, and takes longer to import than many hosts to start.
"""

from types import MemberDescriptorType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["instance_dict", "namespace", "written"]


def namespace(plugin: object) -> "dict[str, Any]":
    """What is written in a module, or in an object and its classes, as it is written."""
    if isinstance(plugin, ModuleType):
        return vars(plugin)
    names: dict[str, Any] = {}
    for each in reversed((plugin if isinstance(plugin, type) else type(plugin)).__mro__):
        names.update(vars(each))
    if not isinstance(plugin, type):
        names.update(instance_dict(plugin))
    return names


def written(plugin: object, name: str) -> "Any":
    """What a plugin has under a name, read without running its code; None where it has nothing."""
    found = namespace(plugin).get(name)
    if isinstance(found, MemberDescriptorType) and not isinstance(plugin, type):  # a slot
        try:
            return found.__get__(plugin)
        except AttributeError:
            return None
    return found


def instance_dict(value: object) -> "dict[str, Any]":
    """The attributes of a value itself; none where it has no place for them."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except Exception:  # noqa: BLE001 - it has none, or plugin code runs here
        return {}
    return found if type(found) is dict else {}
