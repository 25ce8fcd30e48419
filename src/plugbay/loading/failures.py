"""Failures: what a load that went wrong becomes, in the words of someone who has to mend it."""

from plugbay.errors import CircularLoadError, PluginLoadError, UnexpectedPluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    from plugbay.discovery.distributions import Distribution

    class Subject(Protocol):
        """What went wrong, named by its text as "plugin 'csv' of tabletop-csv 1.0"."""

        @property
        def group(self) -> str:
            """The group that it is in."""
            ...

        @property
        def target(self) -> str:
            """What it names, as `module:attr`."""
            ...

        distribution: Distribution


__all__ = [
    "HALF_MADE",
    "Terminated",
    "again",
    "circular",
    "failure_of",
    "is_of_imports",
    "told",
    "unexpected",
]


# What Python says of modules that are being imported: up to 3.12, and from 3.13 on, where it takes
# a file beside the program for one that might hide another module.
HALF_MADE = ("circular import", "consider renaming")


class Terminated(SystemExit):
    """The program is asked to end, by a signal: no plugin's doing."""


def failure_of(plugin: "Subject", error: BaseException) -> PluginLoadError:
    """The error of a plugin whose code raised; what it raised is the cause."""
    target, distribution = plugin.target, plugin.distribution
    reason = told(error)
    remedy = f"upgrade or uninstall {distribution.name}, or report it to its author"
    if isinstance(error, ModuleNotFoundError) and error.name:
        from plugbay.loading.remedies import for_missing_module

        remedy = for_missing_module(target, distribution, error.name)
    elif isinstance(error, (ImportError, AttributeError)):
        reason, remedy = _with_circle(error, reason, remedy)
    message = f"{plugin} could not be loaded from {target!r}: {reason}; {remedy}"
    failure = PluginLoadError(message, reason, remedy)
    failure.__cause__ = error
    return failure


def _with_circle(error: BaseException, reason: str, remedy: str) -> tuple[str, str]:
    """Reason and remedy of an error that may come from modules that import each other."""
    from plugbay.loading.circles import circular_import

    circle = circular_import(error)
    if circle is None or circle.summary in reason:  # a plugin within has told it
        return reason, remedy
    # An error that was raised in its place has something of its own to say.
    is_itself = repr(circle.missing) in reason
    return (
        f"{type(error).__name__ if is_itself else reason}: {circle.summary}",
        f"{remedy}, who can {', or '.join(circle.remedies)}",
    )


def unexpected(
    plugin: "Subject", found: object, expect: "type | Callable[[Any], bool]"
) -> UnexpectedPluginError | None:
    """The error of an object that is not what the host expects; None when it is."""
    from plugbay.loading.expectations import shortfall

    missing = shortfall(found, expect)
    if not missing:
        return None
    remedy = f"upgrade {plugin.distribution.name}, or report it to its author"
    message = f"{plugin} is not what {plugin.group} holds: {missing}; {remedy}"
    return UnexpectedPluginError(message, missing, remedy)


def circular(names: "Iterable[str]") -> CircularLoadError:
    """The error of plugins that load each other, given from the first one round to it again."""
    return CircularLoadError(
        f"the plugins {' -> '.join(names)} load each other while they are being imported; "
        f"load the other plugin inside the function that uses it"
    )


def again(error: PluginLoadError) -> PluginLoadError:
    """A fresh copy of a kept failure, so that raising it many times does not grow one traceback."""
    copy = type(error)(str(error), error.reason, error.remedy)
    copy.__cause__ = error.__cause__
    return copy


def is_of_imports(failure: PluginLoadError) -> bool:
    """Whether a failure came from modules that import each other.

    Beside another load it depends on who came first, and may not come again; alone, it will.
    """
    cause = failure.__cause__
    seen: set[int] = set()  # a chain can lead back into itself, as `raise error from error` does
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, CircularLoadError) or type(cause).__name__ == "_DeadlockError":
            return True
        half_made = isinstance(cause, (ImportError, AttributeError))
        if half_made and any(mark in _message(cause) for mark in HALF_MADE):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def told(error: BaseException) -> str:
    """The kind of an exception and what it says, on one line."""
    return ": ".join(filter(None, (type(error).__name__, _message(error))))


def _message(error: BaseException) -> str:
    """What an exception says, on one line; nothing if even that fails."""
    try:
        return " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - it is plugin code that runs here
        return ""
