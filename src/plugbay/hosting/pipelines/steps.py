"""Steps: what data passes through, and what is noted of it on the way."""

from collections.abc import Mapping, Sized
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from traceback import format_exception

from plugbay.errors import SandboxError
from plugbay.loading.failures import Terminated, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Self

    Call = Callable[[Any], Any]

__all__ = [
    "Passage",
    "PipelineRun",
    "StepFailedError",
    "StepRecord",
    "counted",
    "row_count",
    "through",
]


@dataclass(slots=True)
class StepRecord:
    """What one step has done in a run so far.

    `number` counts from 1. `batches` have passed it in `milliseconds`, with `rows_in` and
    `rows_out` rows in all, None where they cannot be counted. `input` and `output` are those of
    the last batch, None where another process had them.
    """

    number: int
    name: str
    batches: int = 0
    milliseconds: float = 0.0
    rows_in: int | None = 0
    rows_out: int | None = 0
    input: "Any" = field(default=None, repr=False)
    output: "Any" = field(default=None, repr=False)

    def note(self, passage: "Passage") -> None:
        """Add what one batch has brought."""
        self.batches += 1
        self.milliseconds += passage.milliseconds
        self.rows_in = _sum(self.rows_in, passage.rows_in)
        self.rows_out = _sum(self.rows_out, passage.rows_out)
        self.input, self.output = passage.input, passage.output

    def __str__(self) -> str:
        rows = f"{self.rows_in} -> {self.rows_out} rows, " if self.rows_in is not None else ""
        return f"{self.number}. {self.name}: {rows}{self.milliseconds:.1f} ms"


@dataclass(slots=True)
class Passage:
    """One batch that has passed one step."""

    milliseconds: float
    rows_in: int | None
    rows_out: int | None
    input: "Any" = None
    output: "Any" = None


class StepFailedError(Exception):
    """A step, whose place is `at`, from 0, did not take the `data` that it was given."""

    def __init__(
        self,
        at: int,
        reason: str,
        traceback: str = "",
        data: "Any" = None,
        rows: int | None = None,
    ) -> None:
        super().__init__(at, reason, traceback, data, rows)
        self.at = at
        self.reason = reason
        self.traceback = traceback
        self.data = data
        self.rows = rows

    @classmethod
    def of(cls, at: int, error: BaseException, data: "Any", rows: int | None) -> "Self":
        """What is raised from the error of a step that was given so many rows."""
        if isinstance(error, SandboxError):  # which says it all
            return cls(at, str(error), error.traceback, data, rows)
        return cls(at, told(error), "".join(format_exception(error)), data, rows)


class PipelineRun:
    """Data on its way through a pipeline: an iterator over what comes out, a batch at a time.

    `value` is the output of the last batch.
    """

    def __init__(self, records: "list[StepRecord]", outputs: "Iterator[Any]") -> None:
        self._records = records
        self.value: Any = None
        self._outputs = outputs

    @property
    def steps(self) -> "tuple[StepRecord, ...]":
        """What is known of each step so far."""
        return tuple(self._records)

    def __iter__(self) -> "PipelineRun":
        return self

    def __next__(self) -> "Any":
        self.value = next(self._outputs)
        return self.value

    def __str__(self) -> str:
        return "\n".join(map(str, self.steps))


def row_count(data: "Any") -> int | None:
    """How many rows there are in a list or the like; None for what is no sequence of rows."""
    is_rows = isinstance(data, Sized) and not isinstance(data, (str, bytes, Mapping))
    return len(data) if is_rows else None


def through(
    calls: "Sequence[Call]",
    data: "Any",
    rows: "Callable[[Any], int | None]" = row_count,
    begins: "Callable[[int], None]" = lambda at: None,
) -> "tuple[Any, list[Passage]]":
    """What comes out of these calls, one after the other, and how it passed each.

    `begins` hears of each step before it is taken, and at the end of the number of steps. Raises
    StepFailedError from what a call raises, also where it gives None.
    """
    passages = []
    for at, call in enumerate(calls):
        begins(at)
        before, size = data, counted(rows, data)  # now, as it may be changed in place
        try:
            started = perf_counter()
            data = call(before)
            took = (perf_counter() - started) * 1000
            _check(data)
            passages.append(Passage(took, size, counted(rows, data), before, data))
        except Terminated:
            raise
        except (Exception, SystemExit) as error:
            raise StepFailedError.of(at, error, before, size) from error
    begins(len(calls))
    return data, passages


def counted(rows: "Callable[[Any], int | None]", data: "Any") -> int | None:
    """How many there are; None where that fails, since it is no failure of the step."""
    with suppress(Exception):
        return rows(data)
    return None


def _check(data: "Any") -> None:
    """Raise TypeError for what is no data for the next step."""
    if data is None:
        raise TypeError("it gave None, and not the data for the next step")
    if hasattr(type(data), "__await__"):
        if hasattr(data, "close"):
            data.close()
        raise TypeError("it is asynchronous, which a pipeline does not await")


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second
