"""Configuration: what users set for plugins, made into what the plugins' models say."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydantic
import pytest
from configured import config_of, configured, toml
from parts import QUIET, child, states
from pydantic import BaseModel, Field
from sites import GROUP, Site

import plugbay
from plugbay import Host


class Inner(BaseModel):
    a: int = 1
    b: int = 1
    c: int = 1
    d: int = 1


class Model(BaseModel):
    limit: int = 3
    delimiter: str = ","
    tags: list[int] = []
    inner: Inner = Inner()
    table: dict[str, int] = {}


@dataclass
class InnerData:
    a: int = 1
    b: int = 1
    c: int = 1
    d: int = 1


@dataclass
class Data:
    limit: int = 3
    delimiter: str = ","
    tags: list[int] = field(default_factory=list)
    inner: InnerData = field(default_factory=InnerData)
    table: dict[str, int] = field(default_factory=dict)


BOTH = pytest.mark.parametrize("model", [Model, Data])


@BOTH
def test_the_environment_counts_more_than_the_file_and_that_more_than_code(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key by key, in nested tables too."""
    code: dict[str, Any] = {"limit": 4, "delimiter": "code", "inner": {"b": 2, "c": 2, "d": 2}}
    text = "[plugins.csv]\nlimit = 5\n[plugins.csv.inner]\nc = 3\nd = 3\n"
    file = toml(tmp_path, text)
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__LIMIT", "6")
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__INNER__D", "4")
    config = config_of(model, config={"csv": code}, config_file=file)
    assert (6, "code") == (config.limit, config.delimiter)
    inner = config.inner
    assert (1, 2, 3, 4) == (inner.a, inner.b, inner.c, inner.d)
    assert {"b": 2, "c": 2, "d": 2} == code["inner"]


@BOTH
def test_nothing_has_to_be_set_where_all_has_defaults(model: Any, tmp_path: Path) -> None:
    """Nor does a file have a table for plugins."""
    for text in ("", "plugins = {}", "[plugins.csv]", "[other]\nlimit = 7"):
        config = config_of(model, config_file=str(toml(tmp_path, text)))
        assert isinstance(config, model)
        assert (3, ",", [], {}) == (config.limit, config.delimiter, config.tags, config.table)


@BOTH
def test_a_configuration_equals_one_that_the_plugin_makes(model: Any) -> None:
    """It is of the model's own class."""
    assert model(limit=4) == config_of(model, config={"csv": {"limit": 4}})


