"""Functions for sandboxes to call that do not end, or leave processes behind that do not."""

import os
import signal
import time
from collections.abc import Callable

from hostile import add, leave_later, nap, process, say

__all__ = ["add", "leave_later", "nap", "process"]


# -- endless ------------------------------------------------------------------------------------


def sleep() -> None:
    say(str(os.getpid()))
    time.sleep(60)


def spin() -> None:
    say(str(os.getpid()))
    while True:
        pass


def swallow() -> None:
    say(str(os.getpid()))
    while True:
        try:
            time.sleep(60)
        except BaseException:  # noqa: BLE001, S112 - that is what is bad about it
            continue


def match() -> None:
    import re

    say(str(os.getpid()))
    re.match(r"(a+)+$", "a" * 60 + "b")


def ignore() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:  # the C library keeps some for itself
            continue
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    swallow()


def halt() -> None:
    say(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)


# -- processes that it starts -------------------------------------------------------------------


def _fork(work: Callable[[], object]) -> int:
    """Do that in another process, and then nothing for long."""
    child = os.fork()
    if child == 0:
        work()
        time.sleep(60)
        os._exit(0)
    return child


def beget(session: bool, then: str) -> int:
    """Leave a process behind, in a session of its own or not, and do something else."""
    child = _fork(os.setsid if session else os.getpid)
    say(f"{os.getpid()} {child}")
    if then == "leave":
        os._exit(3)
    if then == "sleep":
        time.sleep(60)
    return child


def beget_family() -> None:
    """Children, and children of theirs that have left the group."""
    read, write = os.pipe()
    child = _fork(lambda: os.write(write, str(_fork(os.setsid)).encode()))
    say(f"{os.getpid()} {child} {os.read(read, 100).decode()}")
    time.sleep(60)


def fork_twice() -> int:
    """Come back from the call in three processes."""
    return os.getpid() if os.fork() and os.fork() else -1


def fork_and_fail() -> int:
    if os.fork() == 0:
        raise ValueError("in the other process")
    os.wait()
    return 1
