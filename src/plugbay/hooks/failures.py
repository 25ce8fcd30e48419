"""Failures: what becomes of what an implementation raises, always with its name."""

import sys

from plugbay.errors import HookError, HookExitError, HookFailureError
from plugbay.loading.failures import told
from plugbay.notices import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from plugbay.hooks.implementations import Implementation

    OnFailure = Literal["raise", "skip", "collect"]
    Failed = tuple[Exception, Implementation]

__all__ = ["FailurePolicy", "give_up", "note", "note_by_line", "take_note"]

_ACTIONS = ("raise", "skip", "collect")


class FailurePolicy:
    """What to do about a failing implementation, each part None where nothing is said of it.

    `action` is "raise" (the caller gets what it raised), "skip" (a warning, and the others run)
    or "collect" (the others run, then a HookFailureError has it). After `disable_after` failures
    the plugin no longer runs in that hook. What is no Exception is never held up, but for
    SystemExit.
    """

    __slots__ = ("action", "disable_after")

    def __init__(self, action: "OnFailure | None" = None, disable_after: int | None = None) -> None:
        if action is not None and action not in _ACTIONS:
            raise HookError(f"on_failure={action!r} is not one of {', '.join(_ACTIONS)}")
        if disable_after is not None and disable_after < 1:
            raise HookError(
                f"disable_after={disable_after!r} is not a number of failures, 1 or more"
            )
        self.action: OnFailure | None = action
        self.disable_after = disable_after

    def over(self, other: "FailurePolicy") -> "FailurePolicy":
        """This policy, with what the other one says where it says nothing."""
        return FailurePolicy(self.action or other.action, self.disable_after or other.disable_after)

    @property
    def is_plain(self) -> bool:
        """Whether failures need not be looked at one by one."""
        return self.action in (None, "raise") and self.disable_after is None


def note_by_line(error: BaseException, plugins: "tuple[Any, ...]", first: int, each: int) -> None:
    """Add to an error that passes through the calling function a note of who raised it.

    That function calls its `plugins` in so many lines `each`, from line `first` on.
    """
    here, traceback = sys._getframe(1), error.__traceback__
    # Another thread that raises the same error may have put frames of its own before this one.
    while traceback is not None and traceback.tb_frame is not here:
        traceback = traceback.tb_next
    if traceback is not None:
        note(error, plugins[-1][(traceback.tb_lineno - first) // each].label)


def note(error: BaseException, label: str) -> None:
    """Add to an error a note of who raised it, once."""
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
        return
    words = f"raised by {label}"
    try:
        if words not in getattr(error, "__notes__", ()):
            error.add_note(words)
    except Exception:  # noqa: BLE001 - an exception may be frozen, and is what counts
        return


def take_note(
    error: BaseException,
    record: "Implementation",
    errors: "list[Failed]",
    chosen: FailurePolicy,
) -> None:
    """Deal with what an implementation raised, as its policy says."""
    note(error, record.label)
    if not isinstance(error, (Exception, SystemExit)):
        raise error
    member = record.member
    if member.has_failed(record.hook, chosen.disable_after):
        warn(f"{record.label} {member.record_of(record.hook)} and no longer runs there")
    if chosen.action == "collect":
        errors.append((_collectable(error, record), record))
    elif chosen.action == "skip":
        warn(f"{record.label} was skipped: {told(error)}")
    else:
        raise error


def _collectable(error: BaseException, record: "Implementation") -> Exception:
    if isinstance(error, Exception):
        return error
    exit_error = HookExitError(f"{record.label} tried to end the program")
    exit_error.__cause__ = error
    return exit_error


def give_up(name: str, errors: "list[Failed]", results: "tuple[object, ...]") -> None:
    """Raise all that implementations of a hook raised, with the results of the others."""
    who = ", ".join(dict.fromkeys(str(record.member) for _, record in errors))
    group = HookFailureError(f"{who} failed in the hook {name!r}", [error for error, _ in errors])
    group.results = results
    raise group
