"""Isolation: directories of which modules can be imported, and no distribution is seen."""

import os
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["ModulesOnly", "has_distributions"]


class ModulesOnly(MetaPathFinder):
    """Finds top-level modules along entries that are not on `sys.path`.

    It knows nothing of distributions, so that finding these goes by `sys.path` as ever.
    """

    def __init__(self, entries: "Sequence[str]") -> None:
        self._entries = list(entries)

    def find_spec(
        self, name: str, path: "Sequence[str] | None", target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        return PathFinder.find_spec(name, self._entries, target) if path is None else None


def has_distributions(entry: str) -> bool:
    """Whether an entry of `sys.path` is one where distributions may be found."""
    try:
        children = os.listdir(entry or ".")
    except NotADirectoryError:
        return True  # an archive
    except OSError:
        return False
    return any(each.lower().endswith((".dist-info", ".egg-info", "egg-info")) for each in children)
