"""Reports: findings in the forms that other programs read."""

from plugbay import __version__
from plugbay.authoring.checks.rules import RULES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.authoring.checks.findings import Finding
    from plugbay.authoring.checks.subjects import Declared, Subject

__all__ = ["annotation", "as_json", "as_sarif", "counted"]

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_WORDS = {"error": "error", "warning": "warning", "note": "notice"}


def counted(findings: "list[Finding]") -> "dict[str, int]":
    """How many findings there are of each severity."""
    found = [each.severity for each in findings]
    return {severity: found.count(severity) for severity in ("error", "warning", "note")}


def as_json(
    subjects: "list[Subject]",
    findings: "list[Finding]",
    imports: "list[tuple[Declared, dict[str, Any]]]",
    schema: str,
) -> "dict[str, Any]":
    """All of it as plain data; `imports` has what was seen of each target that was imported."""
    return {
        "schema": schema,
        "subjects": [
            {"kind": each.kind, "path": each.place, "name": each.name, "version": each.version}
            for each in subjects
        ],
        "findings": [each.record() for each in findings],
        "imports": [
            {"group": each.group, "name": each.name, "target": each.value, **answer}
            for each, answer in imports
        ],
        "counts": counted(findings),
    }


def as_sarif(findings: "list[Finding]") -> "dict[str, Any]":
    """A log in the form of SARIF 2.1.0, with the rules of all findings."""
    codes = list(RULES)
    rules = [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.why},
            "help": {"text": f"{rule.remedy} See {rule.page}."},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in RULES.values()
    ]
    results = [
        {
            "ruleId": each.code,
            "ruleIndex": codes.index(each.code),
            "level": each.severity,
            "message": {"text": _whole(each)},
            "locations": [{"physicalLocation": _location(each)}],
        }
        for each in findings
    ]
    driver = {"name": "plugbay", "version": __version__, "rules": rules}
    return {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def annotation(finding: "Finding") -> str:
    """A line that the log of a GitHub workflow shows at the place of the finding."""
    place = {"file": finding.file, "title": f"{finding.code}: {finding.rule.title}"}
    if finding.line is not None:
        place["line"] = str(finding.line)
    options = ",".join(f"{key}={_escaped(each, ',:')}" for key, each in place.items())
    return f"::{_WORDS[finding.severity]} {options}::{_escaped(_whole(finding))}"


def _whole(finding: "Finding") -> str:
    """What, why and what to do, as one text."""
    return f"{finding.message}. {finding.rule.why} {finding.remedy or finding.rule.remedy}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _location(finding: "Finding") -> "dict[str, Any]":
    from urllib.parse import quote

    location: dict[str, Any] = {
        "artifactLocation": {"uri": quote(finding.file.replace("\\", "/") or ".")}
    }
    if finding.line is not None:
        location["region"] = {"startLine": finding.line}
    return location
