"""The schema of [tool.plugbay] says of a table what reading it as a manifest says."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugbay.authoring.checks.schema import tool_schema
from plugbay.discovery.manifests import Manifest

PLUGIN = {"summary": "a", "depends-on": ["b"], "before": [], "after": ["c"], "priority": 1.5}
HOOK = {"first": True, "wrapper": False, "before": ["a"], "priority": [1, 2]}


def of_plugin(facts: Any) -> dict[str, Any]:
    """A table with facts about one plugin."""
    return {"plugins": {"group": {"name": facts}}}


TABLES: list[Any] = [
    {},
    {"api": ">=1"},
    {"api": {"tabletop": ">=1"}},
    {"api": 3},
    {"api": {"tabletop": 3}},
    {"api": [">=1"]},
    {"needs": ["a"], "optional": []},
    {"needs": "a"},
    {"needs": [1]},
    {"unknown": 1},
    {"plugins": []},
    {"plugins": {"group": []}},
    of_plugin(PLUGIN),
    of_plugin([]),
    of_plugin({"sumary": "a"}),
    of_plugin({"priority": "1"}),
    of_plugin({"priority": True}),
    of_plugin({"hooks": ["a"], "config": {"type": "object"}}),
    of_plugin({"hooks": [1]}),
    of_plugin({"hooks": "a"}),
    of_plugin({"hooks": {"a": {}}}),
    of_plugin({"hooks": {"a": HOOK}}),
    of_plugin({"hooks": {"a": {**HOOK, "priority": 1}}}),
    of_plugin({"hooks": {"a": {**HOOK, "priority": [1]}}}),
    of_plugin({"hooks": {"a": {**HOOK, "last": True}}}),
    of_plugin({"hooks": {"a": {"first": 1}}}),
    of_plugin({"hooks": {"a": {"frist": True}}}),
    of_plugin({"hooks": {"a": []}}),
    of_plugin({"config": []}),
]


def agrees(table: Any) -> bool:
    """Whether both say the same; what they say is given."""
    problems = Manifest("", json.loads(json.dumps(table)), "", "").problems
    fine = jsonschema.Draft7Validator(tool_schema()).is_valid(table)
    assert fine is not bool(problems), problems
    return fine


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_schema_and_manifest_agree(table: Any) -> None:
    """On what is right, and on each thing that may be wrong."""
    agrees(table)


def test_both_say_yes_and_no() -> None:
    """They do not agree on everything being right."""
    assert {agrees(table) for table in TABLES} == {True, False}


VALUES = st.one_of(
    st.booleans(), st.integers(0, 3), st.text("ab", max_size=2), st.lists(st.text("a"), max_size=2)
)
OPTIONS = st.dictionaries(st.sampled_from([*HOOK, "last", "other"]), VALUES, max_size=3)
FACTS = st.dictionaries(
    st.sampled_from([*PLUGIN, "hooks", "config", "other"]),
    st.one_of(VALUES, st.dictionaries(st.text("ab"), st.one_of(VALUES, OPTIONS), max_size=2)),
    max_size=3,
)


@given(FACTS)
def test_schema_and_manifest_agree_on_any_facts(facts: dict[str, Any]) -> None:
    """Whatever they say of a plugin."""
    agrees(of_plugin(facts))


def test_the_schema_is_one() -> None:
    """By the rules of its draft; each property says what it is for."""
    schema = tool_schema("plugbay")
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$id"]
    assert all("description" in each for each in schema["properties"].values())
