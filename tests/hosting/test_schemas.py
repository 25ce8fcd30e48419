"""JSON Schema of configuration: made of models, and values that are checked by it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from configured import configured, toml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field
from sites import Site

import plugbay
from plugbay import Host
from plugbay.hosting.models import faults_by, schema_of, schema_of_file


class Inner(BaseModel):
    size: int = 1


class Model(BaseModel):
    path: str
    limit: int = Field(3, ge=1, description="rows at most")
    mode: Literal["fast", "slow"] = "fast"
    inner: Inner = Inner()


@dataclass
class Data:
    token: str
    limit: int = 3


@pytest.mark.parametrize("model", [Model, Data])
def test_a_schema_says_what_the_model_takes(model: Any) -> None:
    """It is a JSON Schema, knows what is required, and takes no other keys."""
    schema = schema_of(model)
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert len(schema["required"]) == 1
    if model is Model:
        assert schema["properties"]["limit"]["description"] == "rows at most"


def test_a_model_without_a_schema_is_told() -> None:
    """By its name."""

    class Odd(BaseModel, arbitrary_types_allowed=True):
        thing: type(Path) = Path  # type: ignore[valid-type]  # a class that no schema has a word for

    with pytest.raises(plugbay.ConfigurationError, match="Odd has no JSON Schema"):
        schema_of(Odd)


def test_the_schema_of_a_file_has_all_plugins() -> None:
    """Definitions of the same name do not come in each other's way."""
    other = type("Inner", (BaseModel,), {"__annotations__": {"colour": str}})
    second = type("Second", (BaseModel,), {"__annotations__": {"inner": other}})
    host = configured({"a": Model, "b": second, "c": None})
    schema = host.configuration_schema()
    Draft202012Validator.check_schema(schema)
    good = {"plugins": {"a": {"path": "x", "inner": {"size": 2}}, "b": {"inner": {"colour": "r"}}}}
    bad = {"plugins": {"a": {"path": "x", "inner": {"size": "x"}}, "b": {"inner": {}}, "d": {}}}
    validator = Draft202012Validator(schema)
    assert validator.is_valid(good)
    wrong = sorted("/".join(map(str, each.absolute_path)) for each in validator.iter_errors(bad))
    assert wrong == ["plugins", "plugins/a/inner/size", "plugins/b/inner"]


def test_values_are_checked_without_importing_the_plugin(site: Site, tmp_path: Path) -> None:
    """By the schema of its manifest, with the place of each fault, and no value in it."""
    file = toml(
        tmp_path, "[plugins.csv]\nlimit = 0\nmod = 'hunter2'\n\n[plugins.csv.inner]\nsize = 'x'\n"
    )
    site.add(
        "plain-csv",
        {"csv": "plain_csv"},
        group="tabletop.exporters",
        manifest={"plugins": {"tabletop.exporters": {"csv": {"config": schema_of(Model)}}}},
        files={"plain_csv.py": "raise RuntimeError"},
    )
    host = Host("tabletop", config_file=file)
    host.discover("tabletop.exporters")
    assert [str(each) for each in host.check_configuration()] == [
        f'csv.inner.size: it does not have type "integer" ({file}, line 6)',
        f"csv.limit: it does not have minimum 1 ({file}, line 2)",
        f"csv.mod: it is not known; did you mean 'mode'? ({file}, line 3)",
        "csv.path: it is required, and not set",
    ]
    assert {each.state for each in host.components} == {"found"}


def test_plugins_that_are_loaded_are_checked_by_their_model() -> None:
    """Those that are not, and have no schema, are not."""
    host = configured({"a": Data, "b": Data}, config={"a": {"token": 1}, "b": {"token": 1}})
    assert host.check_configuration() == []
    host.group("tabletop.plugins")["a"]
    assert [each.plugin for each in host.check_configuration()] == ["a"]


def test_unknown_plugins_are_told() -> None:
    """As at the start of the host."""
    host = configured({"mail": Data}, config={"mial": {}})
    (fault,) = host.check_configuration()
    assert str(fault) == "mial: there is no such plugin; did you mean 'mail'? (in the host's code)"


def test_variables_count_as_what_they_stand_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number in a variable is a text, which is a number all the same; no other text is."""
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__PATH", "x")
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__LIMIT", "5")
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__INNER__SIZE", "five")
    site.add(
        "plain-csv",
        {"csv": "plain_csv"},
        group="tabletop.exporters",
        manifest={"plugins": {"tabletop.exporters": {"csv": {"config": schema_of(Model)}}}},
    )
    host = Host("tabletop")
    host.discover("tabletop.exporters")
    (fault,) = host.check_configuration()
    place = "TABLETOP_PLUGINS__CSV__INNER__SIZE"
    assert str(fault) == f'csv.inner.size: it does not have type "integer" ({place})'


def test_a_manifest_with_a_wrong_schema_is_told(site: Site) -> None:
    """As a fault of that plugin."""
    site.add(
        "plain-csv",
        {"csv": "plain_csv"},
        group="tabletop.exporters",
        manifest={"plugins": {"tabletop.exporters": {"csv": {"config": {"type": 3}}}}},
    )
    host = Host("tabletop", config={"csv": {}})
    host.discover("tabletop.exporters")
    (fault,) = host.check_configuration()
    assert str(fault).startswith("csv: its manifest has a wrong schema: it is no JSON Schema: 3 is")


@given(
    limit=st.one_of(st.integers(), st.text(), st.booleans(), st.floats(allow_nan=False)),
    mode=st.one_of(st.sampled_from(["fast", "slow"]), st.text(), st.none()),
    path=st.one_of(st.none(), st.text(), st.integers()),
)
def test_faults_agree_with_the_validator(limit: Any, mode: Any, path: Any) -> None:
    """There are some where jsonschema finds some, apart from texts that stand for a number."""
    values = {"limit": limit, "mode": mode} | ({} if path is None else {"path": path})
    schema = schema_of(Model)
    found = list(faults_by(schema, values))
    expected = list(Draft202012Validator(schema).iter_errors(values))
    if not isinstance(limit, str):
        assert bool(found) == bool(expected)
    for _, why in found:
        assert isinstance(limit, str) is False or len(limit) < 8 or limit not in why


def test_a_schema_of_no_plugins_takes_no_tables() -> None:
    """It is one all the same."""
    schema = schema_of_file({})
    assert not Draft202012Validator(schema).is_valid({"plugins": {"a": {}}})
    assert Draft202012Validator(schema).is_valid(json.loads('{"plugins": {}}'))