def test_a_plugin_without_a_model_has_no_configuration() -> None:
    """What is set for it all the same is told, and it starts."""
    assert config_of(None) is None
    with pytest.warns(plugbay.PluginWarning) as caught:
        assert config_of(None, config={"csv": {"limit": 4}}) is None
    (told,) = [str(each.message) for each in caught]
    assert told.endswith("csv.limit: it has no configuration (in the host's code)")


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("csv", "CSV"),
        ("csv-fast", "CSV_FAST"),
        ("a.b", "A_B"),
        ("Rows 2", "ROWS_2"),
        ("größe", "GRÖSSE"),
        ("_", "_"),
    ],
)
def test_variables_are_named_by_host_plugin_and_field(
    name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any sign that a variable cannot have is an underscore; lists and tables are JSON."""
    prefix = f"TABLETOP_PLUGINS__{variable}__"
    values = {
        "LIMIT": "7",
        "DELIMITER": "[;",
        "TAGS": "[1, 2]",
        "INNER__B": "8",
        "TABLE__DEEP": "9",
    }
    for word, value in values.items():
        monkeypatch.setenv(prefix + word, value)
    monkeypatch.setenv(prefix.replace("TABLETOP", "OTHER") + "LIMIT", "10")
    config = config_of(Model, name)
    assert (7, "[;", [1, 2]) == (config.limit, config.delimiter, config.tags)
    assert (1, 8, {"deep": 9}) == (config.inner.a, config.inner.b, config.table)


def test_the_name_of_a_host_may_be_odd_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variables are named alike."""
    monkeypatch.setenv("MY_HOST_2_PLUGINS__CSV__LIMIT", "7")
    seen: list[int] = []

    class Reader:
        config_model = Model

        def initialize(self, context: plugbay.Context) -> None:
            seen.append(context.config.limit)

    host = Host("my-host.2")
    host.register("csv", Reader)
    with host:
        assert [7] == seen


@pytest.mark.parametrize(
    "order",
    [
        ["TABLE", "TABLE__B"],
        pytest.param(
            ["TABLE__B", "TABLE"],
        ),
    ],
)
def test_a_variable_for_a_key_counts_more_than_one_for_its_table(
    order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever was set first."""
    values = {"TABLE": '{"a": 1, "b": 1}', "TABLE__B": "2"}
    for word in order:
        monkeypatch.setitem(os.environ, f"TABLETOP_PLUGINS__CSV__{word}", values[word])
    assert {"a": 1, "b": 2} == config_of(Model).table


def test_a_variable_is_of_one_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name has one underscore there for whatever no variable can have, and never two."""
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV_FAST__LIMIT", "7")
    with configured({"csv": Model, "csv--fast": Model}) as host:
        found = [each.config.limit for each in host["tabletop.plugins"].values()]
    assert [3, 7] == found


@pytest.mark.parametrize("name", ["URL", "maxRows"])
def test_a_field_with_capitals_can_be_set_by_a_variable(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a name, or as an alias."""

    class Capitals(BaseModel):
        URL: int = 1
        rows: int = Field(1, alias="maxRows")

    monkeypatch.setenv(f"TABLETOP_PLUGINS__CSV__{name.upper()}", "7")
    assert 8 == sum(config_of(Capitals).model_dump().values())


@QUIET
def test_an_installed_plugin_names_its_model(site: Site, tmp_path: Path) -> None:
    """Which is found when its class is loaded, also where its annotations are texts."""
    body = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\nfrom pathlib import Path\n"
        "@dataclass\nclass Settings:\n    folder: Path\n"
        "class thing:\n    config_model = Settings\n"
        "    def initialize(self, context): self.config = context.config\n"
    )
    site.add("csv-fast", {"csv-fast": "configured_csv:thing"}, files={"configured_csv.py": body})
    host = Host("tabletop", config_file=toml(tmp_path, '[plugins.csv-fast]\nfolder = "rows"\n'))
    host.discover(GROUP)
    assert "configured_csv" not in sys.modules
    with host:
        assert Path("rows") == host[GROUP]["csv-fast"].config.folder
    wrong = Host("tabletop")
    wrong.discover(GROUP)
    wrong.start()
    assert {"csv-fast": "refused"} == states(wrong)
    assert "csv-fast.folder: it is required" in wrong.components[0].reason


@QUIET
def test_an_installed_plugin_that_is_none_has_no_model(site: Site) -> None:
    """And the others run."""
    site.add_module("nothing", "thing = None")
    host = Host("tabletop")
    host.discover(GROUP)
    host.register("other", object())
    with host:
        assert "active" == states(host)["other"]


# A plugin of each kind, and which of the modules that matter a process has imported.
CHILD = """
import plugbay
from dataclasses import dataclass
@dataclass
class Settings: limit: int = 3
class Reader:
    config_model = %s
host = plugbay.Host("tabletop", config={"other": {"a": 1}})
host.register("csv", Reader)
host.register("other", object())
try:
    host.start()
except Exception as error:
    print(type(error).__name__, error)
for each in host.components: print(each.name, each.state, each.reason)
print("pydantic" in sys.modules)
"""
PYDANTIC = str(Path(pydantic.__file__).parents[1])


@pytest.mark.parametrize("model", ["Settings", "None"])
def test_pydantic_is_imported_when_a_model_is_used(model: str) -> None:
    """And never in a host whose plugins name none."""
    code, lines = child(CHILD % model, PYDANTIC)
    assert (0, ["csv active ", "other active ", str(model == "Settings")]) == (code, lines)


BLOCKED = "sys.modules['pydantic'] = None\n"


def test_without_pydantic_plugins_without_a_model_start() -> None:
    """With nothing to tell."""
    code, lines = child(BLOCKED + CHILD % "None", PYDANTIC)
    assert (0, ["csv active ", "other active "]) == (code, lines[:2])


@pytest.mark.parametrize("way", ["blocked", "absent"])
def test_without_pydantic_the_extra_is_named(way: str) -> None:
    """To who names a model."""
    block = (BLOCKED, PYDANTIC) if way == "blocked" else ("",)
    code, lines = child(block[0] + CHILD % "Settings", *block[1:])
    assert 0 == code
    assert "plugbay[config]" in "".join(lines)
