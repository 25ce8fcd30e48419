"""Uses of hosts that type checkers accept, with the types that they must find."""

from collections.abc import Mapping
from typing import Any, Protocol, assert_type

from plugbay import Component, Context, Extension, Host, HostApi, HostGroup, Policy


class Exporter(Protocol):
    def export(self, rows: list[str]) -> str: ...


class Validator(Extension, group="tabletop.validators", tracked=True):
    strict: bool = False

    def is_valid(self, text: str) -> bool:
        raise NotImplementedError


class Email(Validator, name="email", priority=1, depends_on=["dns"]):
    strict = True


host = Host(
    "tabletop",
    api=HostApi("tabletop", "1.3"),
    policy=Policy(disable=["xml"]),
    config={"csv": {"limit": 3}},
    config_file="tabletop.toml",
    on_start_failure="stop",
)
exporters = host.group("tabletop.exporters", expect=Exporter)
assert_type(exporters, HostGroup[Exporter])
assert_type(exporters["csv"].export([]), str)
assert_type(list(exporters.values()), list[Exporter])
assert_type(dict(exporters.items()), dict[str, Exporter])
as_mapping: Mapping[str, Exporter] = exporters
assert_type(host["tabletop.other"], HostGroup[Any])
assert_type(host.group("tabletop.other")["x"], Any)


@host.register("csv", group="tabletop.exporters", depends_on="clock>=1", api=">=1.0,<2")
class Csv:
    def initialize(self, context: Context) -> None:
        assert_type(context.name, str)

    def export(self, rows: list[str]) -> str:
        return ""


assert_type(Csv().export([]), str)


def seen(component: Component, before: str) -> None:
    assert_type(component.state, str)


host.observe(seen)()
with host as running:
    assert_type(running, Host)
assert_type(host.components, list[Component])
assert_type(host.explain(), str)


async def asynchronous() -> None:
    async with host as running:
        assert_type(running, Host)
