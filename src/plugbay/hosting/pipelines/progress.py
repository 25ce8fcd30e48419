"""Progress: a bar on the terminal of somebody who waits."""

import sys
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

__all__ = ["Progress"]

# Seconds of work after which there is a bar, for who has not said whether to show one.
_PATIENCE = 0.5


class Progress:
    """A bar on standard error while a `with` statement is carried out, gone at its end.

    `total` is the number of batches, None where nobody knows it. It is shown if `is_wanted`; if
    that is None, on a terminal, when it takes a while. It needs the extra plugbay[rich], and is
    left out without it unless it is wanted.
    """

    def __init__(self, name: str, total: int | None, is_wanted: bool | None) -> None:
        self._name = name
        self._total = total
        self._done = 0
        self._bar: Any = None
        is_on = sys.stderr.isatty() if is_wanted is None else is_wanted
        self._starts = monotonic() + (0 if is_wanted else _PATIENCE) if is_on else None
        self._is_wanted = is_wanted

    def __enter__(self) -> "Self":
        if self._is_wanted:
            self._show()
        return self

    def advance(self) -> None:
        """One more batch is done."""
        self._done += 1
        if self._bar is None and self._starts is not None and monotonic() >= self._starts:
            self._show()
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _show(self) -> None:
        try:
            from rich.console import Console
            from rich.progress import Progress as Bar
        except ModuleNotFoundError as error:
            if self._is_wanted:
                raise ModuleNotFoundError(
                    "a progress bar needs rich; install plugbay[rich]", name=error.name
                ) from None
            self._starts = None
            return
        self._bar = Bar(console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._name, total=self._total, completed=self._done)
        self._bar.start()
