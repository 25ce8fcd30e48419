"""`plugbay manifest`: the facts about a project's plugins that hosts read without importing."""

from plugbay.authoring.manifest_files import manifest_text, write_manifest
from plugbay.cli.exit_codes import FINDINGS, FINE, USAGE
from plugbay.cli.render import complain
from plugbay.errors import ManifestError, ProjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the project (default: .)"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="write plugbay.json into the package, and the entry point that leads to it into "
        "pyproject.toml; not needed with the build hook of hatchling",
    )


def run(options: "argparse.Namespace") -> int:
    """Print the manifest, or write it and show where."""
    try:
        return _write(options.path) if options.write else _show(options.path)
    except ManifestError as error:
        complain(str(error))
        return FINDINGS
    except (ProjectError, OSError) as error:
        complain(str(error))
        return USAGE


def _show(path: str) -> int:
    text, untold = manifest_text(path)
    print(text, end="")
    _complain_of(untold)
    return FINE


def _write(path: str) -> int:
    made = write_manifest(path)
    for file in made.files:
        print(f"wrote  {file}")
    if not made.files:
        print("nothing to write: it is there already")
    _complain_of(made.untold)
    for each in made.advice:
        complain(each)
    return FINDINGS if made.advice else FINE


def _complain_of(untold: list[str]) -> None:
    for each in untold:
        complain(f"not in the manifest is {each}; it has to be importable here")
