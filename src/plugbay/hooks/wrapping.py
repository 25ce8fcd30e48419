"""Wrapping: the two halves of a wrapper, which runs around the calls of a hook.

A wrapper is a generator function with one `yield`, as pluggy has them: what it yields does not
matter, what it gets is the result, or the exception that was raised, and what it returns is the
result from then on.
"""

from plugbay.hooks.failures import note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import GeneratorType
    from typing import Any

    from plugbay.hooks.implementations import Implementation

__all__ = ["Around"]


class Around:
    """A wrapper that has run up to its `yield`. What it raises of its own is named.

    Raises RuntimeError when there is no `yield`, or a second one.
    """

    __slots__ = ("_record", "_steps")

    def __init__(self, record: "Implementation", steps: "GeneratorType[Any, Any, Any]") -> None:
        self._record = record
        self._steps = steps
        try:
            next(steps)
        except StopIteration:
            raise RuntimeError(f"{self._where} did not yield") from None
        except BaseException as error:
            note(error, record.label)
            raise

    def sent(self, result: "Any") -> "Any":
        """Give it the result, and get what it makes of it."""
        try:
            self._steps.send(result)
        except StopIteration as stop:
            return stop.value
        except BaseException as error:
            note(error, self._record.label)
            raise
        raise self._second_yield()

    def thrown(self, error: BaseException) -> "Any":
        """Raise the exception in it, and get what it makes of it unless it lets it pass."""
        try:
            self._steps.throw(error)
        except StopIteration as stop:
            return stop.value
        except RuntimeError as raised:
            # A StopIteration that passes through a generator comes out in a RuntimeError.
            if isinstance(error, StopIteration) and raised.__cause__ is error:
                raise error from None
            if raised is not error:
                note(raised, self._record.label)
            raise
        except BaseException as raised:
            if raised is not error:
                note(raised, self._record.label)
            raise
        raise self._second_yield()

    def _second_yield(self) -> RuntimeError:
        self._steps.close()
        return RuntimeError(f"{self._where} yielded a second time")

    @property
    def _where(self) -> str:
        code = self._steps.gi_code
        return (
            f"the wrapper {code.co_qualname} of {self._record.label} "
            f"({code.co_filename}, line {code.co_firstlineno})"
        )
