"""Uses of plugbay that type checkers accept, with the types that they must find."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol, assert_type

from plugbay import EntryPoint, Group, HostApi, Plugin, Policy, entry_points, load_group


class Exporter(Protocol):
    name: str

    def export(self, rows: list[str]) -> str: ...


class Base(ABC):
    @abstractmethod
    def run(self) -> int: ...


class Concrete:
    colour: str = "grey"


def is_fine(thing: object) -> bool:
    return callable(thing)


concrete = load_group("host.shades", expect=Concrete)
assert_type(concrete, Group[Concrete])
assert_type(concrete["x"], Concrete)
assert_type(concrete["x"].colour, str)
assert_type(concrete.plugins["x"], Plugin[Concrete])
assert_type(concrete.plugins["x"].load(), Concrete)
assert_type(concrete.get("x"), Concrete | None)
assert_type(list(concrete.values()), list[Concrete])
assert_type(dict(concrete.items()), dict[str, Concrete])
assert_type(list(concrete), list[str])

exporters = load_group("host.exporters", expect=Exporter, api_version="1.3")
assert_type(exporters, Group[Exporter])
assert_type(exporters["csv"].export([]), str)

bases = load_group("host.bases", expect=Base)
assert_type(bases["x"].run(), int)

assert_type(load_group("host.any"), Group[Any])
assert_type(load_group("host.checked", expect=is_fine), Group[Any])
annotated: Group[Exporter] = load_group("host.checked", expect=is_fine)
as_mapping: Mapping[str, Exporter] = exporters

every_option = load_group(
    "host.shades",
    api=HostApi("host", "1.3", "1.0", ["render"], deprecated={"1.0": "2.0"}),
    policy=Policy(allow=["*"], undeclared="warn", caps="trust-host", strictness="warn"),
    expect=Exporter,
    on_conflict="all",
    strict=True,
)
assert_type(every_option.failed, dict[str, Plugin[Exporter]])
assert_type(every_option.shadowed, tuple[Plugin[Exporter], ...])

assert_type(entry_points(group="host.shades")["x"], EntryPoint)
