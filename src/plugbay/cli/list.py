"""`plugbay list`: the plugins, whether they can be used, and why not."""

from plugbay.cli.exit_codes import FINDINGS, FINE, NOT_FOUND
from plugbay.cli.lookup import inventory_for
from plugbay.cli.options import (
    directory_option,
    group_argument,
    host_options,
    json_option,
    load_option,
)
from plugbay.cli.render import complain, emphasise, show_json, show_table
from plugbay.errors import did_you_mean
from plugbay.reporting.records import SCHEMA, plugin_record, problem_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from plugbay.errors import Problem

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    group_argument(parser)
    host_options(parser)
    directory_option(parser)
    json_option(parser)
    load_option(parser)


def run(options: "argparse.Namespace") -> int:
    """Show the plugins of one group or of all."""
    inventory = inventory_for(options)
    if options.group and options.group not in inventory.groups and not options.directory:
        complain(
            f"no group {options.group!r} is installed; "
            f"{did_you_mean(options.group, inventory.groups)}"
        )
        return NOT_FOUND
    records = [
        plugin_record(plugin, load=options.load) for plugin in inventory.plugins(options.group)
    ]
    problems = inventory.problems
    if options.json:
        told = [problem_record(each) for each in problems]
        show_json({"schema": SCHEMA, "plugins": records, "problems": told})
    else:
        _show(records, problems)
    return FINDINGS if problems or any(each["finding"] for each in records) else FINE


def _show(records: "list[dict[str, Any]]", problems: "list[Problem]") -> None:
    for group in dict.fromkeys(record["group"] for record in records):
        rows = [_row(record) for record in records if record["group"] == group]
        print(emphasise(group, "strong"))
        show_table(("name", "distribution", "status", "reason"), rows)
        print()
    if not records:
        print("no plugins are installed")
    if problems:
        print(emphasise("problems of installed distributions", "strong"))
        for problem in problems:
            print(problem)
        print()
    if any(record["finding"] for record in records):
        print("`plugbay why NAME` says what to do about one of them.")


def _row(record: "dict[str, Any]") -> list[str]:
    status, reason = record["status"], record["reason"]
    if status == "unchecked":
        reason = ""  # the word says it all, and it stands in every row of such a group
    distribution = record["distribution"]
    return [record["name"], f"{distribution['name']} {distribution['version']}", status, reason]
