"""`plugbay new`: a project for a plugin, or for a host application."""

import os
import sys
from shlex import quote

from plugbay.authoring.scaffolds.backends import BACKENDS
from plugbay.authoring.scaffolds.contracts import Contract
from plugbay.authoring.scaffolds.hosts import HostFacts, read_contract_of, read_host
from plugbay.authoring.scaffolds.naming import package_name
from plugbay.authoring.scaffolds.scaffolding import (
    LICENCES,
    Layout,
    host_files,
    plugin_files,
    write,
)
from plugbay.cli.exit_codes import FINE, USAGE
from plugbay.cli.render import complain
from plugbay.compatibility.host_api import HostApi
from plugbay.discovery import normalized
from plugbay.errors import ProjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

__all__ = ["arguments", "run"]

# What `--host` without a value stands for, which is the name of nothing.
_APPLICATION = ""


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    # Optional only for a better message: `--host X` without it could be meant in two ways.
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="what the new distribution is called"
    )
    parser.add_argument(
        "--host",
        nargs="?",
        const=_APPLICATION,
        metavar="HOST",
        help="the distribution of the host that the plugin is for; without a value, the new "
        "project is itself a host application",
    )
    for option, metavar, text in (
        ("--group", "GROUP", "the group of the plugin (default: the only one of the host)"),
        ("--plugin", "PLUGIN", "the name of the plugin (default: NAME without that of the host)"),
        ("--api-version", "VERSION", "the API version to begin with (default: the installed one)"),
        ("--contract", "MODULE:CLASS", "what the host expects (default: what its code says)"),
        ("--directory", "DIR", "where the files go (default: NAME); nothing is overwritten"),
    ):
        parser.add_argument(option, metavar=metavar, help=text)
    parser.add_argument(
        "--backend", choices=[*BACKENDS], default="hatchling", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--license", dest="licence", choices=LICENCES, default="MIT", help="(default: %(default)s)"
    )


def run(options: "argparse.Namespace") -> int:
    """Make the files, and show which they are."""
    try:
        layout = Layout(_name(options), options.backend, options.licence)
        is_host = options.host == _APPLICATION
        files = _host_files(layout, options) if is_host else _plugin_files(layout, options)
        directory = options.directory or options.name
        written = write(files, directory)
    except (ProjectError, OSError) as error:
        complain(str(error))
        return USAGE
    for path in written:
        print(f"made  {path}")
    there = "" if os.path.abspath(directory) == os.getcwd() else f"cd {quote(directory)} && "
    print(f"next  {there}python -m pip install --upgrade pip")
    print("      python -m pip install --editable . --group test && python -m pytest")
    return FINE


def _name(options: "argparse.Namespace") -> str:
    if options.name:
        return str(options.name)
    host = options.host or "HOST"
    raise ProjectError(
        f"say how the new project is called: `plugbay new NAME --host {host}` makes a plugin for "
        f"{host}, and `plugbay new NAME --host` a host application"
    )


def _host_files(layout: Layout, options: "argparse.Namespace") -> dict[str, str]:
    if options.contract:
        raise ProjectError(
            "a host application has a contract of its own; --contract is for plugins"
        )
    group = options.group or f"{package_name(layout.name)}.plugins"
    return host_files(layout, group, options.plugin or "capitals", options.api_version or "0.1")


def _plugin_files(layout: Layout, options: "argparse.Namespace") -> dict[str, str]:
    contract = _contract(options.contract)
    host = options.host or _asked("Host")
    if not host:
        raise ProjectError(
            "say which host the plugin is for: --host HOST; "
            "--host without a value makes a host application"
        )
    facts = read_host(host)
    host = facts.name if facts else host
    group, api_version = _group(host, facts, options), _api_version(facts, options)
    missing = [
        option
        for option, value in (("--group", group), ("--api-version", api_version))
        if not value
    ]
    if missing:
        raise ProjectError(_told(host, facts, missing))
    plugin = options.plugin or _plugin(layout.name, host)
    return plugin_files(layout, host, group, plugin, api_version, contract=contract, facts=facts)


def _group(host: str, facts: HostFacts | None, options: "argparse.Namespace") -> str:
    known = sorted(facts.groups) if facts else []
    if options.group or len(known) == 1:
        return str(options.group or known[0])
    return _asked(f"Group of {host}", known)


def _api_version(facts: HostFacts | None, options: "argparse.Namespace") -> str:
    if options.api_version:
        return str(options.api_version)
    if facts and HostApi(facts.name, facts.api_version).known_version():
        return facts.api_version
    return _asked("API version, such as 1.3")


def _plugin(name: str, host: str) -> str:
    """The name of the project without that of the host before it."""
    is_before = normalized(name).startswith(f"{normalized(host)}_")
    return name[len(host) + 1 :] if is_before else name


def _contract(reference: str | None) -> Contract | None:
    if not reference:
        return None
    module, colon, name = reference.partition(":")
    if not colon or not name.isidentifier() or not all(map(str.isidentifier, module.split("."))):
        raise ProjectError(
            f"{reference!r} is not a contract; write it as MODULE:CLASS, "
            f"such as tabletop.contracts:Exporter"
        )
    return read_contract_of(module, name)


def _told(host: str, facts: HostFacts | None, missing: list[str]) -> str:
    """What has to be said that could not be read."""
    options = " and ".join(f"{each} {each.upper().rpartition('-')[2]}" for each in missing)
    if facts is None:
        return f"{host!r} is not installed here; install it, or say {options}"
    if "--group" in missing and facts.groups:
        return f"{host} has the groups {', '.join(sorted(facts.groups))}; say {options}"
    return f"{host} {facts.version} does not tell; say {options}"


def _asked(question: str, choices: "Iterable[str]" = ()) -> str:
    """What is answered on a terminal; "" where there is none, or no answer."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return ""
    known = ", ".join(choices)
    try:
        return input(f"{question} ({known}): " if known else f"{question}: ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""
