"""The page for authors of plugins knows the commands that it is about."""

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

from plugbay.authoring.scaffolds.backends import BACKENDS
from plugbay.authoring.scaffolds.scaffolding import LICENCES

PAGE = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text("utf-8")


@pytest.mark.parametrize("command", ["build", "manifest", "new"])
def test_the_page_names_every_option_of_a_command(command: str) -> None:
    """As the command calls it, and no other in its tables."""
    parser = argparse.ArgumentParser()
    import_module(f"plugbay.cli.{command}").arguments(parser)
    options = set(re.findall(r"^  (--[a-z-]+)", parser.format_help(), re.MULTILINE))
    assert [each for each in options if each not in PAGE] == []


def test_the_tables_have_no_options_that_there_are_not() -> None:
    """What was renamed is renamed there."""
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    for command in ("build", "new"):
        import_module(f"plugbay.cli.{command}").arguments(parser)
    told = set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))
    assert told <= set(re.findall(r"^  (--[a-z-]+)", parser.format_help(), re.MULTILINE))


def test_the_page_names_what_can_be_chosen() -> None:
    """Each build backend and each licence."""
    assert [each for each in (*BACKENDS, *LICENCES) if each not in PAGE] == []
