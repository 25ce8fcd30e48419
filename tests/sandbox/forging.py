"""Functions for sandboxes to call that write to where their process answers, or spoil its answers.

A plugin can do that: it runs in the process that answers, whose descriptors and functions it has.
"""

import os
import time

from hostile import add, process

__all__ = ["add", "claim_time", "extra", "extra_later", "forge", "process", "stay"]

_write = os.write  # the real one


def _replies() -> int:
    """The descriptor that answers go to: the one end of a pipe that can be written."""
    import fcntl
    import stat

    for each in range(3, 64):
        try:
            is_pipe = stat.S_ISFIFO(os.fstat(each).st_mode)
        except OSError:
            continue
        if is_pipe and fcntl.fcntl(each, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
            return each
    raise LookupError("this process answers nobody")


def forge(text: str, then: str) -> str:
    """Send characters up to U+00FF as bytes, and leave, stay or linger, or answer at once."""
    frame, replies = text.encode("latin-1"), _replies()
    while frame:
        frame = frame[os.write(replies, frame) :]
    if then == "leave":
        os._exit(0)
    time.sleep({"stay": 60, "linger": 0.3}.get(then, 0))
    return "answered"


def extra(text: str, size: int) -> str:
    """Have something sent with the end of the answer."""
    replies = _replies()

    def both(descriptor: int, frame: bytes) -> int:
        more = text.encode("ascii") if descriptor == replies else b""
        _write(descriptor, frame + more)
        return len(frame)

    os.write = both  # type: ignore[assignment]  # as a plugin would
    return "x" * size


def extra_later(text: str, seconds: float) -> int:
    """Have something sent a while after the answer."""
    import threading

    threading.Timer(seconds, os.write, [_replies(), text.encode("ascii")]).start()
    return os.getpid()


def stay() -> int:
    """Answer, and never read what is asked next."""
    replies = _replies()

    def once(descriptor: int, frame: bytes) -> int:
        written = _write(descriptor, frame)
        if descriptor == replies:
            time.sleep(60)
        return written

    os.write = once  # type: ignore[assignment]  # as a plugin would
    return os.getpid()


def claim_time(seconds: int) -> int:
    """Answer that so much processor time was used."""
    import json

    replies = _replies()

    def lie(descriptor: int, frame: bytes) -> int:
        if descriptor == replies:
            content = json.loads(frame[4:])
            content[1] = seconds
            text = json.dumps(content).encode("ascii")
            _write(descriptor, len(text).to_bytes(4, "big") + text)
            return len(frame)
        return _write(descriptor, frame)

    os.write = lie  # type: ignore[assignment]  # as a plugin would
    return os.getpid()
