"""`plugbay schema`: what plugins can be configured with, and whether a file keeps to that."""

from plugbay.cli.exit_codes import BAD_CONFIGURATION, FINDINGS, FINE
from plugbay.cli.lookup import inventory_for, not_found, plugins_named
from plugbay.cli.render import complain, show_json
from plugbay.errors import ConfigurationError
from plugbay.hosting.configuration import Configuration
from plugbay.hosting.models import schema_of_file
from plugbay.reporting.schemas import schema_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

__all__ = ["run"]


def run(options: "argparse.Namespace") -> int:
    """Show the JSON Schema of one plugin, or that of a file with the tables of all of them."""
    inventory = inventory_for(options)
    plugins = list(inventory.plugins(options.group))
    if options.name:
        plugins = plugins_named(inventory, options.name, options.group)
        if not plugins:
            return not_found(inventory, options.name, options.group)
    records = [schema_record(each, load=options.load) for each in plugins]
    known = [each for each in records if each["schema"]]
    for each in records:
        if not each["schema"] and (options.name or options.load):
            complain(f"{each['name']} of {each['group']}: {each['reason']}")
    if options.check:
        return _check(options.check, known)
    if options.name and len(known) == 1:
        show_json(known[0]["schema"])
    elif known or not options.name:
        show_json(schema_of_file({each["name"]: each["schema"] for each in known}))
    return FINE if known or not options.name else FINDINGS


def _check(file: str, records: "list[dict[str, Any]]") -> int:
    """Say what is wrong in a configuration file, by these schemas."""
    found = []
    try:
        for host in sorted({each["group"].partition(".")[0] for each in records}):
            configuration = Configuration(host, None, file)
            for each in records:
                if each["group"].partition(".")[0] == host:
                    found += configuration.checked(each["name"], each["schema"])
    except ConfigurationError as error:
        complain(str(error))
        return BAD_CONFIGURATION
    for fault in found:
        print(fault)
    return FINDINGS if found else FINE
