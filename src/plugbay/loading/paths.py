"""Paths: a directory that is on `sys.path` for a while."""

import sys
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path
from threading import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

__all__ = ["temporary_sys_path"]

# The blocks that threads are in, in the order in which they were entered.
_blocks: "list[_Block]" = []
# Held while blocks are entered and left, never while they run.
_changing = Lock()


@contextmanager
def temporary_sys_path(directory: "str | PathLike[str]") -> "Iterator[str]":
    """Have a directory first on `sys.path` in a `with` block, which is given its absolute path.

    Afterwards `sys.path` is the same list as before with the same entries, whatever was done to it
    meanwhile. Modules that were written before the block are found in it, and those that it imports
    stay imported. Raises FileNotFoundError or NotADirectoryError where there is no such directory.

    `sys.path` belongs to the process: other threads see the directory too, and what they change
    is undone. An import of another thread that is looking along `sys.path` just when a block begins
    or ends may look at an entry twice or miss one. Blocks of several threads may overlap: one that
    ends before a later one takes out only its directory, and when all have ended, `sys.path` is as
    it was before the first of them.
    """
    path = Path(directory).absolute()
    if not path.is_dir():
        error = NotADirectoryError if path.exists() else FileNotFoundError
        raise error(f"there is no directory {str(path)!r} to import from")
    block = _Block(str(path))
    try:
        _enter(block)
        invalidate_caches()
        yield block.entry
    finally:
        _leave(block)


class _Block:
    """One `with` block: what it adds, and what `sys.path` was before it, as list and entries."""

    __slots__ = ("before", "entries", "entry")

    def __init__(self, entry: str) -> None:
        self.entry = entry

    def note(self) -> None:
        self.before, self.entries = sys.path, list(sys.path)


def _enter(block: _Block) -> None:
    with _changing:
        block.note()
        _blocks.append(block)
        sys.path.insert(0, block.entry)


def _leave(block: _Block) -> None:
    with _changing:
        if block not in _blocks:
            return  # it was interrupted before it was entered
        position = _blocks.index(block)
        later = _blocks[position + 1 :]
        del _blocks[position]
        if not later:
            sys.path = block.before
            sys.path[:] = block.entries
            return
        _take_out(block.entry, sys.path)
        for each in later[1:]:
            _take_out(block.entry, each.entries)
        # What was before this one is now what was before the next.
        later[0].before, later[0].entries = block.before, block.entries


def _take_out(entry: str, path: object) -> None:
    """Remove an entry from a list, if somebody has not done that or put something else there."""
    if isinstance(path, list) and entry in path:
        path.remove(entry)
