"""Formats that register themselves by name, and one that nobody registered."""

import json

import plugbay

host = plugbay.Host("report")
exporters = host.group("report.exporters")


@host.register("csv", group="report.exporters")
def to_csv(rows: list[dict[str, object]]) -> str:
    lines = [rows[0].keys(), *(row.values() for row in rows)] if rows else []
    return "\n".join(",".join(map(str, line)) for line in lines)


@host.register("json", group="report.exporters")
def to_json(rows: list[dict[str, object]]) -> str:
    return json.dumps(rows)


@host.register("xml", group="report.exporters")
def to_xml(rows: list[dict[str, object]]) -> str:
    cells = ("".join(f"<{k}>{v}</{k}>" for k, v in row.items()) for row in rows)
    return f"<data>{''.join(f'<row>{each}</row>' for each in cells)}</data>"


people = [{"name": "Alice", "age": 30}]
print(f"Registered plugins: {sorted(exporters)}")
print(f"csv output: {exporters['csv'](people)}")
print(f"json output: {exporters['json'](people)}")
try:
    exporters["parquet"](people)
except plugbay.PluginNotFoundError as error:
    print(f"Unknown plugin: {error}")

# Prints:
# Registered plugins: ['csv', 'json', 'xml']
# csv output: name,age
# Alice,30
# json output: [{"name": "Alice", "age": 30}]
# Unknown plugin: the group 'report.exporters' has no plugin 'parquet'; there are csv, json, xml
