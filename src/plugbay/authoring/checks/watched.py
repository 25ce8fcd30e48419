"""Watched: the child that imports a target and notes what that does to its process.

It is started as `python -m plugbay.authoring.checks.watched QUESTION`.
"""

import _thread
import importlib
import json
import os
import signal
import sys
import threading
import time
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Watch", "main"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FILES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.truncate")
_SOCKETS = ("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto")
_PROCESSES = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec")
_THREADS = ("_thread.start_new_thread", "_thread.start_joinable_thread")
_START = _thread.start_new_thread


class Watch:
    """Notes what happens from `start` to `stop`, and what is not as it was."""

    def __init__(self) -> None:
        self.seen: dict[str, list[str]] = {
            "files": [],
            "sockets": [],
            "processes": [],
            "threads": [],
        }
        self._on = False
        self._before: dict[str, Any] = {}
        sys.addaudithook(self._hook)
        if sys.version_info < (3, 12):  # in which no event tells of a new thread
            _thread.start_new_thread = self._start_thread
            threading._start_new_thread = self._start_thread  # type: ignore[attr-defined]

    def start(self) -> None:
        """Begin to note."""
        self._before = _state()
        self._on = True

    def stop(self) -> "dict[str, list[str]]":
        """What was seen since, and what is not as it was."""
        self._on = False
        after = _state()
        changed = [name for name, value in after.items() if value != self._before[name]]
        if changed and "threads" in changed:
            self.seen["threads"] += sorted(set(after["threads"]) - set(self._before["threads"]))
        told = {key: list(dict.fromkeys(values)) for key, values in self.seen.items()}
        return {**told, "changes": [each for each in changed if each != "threads"]}

    def _start_thread(self, *arguments: "Any") -> int:
        self._hook(_THREADS[0], arguments)
        return _START(*arguments)

    def _hook(self, event: str, arguments: "tuple[Any, ...]") -> None:
        if not self._on:
            return
        if event == "open":
            self._opened(*arguments)
        elif event in _FILES:
            self.seen["files"].append(f"{event}({arguments[0]!r})")
        elif event in _SOCKETS:
            self.seen["sockets"].append(f"{event}({arguments[-1 if 'get' not in event else 0]!r})")
        elif event in _PROCESSES:
            self.seen["processes"].append(f"{event}({arguments[0]!r})" if arguments else event)
        elif event in _THREADS:
            name = getattr(getattr(arguments[0], "__self__", None), "name", "")
            self.seen["threads"].append(name or str(arguments[0]))

    def _opened(self, path: object, mode: "str | None", flags: int) -> None:
        writes = any(each in mode for each in "wax+") if mode else bool(flags & _WRITING)
        if writes and isinstance(path, (str, bytes)) and path != os.devnull:
            self.seen["files"].append(os.fsdecode(path))


def _state() -> "dict[str, Any]":
    """What all code of a process shares, in a form that can be compared."""
    logging = sys.modules.get("logging")
    handlers = {}
    for each in signal.valid_signals():
        handlers[each] = repr(signal.getsignal(each))
    return {
        "sys.path": list(sys.path),
        "os.environ": dict(os.environ),
        "warnings.filters": [str(each) for each in warnings.filters],
        "signal handlers": handlers,
        "log handlers": len(logging.getLogger().handlers) if logging else 0,
        "the current directory": os.getcwd(),
        "sys.stdout": (id(sys.stdout), id(sys.stderr)),
        "sys.excepthook": id(sys.excepthook),
        "threads": [each.name for each in threading.enumerate()],
    }


def main(question: str) -> None:
    """Import the target that the question names, and write what that did to the file it names."""
    asked = json.loads(question)
    sys.path[:] = asked["path"]
    sys.dont_write_bytecode = True
    module, _, attribute = asked["target"]
    modules = set(sys.modules)
    watch = Watch()
    answer: dict[str, Any] = {"loaded": True, "reason": "", "kind": ""}
    watch.start()
    began = time.perf_counter()
    try:
        found: Any = importlib.import_module(module)
        for name in filter(None, attribute.split(".")):
            found = getattr(found, name)
        answer["kind"] = type(found).__name__
    except BaseException as error:  # noqa: BLE001 - it may raise anything, and that is the answer
        answer |= {"loaded": False, "reason": f"{type(error).__name__}: {error}"}
    answer["milliseconds"] = (time.perf_counter() - began) * 1000
    answer |= watch.stop()
    answer["modules"] = sorted(set(sys.modules) - modules)
    with open(asked["answer"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads that it has left behind shall not keep anybody waiting


if __name__ == "__main__":
    main(sys.argv[1])
