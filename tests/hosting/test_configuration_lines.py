"""Lines of configuration: where a TOML file sets a value, as far as it is plain to see."""

import tomllib
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from plugbay.hosting.configuration import _line_of

LIMIT = ["csv", "limit"]


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("[plugins.csv]\nlimit = 1", LIMIT, 2),
        ("[plugins.csv]\n\n# limit = 0\n  limit=1", LIMIT, 4),
        ("\r\n[plugins.csv]\r\nlimit = 1\r\n", LIMIT, 3),
        ("plugins.csv.limit = 1", LIMIT, 1),
        ("[plugins]\ncsv.limit = 1", LIMIT, 2),
        ("[ plugins . csv ] # [x]\nlimit\t= 1", LIMIT, 2),
        ("[plugins.csv]\n'limit' = 1", LIMIT, 2),
        ('["plugins".\'csv\']\n"limit" = 1', LIMIT, 2),
        ("[plugins.csv]\ninner.deep . limit = 1", ["csv", "inner", "deep", "limit"], 2),
        ("[plugins.csv]\n[plugins.csv.inner]\nlimit = 1", ["csv", "inner", "limit"], 3),
        ("[plugins.tsv]\nlimit = 1\n[plugins.csv]\nlimit = 2", LIMIT, 4),
        ("[other]\nlimit = 1\n[plugins.csv]", LIMIT, None),
        ("[csv]\nlimit = 1\nplugins.csv.limit = 1", LIMIT, None),
        ("limit = 1\n[plugins.csv]", ["csv"], 2),
        ("[plugins]\ncsv = {limit = 1}", ["csv"], 2),
        ("[plugins]\ncsv = {limit = 1}", LIMIT, 2),
        ("plugins = {csv = {limit = 1}}", LIMIT, 1),
        ("[plugins.csv]\n'limit' = 'a = 1'", ["csv", "a"], None),
        ('[plugins.csv]\n"\\u006cimit" = 1', LIMIT, 2),
        ("[plugins.csv]\nlimit = 1", ["csv", "limits"], None),
        ("[plugins.csv]\nlimit = 1", ["cs", "limit"], None),
        ("", ["csv"], None),
    ],
)
def test_a_key_is_found_where_it_is_plain(text: str, path: list[str], line: int | None) -> None:
    """Dotted and quoted too; within an inline table it is not."""
    tomllib.loads(text)
    assert line == _line_of(text, path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[plugins.csv]\nnote = '''\n[plugins.tsv]\n'''\nlimit = 1", 5),
        ("[plugins.csv]\ntags = [\n[0],\n]\nlimit = 1", 5),
        *(
            pytest.param(text, line)
            for text, line in (
                ('[plugins.csv]\nnote = """\nlimit = 0\n"""\nlimit = 1', 5),
                ('[plugins.csv]\ntags = [\n"limit = 0",\n]\nlimit = 1', 5),
                ("[plugins.csv]\n[[plugins.csv.rules]]\nlimit = 1", None),
                ("[plugins.csv]\n[[other]]\nlimit = 1", None),
                ('["plugins.csv"]\nlimit = 1', None),
                ("[plugins]\n'csv.limit' = 1", None),
                ("[plugins.'\"csv\"']\nlimit = 1", None),
                ("[plugins.csv]\nnote = 1 # \u2028\nlimit = 1", 3),
            )
        ),
    ],
)
def test_a_line_is_never_another_ones(text: str, line: int | None) -> None:
    """What only looks like the key is not it; a line that is not plain need not be told."""
    tomllib.loads(text)
    assert _line_of(text, LIMIT) in (line, None)


def test_a_quoted_name_with_a_dot_is_one_name() -> None:
    """And not that of a table within another plugin's."""
    text = '[plugins."a.b"]\nlimit = 1'
    assert _line_of(text, ["a", "b", "limit"]) is None
    assert _line_of(text, ["a.b", "limit"]) in (2, None)


def leaves(table: dict[str, Any]) -> list[list[str]]:
    """The paths of what is set, tables aside."""
    found: list[list[str]] = []
    for key, value in table.items():
        below = leaves(value) if isinstance(value, dict) else [[]]
        found += [[key, *path] for path in below]
    return found


def parsed(lines: list[str]) -> list[list[str]] | None:
    """What a file sets below `plugins`, or None where it is malformed."""
    try:
        plugins = tomllib.loads("\n".join(lines)).get("plugins", {})
    except tomllib.TOMLDecodeError:
        return None
    return leaves(plugins) if isinstance(plugins, dict) else []


def check(lines: list[str]) -> None:
    """No line is told for a key that is still set when that line is taken away, or never was."""
    there = parsed(lines)
    assume(there is not None)
    assert there is not None
    names = ["csv", "a", "limit", "a.limit"]
    paths = [[one, two] for one in names for two in names] + there
    paths += [[*path, "a"] for path in paths]
    for path in paths:
        line = _line_of("\n".join(lines), path)
        inner = any(path == each[: len(path)] and path != each for each in there)
        if line is None or inner:  # a table may be set in many lines
            continue
        # An empty table is no leaf; its line is its header.
        header = lines[line - 1].lstrip().startswith("[") or lines[line - 1].endswith("{}")
        assert path in there or header
        assert header or path not in (parsed(lines[: line - 1] + lines[line:]) or [])


KEYS = ["limit", "a", "'limit'", '"a"', "a.limit", "a . 'limit'", "csv.limit", "plugins.csv.a"]
VALUES = ["1", "'limit = 1'", '"[plugins.csv]"', "['a', 'limit = 2']", "{a = 1}", "{}", "1 # a = 2"]
HEADERS = [
    "[plugins.csv]",
    "[plugins]",
    "[plugins.a]",
    "[a]",
    "[plugins . 'csv' . a] # [a]",
    "[csv]",
]
SETTINGS = st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES))
PLAIN = SETTINGS | st.sampled_from([*HEADERS, "", "# limit = 1", "#[plugins.csv]"])
# Values that go over lines, tables in lists, and keys with odd signs.
HOSTILE = st.sampled_from(
    [
        *('a = """', '"""', "limit = [", "'limit = 1',", "['a'],", "['plugins.csv']", "]"),
        *("[[plugins.csv.a]]", "[[a]]", "[plugins.'csv.a']", "'a.limit' = 1", "'a=b' = 1"),
        "a = 2 # \u2028",
    ]
)


@given(st.lists(PLAIN, max_size=8))
@example(["[plugins.csv]", "limit = 'limit = 1'", "[plugins.a]", "limit = 1"])
def test_no_line_is_told_that_has_not_the_key(lines: list[str]) -> None:
    """Of files that are written plainly."""
    check(lines)


@given(st.lists(PLAIN | HOSTILE, max_size=8))
@example(["[plugins.csv]", "[[plugins.csv.a]]", "limit = 1"])
@example(["['plugins.csv']", "limit = 1"])
def test_no_line_is_told_that_has_not_the_key_in_any_file(lines: list[str]) -> None:
    """Whatever is in it."""
    check(lines)
