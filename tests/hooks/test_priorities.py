"""Priorities: what simplug's document says about them, example by example.

Where simplug itself does not do what it says, the document counts.
"""

import json
from typing import Any

import pytest
from speakers import Speaker, declared, speaker

from plugbay import Hooks, HookValidationError

HOST = "priorityapp"


class Process:
    """Says its name before what it is given."""

    priority: Any

    @Hooks(HOST).impl
    def process(self, data: str) -> str:
        return f"{type(self).__name__}: {data}"


def ranked(name: str, priority: float | None = None) -> type[Process]:
    """A class that is a plugin, with or without a priority."""
    return type(name, (Process,), {} if priority is None else {"priority": priority})


def processed(*batches: list[type[Process]]) -> tuple[Hooks, list[str]]:
    """Hooks with these plugins, and what they say in order."""
    hooks = Hooks(HOST)

    @hooks.spec
    def process(data: str) -> str | None: ...

    for batch in batches:
        hooks.register(*batch)
    return hooks, process("test")


def said(*names: str) -> list[str]:
    return [f"{name}: test" for name in names]


def test_priorities_across_batches() -> None:
    """The complete example: no priority is the middle, whatever batch it comes in."""
    batches = [ranked("D", -2)], [ranked("A", -1), ranked("B")], [ranked("C", 1)]
    assert said("D", "A", "B", "C") == processed(*batches)[1]
    assert said("D", "A", "B", "C") == processed(*reversed(batches))[1]


def test_without_priorities_the_batches_decide() -> None:
    """The two of the first call, as they were given, and then the third."""
    batches = [ranked("Two"), ranked("One")], [ranked("Alone")]
    assert said("Two", "One", "Alone") == processed(*batches)[1]


def test_a_negative_priority_overrides_the_default() -> None:
    """Whether it is given before, after or with it."""
    default, override = ranked("Default", 0), ranked("Override", -1)
    for batches in ([[default, override]], [[override], [default]], [[default], [override]]):
        assert said("Override", "Default") == processed(*batches)[1]


def test_one_registered_late_is_sorted_in() -> None:
    """Calls so far do not settle the order: a core of -100 is first, and 5 between 1 and 10."""
    hooks, _ = processed([ranked("Mine"), ranked("Rare", 10), ranked("Odd", 1)])
    hooks.register(ranked("Core", -100))
    assert said("Core", "Mine", "Odd", "Rare") == hooks["process"]("test")
    hooks.register(ranked("Late", 5))
    assert said("Core", "Mine", "Odd", "Late", "Rare") == hooks["process"]("test")


@pytest.mark.parametrize(("priority", "expected"), [(-1, "CAB"), (1, "ABC"), ((0, -1), "CAB")])
def test_a_changed_priority_counts_from_the_next_call(priority: Any, expected: str) -> None:
    """And not in calls that are under way."""
    hooks, _ = processed([ranked("A"), ranked("B")], [ranked("C", 0.5)])
    under_way = hooks["process"].iterate("test")
    assert "A: test" == next(under_way)
    hooks.plugins["C"].priority = priority
    assert said("B", "C") == list(under_way)
    assert said(*expected) == hooks["process"]("test")
    assert priority == hooks.plugins["C"].priority


@pytest.mark.parametrize("wrong", ["1", float("nan"), (1,), (1, 2, 3), (1, "2")])
def test_a_priority_is_a_number_or_a_pair(wrong: Any) -> None:
    """Anything else is told at once, wherever it is given, and nothing changes."""
    hooks, before = processed([ranked("B"), ranked("A")])
    told = "neither a number nor a pair"
    with pytest.raises(HookValidationError, match=told):
        hooks.plugins["A"].priority = wrong
    with pytest.raises(HookValidationError, match=told):
        hooks.impl(priority=wrong)(lambda: None)
    assert (["B", "A"], before) == (list(hooks.plugins), hooks["process"]("test"))


@pytest.mark.parametrize("wrong", [float("nan"), (1,), (1, "2")])
def test_a_plugins_priority_is_checked_when_it_is_registered(wrong: Any) -> None:
    """The plugin is named, and none of that call is registered."""
    hooks, before = processed([ranked("B"), ranked("A")])
    with pytest.raises(HookValidationError, match=r"(?s)plugin 'C'.*neither a number nor a pair"):
        hooks.register(ranked("D"), ranked("C", wrong))
    assert (["B", "A"], before) == (list(hooks.plugins), hooks["process"]("test"))


def test_a_chain_of_fallbacks() -> None:
    """Cache, configuration, default: the first with a value ends it, and later ones do not run."""
    hooks = Hooks(HOST)
    declared(hooks, strategy="first_avail")
    asked: list[str] = []

    def source(name: str, priority: int, value: str | None) -> Speaker:
        def look() -> str | None:
            asked.append(name)
            return value

        return speaker(hooks, name, look, priority=priority)

    hooks.register(source("default", 0, "1"), source("cache", -2, None), source("config", -1, "2"))
    assert ("2", ["cache", "config"]) == (hooks["roll"](), asked)


def test_layers_of_processing() -> None:
    """Parser, validator, enricher: each gets what the one before made."""
    hooks = Hooks(HOST)

    @hooks.spec(strategy="pipeline")
    def process(data: Any) -> Any: ...

    @hooks.impl(name="process", priority=0)
    def enrich(data: Any) -> Any:
        return {**data, "seen": True}

    @hooks.impl(name="process", priority=-1)
    def validate(data: Any) -> Any:
        assert isinstance(data, dict)
        return data

    @hooks.impl(name="process", priority=-2)
    def parse(data: Any) -> Any:
        return json.loads(data)

    hooks.register(Speaker("all", process=enrich, validate=validate, parse=parse))
    assert {"a": 1, "seen": True} == process('{"a": 1}')


def test_a_priority_may_be_a_list_of_two() -> None:
    """As a manifest writes it, wherever it is given; it is kept as a pair."""
    hooks, _ = processed([ranked("A"), ranked("B"), ranked("C", [-1, 5])])  # type: ignore[arg-type]
    assert said("C", "A", "B") == hooks["process"]("test")
    assert (-1, 5) == hooks.plugins["C"].priority
    hooks.plugins["B"].priority = [-1, 4]  # type: ignore[assignment]  # as of a manifest
    assert said("B", "C", "A") == hooks["process"]("test")
    hooks.register(hooks.impl(name="process", priority=[-2, 0])(lambda data: "listed"))  # type: ignore[arg-type]
    assert ["listed", *said("B", "C", "A")] == hooks["process"]("test")
    for wrong in ([1], [1, 2, 3], [1, "2"], []):
        with pytest.raises(HookValidationError, match="neither a number nor a pair"):
            hooks.plugins["B"].priority = wrong  # type: ignore[assignment]
