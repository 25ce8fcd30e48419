"""HostMaker: hosts that are stopped when a test is over."""

import threading

from plugbay.errors import PlugbayError
from plugbay.hosting.host import Host
from plugbay.notices import warn
from plugbay.testing.leftovers import described, threads_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

__all__ = ["HostMaker"]


class HostMaker:
    """Makes hosts, and stops all of them on leaving; a context manager.

    Called as `Host` is. What raises while a host is stopped is raised once all others are stopped,
    and threads that plugins have left behind are told in a PluginWarning.
    """

    def __init__(self) -> None:
        self._hosts: list[Host] = []
        self._threads: set[threading.Thread] = set()

    def __call__(self, name: str, **options: "Any") -> Host:
        if not self._hosts:
            self._threads = set(threading.enumerate())
        host = Host(name, **options)
        self._hosts.append(host)
        return host

    def leftovers(self) -> list[str]:
        """The threads that are there since the first host was made, in words, each told once.

        It waits for a second, if need be, for those that are about to end.
        """
        left = threads_left(self._threads) if self._hosts else []
        self._threads.update(left)
        return [described(each) for each in left]

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *exception: object) -> None:
        errors = [error for host in reversed(self._hosts) if (error := _stopped(host))]
        for left in self.leftovers():
            names = ", ".join(repr(host.name) for host in self._hosts)
            warn(
                f"a thread is left after the plugins of {names} were stopped: {left}; "
                f"a plugin has to end what it starts when it is stopped"
            )
        if len(errors) > 1:
            raise ExceptionGroup("hosts did not stop as they should", errors)
        for error in errors:
            raise error


def _stopped(host: Host) -> PlugbayError | None:
    """Stop a host; gives what that raised."""
    try:
        host.stop()
    except PlugbayError as error:
        return error
    return None
