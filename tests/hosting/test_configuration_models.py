"""Models of configuration: what they say of values, defaults and unknown keys, and broken ones."""

import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
from configured import config_of, configured, faults
from parts import QUIET, child, states
from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator
from pydantic.dataclasses import dataclass as pydantic_dataclass
from sites import Site


class Inner(BaseModel):
    a: int = 1


class Model(BaseModel):
    inner: Inner = Inner()


@dataclass
class InnerData:
    a: int = 1


@dataclass
class Data:
    inner: InnerData = field(default_factory=InnerData)


class Required(BaseModel):
    path: str
    limit: int = 3


@dataclass
class RequiredData:
    path: str
    limit: int = 3


BOTH_REQUIRED = pytest.mark.parametrize("model", [Required, RequiredData])


@BOTH_REQUIRED
def test_what_is_required_unknown_or_of_another_type_is_told(model: Any) -> None:
    """With the closest name, the path and where it was set."""
    told = faults({"csv": model}, config={"csv": {"pth": "x", "limit": "many"}})
    code = " (in the host's code)"
    assert "csv.path: it is required, and not set" in told
    assert f"csv.pth: it is not known; did you mean 'path'?{code}" in told
    (limit,) = [each for each in told if each.startswith("csv.limit: ")]
    assert "valid integer" in limit
    assert limit.endswith(code)
    assert 3 == len(told)


def test_an_unknown_key_is_told_with_the_closest_alias() -> None:
    """Which is what can be set."""

    class Aliased(BaseModel):
        max_rows: int = Field(3, alias="maxRows")

    (told,) = faults({"csv": Aliased}, config={"csv": {"max_rows": 4}})
    assert "did you mean 'maxRows'?" in told


@pytest.mark.parametrize(
    "model",
    [
        Data,
        Model,
    ],
)
def test_an_unknown_key_in_a_nested_table_is_told(model: Any) -> None:
    """With its path."""
    (told,) = faults({"csv": model}, config={"csv": {"inner": {"aa": 1}}})
    assert told.startswith("csv.inner.aa: ")
    assert "not known" in told


def wrong_default(kind: str) -> Any:
    """A model whose field `limit` has a default that is not valid, of some kind."""
    body: dict[str, Any] = {"__annotations__": {"limit": int}, "limit": "many"}
    if kind == "nested":
        inner = type("Inner", (BaseModel,), {**body, "__module__": __name__})
        outer = {"__annotations__": {"inner": inner}, "inner": {}, "__module__": __name__}
        return type("Outer", (BaseModel,), outer)
    if kind == "pydantic":
        return type("Wrong", (BaseModel,), {**body, "__module__": __name__})
    plain = type("Wrong", (), body)
    return pydantic_dataclass(plain) if kind == "both" else dataclass(slots=kind == "slots")(plain)


@pytest.mark.parametrize(
    "kind",
    [
        "pydantic",
        "dataclass",
        "slots",
        "both",
        "nested",
    ],
)
def test_defaults_are_validated(kind: str) -> None:
    """Of a wrong one no place is told."""
    (told,) = faults({"csv": wrong_default(kind)})
    path = "csv.inner.limit" if kind == "nested" else "csv.limit"
    assert told.startswith(f"{path}: ")
    assert told.endswith("integer")


def with_extra(kind: str, extra: Any) -> Any:
    """A model that says itself what becomes of unknown keys."""
    rules = ConfigDict(extra=extra, str_strip_whitespace=True)
    body: dict[str, Any] = {"__annotations__": {"path": str}, "__module__": __name__}
    if kind == "pydantic":
        return type("Own", (BaseModel,), {**body, "model_config": rules})
    if kind == "both":
        return pydantic_dataclass(config=rules)(type("Own", (), body))
    return dataclass(type("Own", (), {**body, "__pydantic_config__": rules}))


@pytest.mark.parametrize("extra", ["allow", "ignore"])
@pytest.mark.parametrize(
    "kind",
    ["pydantic", pytest.param("both"), pytest.param("dataclass")],
)
def test_a_model_may_let_unknown_keys_pass(kind: str, extra: str) -> None:
    """As it says itself, and its other rules hold too."""
    config = config_of(with_extra(kind, extra), config={"csv": {"path": " x ", "more": 1}})
    assert "x" == config.path
    assert (extra == "allow") == hasattr(config, "more")


