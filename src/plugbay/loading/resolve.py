"""From a target to the object that it names. This is where plugin code starts to run."""

from importlib import import_module

from plugbay.discovery.entry_points import parse_reference

__all__ = ["resolve"]


def resolve(target: str) -> object:
    """Import the module of `module:attr` and return the attribute (the module when there is none).

    Raises InvalidReferenceError for what is no target, and whatever importing raises.
    """
    module, attr, _ = parse_reference(target)
    found: object = import_module(module)
    for name in (attr or "").split("."):
        if name:
            found = getattr(found, name)
    return found
