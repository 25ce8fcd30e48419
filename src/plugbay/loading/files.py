"""Files: modules and packages that are loaded from where they are, each under a name of its own.

The name has the path in it, so that two files of one name are two modules. A module is in
`sys.modules` before it is executed, so that relative imports, pickling and `inspect` work, and is
out again, with all its submodules, when that fails.
"""

import sys
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock

from plugbay.discovery.distributions import EntryPoint
from plugbay.loading.sources import SourceLoader, from_sources, without_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

__all__ = ["FileEntryPoint", "forget", "load_file", "module_name", "plugin_in"]

_MARKS = (
    "config_model",
    "export_state",
    "get_metadata",
    "import_state",
    "initialize",
    "on_load",
    "on_unload",
    "shutdown",
)
# How often each file was loaded; every time it is another module.
_loaded: dict[str, int] = {}
_counting = Lock()


class FileEntryPoint(EntryPoint):
    """An entry point whose target is a file; `module_name` is that of its module, once loaded."""

    __slots__ = ("module_name", "pattern")

    module_name: str
    pattern: str

    def __init__(self, name: str, group: str, path: str, pattern: str, dist: "Any") -> None:
        super().__init__(name, path, group, dist)
        object.__setattr__(self, "pattern", pattern)
        object.__setattr__(self, "module_name", "")

    def load(self) -> "Any":
        """What the file gives; raises what its code does."""
        name = module_name(self.value)
        module = load_file(self.value, name)
        try:
            found = plugin_in(module)
        except BaseException:
            forget(name)
            raise
        object.__setattr__(self, "module_name", name)
        return found


def module_name(path: str) -> str:
    """The next name for the module of a file."""
    path = str(Path(path).resolve())
    file = Path(path)
    stem = file.parent.name if file.name == "__init__.py" else file.stem
    with _counting:
        number = _loaded[path] = _loaded.get(path, 0) + 1
    digest = sha256(path.encode()).hexdigest()[:12]
    safe = "".join(each if each.isalnum() else "_" for each in stem)
    return f"plugbay_file_{safe}_{digest}" + (f"_{number}" if number > 1 else "")


def load_file(path: str, name: str) -> "ModuleType":
    """The module of a file, or the package of an `__init__.py`, executed under that name.

    Raises whatever its code does, and OSError for a file that cannot be read.
    """
    folder = [str(Path(path).parent)] if Path(path).name == "__init__.py" else None
    loader = SourceLoader(name, path)
    spec = spec_from_file_location(name, path, loader=loader, submodule_search_locations=folder)
    assert spec is not None  # where there is a loader, there is one
    module = sys.modules[name] = module_from_spec(spec)
    try:
        with from_sources(name):
            loader.exec_module(module)
    except BaseException:
        forget(name)
        raise
    return module


def forget(name: str) -> None:
    """Have a module of a file, and its submodules, imported no longer."""
    for each in [each for each in sys.modules if f"{each}.".startswith(f"{name}.")]:
        del sys.modules[each]
    without_sources(name)


def plugin_in(module: "ModuleType") -> "Any":
    """What a module gives: what its `create_plugin()` returns, its one plugin class, or itself.

    A plugin class is one that is defined there and has `get_metadata`, a model of configuration, or
    a method that a host calls. Where there is no such class, the only one that can be called is it.
    Raises TypeError where there are several, and whatever `create_plugin()` does.
    """
    factory = getattr(module, "create_plugin", None)
    if callable(factory):
        return factory()
    own = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and each.__module__ == module.__name__
        and not getattr(each, "__abstractmethods__", None)
    ]
    classes = [each for each in own if any(hasattr(each, mark) for mark in _MARKS)]
    classes = classes or [each for each in own if "__call__" in vars(each)]
    if len(classes) > 1:
        names = " and ".join(each.__name__ for each in classes)
        raise TypeError(
            f"it has several plugin classes, {names}; write a function create_plugin() that "
            f"returns the plugin"
        )
    return classes[0] if classes else module
