"""Targets: what is called in a sandbox, at hand or by a reference that another process can follow.

A worker gets no code and no objects, it imports what `module:attr` names. A class on the way to a
method is instantiated once, without arguments, as a host does with its plugins.
"""

import sys
from importlib import import_module
from types import FunctionType

from plugbay.attributes import written
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import SandboxError
from plugbay.instances import Instance
from plugbay.loading.files import load_file, module_name, plugin_in
from plugbay.plugins import Plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Resolver", "name_of", "reference_to", "reference_to_method"]


class Resolver:
    """Gives what targets name, with one instance of each class."""

    def __init__(self) -> None:
        self._instances: dict[type, Instance] = {}
        self._files: dict[str, Any] = {}

    def resolve(self, target: "str | Plugin[Any] | Callable[..., Any]") -> "Any":
        """What is to be called; raises whatever importing it does."""
        if isinstance(target, Plugin):
            return self.given_by(target.load())
        return self.named(target) if isinstance(target, str) else target

    def named(self, reference: str) -> "Any":
        """What `module:attr` names, or what the plugin in a file gives."""
        path, dot, method = reference.rpartition(".py")
        if dot and not method.strip(":").count("/"):
            given = self._in_file(path + dot)
            return getattr(self.given_by(given), method[1:]) if method else given
        module, attr, _ = parse_reference(reference)
        found: Any = import_module(module)
        for name in (attr or "").split(".") if attr else ():
            if isinstance(found, type) and isinstance(written(found, name), FunctionType):
                found = self.given_by(found)
            found = getattr(found, name)
        return found

    def _in_file(self, path: str) -> "Any":
        if path not in self._files:
            self._files[path] = plugin_in(load_file(path, module_name(path)))
        return self._files[path]

    def given_by(self, found: "Any") -> "Any":
        """What a plugin gives: its object, or of a class the one instance."""
        if not isinstance(found, type):
            return found
        return self._instances.setdefault(found, Instance(found, found.__qualname__)).get()


def name_of(target: "str | Plugin[Any] | Callable[..., Any]") -> str:
    """What a result is named by."""
    if isinstance(target, (str, Plugin)):
        return target if isinstance(target, str) else target.name
    try:
        return str(getattr(target, "__qualname__", type(target).__qualname__))
    except Exception:  # noqa: BLE001 - it is plugin code that runs here
        return "<an object>"


def reference_to(
    target: "str | Plugin[Any] | Callable[..., Any]", *, is_exact: bool = True
) -> "tuple[str, bool]":
    """The reference by which another process finds a target, and whether it is a plugin's.

    It has to lead to just that object in this process too, or else, if it is not to be exact, to
    one of its name. Raises SandboxError for what can only be had in this process.
    """
    if isinstance(target, str):
        if not target.endswith(".py"):
            parse_reference(target)
        return target, False
    is_plugin = isinstance(target, Plugin)
    here = getattr(target.entry_point, "object", None) if isinstance(target, Plugin) else target
    if isinstance(target, Plugin) and here is None:
        return target.target, True
    try:
        module = getattr(here, "__module__", None)
        qualname = str(getattr(here, "__qualname__", "<an object>"))
    except Exception:  # noqa: BLE001 - it is plugin code that runs here
        module, qualname = None, "<an object>"
    reference = f"{module}:{qualname}"
    if module == "__main__":
        why = "it is defined in the program itself; move it to a module that can be imported"
    elif "<" in qualname or not _is_found(here, str(module), qualname, is_exact=is_exact):
        why = "it is no attribute of a module; name a method as 'module:Class.method'"
    else:
        return reference, is_plugin
    raise SandboxError(f"{name_of(target)} cannot be imported by its name: {why}")


def reference_to_method(plugin: "Plugin[Any]", method: str) -> str:
    """The reference to a method of what a plugin gives; raises SandboxError as `reference_to`."""
    reference, _ = reference_to(plugin)
    if reference.endswith(".py"):
        return f"{reference}:{method}"
    module, attr, _ = parse_reference(reference)
    return f"{module}:{attr}.{method}" if attr else f"{module}:{method}"


def _is_found(here: object, module: str, qualname: str, *, is_exact: bool) -> bool:
    found = _in_this_process(module, qualname)
    return found is here or (
        not is_exact and qualname == getattr(found, "__qualname__", None) and callable(found)
    )


def _in_this_process(module: str, qualname: str) -> object:
    found: object = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found
