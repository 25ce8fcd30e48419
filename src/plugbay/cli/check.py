"""`plugbay check`: what is wrong with a plugin before anybody installs it, or after."""

from plugbay.authoring.checks.checking import check
from plugbay.authoring.checks.findings import in_order
from plugbay.authoring.checks.importing import BUDGET, findings_of, import_targets
from plugbay.authoring.checks.opening import open_subject
from plugbay.authoring.checks.reports import annotation, as_json, as_sarif, counted
from plugbay.authoring.checks.rules import PAGE
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.cli.exit_codes import FINDINGS, FINE, NOT_FOUND
from plugbay.cli.options import api_option
from plugbay.cli.render import complain, emphasise, show_json
from plugbay.errors import SubjectError
from plugbay.reporting.records import SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from plugbay.authoring.checks.findings import Finding
    from plugbay.authoring.checks.subjects import Declared, Subject

__all__ = ["arguments", "run"]

_STYLES = {"error": "bad", "warning": "doubt", "note": "strong"}


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    parser.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a source tree, sdist, wheel, .dist-info folder, or the name of what is installed; "
        "artefacts are also held against a tree or sdist of the same name (default: .)",
    )
    api_option(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print JSON, schema plugbay/1")
    forms.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0")
    forms.add_argument(
        "--github", action="store_true", help="print annotations for the log of a GitHub workflow"
    )
    parser.add_argument(
        "--notes", action="store_true", help="also show remarks, which are no reason to fail"
    )
    parser.add_argument(
        "--import",
        dest="imports",
        action="store_true",
        help="also import each target, in a process of its own, and show what that does",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=BUDGET,
        metavar="MS",
        help=f"milliseconds that an import may take (default: {BUDGET:g})",
    )


def run(options: "argparse.Namespace") -> int:
    """Show everything that is found about each path."""
    try:
        subjects = [open_subject(each) for each in options.paths]
    except SubjectError as error:
        complain(str(error))
        return NOT_FOUND
    findings = check(subjects, Surroundings(*options.api))
    answers = []
    for each in subjects if options.imports else ():
        imported = import_targets(each)
        findings += findings_of(each, imported, options.budget)
        answers += imported
    findings = in_order(findings)
    if options.json:
        show_json(as_json(subjects, findings, answers, SCHEMA))
    elif options.sarif:
        show_json(as_sarif(findings))
    elif options.github:
        _annotate(findings, notes=options.notes)
    else:
        for declared, answer in answers:
            _show_import(declared, answer)
        _show(subjects, findings, notes=options.notes)
    return FINDINGS if any(each.counts for each in findings) else FINE


def _annotate(findings: "list[Finding]", *, notes: bool) -> None:
    for each in findings:
        if each.counts or notes:
            print(annotation(each))


def _show_import(declared: "Declared", answer: "dict[str, Any]") -> None:
    told = f"a {answer['kind']}" if answer["loaded"] else "failed"
    counts = f"{answer['milliseconds']:.0f} ms, {len(answer['modules'])} modules"
    print(f"imported {declared.value} ({declared.name}): {told}, {counts}")


def _show(subjects: "list[Subject]", findings: "list[Finding]", *, notes: bool) -> None:
    for each in findings:
        if each.counts or notes:
            word = emphasise(each.severity, _STYLES[each.severity])
            print(f"{each.place}: {word} {each.code}: {each.message}")
            print(f"    {each.rule.why}")
            print(f"    {each.remedy or each.rule.remedy}")
    counts = counted(findings)
    hidden = 0 if notes else counts.pop("note")
    told = [f"{number} {word}{'s' * (number > 1)}" for word, number in counts.items() if number]
    names = ", ".join(f"{each.place} ({each.kind})" for each in subjects)
    print(f"{names}: {', '.join(told) or 'nothing to mend'}", end="")
    print(f"; --notes shows {hidden} more" if hidden else "")
    if told:
        print(f"{PAGE} explains each code.")
