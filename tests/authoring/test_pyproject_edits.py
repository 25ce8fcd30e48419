"""An entry point is added to pyproject.toml, and nothing else in it is changed."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugbay.authoring.pyproject import with_entry_point

LINES = '[project.entry-points."plugbay.manifest"]\ncsvx = "csvx:plugbay.json"\n'
HEAD = '[project]\nname = "csvx"  # a comment\n'
GROUP = '[project.entry-points."a.b"]\nc = "csvx:d"\n'
TOOL = "# about the tool\n[tool.x]\ny = 1\n"


def added(text: str) -> str | None:
    """The text with the entry point of a manifest."""
    return with_entry_point(text, "plugbay.manifest", "csvx", "csvx:plugbay.json")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD, ""),
        (HEAD + "\n" + GROUP, ""),
        (HEAD + "\n" + GROUP + "\n", TOOL),
        (HEAD + "\n" + GROUP, TOOL),  # without an empty line between
        (HEAD + "\n" + TOOL, ""),
        (HEAD + GROUP + "[[tool.y]]\n\n[tool.y.z]\n\n" + GROUP.replace("a.b", "b.c"), TOOL),
        (HEAD + "[project.'entry-points'.\"a.b\"]\nc = 'csvx:d'\n", TOOL),
        (HEAD + 'readme = """\n[project.entry-points.x]\n[y]\n"""\n' + TOOL, ""),
        (HEAD.rstrip("\n"), ""),
        ("# first\n" + HEAD, ""),
        # A table may be added below keys with dots in them.
        (HEAD + 'entry-points."a.b".c = "csvx:d"\n', ""),
        (HEAD + 'entry-points."a.b" = { c = "csvx:d" }\n' + TOOL, ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_it_is_added_behind_the_others(before: str, after: str, newline: str) -> None:
    """All that was there is there as it was, on both sides of the new lines."""
    before, after, lines = (each.replace("\n", newline) for each in (before, after, LINES))
    edited = added(before + after)
    assert edited is not None
    left, found, right = edited.partition(lines)
    assert found
    assert (left.rstrip(), right.lstrip()) == (before.rstrip(), after)
    assert left.startswith(before)
    assert left.endswith(newline * 2)
    assert right.startswith(newline) == bool(after)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + 'entry-points = { "a.b" = { c = "csvx:d" } }\n',
        HEAD + LINES,
        'project = { name = "csvx" }\n',
        "project = 3\n",
        "[tool.x]\n",
        HEAD + "entry-points = 3\n",
    ],
)
def test_where_that_is_not_safe_there_is_no_text(text: str) -> None:
    """Tables that are written in one line, or a group that is there already."""
    assert added(text) is None


def test_what_is_no_toml_is_an_error() -> None:
    """Which the caller has to tell."""
    with pytest.raises(tomllib.TOMLDecodeError):
        added("[project\n")


MANY = "[[tool.many]]\nx = '''\n[a]\n'''\n"
PIECES = (HEAD, GROUP, TOOL, "\n", "# [project.entry-points.z]\n", MANY)


@given(st.permutations(PIECES), st.integers(0, 6))
def test_no_order_of_tables_leads_astray(pieces: list[str], number: int) -> None:
    """What is read afterwards is what was read before, with the entry point."""
    text = "".join(pieces[:number])
    edited = added(text)
    data = tomllib.loads(text)
    if "project" not in data or "name" not in data["project"]:
        return
    assert edited is not None
    data["project"].setdefault("entry-points", {})["plugbay.manifest"] = {
        "csvx": "csvx:plugbay.json"
    }
    assert tomllib.loads(edited) == data
    # One piece was put in, and nothing taken out.
    at = edited.index(LINES)
    shared = next(end for end in range(at, -1, -1) if text.startswith(edited[:end]))
    assert text.endswith(edited[at + len(LINES) :].removeprefix("\n"))
    assert edited[shared:at].strip() == ""
