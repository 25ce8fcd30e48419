"""`plugbay schema`: what plugins can be configured with, and whether a file keeps to that."""

from plugbay.cli.exit_codes import BAD_CONFIGURATION, FINDINGS, FINE
from plugbay.cli.lookup import inventory_for, not_found, plugins_named
from plugbay.cli.options import host_options, load_option, name_argument
from plugbay.cli.render import complain, show_json
from plugbay.errors import ConfigurationError
from plugbay.hosting.configuration import Configuration
from plugbay.hosting.models import schema_of_file
from plugbay.reporting.schemas import schema_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    name_argument(parser, optional=True)
    host_options(parser)
    parser.add_argument(
        "--check", metavar="FILE", help="say what is wrong in this TOML file instead"
    )
    load_option(parser)


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
        if not each["schema"] and (options.name or (options.load and options.group)):
            complain(f"{each['name']} of {each['group']}: {each['reason']}")
    if options.check:
        return _check(options.check, records, only=bool(options.name or options.group))
    if options.name and len(known) == 1:
        show_json(known[0]["schema"])
    elif known or not options.name:
        show_json(schema_of_file({each["name"]: each["schema"] for each in known}))
    return FINE if known or not options.name else FINDINGS


def _check(file: str, records: "list[dict[str, Any]]", *, only: bool) -> int:
    """Say what is wrong in a configuration file, by the schemas of these plugins.

    Tables of others are told too, unless `only` some plugins were asked for.
    """
    try:
        configuration = Configuration("", None, file)
    except ConfigurationError as error:
        complain(str(error))
        return BAD_CONFIGURATION
    found = [] if only else configuration.unknown(each["name"] for each in records)
    for each in records:
        if each["schema"]:
            found += configuration.checked(each["name"], each["schema"])
        elif configuration.values(each["name"]):
            complain(f"not checked: {each['name']} of {each['group']}: {each['reason']}")
    for fault in found:
        print(fault)
    return FINDINGS if found else FINE
