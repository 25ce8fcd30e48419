"""Plugins that are started in order, asked one after the other, and stopped in reverse."""

from typing import Any

import plugbay

host = plugbay.Host("ledger")


class Step:
    """What the plugins have in common."""

    name = ""

    def on_load(self) -> None:
        print(f"Loading: {self.name}")

    def on_unload(self) -> None:
        print(f"Unloading: {self.name}")


@host.register("audit_logger")
class AuditLogger(Step):
    name = "audit_logger"

    def execute(self, record: dict[str, Any]) -> dict[str, Any]:
        return record | {"audited": True}


@host.register("data_enricher", depends_on="audit_logger")
class DataEnricher(Step):
    name = "data_enricher"

    def execute(self, record: dict[str, Any]) -> dict[str, Any]:
        return record | {"enriched": True}


with host:
    record: dict[str, Any] = {"user": "alice"}
    for step in host["ledger.plugins"].values():
        record = step.execute(record)
        print(f"Executed {step.name}: {record}")

# Prints:
# Loading: audit_logger
# Loading: data_enricher
# Executed audit_logger: {'user': 'alice', 'audited': True}
# Executed data_enricher: {'user': 'alice', 'audited': True, 'enriched': True}
# Unloading: data_enricher
# Unloading: audit_logger
