"""Options: those that several commands take."""

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.compatibility.host_api import HostApi

__all__ = [
    "api_option",
    "directory_option",
    "group_argument",
    "host_options",
    "json_option",
    "load_option",
    "name_argument",
]


def group_argument(parser: argparse.ArgumentParser) -> None:
    """GROUP, which is another way to write `--group GROUP`."""
    parser.add_argument("only", nargs="?", metavar="GROUP", help="only this group")


def name_argument(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """NAME, of a plugin or a distribution."""
    number = "?" if optional else None
    parser.add_argument("name", nargs=number, metavar="NAME", help="a plugin, or a distribution")


def host_options(parser: argparse.ArgumentParser) -> None:
    """`--group` and `--api`: whose plugins, and what they are checked against."""
    parser.add_argument("--group", metavar="GROUP", help="only this group")
    api_option(parser)


def api_option(parser: argparse.ArgumentParser) -> None:
    """`--api`: what plugins are checked against."""
    parser.add_argument(
        "--api",
        action="append",
        default=[],
        type=_host_api,
        metavar="NAME==VERSION",
        help="check against this host API instead of the installed host (repeatable)",
    )


def directory_option(parser: argparse.ArgumentParser) -> None:
    """`--directory`: plugins in files too, whose group is that of `--group`."""
    parser.add_argument(
        "--directory",
        metavar="DIR",
        help="also the plugins in the files of this directory, as those of the group",
    )


def json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`, for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON, schema plugbay/1")


def load_option(parser: argparse.ArgumentParser) -> None:
    """`--load`, without which no plugin code is imported."""
    parser.add_argument(
        "--load",
        action="store_true",
        help="also import each plugin, in a process of its own with a time limit",
    )


def _host_api(text: str) -> "HostApi":
    """A host API as written on the command line."""
    from plugbay.compatibility.host_api import HostApi

    name, equals, version = text.partition("==")
    api = HostApi(name.strip(), version.strip())
    if not equals or not api.name or api.known_version() is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a host API; write it as NAME==VERSION, such as tabletop==1.3"
        )
    return api
