"""Progress: a bar on the terminal of somebody who waits."""

import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

__all__ = ["Progress"]

# Seconds of work after which there is a bar, for who has not said whether to show one.
_PATIENCE = 0.5


class Progress:
    """A bar on standard error while a `with` statement is carried out, gone at its end.

    It counts the steps, by their `names`, of `batches`, None where nobody knows how many there are.
    It is shown if `is_wanted`; if that is None, on a terminal, when it takes a while. It needs the
    extra plugbay[rich], and is left out without it unless it is wanted.
    """

    def __init__(self, names: "Sequence[str]", batches: int | None, is_wanted: bool | None) -> None:
        self._names = names
        self._total = None if batches is None else batches * len(names)
        self._done = 0
        self._name = names[0] if names else ""
        self._is_wanted = is_wanted
        self._lock = threading.Lock()
        self._bar: Any = None
        self._is_over = False
        self._timer: threading.Timer | None = None

    def __enter__(self) -> "Self":
        if self._is_wanted:
            self._show()
        elif self._is_wanted is None and sys.stderr is not None and sys.stderr.isatty():
            self._timer = threading.Timer(_PATIENCE, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def begins(self, at: int) -> None:
        """A batch is at the step of that place, from 0; if that is behind the last, through it."""
        if at:
            self._done += 1
        if at < len(self._names):
            self._name = self._names[at]
        self._update()

    def came_through(self) -> None:
        """A batch came through all the steps at once."""
        self._done += len(self._names)
        self._update()

    def __exit__(self, *exception: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._is_over = True
            if self._bar is not None:
                self._bar.stop()

    def _update(self) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, description=self._name)

    def _show(self) -> None:
        try:
            from rich.console import Console
            from rich.progress import Progress as Bar
        except ModuleNotFoundError as error:
            if not self._is_wanted:
                return
            raise ModuleNotFoundError(
                "a progress bar needs rich; install plugbay[rich]", name=error.name
            ) from None
        with self._lock:
            if self._is_over:
                return
            bar = Bar(console=Console(stderr=True), transient=True)
            self._task = bar.add_task(self._name, total=self._total, completed=self._done)
            self._bar = bar
            bar.start()
            self._update()
