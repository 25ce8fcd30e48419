"""Results: what became of a call in a sandbox."""

from typing import Any, NamedTuple

from plugbay.errors import SandboxError

__all__ = ["Result"]


class Result(NamedTuple):
    """What became of one call.

    `name` is that of what was called; `value` what it gave, None if it failed; `error` why it
    failed, None if it did not, with `type`, `message` and `traceback` as texts; `elapsed` the time
    that it took, in seconds. `warnings` are the texts of its warnings, which the level "thread"
    leaves alone, and `output` is what it printed, which only the level "process" keeps apart.
    `applied` says what the call was held to.
    """

    name: str
    value: Any = None
    error: SandboxError | None = None
    elapsed: float = 0.0
    warnings: tuple[str, ...] = ()
    output: str = ""
    applied: tuple[str, ...] = ()

    @property
    def success(self) -> bool:
        """Whether the call gave a value."""
        return self.error is None

    def unwrap(self) -> Any:
        """The value; raises the error of a call that failed."""
        if self.error is not None:
            raise self.error
        return self.value
