"""Installing: what `plugbay install`, `uninstall` and `upgrade` have in common."""

import os
import shlex
import subprocess
import sys

from plugbay.cli.exit_codes import FINDINGS, FINE, NOT_FOUND, USAGE
from plugbay.cli.lookup import plugins_named
from plugbay.cli.options import api_option, json_option
from plugbay.cli.render import complain, emphasise, show_json
from plugbay.discovery import normalized
from plugbay.errors import did_you_mean
from plugbay.installing.outcomes import Outcome, carry_out
from plugbay.installing.pins import HostMissingError, pins
from plugbay.installing.places import KINDS, Place, this_place
from plugbay.installing.plans import Plan, plan_for
from plugbay.installing.requests import Request, RequestError, request
from plugbay.installing.snapshots import SnapshotError
from plugbay.reporting.inventory import Inventory, take_inventory
from plugbay.reporting.records import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

__all__ = ["arguments_of", "change_or_show"]

_NAMES = {
    "install": "a distribution: a name, a requirement such as NAME==1.2, a path or an address",
    "uninstall": "the name of a distribution",
    "upgrade": "a distribution: a name, or a requirement such as NAME<2",
}


def arguments_of(verb: str, parser: "argparse.ArgumentParser", host: str = "") -> None:
    """Have a parser read what this command takes; a host that is given is none of it."""
    parser.add_argument("names", nargs="+", metavar="NAME", help=_NAMES[verb])
    if host:
        parser.set_defaults(host=host)
    else:
        parser.add_argument(
            "--host",
            metavar="NAME",
            help="the host to keep at its version (default: all that have plugins here)",
        )
        api_option(parser)
    parser.add_argument("--yes", action="store_true", help="do it, instead of saying how")
    json_option(parser)


def change_or_show(verb: str, options: "argparse.Namespace") -> int:
    """Show the command that does it or, with `--yes`, do it and show what has come of it."""
    inventory = take_inventory(*options.api)
    try:
        names = request(verb, options.names).names
        place = this_place(_owners(inventory, names))
        pinned = pins(inventory, options.host or "", place.application)
        asked = request(verb, options.names, pinned)
    except (HostMissingError, RequestError) as error:
        complain(str(error))
        return NOT_FOUND if isinstance(error, HostMissingError) else USAGE
    faults = [] if verb == "install" else list(_unsuitable(inventory, asked, options.host))
    if faults:
        for each in faults:
            complain(each)
        return NOT_FOUND
    plan = plan_for(place, asked)
    if options.yes and not plan.obstacle:
        return _change(place, asked, plan, options)
    if options.json:
        show_json(_record(place, asked, plan, None))
    else:
        _show(place, asked, plan)
    return FINDINGS if plan.obstacle else FINE


def _owners(inventory: Inventory, names: "list[str]") -> "dict[str, str]":
    """What installed each of these, and each host, by its INSTALLER."""
    hosts = [normalized(each.partition(".")[0]) for each in inventory.groups]
    found = {}
    for name in (*names, *hosts):
        distribution = inventory.findings.distributions.get(name)
        if distribution is not None:
            installer = distribution.read_bytes("INSTALLER") or b""
            found[name] = installer.decode("utf-8", "replace").strip()
    return found


def _unsuitable(inventory: Inventory, asked: Request, host: "str | None") -> "Any":
    """A sentence for each that cannot be changed, as it is not there or runs this command."""
    for each in asked.wanted:
        if asked.verb == "uninstall" and each.name in ("plugbay", normalized(host or "")):
            yield f"{each.text} would be uninstalling itself; use the installer"
        elif not inventory.findings.distributions.get(each.name):
            found = {one.distribution.name for one in plugins_named(inventory, each.text, None)}
            known = {one.distribution.name for one in inventory.plugins()}
            told = f"it is a plugin of {' and '.join(sorted(found))}, which is a name to use here"
            yield (
                f"no distribution {each.text!r} is installed; "
                f"{told if found else did_you_mean(each.text, known)}"
            )


