"""Sources: modules compiled from the bytes of their files, whatever there is in `__pycache__`.

A `.pyc` file counts when the time and the size of the source are those that it has noted, which two
versions of a source that are written shortly after each other can share.
"""

import linecache
import os
import sys
from contextlib import contextmanager
from hashlib import sha256
from importlib import invalidate_caches
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

__all__ = ["SourceLoader", "digest_of_source", "from_sources", "without_sources"]

# Of each source that was compiled here, as it was then, by its path.
_digests: dict[str, bytes] = {}


class SourceLoader(SourceFileLoader):
    """Compiles the source each time, and leaves nothing in `__pycache__`."""

    def get_code(self, fullname: str) -> "CodeType":
        path = self.get_filename(fullname)
        linecache.cache.pop(path, None)  # it would go by the clock
        source = self.get_data(path)
        _digests[os.path.abspath(path)] = sha256(source).digest()
        code: CodeType = self.source_to_code(source, path)
        return code


def digest_of_source(path: str) -> bytes:
    """The SHA-256 of a source as it was when it was compiled here last; empty if it was not."""
    return _digests.get(path, b"")


@contextmanager
def from_sources(package: str) -> "Iterator[None]":
    """Have the modules of a package made from their sources, from now on.

    Unless the block raises: then it is no longer so.
    """
    finder = _Finder(package)
    known = [each for each in sys.meta_path if isinstance(each, _Finder) and each == finder]
    if not known:
        sys.meta_path.insert(0, finder)
    invalidate_caches()
    try:
        yield
    except BaseException:
        if not known:
            sys.meta_path.remove(finder)
        raise


def without_sources(package: str) -> None:
    """Have the modules of a package made as all others are again."""
    sys.meta_path[:] = [each for each in sys.meta_path if each != _Finder(package)]


class _Finder:
    """Finds the modules of a package where everybody else does, and gives them its loader."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Finder) and other._package == self._package

    def __hash__(self) -> int:
        return hash(self._package)

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        if name != self._package and not name.startswith(f"{self._package}."):
            return None
        for finder in [each for each in sys.meta_path if not isinstance(each, _Finder)]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find else None
            if spec is not None:
                if type(spec.loader) is SourceFileLoader:
                    spec.loader = SourceLoader(spec.loader.name, spec.loader.path)
                return spec
        return None
