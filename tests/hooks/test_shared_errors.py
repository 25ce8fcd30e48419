"""Shared errors: one instance that several calls raise at the same time."""

import sys
from collections.abc import Callable, Iterator
from threading import Barrier
from typing import Any, ClassVar

import pytest
from plugging import answering
from racing import ends, started

from plugbay import Hooks


def notes(error: BaseException) -> list[str]:
    """What was added to it."""
    return getattr(error, "__notes__", [])


@pytest.fixture
def _turns() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def raising(name: str, number: int, error: BaseException) -> Any:
    """A hook that eight plugins implement; that of the number raises the error."""
    hooks = Hooks(name)

    def ask() -> Any: ...

    hook = hooks.spec(ask)
    hooks.register(*answering(hooks, [error if number == each else None for each in range(8)])[0])
    return hook


class BusyError(Exception):
    """Raised by somebody else as well, just when somebody looks where it was raised."""

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    @property
    def __traceback__(self) -> Any:  # type: ignore[override]
        if self.meanwhile:
            job = self.meanwhile.pop()
            with pytest.raises(BusyError):
                job()
        return BaseException.__traceback__.__get__(self)  # type: ignore[attr-defined]


@pytest.mark.parametrize("in_thread", [False, True])
def test_an_error_that_is_raised_again_meanwhile_names_both(in_thread: bool) -> None:
    """Each call looks for its own frame among those of the others."""
    error = BusyError("shared")
    one, other = raising("one", 1, error), raising("other", 6, error)

    def again() -> None:
        if in_thread:
            caught: list[BaseException] = []

            def run() -> None:
                try:
                    other()
                except BaseException as raised:  # noqa: BLE001  # whatever it is
                    caught.append(raised)

            assert ends(started(run))
            raise caught[0]
        other()

    error.meanwhile.append(again)
    with pytest.raises(BusyError) as raised:
        one()
    assert raised.value is error
    expected = [f"raised by plugin 'p{number}' in the hook 'ask'" for number in (6, 1)]
    assert expected == notes(error)


@pytest.mark.usefixtures("_turns")
def test_an_error_of_many_threads_is_what_each_of_them_gets() -> None:
    """Never another one, and nobody is named who did not raise it."""
    error = ValueError("shared")
    numbers = (1, 3, 6)
    seen: list[BaseException] = []
    barrier = Barrier(len(numbers))

    def call(number: int) -> None:
        hook = raising(f"h{number}", number, error)
        barrier.wait()
        for _ in range(100):
            try:
                hook()
            except BaseException as raised:  # noqa: BLE001  # whatever it is
                seen.append(raised)

    threads = [started(lambda number=number: call(number)) for number in numbers]  # type: ignore[misc]
    assert ends(*threads)
    assert [error] * 300 == seen
    expected = {f"raised by plugin 'p{number}' in the hook 'ask'" for number in numbers}
    assert expected == set(notes(error))