def _change(place: Place, asked: Request, plan: Plan, options: "argparse.Namespace") -> int:
    output = sys.stderr if options.json else None

    def tell(command: "tuple[str, ...]") -> None:
        print(emphasise(_line(command), "strong"), file=output)

    try:
        outcome = carry_out(plan, asked, options.api, tell=tell, output=output)
    except SnapshotError as error:
        complain(str(error))
        return FINDINGS
    if options.json:
        show_json(_record(place, asked, plan, outcome))
    else:
        _show_outcome(asked, outcome)
    return FINE if outcome.fine else FINDINGS


def _line(command: "tuple[str, ...]") -> str:
    """The command as it is typed into a shell."""
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def _show(place: Place, asked: Request, plan: Plan) -> None:
    print(f"this is {KINDS[place.kind]}: {place.prefix}")
    if plan.obstacle:
        complain(f"cannot {asked.verb} {' '.join(asked.texts)}: {plan.obstacle}")
    for command in plan.commands:
        print(emphasise(f"    {_line(command)}", "strong"))
    if not plan.commands:
        return
    for name, version in asked.pins.items():
        if any(f"{name}=={version}" in command for command in plan.commands):
            print(f"{name} is kept at {version}, which is installed")
    if not asked.pins and asked.verb != "uninstall":
        print("no host is kept at its version, since none is known; --host NAME names one")
    for each in plan.notes:
        print(each)
    if not plan.obstacle:
        print("nothing has been done; --yes does it, and checks the plugins afterwards")


def _show_outcome(asked: Request, outcome: Outcome) -> None:
    print()
    if outcome.failed:
        command, how = outcome.failed
        complain(f"{how}: {_line(command)}")
    for each in outcome.changes:
        print(_told_change(*each))
    if not outcome.changes:
        print("nothing that is installed has changed")
    for name, before, after in outcome.moved:
        complain(f"the host {name} was to stay at {before}, and is {after or 'gone'} now")
    for sentence in outcome.unmet:
        complain(sentence)
    for problem in outcome.problems:
        complain(f"{problem['distribution']}: {problem['file']}: {problem['reason']}")
    for plugin in outcome.plugins:
        print(_told_plugin(plugin))
    if not outcome.plugins and asked.verb != "uninstall" and not outcome.failed:
        print("none of it has plugins")


def _told_change(name: str, before: str, after: str) -> str:
    if not before:
        return f"installed {name} {after}"
    return f"{name} {before} is now {after}" if after else f"uninstalled {name} {before}"


def _told_plugin(plugin: "dict[str, Any]") -> str:
    """What `plugbay why` ends with, and the step that it ends at."""
    whose = f"{plugin['name']} of {plugin['distribution']['name']}"
    whose += f" {plugin['distribution']['version']} ({plugin['group']})"
    if plugin["usable"]:
        remedies = [each["remedy"] for each in plugin["steps"] if each["remedy"]]
        lines = [f"{whose} can be used, as far as can be told without importing it."]
        return "\n".join([*lines, *(f"  advice: {each}" for each in remedies)])
    last = plugin["steps"][-1]
    lines = [f"{whose} cannot be used.", f"  {last['question']}: {last['detail']}"]
    return "\n".join([*lines, *([f"  what to do: {last['remedy']}"] if last["remedy"] else [])])


def _record(
    place: Place, asked: Request, plan: Plan, outcome: "Outcome | None"
) -> "dict[str, Any]":
    return {
        "schema": SCHEMA,
        "action": asked.verb,
        "names": asked.texts,
        "environment": {"kind": place.kind, "prefix": place.prefix},
        "commands": [list(each) for each in plan.commands],
        "pinned": dict(asked.pins),
        "notes": list(plan.notes),
        "obstacle": plan.obstacle or None,
        "outcome": outcome.record() if outcome else None,
    }
