"""What can go wrong, as errors that are raised and as problems that are recorded.

The tree::

    PlugbayError
    ├── PluginUnavailableError (KeyError)       a group has no such plugin to give
    │   ├── PluginNotFoundError                 nothing of that name is installed
    │   ├── PluginRefusedError                  the gate or the policy said no
    │   ├── PluginStartError (RuntimeError)     it could not be instantiated or started
    │   └── PluginLoadError (ImportError)       its code could not be loaded
    │       ├── CircularLoadError               it asked for itself while it was being loaded
    │       └── UnexpectedPluginError (TypeError)   it is not what the host expects
    ├── PluginConflictError (ValueError)        two plugins of one name, and the host forbids it
    ├── MalformedMetadataError (TypeError)      a line or name that every reader needs is missing
    ├── InvalidReferenceError (ValueError)      a target is not `module:attr`
    ├── InvalidVersionError (ValueError)        a host's version or specifier cannot be read
    ├── ManifestError (ValueError)              a manifest cannot be found or read
    ├── PluginExecutionError (RuntimeError)     code that was executed for a plugin raised
    ├── ProjectError (ValueError)               a project cannot be made, changed or built
    ├── SealedModuleError (ImportError)         a sealed module cannot be opened, or not trusted
    ├── SubjectError (LookupError)              there is nothing of that name to check
    ├── GroupError (ExceptionGroup)             everything that `strict=True` turned into errors
    ├── PluginOrderError (ValueError)           no order keeps every wish
    ├── HostError                               a host cannot do what it is asked for
    │   ├── HostBusyError                           not now: it is being started, stopped or changed
    │   ├── ConfigurationError (ValueError)         what is set for plugins cannot be read or used
    │   ├── ExtensionError (TypeError)              a class that cannot be a plugin as it is defined
    │   ├── PipelineError (RuntimeError)            a step of a pipeline did not take its data
    │   ├── ReloadError (RuntimeError)              a plugin could not be replaced, and goes on
    │   └── PluginStopError (ExceptionGroup)        what plugins raised when they were stopped
    ├── SandboxError                            a call in a sandbox cannot be made, or went wrong
    │   ├── SandboxedError (RuntimeError)           what was called raised; its error in words
    │   ├── SandboxTimeoutError (TimeoutError)      it took longer than it may
    │   ├── SandboxDataError (TypeError)            arguments or a result that cannot be carried
    │   └── SandboxWorkerError (RuntimeError)       its process ended, or sent what is no answer
    └── HookError                               a hook cannot be declared, implemented or called
        ├── HookSpecificationError (TypeError)      a specification that no call can have
        ├── HookValidationError (TypeError)         implementations that do not fit their hooks
        ├── HookResultError (LookupError)           no implementation gave a result
        ├── HookExitError (RuntimeError)            an implementation tried to end the program
        └── HookFailureError (ExceptionGroup)       what implementations raised, collected

    PluginWarning (UserWarning)                 the same facts, told to a host that goes on
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CircularLoadError",
    "ConfigurationError",
    "ExtensionError",
    "GroupError",
    "HookError",
    "HookExitError",
    "HookFailureError",
    "HookResultError",
    "HookSpecificationError",
    "HookValidationError",
    "HostBusyError",
    "HostError",
    "InvalidReferenceError",
    "InvalidVersionError",
    "MalformedMetadataError",
    "ManifestError",
    "PipelineError",
    "PlugbayError",
    "PluginConflictError",
    "PluginExecutionError",
    "PluginLoadError",
    "PluginNotFoundError",
    "PluginOrderError",
    "PluginRefusedError",
    "PluginStartError",
    "PluginStopError",
    "PluginUnavailableError",
    "PluginWarning",
    "Problem",
    "ProjectError",
    "ReloadError",
    "SandboxDataError",
    "SandboxError",
    "SandboxTimeoutError",
    "SandboxWorkerError",
    "SandboxedError",
    "SealedModuleError",
    "SubjectError",
    "UnexpectedPluginError",
    "did_you_mean",
]


class PlugbayError(Exception):
    """The root of everything that plugbay raises on purpose."""


class PluginUnavailableError(PlugbayError, KeyError):
    """A group cannot give the plugin that was asked for; a `KeyError`, as for any mapping."""

    # KeyError shows the repr of its argument, which would put a sentence in quotes.
    __str__ = Exception.__str__


class PluginNotFoundError(PluginUnavailableError):
    """No plugin of that name is installed in the group."""


class PluginRefusedError(PluginUnavailableError):
    """The gate or the policy refused the plugin; the message holds reason and remedy."""


class PluginLoadError(PluginUnavailableError, ImportError):
    """The plugin's code could not be loaded; the original exception is the `__cause__`.

    `reason` and `remedy` are the parts of the message that say why, and what to do about it.
    """

    def __init__(self, message: str, reason: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message
        self.remedy = remedy


class CircularLoadError(PluginLoadError):
    """A plugin was asked for while it was itself being loaded, in the same thread."""


class UnexpectedPluginError(PluginLoadError, TypeError):
    """The plugin was loaded, and is not what the host expects in this group."""


class PluginOrderError(PlugbayError, ValueError):
    """The wishes about an order form a cycle; the message names each of them.

    `circle` has those whose wishes they are.
    """

    def __init__(self, message: str, circle: "Iterable[object]" = ()) -> None:
        super().__init__(message)
        self.circle = tuple(circle)


class PluginStartError(PluginUnavailableError, RuntimeError):
    """The plugin was loaded and could not be started; what it raised is the `__cause__`."""


class PluginConflictError(PlugbayError, ValueError):
    """Two plugins of one group have the same name, and the host asked for that to be an error."""


class MalformedMetadataError(PlugbayError, TypeError):
    """A line of entry_points.txt has no `=`, or a distribution has no name.

    The standard library raises a `TypeError` for both, so this is one too.
    """


class InvalidReferenceError(PlugbayError, ValueError, AttributeError, AssertionError):
    """The value of an entry point is not an object reference.

    Asking `importlib.metadata` for the parts of such a value raises an `AttributeError` up to
    Python 3.12 and an `AssertionError` from 3.13 on; code that expects either keeps working.
    """


class InvalidVersionError(PlugbayError, ValueError):
    """A version or specifier that the host itself gave cannot be read."""


class ManifestError(PlugbayError, ValueError):
    """A distribution says that it has a manifest, and it cannot be found or read."""


class PluginExecutionError(PlugbayError, RuntimeError):
    """Code that was executed in the environment of a plugin raised; what, is the `__cause__`."""


class ProjectError(PlugbayError, ValueError):
    """A project cannot be made, changed or built as it was asked for; the message says why."""


class SealedModuleError(PlugbayError, ImportError):
    """A sealed module cannot be opened, or is not to be trusted; `name` is that of the module."""


class SubjectError(PlugbayError, LookupError):
    """There is no project, artefact or installed distribution of that name to check."""


class GroupError(ExceptionGroup[PlugbayError], PlugbayError):
    """All the findings of one `load_group(..., strict=True)`."""


class HookError(PlugbayError):
    """A hook cannot be declared, implemented or called in that way."""


class HookSpecificationError(HookError, TypeError):
    """A hook's specification is one that no call can have."""


