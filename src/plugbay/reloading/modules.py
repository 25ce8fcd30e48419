"""Modules: those of a plugin, imported anew from their sources while the old ones are kept.

The new ones are other objects under the same names, so that relative imports, pickling and
tracebacks work as ever; whoever holds something of an old one keeps it. They are compiled from the
bytes of their sources, and not taken from `.pyc` files, which are only as good as the times of
files are.
"""

import linecache
import sys
from contextlib import contextmanager
from importlib import invalidate_caches
from importlib.machinery import SourceFileLoader
from threading import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Modules = dict[str, ModuleType]

__all__ = ["afresh", "modules_of", "own_package", "put_back"]

# One at a time: what belongs to two of them would be mixed.
_reloading = RLock()


def own_package(module: str) -> str:
    """The outermost package of a module, or itself, that is more than a namespace."""
    parts = module.split(".")
    for end in range(1, len(parts)):
        name = ".".join(parts[:end])
        if getattr(sys.modules.get(name), "__file__", None) is not None:
            return name
    return module


def modules_of(package: str) -> "Modules":
    """The modules of a package that are imported, by name."""
    return {
        name: module
        for name, module in list(sys.modules.items())
        if module is not None and (name == package or name.startswith(f"{package}."))
    }


def put_back(package: str, modules: "Modules") -> None:
    """Have these as the modules of a package, and no others."""
    with _reloading:
        for name in modules_of(package):
            del sys.modules[name]
        sys.modules.update(modules)
        parent, _, child = package.rpartition(".")
        if parent in sys.modules and package in modules:
            setattr(sys.modules[parent], child, modules[package])


@contextmanager
def afresh(package: str) -> "Iterator[None]":
    """Import the modules of a package anew in the block; if it raises, the old ones are back."""
    with _reloading:
        old = modules_of(package)
        for name in old:
            del sys.modules[name]
        finder = _FreshFinder(package)
        sys.meta_path.insert(0, finder)
        invalidate_caches()
        try:
            yield
        except BaseException:
            put_back(package, old)
            raise
        finally:
            sys.meta_path.remove(finder)


class _FreshFinder:
    """Finds the modules of a package as everybody else does, and has them compiled."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        if name != self._package and not name.startswith(f"{self._package}."):
            return None
        for finder in [each for each in sys.meta_path if each is not self]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if type(spec.loader) is SourceFileLoader:
                    spec.loader = _FreshLoader(spec.loader.name, spec.loader.path)
                return spec
        return None


class _FreshLoader(SourceFileLoader):
    """Compiles the source, whatever there is in `__pycache__`, and leaves nothing there."""

    def get_code(self, fullname: str) -> "CodeType":
        path = self.get_filename(fullname)
        linecache.checkcache(path)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code
