"""Lazy modules: names of a module that are imported when they are first asked for (PEP 562).

A package that imports all it has costs all of it on `import package`. With this it costs a table::

    # shop/__init__.py
    from plugbay import lazy_exports

    lazy_exports(__name__, {"Order": ".orders:Order", "loads": "json:loads", "tables": ".tables"})

Type checkers do not read tables. They go by a stub beside it, `shop/__init__.pyi`, or by the same
imports below `if TYPE_CHECKING:` in the module::

    from json import loads as loads
    from . import tables as tables
    from .orders import Order as Order
"""

import sys  # and nothing else: whoever is lazy imports this first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["lazy_exports"]


def lazy_exports(module_name: str, exports: "Mapping[str, str]") -> None:
    """Have the module of that name import what it exports on first access.

    Called in the module itself, with its `__name__`. `exports` says for each name where it comes
    from: "module:attr", with dots in `attr` for attributes of attributes, or "module" for a module.
    One leading dot is the package that the module is in, or is; each further one is one above. A
    name is not to be that of a submodule unless it stands for it: importing that puts it there.

    The module gets a `__getattr__`, a `__dir__`, and an `__all__` of these names unless it has one.
    What was resolved is kept in its namespace, and is a plain attribute from then on. An import
    that fails raises what it raises, on every access; an attribute that is not there, or a target
    that is none, is an ImportError. Neither is kept, nor is what comes from a module that is still
    being imported. All other names are an AttributeError, unless the module has a `__getattr__` of
    its own already, which is asked for them. Several calls in one module add to each other.

    Safe from many threads, all of which get the same object: it holds no lock of its own, so that
    it cannot deadlock with those of the import system.
    """
    namespace = vars(sys.modules[module_name])
    # Of an earlier call, which may have been that before `importlib.reload`.
    earlier = namespace.get("__getattr__")
    known = getattr(earlier, "exported", {})
    exported: dict[str, str] = {**known, **exports}
    otherwise = getattr(earlier, "otherwise", earlier)

    def __getattr__(name: str) -> "Any":  # noqa: N807 - it becomes the module's
        if name in exported:
            return _resolved(namespace, name, exported[name])
        if otherwise is not None:
            return otherwise(name)
        raise _unknown(module_name, name)

    def __dir__() -> "list[str]":  # noqa: N807 - it becomes the module's
        return sorted({*namespace, *exported})

    vars(__getattr__).update(exported=exported, otherwise=otherwise)
    if "__all__" not in namespace or namespace["__all__"] == sorted(known):
        namespace["__all__"] = sorted(exported)
    namespace["__getattr__"], namespace["__dir__"] = __getattr__, __dir__


def _resolved(namespace: "dict[str, Any]", name: str, target: str) -> "Any":
    """What a target stands for; kept as the name unless it may still turn out to fail."""
    path, colon, attr = target.partition(":")
    module_name = path.lstrip(".")
    steps = attr.split(".") if colon else []
    if not all(map(str.isidentifier, [*module_name.split("."), *steps])):
        words = f"as which {namespace['__name__']!r} exports {name!r}"
        raise ImportError(f"{target!r}, {words}, is neither 'module' nor 'module:attr'")
    # Whatever is in the list, it makes `__import__` return the module and not its topmost package.
    wanted = steps[:1] or ["__name__"]
    module: Any = __import__(module_name, namespace, None, wanted, len(path) - len(module_name))
    found = module
    try:
        for each in steps:
            found = getattr(found, each)
    except AttributeError as error:
        # An AttributeError would say of this module, to `hasattr` too, that it has no such name.
        raise ImportError(
            f"cannot import name {attr!r} from {module.__name__!r}, as which "
            f"{namespace['__name__']!r} exports {name!r}: {error}",
            name=module.__name__,
            path=getattr(module, "__file__", None),
        ) from error
    if not _is_being_imported(module):
        namespace[name] = found
    return found


def _is_being_imported(module: "Any") -> bool:
    return getattr(getattr(module, "__spec__", None), "_initializing", False)


def _unknown(module_name: str, name: str) -> AttributeError:
    """In the words of any other module; from `name` and `obj` Python suggests what was meant."""
    module = sys.modules.get(module_name)
    known = f"module {module_name!r} has no attribute {name!r}"
    if _is_being_imported(module):
        known = f"partially initialized {known} (most likely due to a circular import)"
    return AttributeError(known, name=name, obj=module)
