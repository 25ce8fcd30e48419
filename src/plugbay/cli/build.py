"""`plugbay build`: build a project, check what was built, and prove that it can be loaded."""

import os

from plugbay.authoring.building import Artefacts, built, kept
from plugbay.authoring.checks.checking import check
from plugbay.authoring.checks.opening import open_subject
from plugbay.authoring.checks.rules import ERROR
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.authoring.manifest_files import staleness
from plugbay.authoring.proving import prove
from plugbay.cli.exit_codes import FINDINGS, FINE
from plugbay.cli.options import api_option
from plugbay.cli.render import complain
from plugbay.errors import ManifestError, ProjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from plugbay.authoring.checks.subjects import Subject

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the project (default: .)"
    )
    parser.add_argument(
        "--outdir", metavar="DIR", help="where the artefacts go (default: dist in the project)"
    )
    parser.add_argument(
        "--no-isolation",
        action="store_true",
        help="build with the backend that is installed here, instead of installing it for that",
    )
    parser.add_argument(
        "--find-links",
        action="append",
        default=[],
        metavar="DIR",
        help="also install the host, and what else is required, from the wheels of this directory "
        "(repeatable); where else pip looks is said by its own variables, such as PIP_NO_INDEX",
    )
    parser.add_argument(
        "--with",
        dest="requirements",
        action="append",
        default=[],
        metavar="REQUIREMENT",
        help="also install this, such as a host that the plugin does not depend on (repeatable)",
    )
    api_option(parser)


def run(options: "argparse.Namespace") -> int:
    """Take each step, show what came of it, and end with the first one that fails."""
    try:
        reason = staleness(options.path)
        if reason:
            raise ProjectError(f"{reason}; plugbay manifest --write writes it")
        with built(options.path, isolated=not options.no_isolation) as artefacts:
            names = [os.path.basename(each) for each in (artefacts.sdist, artefacts.wheel)]
            print(f"built      {', '.join(names)}")
            wheel = open_subject(artefacts.wheel)
            if not (_check(wheel, artefacts, options) and _prove(wheel, options)):
                return FINDINGS
            folder = options.outdir or os.path.join(options.path, "dist")
            for each in kept(artefacts, folder):
                print(f"kept       {each}")
    except (ProjectError, ManifestError, OSError) as error:
        complain(str(error))
        return FINDINGS
    return FINE


def _check(wheel: "Subject", artefacts: Artefacts, options: "argparse.Namespace") -> bool:
    """Whether there are no errors in the project and what was built of it; warnings are shown."""
    subjects = [open_subject(options.path), open_subject(artefacts.sdist), wheel]
    findings = [each for each in check(subjects, Surroundings(*options.api)) if each.counts]
    for each in findings:
        print(f"{each.place}: {each.severity} {each.code}: {each.message}")
        print(f"    {each.remedy or each.rule.remedy}")
    errors = sum(each.severity == ERROR for each in findings)
    told = f"{len(findings)} to mend, of which {errors} must be" if findings else "nothing to mend"
    print(f"checked    {told}")
    return not errors


def _prove(wheel: "Subject", options: "argparse.Namespace") -> bool:
    """Whether every plugin of the wheel can be loaded where nothing else is installed."""
    installed, proofs = prove(
        wheel,
        requirements=options.requirements,
        find_links=options.find_links,
        apis=options.api,
    )
    print(f"installed  {', '.join(installed)}")
    for each in proofs:
        word = "loaded    " if each.is_loaded else "not loaded"
        print(f"{word} {each.name} of {each.group}: {each.told}")
    if not proofs:
        complain(f"{wheel.name} has no plugins that could be loaded")
    return bool(proofs) and all(each.is_loaded for each in proofs)
