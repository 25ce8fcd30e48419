"""Functions for sandboxes to call: harmless ones, and what plugins may do to harm their host.

It imports little, since a worker process imports it within the time of a call.
"""

import os
import signal
import sys
import time
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


class NeedsMuchError(Exception):
    def __init__(self, one: object, two: object, three: object) -> None:
        super().__init__("needs much")


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("nothing to say")

    __repr__ = __str__


class LeavingError(Exception):
    def __str__(self) -> str:
        sys.exit(3)


class _NoName(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]  # that is what is bad about it
        raise RuntimeError("no name")


class NamelessError(Exception, metaclass=_NoName):
    pass


def throw(kind: str) -> None:
    errors: dict[str, BaseException] = {
        "an error that cannot be rebuilt": NeedsMuchError(1, 2, 3),
        "an error that says nothing": MuteError(),
        "an error that exits when asked": LeavingError(),
        "an error without a name": NamelessError(),
        "an exit": SystemExit(3),
        "an interrupt": KeyboardInterrupt(),
        "the end of a generator": GeneratorExit(),
        "a group": BaseExceptionGroup("many", [SystemExit(3), MuteError()]),
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


# -- what surrounds it --------------------------------------------------------------------------


def close_descriptors() -> int:
    os.closerange(0, 256)
    return 1


def replace_output() -> int:
    import io

    sys.stdout = sys.stderr = io.StringIO()
    say("to nobody")
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


def limits(name: str) -> list[int]:
    """The soft limit of a resource and the hard one."""
    import resource

    return list(resource.getrlimit(getattr(resource, f"RLIMIT_{name}")))


def lift(name: str, most: int = 0) -> list[int]:
    """Lift the soft limit of a resource to the hard one, or both to more."""
    import resource

    kind = getattr(resource, f"RLIMIT_{name}")
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most or hard, most or hard))
    return list(resource.getrlimit(kind))


def tell(expression: str) -> Any:
    """What an expression gives in the process of the call."""
    return eval(expression, {"os": os, "sys": sys, "signal": signal})  # noqa: S307 - it is a test's


def descriptors() -> list[str]:
    """What is open in the process of the call."""
    places = [f"/proc/self/fd/{each}" for each in range(256)]
    return [os.readlink(each) for each in places if os.path.islink(each)]
