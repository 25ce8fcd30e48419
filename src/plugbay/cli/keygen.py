"""`plugbay keygen`: the keys that modules are sealed and opened with."""

from plugbay.authoring.keys import generate
from plugbay.cli.exit_codes import BAD_CONFIGURATION, FINE, USAGE
from plugbay.cli.render import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["arguments", "run"]

_USES = {
    "key": "secret; for `plugbay seal --key` and for hosts",
    "sign": "secret; for `plugbay seal --sign`, and for nobody else",
    "verify": "public; for hosts",
}


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    parser.add_argument("directory", metavar="DIRECTORY", help="where the files of the keys go")
    parser.add_argument(
        "--id", required=True, metavar="ID", help="what hosts ask for the key by, such as 2026-a"
    )


def run(options: "argparse.Namespace") -> int:
    """Make three files of keys, and say which of them is for whom."""
    try:
        files = generate(options.directory, options.id)
    except ModuleNotFoundError as error:
        complain(str(error))
        return BAD_CONFIGURATION
    except (ValueError, OSError) as error:
        complain(str(error))
        return USAGE
    for kind, file in files.items():
        print(f"{file}  {_USES[kind]}")
    return FINE