def test_a_model_may_look_at_all_of_its_values() -> None:
    """Its own validators run, once for what is set."""
    seen: list[Any] = []

    class Looking(BaseModel):
        limit: int = 3

        @field_validator("limit")
        @classmethod
        def look(cls, value: int) -> int:
            seen.append(value)
            return value * 2

    assert 8 == config_of(Looking, config={"csv": {"limit": "4"}}).limit
    assert [4] == seen


class Raising(BaseModel):
    limit: int = 3

    @field_validator("limit")
    @classmethod
    def fail(cls, value: int) -> int:
        raise KeyError("limits")


class Bare(BaseModel): ...


@dataclass
class Unresolved:
    limit: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - as is the point


@pytest.mark.parametrize(
    "model",
    ["Model", Model(), int, dict, Unresolved, Raising, Bare, RootModel[int]],
    ids=["text", "instance", "int", "dict", "unresolved", "raising", "bare", "root"],
)
@QUIET
def test_a_broken_model_costs_its_plugin_only(model: Any) -> None:
    """It says why, and the others run; of a model without fields the unknown key is told."""
    host = configured({"csv": model, "other": None}, config={"csv": {"limit": 4}})
    with host:
        assert states(host)["csv"] in ("refused", "failed")
        assert "active" == states(host)["other"]
    assert next(each.reason for each in host.components if each.name == "csv")


def test_a_malformed_distribution_elsewhere_costs_no_configuration(site: Site) -> None:
    """The library looks for plugins as `importlib.metadata` does, which one such line ends."""
    site.write("bad-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n")
    site.write("bad-1.0.dist-info/entry_points.txt", "[group]\nno equals sign\n")
    code = (
        "from dataclasses import dataclass\nimport os\nimport plugbay\n"
        "@dataclass\nclass Model:\n    limit: int\n"
        "class Plugin:\n    config_model = Model\n    def initialize(self, context):\n"
        "        print(context.config, os.environ.get('PYDANTIC_DISABLE_PLUGINS'))\n"
        "host = plugbay.Host('tabletop', config={'csv': {'limit': '3'}}, on_start_failure='stop')\n"
        "host.register('csv', Plugin)\nhost.start()\nhost.stop()\n"
    )
    assert child(code, str(site.root), *sys.path) == (0, ["Model(limit=3) None"])


def test_models_within_lists_and_tables_are_held_to_the_rules() -> None:
    """Wherever they are, also by another name; what says itself what to do is left alone."""

    class Free(BaseModel, extra="allow"):
        a: int = 1

    class Named(BaseModel):
        size: int = Field("none", alias="SIZE")  # type: ignore[arg-type]  # it is what is tried

    class Frozen(BaseModel, frozen=True):
        limit: int = 3

    class Whole(BaseModel):
        many: list[Inner] = []
        table: dict[str, InnerData] = {}
        free: Free = Free()
        named: Named | None = None
        frozen: Frozen = Frozen()

    assert config_of(Whole, config={"csv": {"free": {"b": 2}, "frozen": {}}}).free.b == 2
    values = {
        "many": [{"a": 1}, {"b": 1}],
        "table": {"x": {"c": 1}},
    }
    told = faults({"csv": Whole}, config={"csv": values})
    assert [each.split(" (")[0] for each in told] == ["csv.table.x.c: it is not known"]
    told = faults({"csv": Whole}, config={"csv": {"many": values["many"], "named": {}}})
    assert sorted(each.split(":")[0] for each in told) == ["csv.many.1.b", "csv.named.SIZE"]


def test_a_dataclass_with_slots_is_a_model() -> None:
    """Its instance is of the plugin's own class."""

    @dataclass(slots=True, frozen=True)
    class Slotted:
        limit: int = 3

    made = config_of(Slotted, config={"csv": {"limit": "5"}})
    assert made == Slotted(5)
    assert type(made) is Slotted
