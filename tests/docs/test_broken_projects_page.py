"""The page of broken projects has each of them, with the code it is found by."""

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))

import _broken
from _mistakes import BROKEN

TEXT = (Path(__file__).parents[2] / "docs" / "broken-projects.md").read_text("utf-8")


def rows(section: str) -> list[list[str]]:
    """The cells of the table in a part of the page."""
    table = re.findall(r"^\| (?!mistake|plugin)(.*) \|$", section, re.MULTILINE)
    return [row.split(" | ") for row in table]


def test_the_page_has_each_project() -> None:
    """With its code; `scripts/broken-projects` writes the page anew."""
    found = {row[0]: re.findall(r"\[(PB\d+)\]", row[1]) for row in rows(TEXT.partition("## ")[0])}
    assert list(found) == [each.mistake for each in BROKEN]
    assert [each.name for each in BROKEN if each.code not in found[each.mistake]] == []
    assert len(BROKEN) >= 25
    assert _broken.PROJECT in TEXT


def test_the_page_has_plugins_without_findings() -> None:
    """At least ten of them, of which nothing is to be mended."""
    found = rows(TEXT.partition("## Plugins that work")[2])
    assert len(found) >= 10
    assert {row[2] for row in found} == {"0"}
