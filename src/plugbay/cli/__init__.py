"""The `plugbay` command: it parses, calls and renders; what it shows is made elsewhere."""

import io
import os
import sys

from plugbay import __version__
from plugbay.cli.exit_codes import (
    BAD_CONFIGURATION,
    FINE,
    INTERNAL_FAULT,
    INTERRUPTED,
    MEANINGS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

__all__ = ["main"]

# Each is a module of this package, with `arguments(parser)` and `run(options)`.
_COMMANDS = {
    "groups": "show the entry-point groups that installed distributions fill",
    "list": "show the plugins of one group, or of all groups",
    "info": "show everything known about one plugin",
    "hooks": "show who runs in which hook, in which order, and why",
    "schema": "show what plugins can be configured with, as JSON Schema",
    "why": "show whether a plugin can be used, step by step, and what to do if not",
    "new": "make a project for a plugin, or for a host application",
    "install": "say how to install plugins beside the running host, or do it",
    "uninstall": "say how to uninstall plugins, or do it",
    "upgrade": "say how to upgrade plugins and leave the host as it is, or do it",
    "check": "find what is wrong with a plugin: its project, sdist, wheel or installation",
    "manifest": "show or write the manifest of a project, which tells of its plugins",
    "build": "build a project, check what was built, and load it where nothing else is",
    "keygen": "make keys to seal modules with",
    "seal": "encrypt and sign the sources of a module or package",
}


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command and return its exit code, one of `exit_codes`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names and paths may hold what the terminal's encoding does not; that is no reason to stop.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        print(end="", flush=True)
        return code
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - whatever it is, the exit code has to tell it
        import traceback

        traceback.print_exc()
        print("plugbay: this is a fault in plugbay; please report it", file=sys.stderr)
        return INTERNAL_FAULT


def _run(arguments: "Sequence[str]") -> int:
    if [*arguments] == ["--version"]:  # before argparse, which is most of a short command's time
        print(f"plugbay {__version__}")
        return FINE
    from plugbay.cli.render import complain
    from plugbay.compatibility.policy import environment_mistakes

    try:
        options = _parser(arguments).parse_args(arguments)
    except SystemExit as ending:  # argparse has said what there is to say
        return int(ending.code or FINE)
    options.group = getattr(options, "group", None) or getattr(options, "only", None)
    mistakes = environment_mistakes(os.environ)
    for mistake in mistakes:
        complain(mistake)
    if mistakes:
        return BAD_CONFIGURATION
    code: int = _command(options.command).run(options)
    return code


def _parser(arguments: "Sequence[str]") -> "argparse.ArgumentParser":
    """A parser that knows each command by its name, and more of the one that is used here."""
    import argparse

    codes = "\n".join(f"  {code:2}  {meaning}" for code, meaning in MEANINGS.items())
    parser = argparse.ArgumentParser(
        prog="plugbay",
        description="Finds, checks and explains the plugins of Python applications.",
        epilog=f"exit codes:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"plugbay {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    used = next((each for each in arguments if not each.startswith("-")), None)
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name == used:
            _command(name).arguments(command)
    return parser


def _command(name: str) -> "Any":
    from importlib import import_module

    return import_module(f"plugbay.cli.{name}")
