"""Wrapping: the two halves of a wrapper, which runs around the calls of a hook.

A wrapper is a generator function with one `yield`, as pluggy has them: what it yields does not
matter, what it gets is the result, or the exception that was raised, and what it returns is the
result from then on.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import GeneratorType
    from typing import Any

    Steps = GeneratorType[Any, Any, Any]

__all__ = ["sent", "started", "thrown"]


def started(steps: "Steps") -> "Steps":
    """Run a wrapper up to its `yield`; raises RuntimeError when there is none."""
    try:
        next(steps)
    except StopIteration:
        raise RuntimeError(f"{_where(steps)} did not yield") from None
    return steps


def sent(steps: "Steps", result: "Any") -> "Any":
    """Give a wrapper the result, and get what it makes of it."""
    try:
        steps.send(result)
    except StopIteration as stop:
        return stop.value
    raise _second_yield(steps)


def thrown(steps: "Steps", error: BaseException) -> "Any":
    """Raise the exception in a wrapper, and get what it makes of it unless it lets it pass."""
    try:
        steps.throw(error)
    except StopIteration as stop:
        if stop is not error:
            return stop.value
        raise
    except RuntimeError as wrapped:
        # A StopIteration that passes through a generator comes out in a RuntimeError.
        if isinstance(error, StopIteration) and wrapped.__cause__ is error:
            raise error from None
        raise
    raise _second_yield(steps)


def _second_yield(steps: "Steps") -> RuntimeError:
    where = _where(steps)
    steps.close()
    return RuntimeError(f"{where} yielded a second time")


def _where(steps: "Steps") -> str:
    code = steps.gi_code
    return f"the wrapper {code.co_qualname} ({code.co_filename}, line {code.co_firstlineno})"
