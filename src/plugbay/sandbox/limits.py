"""Limits: what a call in a sandbox may use, and which level can hold it to that.

- `inprocess`: whatever is raised becomes a result, SystemExit too. There is no time limit, and a
  crash of the interpreter is one of the host.
- `thread`: and the caller is back at the deadline. The work may go on, counted and capped: a
  thread cannot be ended from outside.
- `process`: and the call is ended at the deadline, with all processes of its group, whatever it
  does. A crash costs the call alone. Memory, processor time, files and processes can be limited.
  Nothing that it sends is unpickled. The environment and the working folder are its own.

None keeps code from what its user may do: a process can read the user's files, use the network,
and start processes that leave its group (those that are still its descendants at the end of a
call that is cut off are found and ended on Linux; others are not). For that, the operating system
has users, containers and namespaces.
"""

import os
from dataclasses import dataclass, fields

from plugbay.errors import SandboxError

__all__ = ["CPU_CALLS", "LEVELS", "LONGEST", "Limits"]

LEVELS = ("inprocess", "thread", "process")

LONGEST = 1e8  # seconds, about three years, which every timer of the system can wait for
# For how many calls' worth of processor time a worker process is good. The limit of a call can be
# lifted by what runs there, and that of the process cannot.
CPU_CALLS = 10

_SHOWN = {
    "timeout": "a deadline of {:g} s",
    "cpu": "{} s of processor time",
    "memory": "{} bytes of memory",
    "file_size": "files of {} bytes",
    "open_files": "{} open files",
    "processes": "{} processes of its user",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may use; None is without a limit.

    `timeout` is in seconds; `cpu` in whole seconds of processor time, `memory` in bytes of address
    space, `file_size` in bytes of one file, `open_files` and `processes` in their number.

    Raises SandboxError for a limit that the level, or this system, cannot hold a call to.
    """

    level: str
    timeout: float | None = None
    cpu: int | None = None
    memory: int | None = None
    file_size: int | None = None
    open_files: int | None = None
    processes: int | None = None

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise SandboxError(f"there is no level {self.level!r}; there are {', '.join(LEVELS)}")
        for name, value in self.given.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise SandboxError(f"{name}={value!r} is no limit; it is a number above 0")
            if name == "timeout" and value > LONGEST:
                raise SandboxError(f"timeout={value!r} is too long; leave it out for no limit")
            if name != "timeout" and not isinstance(value, int):
                raise SandboxError(f"{name}={value!r} is no limit; it is a whole number")
            if self.level == "inprocess" or (self.level == "thread" and name != "timeout"):
                by = "'thread' or 'process'" if name == "timeout" else "'process'"
                raise SandboxError(f"the level {self.level!r} cannot limit {name}; take {by}")
        if self.level == "process":
            _check_system(self)

    @property
    def given(self) -> "dict[str, float]":
        """The limits that are there, by name."""
        found = {field.name: getattr(self, field.name) for field in fields(self)[1:]}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def applied(self) -> tuple[str, ...]:
        """What a call is held to, in words."""
        own = ("a process", "an environment", "a folder")
        kept = own if self.level == "process" else ()
        return (*kept, *(_SHOWN[name].format(value) for name, value in self.given.items()))


def _check_system(limits: Limits) -> None:
    try:
        import resource  # noqa: F401 - that it is there is the question
    except ModuleNotFoundError:
        raise SandboxError("the level 'process' needs a POSIX system; take 'thread'") from None
    if limits.processes is not None and os.geteuid() == 0:
        raise SandboxError(
            "the system does not limit the processes of root; run the host as another user, or "
            "leave processes out"
        )
