"""Commands for a host's own command line: `tabletop plugins list`, `install` and so on.

They are those of `plugbay`, for the plugins of one host. A host that only adds them imports none
of what they need.
"""

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import click

    from plugbay.compatibility.host_api import HostApi
    from plugbay.reporting.inventory import Inventory

__all__ = ["add_plugin_commands", "click_plugin_commands"]

_TITLE = "show, install and uninstall plugins"
_COMMANDS = {
    "list": "show the plugins, whether they can be used, and why not",
    "why": "show whether a plugin can be used, step by step, and what to do if not",
    "install": "say how to install plugins, or do it",
    "uninstall": "say how to uninstall plugins, or do it",
    "upgrade": "say how to upgrade plugins, or do it",
}


def add_plugin_commands(
    subparsers: "Any", host: "str | HostApi", *, name: str = "plugins", dest: str = "func"
) -> argparse.ArgumentParser:
    """Add the command `plugins` with its own commands to a host that uses argparse.

    `subparsers` is what `add_subparsers` of the host's parser has given, and `host` the name of
    its distribution, or its HostApi, which plugins are then checked against. The parsed options
    have a function as `dest`, to be called with them; it gives the exit code. Gives the parser of
    the command. None of it imports plugin code, whatever is installed.
    """
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=_TITLE, description=_sentence(_TITLE)
    )
    commands = parser.add_subparsers(
        dest=f"{name}_command", required=True, metavar="COMMAND", parser_class=_Parser
    )
    for each, text in _COMMANDS.items():
        command = commands.add_parser(each, help=text, description=_sentence(text))
        command.plugbay = (each, host, dest)
    return parser


def click_plugin_commands(host: "str | HostApi", *, name: str = "plugins") -> "click.Group":
    """The same as a group of commands for a host that uses click: `cli.add_command(...)` of it.

    Raises ModuleNotFoundError, which says what to install, without click.
    """
    try:
        import click
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "commands for click need click, which is not installed: pip install click", name="click"
        ) from error
    group = click.Group(name, help=_sentence(_TITLE))
    for each, text in _COMMANDS.items():
        group.add_command(
            click.Command(
                each,
                help=_sentence(text),
                callback=click.pass_context(_callback(each, host)),
                # What follows is read by the same parser as that of the other commands.
                params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
                add_help_option=False,
                context_settings={"ignore_unknown_options": True},
            )
        )
    return group


class _Parser(argparse.ArgumentParser):
    """The parser of one command, which knows what it takes once it has to."""

    plugbay: "tuple[str, str | HostApi, str] | None" = None

    def parse_known_args(self, *arguments: "Any", **named: "Any") -> "Any":
        if self.plugbay:
            (command, host, dest), self.plugbay = self.plugbay, None
            _fill(self, command, host, dest)
        return super().parse_known_args(*arguments, **named)


def _callback(command: str, host: "str | HostApi") -> "Any":
    def run(context: "click.Context", arguments: "tuple[str, ...]") -> None:
        parser = _Parser(prog=context.command_path, description=_sentence(_COMMANDS[command]))
        parser.plugbay = (command, host, "func")
        options = parser.parse_args(list(arguments))
        context.exit(options.func(options))

    return run


def _fill(parser: argparse.ArgumentParser, command: str, host: "str | HostApi", dest: str) -> None:
    from plugbay.cli.installing import arguments_of
    from plugbay.cli.options import json_option, load_option, name_argument

    own = host if isinstance(host, str) else host.name
    if command in ("list", "why"):
        if command == "why":
            name_argument(parser)
        json_option(parser)
        load_option(parser)
    else:
        arguments_of(command, parser, own)

    def run(options: argparse.Namespace) -> int:
        options.api = [] if isinstance(host, str) else [host]
        options.group = None
        return _run(command, own, options, f"{parser.prog.rpartition(' ')[0]} why")

    parser.set_defaults(**{dest: run})


def _run(command: str, host: str, options: argparse.Namespace, why: str) -> int:
    import os

    from plugbay.cli.exit_codes import BAD_CONFIGURATION
    from plugbay.cli.render import complain
    from plugbay.compatibility.policy import environment_mistakes

    mistakes = environment_mistakes(os.environ)
    for mistake in mistakes:
        complain(mistake)
    if mistakes:
        return BAD_CONFIGURATION
    if command == "list":
        return _list(host, options, why)
    if command == "why":
        from plugbay.cli.why import run

        return run(options)
    from plugbay.cli.installing import change_or_show

    return change_or_show(command, options)


def _list(host: str, options: argparse.Namespace, why: str) -> int:
    """As `plugbay list`, of the groups of one host."""
    from plugbay.cli.exit_codes import FINDINGS, FINE
    from plugbay.cli.render import show_json
    from plugbay.reporting.inventory import take_inventory
    from plugbay.reporting.records import SCHEMA, plugin_record, problem_record

    inventory = take_inventory(*options.api)
    records = [
        plugin_record(each, load=options.load)
        for group in _groups(inventory, host)
        for each in inventory.plugins(group)
    ]
    problems = [problem_record(each) for each in inventory.problems]
    if options.json:
        show_json({"schema": SCHEMA, "plugins": records, "problems": problems})
    else:
        _show(records, [str(each) for each in inventory.problems], why)
    return FINDINGS if problems or any(each["finding"] for each in records) else FINE


def _groups(inventory: "Inventory", host: str) -> "list[str]":
    from plugbay.discovery import normalized

    own = normalized(host)
    return [each for each in inventory.groups if normalized(each.partition(".")[0]) == own]


def _show(records: "list[dict[str, Any]]", problems: "list[str]", why: str) -> None:
    from plugbay.cli.render import complain, show_table

    rows = [
        (
            each["name"],
            each["group"].partition(".")[2] or each["group"],
            f"{each['distribution']['name']} {each['distribution']['version']}",
            each["status"],
            each["reason"],
        )
        for each in records
    ]
    if rows:
        show_table(("name", "kind", "distribution", "status", "reason"), rows)
    else:
        print("no plugins are installed")
    for problem in problems:
        complain(problem)
    if any(each["finding"] for each in records):
        print(f"`{why} NAME` says what to do about one of them.")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
