"""`plugbay groups`: which groups there are, and how many plugins each has."""

from plugbay.cli.exit_codes import FINDINGS, FINE, NOT_FOUND
from plugbay.cli.lookup import inventory_for
from plugbay.cli.options import group_argument, host_options, json_option
from plugbay.cli.render import complain, show_json, show_table
from plugbay.errors import did_you_mean
from plugbay.reporting.records import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    group_argument(parser)
    host_options(parser)
    json_option(parser)


def run(options: "argparse.Namespace") -> int:
    """Show the groups."""
    groups = inventory_for(options).groups
    if options.group and options.group not in groups:
        complain(f"no group {options.group!r} is installed; {did_you_mean(options.group, groups)}")
        return NOT_FOUND
    records = [
        {
            "name": name,
            "usable": len(group.plugins),
            "refused": len(group.refused),
            "shadowed": len(group.shadowed),
        }
        for name, group in groups.items()
        if options.group in (None, name)
    ]
    if options.json:
        show_json({"schema": SCHEMA, "groups": records})
    else:
        headings = ("name", "usable", "refused", "shadowed")
        show_table(headings, ([str(record[each]) for each in headings] for record in records))
    found = any(record["refused"] or record["shadowed"] for record in records)
    return FINDINGS if found else FINE
