"""Expectations: what meets a class, a Protocol or a predicate, and what is said to be missing."""

from abc import ABC, abstractmethod
from functools import partial
from typing import Any, Protocol, runtime_checkable

import pytest

from plugbay.loading.expectations import shortfall


class Base:
    colour = "grey"

    def run(self) -> None: ...


class Child(Base): ...


class Lookalike:
    def run(self) -> None: ...


class Abstract(ABC):
    @abstractmethod
    def run(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...


class HalfDone(Abstract):
    def run(self) -> None: ...


class Done(HalfDone):
    def stop(self) -> None: ...


class Shade(Protocol):
    name: str

    def run(self) -> None: ...


class Bright(Shade, Protocol):
    def glow(self) -> None: ...


@runtime_checkable
class Callback(Protocol):
    def __call__(self, row: Any) -> Any: ...


class Sized(Protocol):
    @property
    def size(self) -> int: ...


class Good:
    name = "good"

    def run(self) -> None: ...


class NamedLater:
    def __init__(self) -> None:
        self.name = "later"

    def run(self) -> None: ...

    def glow(self) -> None: ...


class NoMethod:
    name = "x"
    run = 3


def function(row: object) -> object:
    return row


def is_named(plugin: object) -> bool:
    return hasattr(plugin, "name")


@pytest.mark.parametrize(
    ("plugin", "expected"),
    [
        (Base(), Base),
        (Child(), Base),
        (Child, Base),
        (Base, Base),
        (True, int),
        (Done(), Abstract),
        (Done, Abstract),
        (Good(), Shade),
        (Good, Shade),
        (NamedLater, Shade),
        (NamedLater(), Bright),
        (function, Callback),
        (len, Callback),
        (partial(function), Callback),
        (Good, Callback),
        (Good, is_named),
        (NamedLater(), is_named),
        (3, lambda plugin: plugin == 3),
        (Good(), partial(is_named)),
    ],
)
def test_what_meets_an_expectation(plugin: object, expected: Any) -> None:
    """Instances and concrete subclasses, whatever has the members, and what the check lets pass."""
    assert "" == shortfall(plugin, expected)


@pytest.mark.parametrize(
    ("plugin", "expected", "missing"),
    [
        (
            Lookalike(),
            Base,
            (
                "an object of type Lookalike is neither an instance nor a subclass of "
                "Base; it lacks colour"
            ),
        ),
        (
            Lookalike,
            Base,
            "the class Lookalike is neither an instance nor a subclass of Base; it lacks colour",
        ),
        (
            function,
            Base,
            (
                "the function function is neither an instance nor a subclass of Base; "
                "it lacks colour, run"
            ),
        ),
        (
            None,
            Base,
            (
                "an object of type NoneType is neither an instance nor a subclass of Base; "
                "it lacks colour, run"
            ),
        ),
        (
            pytest,
            Base,
            "the module pytest is neither an instance nor a subclass of Base; it lacks colour, run",
        ),
        (HalfDone, Abstract, "the class HalfDone leaves stop abstract"),
        (Abstract, Abstract, "the class Abstract leaves run, stop abstract"),
        (Lookalike(), Shade, "an object of type Lookalike is no Shade: it lacks name"),
        (NoMethod(), Shade, "an object of type NoMethod is no Shade: it lacks run"),
        (object(), Shade, "an object of type object is no Shade: it lacks run, name"),
        (object, Shade, "the class object is no Shade: it lacks run"),
        (Good(), Bright, "an object of type Good is no Bright: it lacks glow"),
        (Good(), Callback, "an object of type Good is no Callback: it lacks __call__"),
        (Good(), Sized, "an object of type Good is no Sized: it lacks size"),
        (3, is_named, "an object of type int does not pass the host's check is_named()"),
    ],
)
def test_what_is_missing_is_told(plugin: object, expected: Any, missing: str) -> None:
    """The clause names the object, the expectation and each member that it lacks."""
    assert missing == shortfall(plugin, expected)


def test_a_predicate_may_have_no_name() -> None:
    """A check that is an object is told by its representation."""
    assert "partial" in shortfall(3, partial(is_named))
