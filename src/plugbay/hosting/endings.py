"""Endings: what is started is stopped when the interpreter ends, also by SIGTERM."""

import atexit
import os
import signal
import threading

from plugbay.loading.failures import Terminated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Ending"]

# How many endings are set; the handler of SIGTERM is there for all of them.
_set: "set[Ending]" = set()
_lock = threading.Lock()


class Ending:
    """Has `stop` called when the interpreter ends, while it is set.

    SIGTERM, which would end the process at once, raises SystemExit in the main thread instead, so
    that blocks are left as by any exception. A handler that the program has of its own stays.
    """

    def __init__(self, stop: "Callable[[], None]") -> None:
        self._stop = stop
        self._process = 0

    def set(self) -> None:
        """From now on."""
        with _lock:
            if self not in _set:
                _set.add(self)
                self._process = os.getpid()
                atexit.register(self._at_exit)
            if _is_main() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
                signal.signal(signal.SIGTERM, _terminate)

    def unset(self) -> None:
        """No longer."""
        with _lock:
            _set.discard(self)
            atexit.unregister(self._at_exit)
            if not _set and _is_main() and signal.getsignal(signal.SIGTERM) is _terminate:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _at_exit(self) -> None:
        if os.getpid() == self._process:  # and not a child, in which nothing was started
            self._stop()


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _terminate(number: int, _: object) -> None:
    raise Terminated(128 + number)