class HookValidationError(HookError, TypeError):
    """Implementations do not fit their hooks; `problems` has a sentence for each that does not."""

    def __init__(self, message: str, problems: "Iterable[str]" = ()) -> None:
        self.problems = tuple(problems)
        super().__init__("\n- ".join([message, *self.problems]))


class HookResultError(HookError, LookupError):
    """No implementation of a hook gave the result that its strategy asks for."""


class HookExitError(HookError, RuntimeError):
    """An implementation raised SystemExit where failures are collected."""


class HookFailureError(ExceptionGroup[Exception], HookError):
    """What implementations of one call raised, after all have run; `results` are the others'."""

    results: "tuple[object, ...]" = ()


class HostError(PlugbayError):
    """A host cannot do what it was asked for, as it is now."""


class HostBusyError(HostError):
    """A host is being started, stopped or changed by another thread or task."""


class ConfigurationError(HostError, ValueError):
    """What was set for plugins cannot be used; `faults` has each thing that is wrong."""

    def __init__(self, message: str, faults: "Iterable[object]" = ()) -> None:
        self.faults = tuple(faults)
        super().__init__("\n- ".join([message, *map(str, self.faults)]))


class ExtensionError(HostError, TypeError):
    """A class derives from an Extension in a way that makes no plugin."""


