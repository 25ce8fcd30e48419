"""Uses of plugbay that type checkers must not accept: each line that ends in `# error`."""

from typing import Protocol

from plugbay import EntryPoint, Group, HostApi, Policy, load_group


class Exporter(Protocol):
    def export(self, rows: list[str]) -> str: ...


class Other:
    pass


exporters = load_group("host.exporters", expect=Exporter)
exporters["csv"].import_(["x"])  # error
exporters["csv"].export("x")  # error
wrong: Other = exporters["csv"]  # error
other: Group[Other] = load_group("host.exporters", expect=Exporter)  # error
exporters["csv"] = Other()  # error
load_group("host.exporters", Exporter)  # error
load_group("host.exporters", expect="Exporter")  # error
load_group("host.exporters", on_conflict="last")  # error
load_group("host.exporters", api_version=1.3)  # error
load_group("host.exporters", api="1.3")  # error
load_group(7)  # error
Policy(caps="trust")  # error
Policy(["csv"])  # error
HostApi("host")  # error
EntryPoint("name", "module:attr")  # error
