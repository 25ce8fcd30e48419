"""Functions for sandboxes to call: harmless ones, and what plugins may do to harm their host.

It imports little, since a worker process imports it within the time of a call.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

made = 0


# -- harmless -----------------------------------------------------------------------------------


def add(one: int, other: int) -> int:
    return one + other


def echo(*args: object, **kwargs: object) -> object:
    return [*args, kwargs] if kwargs else args[0]


def process() -> int:
    return os.getpid()


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


async def later(value: object) -> object:
    return value


def say(text: str, times: int = 1) -> None:
    print(text * times)  # noqa: T201 - a plugin may


def fail(message: str) -> NoReturn:
    raise ValueError(message)


class Counter:
    """Counts its calls, and how many there were of it when it was made."""

    def __init__(self) -> None:
        global made
        made += 1
        self.number, self.calls = made, 0

    def __call__(self, *_: object) -> list[int]:
        self.calls += 1
        return [self.number, self.calls]

    def count(self) -> list[int]:
        return self()

    @staticmethod
    def plain() -> str:
        return "plain"


counter = Counter()


# -- what JSON does not have --------------------------------------------------------------------


def unfit(kind: str) -> object:
    circle: list[object] = []
    circle.append(circle)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    of_kind: dict[str, object] = {
        "a set": {1},
        "bytes": b"x",
        "an object": object(),
        "a function": unfit,
        "a circle": circle,
        "a tuple as a key": {(1, 2): 3},
        "a number of many digits": 10**5000,
        "too deep": deep,
    }
    return of_kind[kind]


def large(size: int) -> str:
    return "x" * size


# -- errors -------------------------------------------------------------------------------------


class NeedsMuch(Exception):
    def __init__(self, one: object, two: object, three: object) -> None:
        super().__init__("needs much")


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("nothing to say")

    __repr__ = __str__


class Leaving(Exception):
    def __str__(self) -> str:
        sys.exit(3)


class _NoName(type):
    @property
    def __name__(cls) -> str:
        raise RuntimeError("no name")


class Nameless(Exception, metaclass=_NoName):
    pass


def throw(kind: str) -> None:
    errors: dict[str, BaseException] = {
        "an error that cannot be rebuilt": NeedsMuch(1, 2, 3),
        "an error that says nothing": Mute(),
        "an error that exits when asked": Leaving(),
        "an error without a name": Nameless(),
        "an exit": SystemExit(3),
        "an interrupt": KeyboardInterrupt(),
        "the end of a generator": GeneratorExit(),
        "a group": BaseExceptionGroup("many", [SystemExit(3), Mute()]),
        "a lone surrogate": ValueError("\ud800"),
        "an error with a large message": ValueError("x" * 20_000_000),
    }
    raise errors[kind]


def recurse() -> None:
    recurse()


# -- ends of the process ------------------------------------------------------------------------


def leave(code: int) -> NoReturn:
    os._exit(code)


def crash() -> None:
    import ctypes

    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    ctypes.string_at(0)


def kill(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(60)


def kill_group() -> None:
    os.kill(0, signal.SIGKILL)
    time.sleep(60)


def leave_later(seconds: float) -> int:
    import threading

    threading.Timer(seconds, os._exit, [4]).start()
    return os.getpid()


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


# -- what surrounds it --------------------------------------------------------------------------


def close_descriptors() -> int:
    os.closerange(0, 256)
    return 1


def replace_output() -> int:
    import io

    sys.stdout = sys.__stdout__ = io.StringIO()
    say("to nobody")
    sys.stderr = None
    return 1


def close_output() -> int:
    sys.stdout.close()
    sys.stderr.close()
    return 1


def start_threads() -> int:
    import threading

    for _ in range(20):
        threading.Thread(target=time.sleep, args=[60]).start()
    return threading.active_count()


def change_folder() -> str:
    os.chdir("/")
    return os.getcwd()


def lose_folder() -> int:
    os.rmdir(os.getcwd())
    return 1


def set_handlers() -> int:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    return 1


def forget_modules() -> int:
    for name in [*sys.modules]:
        if name.startswith(("plugbay", "json")):
            del sys.modules[name]
    sys.path.clear()
    sys.meta_path.clear()
    return 1


def lift(name: str) -> list[int]:
    """Lift the soft limit of a resource to the hard one, and try to lift that."""
    import resource

    kind = getattr(resource, f"RLIMIT_{name}")
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (hard, hard))
    return list(resource.getrlimit(kind))


def tell(expression: str) -> Any:
    """What an expression gives in the process of the call."""
    return eval(expression, {"os": os, "sys": sys, "signal": signal})  # noqa: S307 - it is a test's
