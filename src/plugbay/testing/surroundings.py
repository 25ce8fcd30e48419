"""Surroundings: what a process imports, and what its operator says, as it was before."""

import importlib
import os
import sys
from importlib.util import cache_from_source

from plugbay.errors import PlugbayError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.abc import MetaPathFinder
    from types import ModuleType

__all__ = ["Surroundings", "refresh"]

# Nothing else would work any more without these as they are.
_KEPT = sys.stdlib_module_names | {"_pytest", "pluggy", "plugbay", "pytest"}


class Surroundings:
    """The process as it is now: `sys.path`, `sys.modules`, finders, variables PLUGBAY_*.

    The variables are taken away at once, since nobody is to disable plugins while tests run.
    """

    def __init__(self) -> None:
        self._path = sys.path
        self._entries = list(sys.path)
        self._modules = dict(sys.modules)
        self._finders: list[MetaPathFinder] = []
        self._variables = {each: os.environ.pop(each) for each in _operators()}

    def first(self, entry: str) -> None:
        """Put a directory first on `sys.path`."""
        sys.path.insert(0, entry)
        importlib.invalidate_caches()

    def add_finder(self, finder: "MetaPathFinder") -> None:
        """Ask one more finder for modules, the last of all."""
        self._finders.append(finder)
        sys.meta_path.append(finder)

    def give_way(self, names: "Iterable[str]", root: str) -> None:
        """Have top-level modules imported anew, until all is put back, if they are imported.

        Those that come from below `root` already are left alone.

        Raises PlugbayError, before anything is done, for those that no test can do without.
        """
        tops = set(names)
        if needed := sorted(tops & _KEPT):
            raise PlugbayError(
                f"a distribution in a test cannot bring the module {needed[0]!r}, which Python or "
                f"pytest needs as it is; give it another name"
            )
        there = {each for each in tops & sys.modules.keys() if _is_below(sys.modules[each], root)}
        for name in [each for each in sys.modules if each.partition(".")[0] in tops - there]:
            del sys.modules[name]

    def put_back(self, root: str) -> None:
        """Have everything as it was; what was imported from below `root` is forgotten."""
        sys.path = self._path
        sys.path[:] = self._entries
        sys.meta_path[:] = [each for each in sys.meta_path if each not in self._finders]
        for name, module in list(sys.modules.items()):
            if module is not self._modules.get(name) and _is_below(module, root):
                _forget(name, module)
        for name in self._modules.keys() - sys.modules.keys():
            sys.modules[name] = self._modules[name]
        for entry in [each for each in sys.path_importer_cache if _begins(each, root)]:
            del sys.path_importer_cache[entry]
        importlib.invalidate_caches()
        for variable in _operators():
            del os.environ[variable]
        os.environ.update(self._variables)


def refresh(files: "Iterable[str]") -> None:
    """Have files that were written or removed looked at anew.

    Byte-code is valid for the second and size of its source, which a test may write twice.
    """
    for file in files:
        if file.endswith(".py") and os.path.exists(cached := cache_from_source(file)):
            os.unlink(cached)
    importlib.invalidate_caches()


def _operators() -> list[str]:
    return [each for each in os.environ if each.startswith("PLUGBAY_")]


def _forget(name: str, module: "ModuleType") -> None:
    """Import a module no longer, also as an attribute of a package that stays."""
    del sys.modules[name]
    package, _, attribute = name.rpartition(".")
    if getattr(sys.modules.get(package), attribute, None) is module:
        delattr(sys.modules[package], attribute)


def _is_below(module: object, root: str) -> bool:
    return any(_begins(place, root) for place in _places(module))


def _begins(place: str, root: str) -> bool:
    return place == root or place.startswith(root + os.sep)


def _places(module: object) -> "Iterator[str]":
    """Where a module comes from; of a namespace, all of its directories."""
    spec = getattr(module, "__spec__", None)
    yield str(getattr(module, "__file__", None) or "")
    yield str(getattr(spec, "origin", None) or "")
    yield from map(str, getattr(spec, "submodule_search_locations", None) or ())
