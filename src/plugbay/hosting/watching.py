"""Watching: the files of a host's plugins, and taking over what is saved while it runs."""

import logging
import os
import threading

from plugbay.errors import HostError
from plugbay.hosting.updating import places_of
from plugbay.loading.failures import Terminated
from plugbay.notices import warn
from plugbay.reloading.watching import FileChanges, changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine
    from typing import Any, Self

    from plugbay.hosting.components import Component
    from plugbay.hosting.intake import Intake
    from plugbay.hosting.running import Runner
    from plugbay.hosting.updating import Change, Updater

__all__ = ["Watch"]

_log = logging.getLogger("plugbay.watch")
# Seconds before files are looked at where the system has failed to tell.
_PAUSE = 0.05


class Watch:
    """A thread that takes over what is saved, until it is closed; a context manager.

    `tell` is called in that thread with each Change. Where the host is asynchronous its plugins are
    replaced in the event loop that was running when it was made.
    """

    def __init__(
        self,
        components: "Callable[[], list[Component]]",
        intake: "Intake",
        runner: "Runner",
        updater: "Updater",
        *,
        tell: "Callable[[Change], object] | None",
        settle: float,
        seconds: float,
        polling: bool,
    ) -> None:
        self._components = components
        self._intake = intake
        self._runner = runner
        self._updater = updater
        if not (tell is None or callable(tell)):
            raise HostError(f"watch({tell!r}): tell is called with each Change; give a function")
        if not settle >= 0:
            raise HostError(f"settle={settle!r} is no number of seconds")
        self._tell = tell or _warned
        self._seconds = seconds
        self._loop = _running_loop()
        self._ended = threading.Event()
        self._found = FileChanges(self._places, settle)
        self._changes = changes(self._found, self._folders, self._ended, polling=polling)
        self._thread = threading.Thread(target=self._run, name="plugbay-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no longer; what is being taken over is taken over first."""
        self._ended.set()
        if self._thread is not threading.current_thread():
            self._thread.join(None if self._loop is None else 0)

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                for paths in self._changes:
                    self._take_over(paths)
            except Exception:  # noqa: BLE001 - such as too many watches for the system
                _log.exception("files are looked at from now on, as the system does not tell")
                self._ended.wait(_PAUSE)
            self._changes = changes(self._found, self._folders, self._ended, polling=True)

    def _take_over(self, paths: set[str]) -> None:
        """Take over what was saved; whatever goes wrong, the next save is looked at."""
        try:
            for change in self._at_once(self._updater.refresh_files(paths, self._seconds)):
                self._tell(change)
        except Terminated:
            raise
        except (Exception, SystemExit):  # noqa: BLE001 - a thread has nobody to raise it to
            _log.exception("what was saved could not be taken over, or not be told")

    def _at_once(self, coroutine: "Coroutine[Any, Any, list[Change]]") -> "list[Change]":
        if self._loop is None:
            return self._runner.at_once(coroutine)
        import asyncio

        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _folders(self) -> list[str]:
        """The directories of which the system tells; single files are looked at."""
        return sorted(each for each in self._places() if os.path.isdir(each))

    def _places(self) -> set[str]:
        places = {directory for _, directory in self._intake.directories}
        return places.union(*map(places_of, self._components()))


def _warned(change: "Change") -> None:
    if change.problem:
        warn(str(change))


def _running_loop() -> "AbstractEventLoop | None":
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
