"""Uses of hosts that type checkers must not accept: each line that ends in `# error`."""

from typing import Protocol

from plugbay import Host


class Exporter(Protocol):
    def export(self, rows: list[str]) -> str: ...


host = Host("tabletop")
exporters = host.group("tabletop.exporters", expect=Exporter)
exporters["csv"].import_([])  # error
exporters["csv"].export("x")  # error
exporters[1]  # error
wrong: int = exporters["csv"]  # error
host.group("tabletop.exporters", Exporter)  # error
host.register("csv", nmae="x")  # error
host.register("csv", priority="high")  # error
host.unload(1)  # error
host.observe(lambda component: None)  # error
Host()  # error
Host("tabletop", api_version=1.3)  # error
Host("tabletop", on_start_failure="halt")  # error
