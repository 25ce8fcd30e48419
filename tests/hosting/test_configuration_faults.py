"""Faults of configuration: all of them in one report, none with a secret, and who is left out."""

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from configured import configured, faults, toml
from parts import QUIET, observed, states
from pydantic import BaseModel, Field, SecretStr, field_validator

import plugbay
from plugbay import Host


class Model(BaseModel):
    path: str
    limit: int = 3
    tags: list[int] = []
    table: dict[str, int] = {}


@dataclass
class Data:
    limit: int = 3


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret that is set for `token` of the plugin csv, by a variable."""
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__TOKEN", "hunter2")
    return "hunter2"


def test_one_report_has_all_faults_of_all_plugins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its place: file and line, name of the variable, or the host's code."""
    file = toml(
        tmp_path, '[plugins.csv]\npath = 3\n\n[plugins.csv.table]\na = "x"\n[plugins.tvs]\nb = 1\n'
    )
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__LIMIT", "many")
    monkeypatch.setenv("TABLETOP_PLUGINS__A_B__LIMITS", "1")
    code = {"tsv": {"limit": "few"}, "xml": {}}
    told = faults({"csv": Model, "tsv": Data, "a.b": Data}, config=code, config_file=file)
    expected = {
        ("xml: there is no such plugin", "there are a.b, csv, tsv (in the host's code)"),
        ("tvs: there is no such plugin", f"did you mean 'tsv'? ({file}, line 6)"),
        ("csv.path: ", f"valid string ({file}, line 2)"),
        ("csv.table.a: ", f"as an integer ({file}, line 5)"),
        ("csv.limit: ", "as an integer (TABLETOP_PLUGINS__CSV__LIMIT)"),
        ("tsv.limit: ", "as an integer (in the host's code)"),
        ("a.b.limits: ", "did you mean 'limit'? (TABLETOP_PLUGINS__A_B__LIMITS)"),
    }
    assert 7 == len(told) == len(expected)
    for start, end in expected:
        assert 1 == sum(each.startswith(start) and each.endswith(end) for each in told)


def test_the_place_is_where_the_value_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where another one was set, which counts less."""
    file = toml(tmp_path, "[plugins.csv]\nlimit = 1\n")
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__LIMIT", "many")
    for variable in (True, False):
        if not variable:
            monkeypatch.delenv("TABLETOP_PLUGINS__CSV__LIMIT")
            file.write_text("[plugins.csv]\nlimit = 'few'\n")
        (told,) = faults({"csv": Data}, config={"csv": {"limit": 2}}, config_file=file)
        assert ("(TABLETOP_PLUGINS__CSV__LIMIT)" in told) == variable
        assert (f"({file}, line 2)" in told) != variable


def test_a_table_in_a_variable_is_the_place_of_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Since it replaces what the file sets."""
    file = toml(tmp_path, "[plugins.csv]\npath = 'x'\n[plugins.csv.table]\na = 1\n")
    monkeypatch.setenv("TABLETOP_PLUGINS__CSV__TABLE", '{"a": "x"}')
    (told,) = faults({"csv": Model}, config_file=file)
    assert told.endswith("(TABLETOP_PLUGINS__CSV__TABLE)")


