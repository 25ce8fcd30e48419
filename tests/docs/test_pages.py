"""Every code block of the pages in docs does what it says."""

import contextlib
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"
# The page on testing has tests of pytest in it, see tests/testing.
PAGES = sorted(page for page in DOCS.glob("*.md") if page.stem != "testing")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_block_prints_what_stands_below_it(page: Path) -> None:
    """The blocks of Python are one program, and each text is what the one before it prints."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    scope: dict[str, Any] = {"__name__": "__main__", "__file__": page.name}
    printed = ""
    for language, source in blocks:
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                # A warning is an error here, so that a page has to show those that it causes.
                exec(compile(source, page.name, "exec"), scope)  # noqa: S102  # the page is ours
            printed = output.getvalue()
        elif language == "text":
            assert source == printed
        elif language == "toml":
            assert tomllib.loads(source)
        else:
            assert language == "json"
            assert json.loads(source)["plugins"]
