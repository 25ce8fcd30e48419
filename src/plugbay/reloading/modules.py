"""Modules: those of a plugin, imported anew from their sources while the old ones are kept.

The new ones are other objects under the same names, so that relative imports, pickling and
tracebacks work as ever; whoever holds something of an old one keeps it. They are compiled from
their sources, see `plugbay.loading.sources`.
"""

import sys
from contextlib import contextmanager
from threading import RLock, get_ident

from plugbay.loading.sources import from_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    Modules = dict[str, ModuleType]

__all__ = ["afresh", "modules_of", "put_back"]

# One at a time: what belongs to two of them would be mixed.
_reloading = RLock()
_busy: dict[str, int] = {}  # by package, the thread


def modules_of(package: str) -> "Modules":
    """The modules of a package that are imported, by name."""
    return {
        name: module
        for name, module in list(sys.modules.items())
        if module is not None and (name == package or name.startswith(f"{package}."))
    }


def put_back(package: str, modules: "Modules") -> None:
    """Have these as the modules of a package, and no others."""
    for name in modules_of(package):
        del sys.modules[name]
    sys.modules.update(modules)
    parent, _, child = package.rpartition(".")
    if parent in sys.modules and package in modules:
        setattr(sys.modules[parent], child, modules[package])


@contextmanager
def afresh(package: str) -> "Iterator[None]":
    """Import the modules of a package anew in the block; if it raises, the old ones are back."""
    if _busy.get(package) == get_ident():
        raise RuntimeError(f"the modules of {package!r} are being imported anew already")
    with _reloading:
        _busy[package] = get_ident()
        old = modules_of(package)
        for name in old:
            del sys.modules[name]
        try:
            with from_sources(package):
                yield
        except BaseException:
            put_back(package, old)
            raise
        finally:
            del _busy[package]
