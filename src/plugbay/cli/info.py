"""`plugbay info NAME`: everything known about a plugin and its distribution."""

from plugbay.cli.exit_codes import FINDINGS, FINE
from plugbay.cli.lookup import inventory_for, not_found, plugins_named
from plugbay.cli.options import host_options, json_option, load_option, name_argument
from plugbay.cli.render import emphasise, show_json
from plugbay.reporting.facts import distribution_record
from plugbay.reporting.records import SCHEMA, plugin_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    name_argument(parser)
    host_options(parser)
    json_option(parser)
    load_option(parser)


def run(options: "argparse.Namespace") -> int:
    """Show every plugin of that name."""
    inventory = inventory_for(options)
    plugins = plugins_named(inventory, options.name, options.group)
    if not plugins:
        return not_found(inventory, options.name, options.group)
    records = [plugin_record(plugin, load=options.load) for plugin in plugins]
    for plugin, record in zip(plugins, records, strict=True):
        record["distribution"] |= distribution_record(plugin.distribution)
    if options.json:
        show_json({"schema": SCHEMA, "plugins": records})
    else:
        for record in records:
            print(emphasise(f"{record['name']} ({record['group']})", "strong"))
            _show(record, "  ")
            print()
    return FINDINGS if any(record["finding"] for record in records) else FINE


def _show(record: "dict[str, Any]", indent: str) -> None:
    for key, value in record.items():
        if isinstance(value, dict):
            print(f"{indent}{key}")
            _show(value, indent + "  ")
        elif isinstance(value, list) and value:
            print(f"{indent}{key}")
            for each in value:
                print(f"{indent}  {each}")
        elif key != "finding" and value not in ("", None, []):
            print(f"{indent}{key.ljust(16)}  {value}")
