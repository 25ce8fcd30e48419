"""Where a module's code is, found without importing any of it.

Only the top-level name goes through the import system, which does not import for that; below it
the file system is read, since finding `package.sub` by the import system imports `package`. What
is not in the file system is asked of the finders.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec

__all__ = ["SEALED_SUFFIX", "ModuleFile", "find_module", "own_package", "package_directories"]

# Of the file of a sealed module, see `plugbay.loading.sealed`.
SEALED_SUFFIX = ".sealed"


class ModuleFile:
    """The place of a module: `path` of its source, or of what else it is made from.

    `is_source` is False for extension modules, sealed modules, namespaces and modules built into
    the interpreter, whose names cannot be read from a text.
    """

    __slots__ = ("is_source", "path")

    def __init__(self, path: str, is_source: bool) -> None:
        self.path = path
        self.is_source = is_source


def find_module(module: str) -> ModuleFile | None:
    """The file of a dotted module name, or None when there is no such module."""
    top, *names = module.split(".")
    spec = _find_spec(top)
    if not names and (spec is None or spec.origin is None):
        for found in _sealed(sys.path, top):  # nothing else is there, or a namespace
            return found
    if spec is None or not all(names):
        return None
    if not names:
        origin = spec.origin or top
        return ModuleFile(origin, origin.endswith(".py"))
    directories = list(spec.submodule_search_locations or ())
    for depth, name in enumerate(names, 1):
        for found in _candidates(directories, name):
            if depth == len(names):
                return found
            break
        else:
            return _from_finders(spec, module)
        directories = [os.path.join(directory, name) for directory in directories]
    return None


def package_directories(package: str) -> list[str]:
    """The directories of a top-level package; empty for a module and for an unknown name."""
    spec = _find_spec(package)
    return list(spec.submodule_search_locations or ()) if spec else []


def own_package(module: str) -> str:
    """The outermost package of a module, or itself, that is more than a namespace."""
    parts = module.split(".")
    for end in range(1, len(parts)):
        name = ".".join(parts[:end])
        if name in sys.modules:
            is_package = getattr(sys.modules[name], "__file__", None) is not None
        else:
            place = find_module(name)
            is_package = place is not None and (
                place.is_source or place.path.endswith(SEALED_SUFFIX)
            )
        if is_package:
            return name
    return module


def _find_spec(top: str):  # type: ignore[no-untyped-def]  # importlib is imported on use only
    from importlib.util import find_spec

    try:
        return find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return None


def _from_finders(spec: "ModuleSpec | None", module: str) -> ModuleFile | None:
    """What there is of a submodule elsewhere than in directories, such as in memory.

    A finder that is given the path of the package has no need to import it.
    """
    parts = module.split(".")
    for end in range(2, len(parts) + 1):
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = _first_spec(".".join(parts[:end]), list(spec.submodule_search_locations))
    if spec is None:
        return None
    origin = spec.origin or module
    return ModuleFile(origin, origin.endswith(".py"))


def _first_spec(name: str, path: list[str]) -> "ModuleSpec | None":
    for finder in list(sys.meta_path):
        try:
            spec = finder.find_spec(name, path)
        except Exception:  # noqa: BLE001, S112 - a finder may raise anything
            continue
        if spec is not None:
            return spec
    return None


def _candidates(directories: list[str], name: str) -> "Iterator[ModuleFile]":
    """What `name` may be below the directories, in the import system's order of preference."""
    from importlib.machinery import EXTENSION_SUFFIXES

    for directory in directories:
        package = os.path.join(directory, name)
        yield from _sealed([directory], name)
        if os.path.isfile(os.path.join(package, "__init__.py")):
            yield ModuleFile(os.path.join(package, "__init__.py"), True)
        for suffix in EXTENSION_SUFFIXES:
            if os.path.isfile(package + suffix):
                yield ModuleFile(package + suffix, False)
        if os.path.isfile(package + ".py"):
            yield ModuleFile(package + ".py", True)
    for directory in directories:
        if os.path.isdir(os.path.join(directory, name)):
            yield ModuleFile(os.path.join(directory, name), False)


def _sealed(directories: list[str], name: str) -> "Iterator[ModuleFile]":
    for directory in directories:
        package = os.path.join(directory, name)
        for path in (os.path.join(package, f"__init__{SEALED_SUFFIX}"), package + SEALED_SUFFIX):
            if os.path.isfile(path):
                yield ModuleFile(path, False)
