"""Every code block of the page on hooks does what it says."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_each_block_prints_what_stands_below_it() -> None:
    """The blocks of Python are one program, and each text is what the one before it prints."""
    scope: dict[str, Any] = {"__name__": "page"}
    printed = ""
    for language, source in BLOCKS:
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(source, "hooks.md", "exec"), scope)  # noqa: S102  # the page is ours
            printed = output.getvalue()
        elif language == "text":
            assert source == printed
        else:
            assert "json" == language
            assert json.loads(source)["plugins"]
