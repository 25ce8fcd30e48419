"""`plugbay hooks`: who runs in which hook, in which order, and why."""

import os

from plugbay.cli.exit_codes import FINDINGS, FINE, NOT_FOUND
from plugbay.cli.lookup import inventory_for
from plugbay.cli.options import group_argument, host_options, json_option
from plugbay.cli.render import complain, emphasise, show_json, show_table
from plugbay.errors import did_you_mean
from plugbay.reporting.hooks import hook_records
from plugbay.reporting.records import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    group_argument(parser)
    host_options(parser)
    json_option(parser)


def run(options: "argparse.Namespace") -> int:
    """Show the hooks of one group or of all, by what the manifests say."""
    inventory = inventory_for(options)
    groups = inventory.groups
    if options.group and options.group not in groups:
        complain(f"no group {options.group!r} is installed; {did_you_mean(options.group, groups)}")
        return NOT_FOUND
    records = [
        {"group": name, **record}
        for name in groups
        if options.group in (None, name)
        for record in hook_records(inventory.plugins(name), os.environ)
    ]
    if options.json:
        show_json({"schema": SCHEMA, "hooks": records})
    else:
        _show(records)
    return FINDINGS if any(record["error"] for record in records) else FINE


def _show(records: "list[dict[str, Any]]") -> None:
    if not records:
        print("no manifest names a hook; the hooks of other plugins are known once they are loaded")
    for record in records:
        print(emphasise(f"{record['hook']} of {record['group']}", "strong"))
        if record["error"]:
            print(record["error"])
        else:
            show_table(("order", "plugin", "distribution", "why"), _rows(record["runs"]))
        print()
    for group in dict.fromkeys(record["group"] for record in records):
        unknown = next(each["unknown"] for each in records if each["group"] == group)
        if unknown:
            print(
                f"{', '.join(unknown)} of {group}: no manifest tells, "
                f"so the first call of any hook imports them"
            )


def _rows(runs: "list[dict[str, Any]]") -> "list[list[str]]":
    rows = []
    for number, run in enumerate(runs, 1):
        distribution = f"{run['distribution']['name']} {run['distribution']['version']}"
        around = "around the others; " if run["wrapper"] else ""
        rows.append([str(number), run["plugin"], distribution, around + run["why"]])
    return rows
