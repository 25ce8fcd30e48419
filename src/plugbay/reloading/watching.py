"""Watching: which files have other content than before, once nobody writes them any more.

What the file system tells of changes is taken as a hint to look soon. What counts is what the files
hold, so that one save is one change however an editor goes about it, and file systems that tell
nothing are looked at from time to time.
"""

import os
import stat
from hashlib import sha256
from threading import Event
from time import monotonic

from plugbay.discovery.directories import METADATA_FILE
from plugbay.loading.sources import digest_of_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # What has been seen of a file: the time of its last change, its size and its number.
    Stamp = tuple[int, int, int]

__all__ = ["FileChanges", "changes", "is_being_written"]

# Seconds between looks where nothing tells of changes, and while something is being written.
_IDLE, _BUSY = 1.0, 0.02


class FileChanges:
    """What has changed in some places since it was asked for last: files, and directories of them.

    Of directories those files count that a plugin is made of. A file has to be as it is for
    `settle` seconds, and nobody may have it open for writing, as far as the system tells. What is
    written meanwhile holds back all others, as they may belong together.
    """

    def __init__(self, places: "Callable[[], set[str]]", settle: float) -> None:
        self._places = places
        self._settle = settle
        self._known: set[str] = set()
        self._stamps: dict[str, Stamp] = {}
        self._digests: dict[str, bytes] = {}
        self._pending: dict[str, float] = {}  # since when they are as they are
        self.look()

    @property
    def is_unsettled(self) -> bool:
        """Whether it is worthwhile to look again soon."""
        return bool(self._pending)

    def look(self) -> set[str]:
        """The files with other content, new and gone ones too; empty while some are written."""
        now, places = monotonic(), self._places()
        seen = _stamps(places & self._known)
        for path in seen.keys() | self._stamps.keys():
            if seen.get(path) != self._stamps.get(path):
                self._pending[path] = now
        # What is in a place that is looked at for the first time is as it should be, unless it is
        # known to have been loaded when it was otherwise.
        for path, stamp in _stamps(places - self._known).items():
            if path not in seen:
                seen[path] = stamp
                self._digests[path] = digest_of_source(path) or _digest(path)
                self._pending[path] = now
        self._known, self._stamps = places, seen
        for path, since in self._pending.items():
            if now - since < self._settle or is_being_written(path):
                return set()
        changed = set()
        for path in self._pending:
            digest = _digest(path)
            if digest != self._digests.get(path, b""):
                changed.add(path)
            self._digests[path] = digest
        self._pending.clear()
        return changed


def changes(
    found: FileChanges, folders: "Callable[[], list[str]]", ended: Event, *, polling: bool
) -> "Iterator[set[str]]":
    """The files that have changed, again and again until `ended` is set.

    `folders` are those of which the system is asked to tell, unless `polling`, which only looks.
    Raises ModuleNotFoundError, at once, where watchfiles is needed and not there.
    """
    hints = _looks(ended) if polling else _hints(folders, ended)

    def each() -> "Iterator[set[str]]":
        for _ in hints:
            while True:
                if changed := found.look():
                    yield changed
                if not found.is_unsettled or ended.wait(_BUSY):
                    break

    return each()


def _looks(ended: Event) -> "Iterator[None]":
    while not ended.wait(_IDLE / 4):
        yield


def _hints(folders: "Callable[[], list[str]]", ended: Event) -> "Iterator[None]":
    """Come back as soon as there is a change, and once in a while."""
    try:
        from watchfiles import watch
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "to watch files install plugbay[reload], or say polling=True to look from time to time",
            name=error.name,
        ) from None

    def each() -> "Iterator[None]":
        while not ended.is_set():
            watched = folders()
            if not watched:
                ended.wait(_IDLE)
                yield
                continue
            for _ in watch(
                *watched,
                watch_filter=None,
                debounce=50,
                step=10,
                stop_event=ended,
                rust_timeout=int(_IDLE * 1000),
                yield_on_timeout=True,
            ):
                yield
                if folders() != watched:
                    break

    return each()


def is_being_written(path: str) -> bool:
    """Whether a process has a file open for writing; False where the system does not tell (Linux).

    It grants a lease for reading on files that nobody writes (fcntl(2), "Leases").
    """
    try:
        import fcntl
        import signal

        lease, unlock = fcntl.F_SETLEASE, fcntl.F_UNLCK
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (ImportError, AttributeError, OSError):
        return False
    try:
        # Who opens the file meanwhile has this process told, by a signal that is of no account.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, lease, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, lease, unlock)
    except BlockingIOError:
        return True
    except OSError:  # it is another user's, or on a file system without leases
        return False
    finally:
        os.close(descriptor)
    return False


def _stamps(places: set[str]) -> "dict[str, Stamp]":
    found = {}
    for path in [path for place in places for path in _files_of(place)]:
        try:
            status = os.stat(path)
        except OSError:  # it is gone by now
            continue
        if stat.S_ISREG(status.st_mode):
            found[path] = status.st_mtime_ns, status.st_size, status.st_ino
    return found


def _files_of(place: str) -> "Iterator[str]":
    if not os.path.isdir(place):
        yield place
    for folder, folders, files in os.walk(place):
        folders[:] = [each for each in folders if each[0] != "." and each != "__pycache__"]
        for each in files:
            if each.endswith(".py") or each == METADATA_FILE:
                yield os.path.join(folder, each)


def _digest(path: str) -> bytes:
    """What a file holds, in short; empty for one that is gone."""
    try:
        with open(path, "rb") as stream:
            return sha256(stream.read()).digest()
    except OSError:
        return b""
