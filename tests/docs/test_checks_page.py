"""The page of `plugbay check` says of each code what the table of the codes says."""

import re
from pathlib import Path

import pytest

from plugbay.authoring.checks.rules import PAGE, RULES, Rule

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / PAGE).read_text("utf-8")
ENTRIES = dict(re.findall(r"^### (PB\d+)\n\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))


def entry(rule: Rule) -> str:
    """What the page says of a rule."""
    told = (
        rule.severity if rule.installed == rule.severity else f"{rule.severity}, {rule.installed}"
    )
    told += " where it is installed" if "," in told else ""
    return f"**{rule.title[0].upper()}{rule.title[1:]}** ({told})\n\n{rule.why}\n{rule.remedy}\n"


def test_the_page_has_an_entry_for_each_code() -> None:
    """In order, and for no others."""
    assert list(ENTRIES) == list(RULES)


@pytest.mark.parametrize("code", RULES)
def test_an_entry_says_what_the_command_says(code: str) -> None:
    """Its title, its severity, what comes of it and what mends it."""
    assert ENTRIES[code].startswith(entry(RULES[code]))


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_whole(code: str) -> None:
    """A severity that there is, sentences that end, and a place on the page."""
    rule = RULES[code]
    assert {rule.severity, rule.installed} <= {"error", "warning", "note"}
    assert rule.why.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.title[0].islower()
    assert rule.title[-1] != "."
    assert rule.page.partition("#")[2] == code.lower()
