"""The `plugbay` command: it parses, calls and renders; what it shows is made elsewhere."""

import io
import os
import sys

from plugbay import __version__
from plugbay.cli.exit_codes import BAD_CONFIGURATION, FINE, INTERNAL_FAULT, MEANINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from plugbay.compatibility.host_api import HostApi

__all__ = ["main"]

_COMMANDS = {
    "groups": "the entry-point groups that installed distributions fill",
    "list": "the plugins of one group, or of all groups",
    "info": "everything known about one plugin",
    "hooks": "who runs in which hook, in which order, and why",
    "schema": "what plugins can be configured with, as JSON Schema",
    "why": "whether a plugin can be used, step by step, and what to do if not",
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
    except Exception:  # noqa: BLE001 - whatever it is, the exit code has to tell it
        import traceback

        traceback.print_exc()
        print("plugbay: this is a fault in plugbay; please report it", file=sys.stderr)
        return INTERNAL_FAULT


def _run(arguments: "Sequence[str]") -> int:
    if list(arguments) == ["--version"]:  # before argparse, which is most of a short command's time
        print(f"plugbay {__version__}")
        return FINE
    from plugbay.cli.render import complain
    from plugbay.compatibility.policy import environment_mistakes

    try:
        options = _parser().parse_args(arguments)
    except SystemExit as ending:  # argparse has said what there is to say
        return int(ending.code or FINE)
    options.group = options.group or getattr(options, "only", None)
    mistakes = environment_mistakes(os.environ)
    for mistake in mistakes:
        complain(mistake)
    if mistakes:
        return BAD_CONFIGURATION
    from importlib import import_module

    code: int = import_module(f"plugbay.cli.{options.command}").run(options)
    return code


def _parser() -> "argparse.ArgumentParser":
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
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"Shows {text}.")
        if name in ("groups", "hooks", "list"):
            command.add_argument("only", nargs="?", metavar="GROUP", help="only this group")
        else:
            number = "?" if name == "schema" else None
            command.add_argument(
                "name", nargs=number, metavar="NAME", help="a plugin, or a distribution"
            )
        command.add_argument("--group", metavar="GROUP", help="only this group")
        command.add_argument(
            "--api",
            action="append",
            default=[],
            type=_host_api,
            metavar="NAME==VERSION",
            help="check against this host API instead of the installed host (repeatable)",
        )
        if name == "schema":
            command.add_argument(
                "--check", metavar="FILE", help="say what is wrong in this TOML file instead"
            )
        else:
            command.add_argument("--json", action="store_true", help="print JSON, schema plugbay/1")
        if name not in ("groups", "hooks"):
            command.add_argument(
                "--load",
                action="store_true",
                help="also import each plugin, in a process of its own with a time limit",
            )
    return parser


def _host_api(text: str) -> "HostApi":
    """A host API as written on the command line."""
    import argparse

    from plugbay.compatibility.host_api import HostApi

    name, equals, version = text.partition("==")
    api = HostApi(name.strip(), version.strip())
    if not equals or not api.name or api.known_version() is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a host API; write it as NAME==VERSION, such as tabletop==1.3"
        )
    return api
