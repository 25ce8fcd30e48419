"""`plugbay seal`: a module or package in the form that hosts open with a key."""

from plugbay.authoring.keys import read
from plugbay.authoring.sealing import seal_files
from plugbay.cli.exit_codes import BAD_CONFIGURATION, FINE, USAGE
from plugbay.cli.render import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    parser.add_argument("source", metavar="SOURCE", help="a .py file, or the folder of a package")
    for option, metavar, text in (
        ("--output", "DIR", "where it goes, by the name that it has; nothing is overwritten"),
        ("--key", "FILE", "the ID.key to encrypt with"),
        ("--sign", "FILE", "the ID.sign to sign with"),
    ):
        parser.add_argument(option, required=True, metavar=metavar, help=text)


def run(options: "argparse.Namespace") -> int:
    """Seal, and show which module went where."""
    try:
        key, sign = read(options.key, "key"), read(options.sign, "sign")
    except (ValueError, OSError) as error:
        complain(str(error))
        return BAD_CONFIGURATION
    try:
        files = seal_files(options.source, options.output, key, sign)
    except ModuleNotFoundError as error:
        complain(str(error))
        return BAD_CONFIGURATION
    except (ValueError, OSError) as error:
        complain(str(error))
        return USAGE
    for each in files:
        print(f"{'sealed' if each.module else 'copied'}  {each.path}  {each.module}".rstrip())
    return FINE
