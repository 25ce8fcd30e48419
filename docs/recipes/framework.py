"""All of it together: versions, dependencies, a lifecycle, and a pipeline through the plugins."""

import abc
from typing import Any

import plugbay

Rows = list[dict[str, Any]]


class Processor(plugbay.Extension, abc.ABC, group="etl.processors"):
    """A step for rows."""

    version: str
    min_api_version = "1.0"

    def on_load(self) -> None:
        print(f"Loaded: {type(self).__name__} v{self.version}")

    def on_unload(self) -> None:
        print(f"Unloaded: {type(self).__name__}")

    @abc.abstractmethod
    def process(self, rows: Rows) -> Rows: ...


class Aggregate(Processor, name="aggregate", depends_on="transform"):
    version = "1.2.0"

    def process(self, rows: Rows) -> Rows:
        return [row | {"_row_index": number} for number, row in enumerate(rows)]


class Transform(Processor, name="transform", depends_on="filter>=1.0"):
    version = "1.1.0"

    def process(self, rows: Rows) -> Rows:
        return [
            {
                key: cell.strip().lower() if isinstance(cell, str) else cell
                for key, cell in row.items()
            }
            for row in rows
        ]


class Filter(Processor, name="filter"):
    version = "1.0.0"

    def process(self, rows: Rows) -> Rows:
        return [row for row in rows if None not in row.values()]


class Forecast(Processor, name="forecast"):
    version = "0.1.0"
    min_api_version = "2.0"

    def process(self, rows: Rows) -> Rows:
        return rows


host = plugbay.Host("etl", api_version="1.3")
host.group("etl.processors", expect=Processor)
with host:
    pipeline = host.pipeline("etl.processors", method="process")
    run = pipeline.run(
        [
            {"name": " Alice ", "score": 95},
            {"name": None, "score": 80},
            {"name": "BOB", "score": 72},
        ]
    )
    for step in run.steps:
        print(f"{step.name}: {step.rows_in} -> {step.rows_out} rows")
    print(run.value)
for component in host.components:
    if component.state == "refused":
        print(f"{component.name}: {component.reason}")

# Prints:
# Loaded: Filter v1.0.0
# Loaded: Transform v1.1.0
# Loaded: Aggregate v1.2.0
# filter: 3 -> 2 rows
# transform: 2 -> 2 rows
# aggregate: 2 -> 2 rows
# [{'name': 'alice', 'score': 95, '_row_index': 0}, {'name': 'bob', 'score': 72, '_row_index': 1}]
# Unloaded: Aggregate
# Unloaded: Transform
# Unloaded: Filter
# forecast: it needs etl~=2.0, and this is etl 1.3