@pytest.mark.parametrize("source", ["file", "inline", "code", "variable"])
def test_what_is_in_a_list_or_inline_table_has_the_place_of_that(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the closest that is known."""
    options: dict[str, Any] = {"config": {"csv": {"path": "x"}}}
    place = "in the host's code"
    if source == "code":
        options["config"]["csv"]["tags"] = [1, "x"]
    elif source == "variable":
        place = "TABLETOP_PLUGINS__CSV__TAGS"
        monkeypatch.setenv(place, '[1, "x"]')
    else:
        text = "tags = [1, 'x']" if source == "file" else "table = {a = 'x'}"
        options["config_file"] = toml(tmp_path, f"[plugins.csv]\n{text}\n")
        place = f"{options['config_file']}, line 2"
    (told,) = faults({"csv": Model}, **options)
    assert told.endswith(f"({place})")


class Secretive(BaseModel):
    token: SecretStr = Field(SecretStr("x"), max_length=3)


class Mistyped(BaseModel):
    token: int = 3


class Quoting(BaseModel):
    token: SecretStr = SecretStr("x")

    @field_validator("token", mode="before")
    @classmethod
    def check(cls, value: str) -> str:
        raise ValueError(f"{value} is no token")


class One(BaseModel):
    token: Literal["one"]


class Two(BaseModel):
    token: Literal["two"]


class Holding(BaseModel):
    token: int = 3
    inner: Annotated[One | Two, Field(discriminator="token")] | None = None


@pytest.mark.parametrize(
    "model",
    [
        Secretive,
        Mistyped,
        dataclass(type("Plain", (), {"__annotations__": {"token": int}})),
        pytest.param(Quoting),
        pytest.param(Holding),
    ],
)
def test_no_secret_is_in_what_is_told(
    model: Any, hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the error, its faults and its traceback, nor in warnings and reasons."""
    if model is Holding:
        monkeypatch.setenv("TABLETOP_PLUGINS__CSV__INNER__TOKEN", hidden)
    host = configured({"csv": model}, on_start_failure="stop", config={"other": {"a": hidden}})
    with pytest.raises(plugbay.ConfigurationError) as raised:
        host.start()
    words = [str(raised.value), repr(raised.value), *traceback.format_exception(raised.value)]
    for each in raised.value.faults:
        words += [str(each), repr(each), *(str(getattr(each, slot)) for slot in each.__slots__)]
    assert 2 <= len(raised.value.faults)
    host = configured({"csv": model})
    with pytest.warns(plugbay.PluginWarning) as warned:
        host.start()
    words += [str(each.message) for each in warned]
    words += [each.reason for each in host.components] + [host.explain(), repr(host.components)]
    assert "csv.token: " in "".join(words)
    assert hidden not in "".join(words)


@pytest.mark.parametrize(
    "text", ["token = hunter2", "token = 'hunter2", "token = 'a'\ntoken = 'hunter2'"]
)
def test_no_secret_of_a_malformed_file_is_told(text: str, tmp_path: Path) -> None:
    """Only what is wrong with it, and where."""
    with pytest.raises(plugbay.ConfigurationError) as raised:
        Host("tabletop", config_file=toml(tmp_path, f"[plugins.csv]\n{text}\n"))
    assert "hunter2" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[plugins.csv\n", "line 1"),
        (b"[plugins.csv]\na = 1\na = 2\n", "cannot be read"),
        (b"# \xff\n", "cannot be read"),
        (b"plugins = 3", "no table of tables"),
        (b"[[plugins]]\na = 1\n", "no table of tables"),
        (b"[plugins]\ncsv = 3\n", r"\[plugins.NAME\]"),
        (b"[[plugins.csv]]\nlimit = 3\n", "no table of tables"),
        (None, "No such file"),
        (Path(), "cannot be read"),
        pytest.param(b"a = " + b"[" * 5000, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_that_names_it(
    content: bytes | Path | None, words: str, tmp_path: Path
) -> None:
    """When the host is made; it is a ValueError too."""
    file = tmp_path / "tabletop.toml"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        file.mkdir()
    with pytest.raises(plugbay.ConfigurationError, match=words) as raised:
        Host("tabletop", config_file=file)
    assert str(file) in str(raised.value)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize("way", ["none", "list", "deep"])
def test_values_that_are_no_table_are_faults(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in code are told at once or with the others."""
    config: Any = {"none": {"csv": None}, "list": {"csv": [1]}}.get(way)
    if way == "deep":
        monkeypatch.setenv("TABLETOP_PLUGINS__CSV__TAGS", "[" * 100_000)
    with pytest.raises(plugbay.ConfigurationError, match="csv"):
        configured({"csv": Model}, config=config, on_start_failure="stop").start()


@QUIET
def test_a_plugin_with_wrong_values_is_refused_with_those_that_need_it() -> None:
    """The others run, and all of it is told in one warning and in the reasons."""
    config = {"csv": {"limit": "many"}, "tsv": {"limit": "few"}, "nothing": {}}
    host = configured({"csv": Data, "tsv": Data, "xml": Data, "plain": None}, config=config)
    host.register("user", object(), depends_on=["csv"])
    host.register("far", object(), depends_on=["user"])
    host.register("near", object(), depends_on=["csv?"])
    seen = observed(host)
    with pytest.warns(plugbay.PluginWarning) as warned:
        host.start()
    found = states(host)
    reasons = {each.name: each.reason for each in host.components}
    with pytest.raises(plugbay.PluginRefusedError, match="its configuration is wrong"):
        host["tabletop.plugins"]["csv"]
    host.stop()
    (told,) = [each for each in map(str, (w.message for w in warned)) if "is wrong:\n" in each]
    assert ["nothing: ", "csv.limit: ", "tsv.limit: "] == [
        each.partition(" ")[0] + " " for each in told.split("\n- ")[1:]
    ]
    assert ["csv", "far", "tsv", "user"] == sorted(n for n in found if found[n] == "refused")
    assert {"active"} == {found[name] for name in ("near", "plain", "xml")}
    assert reasons["csv"].startswith("its configuration is wrong: csv.limit: ")
    assert "'csv', which is refused: its configuration is wrong: csv.limit" in reasons["user"]
    assert "'user', which is refused: it depends on 'csv'" in reasons["far"]
    assert "csv found>loaded" in seen
    assert "csv loaded>refused" in seen