class PipelineError(HostError, RuntimeError):
    """A step of a pipeline failed; what the plugin raised is the `__cause__`, if it did so here.

    `step` and `batch` count from 1; `plugin` is the name of the step's, None, like `step`, for a
    batch that was lost on the way. `data` is what the step was given, or, where that was in another
    process, what went into the pipeline; `traceback` is the text of one from there.
    """

    def __init__(
        self,
        message: str,
        *,
        batch: int = 0,
        data: object = None,
        step: int | None = None,
        plugin: str | None = None,
        traceback: str = "",
    ) -> None:
        super().__init__(message)
        self.batch = batch
        self.data = data
        self.step = step
        self.plugin = plugin
        self.traceback = traceback


class ReloadError(HostError, RuntimeError):
    """A plugin could not be replaced, and goes on as it was; why is the `__cause__`."""


class PluginStopError(ExceptionGroup[Exception], HostError):
    """What plugins raised when a host stopped them; each has been stopped all the same."""


class SandboxError(PlugbayError):
    """A call in a sandbox went wrong; `type`, `message` and `traceback` say how, as texts."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.type = type(self).__name__
        self.message = str(self)
        self.traceback = ""


class SandboxedError(SandboxError, RuntimeError):
    """What was called in a sandbox raised an error, of which only the words have come out."""

    def __init__(self, type: str, message: str, traceback: str = "") -> None:  # noqa: A002 - as read
        super().__init__(": ".join(filter(None, (type, message))))
        self.type = type
        self.message = message
        self.traceback = traceback

    def __reduce__(self) -> "tuple[object, ...]":
        return SandboxedError, (self.type, self.message, self.traceback)


class SandboxTimeoutError(SandboxError, TimeoutError):
    """A call took longer than it may, by the clock or of the processor."""


class SandboxDataError(SandboxError, TypeError):
    """Arguments or a result that JSON does not have, or that are too large."""


class SandboxWorkerError(SandboxError, RuntimeError):
    """The process of a call ended before it gave an answer, or sent what is none."""


class PluginWarning(UserWarning):
    """A plugin is not available, or only with a reservation, and the host goes on."""


class Problem:
    """One thing that is wrong with an installed distribution, and where.

    `distribution` is its name, or None where there is none to tell; `file` is a path, `line`
    counts from 1 or is None; `reason` is one sentence.
    """

    __slots__ = ("distribution", "file", "line", "reason")

    def __init__(self, distribution: str | None, file: str, line: int | None, reason: str) -> None:
        self.distribution = distribution
        self.file = file
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{self.distribution or 'sys.path'}: {self.reason} ({place})"

    def __repr__(self) -> str:
        return (
            f"Problem(distribution={self.distribution!r}, file={self.file!r}, "
            f"line={self.line!r}, reason={self.reason!r})"
        )


def did_you_mean(name: str, names: "Iterable[str]", shown: "Iterable[str] | None" = None) -> str:
    """The end of a message about an unknown name: the closest known ones, else those `shown`."""
    from difflib import get_close_matches

    known = sorted(names)
    close = get_close_matches(str(name), known)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    listed = known if shown is None else sorted(shown)
    if not listed:
        return "there are none"
    return f"there are {', '.join(listed[:8])}{' and more' if len(listed) > 8 else ''}"
