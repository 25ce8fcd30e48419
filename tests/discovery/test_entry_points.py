"""entry_points.txt and its records answer as the standard library does, for any text at all."""

import copy
import importlib.metadata
import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import plugbay
from plugbay.discovery import parse
from plugbay.discovery.distributions import EntryPoint
from plugbay.discovery.object_reference import parse_reference
from plugbay.discovery.strict import EntryPoints


class _Text(importlib.metadata.Distribution):
    """A distribution for the standard library that is nothing but an entry_points.txt."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read_text(self, filename: str) -> str | None:
        return self.text if filename == "entry_points.txt" else None

    def locate_file(self, path: Any) -> Any:
        raise NotImplementedError


PIECES = st.sampled_from(
    [
        "[",
        "]",
        "[g]",
        "[[a]]",
        "[ g ]",
        "=",
        "#",
        ";",
        " ",
        "\t",
        "name",
        "a.b:c",
        "m:a [x]",
        "ü",
        "\n",
        "\r",
        "\r\n",
        "\v",
        "\f",
        "\x1c",
        "\x1d",
        "\x1e",
        "\x1f",
        "\x85",
        "\u2028",
        "\u2029",
        "\xa0",
        "\ufeff",
        "\0",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))
REFERENCES = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "a",
                "b1",
                "_",
                ".",
                ":",
                " ",
                "\n",
                "[",
                "]",
                ",",
                "x",
                "é",
                "٣",
                "²",
                "-",
                "\x1f",
                "\u3000",
                "Ⅷ",
                "\u0300",
            ]
        ),
        max_size=12,
    ).map("".join),
)


@given(TEXTS)
@example("[a]\nx=1\n[]\ny=2\n[a]\nx=3")
@example("x=1\n[g]\nno sign\n")
@example("[[a]]\nx=1\n[]b]\ny=1")
@example("\ufeff[g]\nx = a:b\n[h]\nx = a:b")
def test_any_text_is_parsed_as_the_standard_library_parses_it(text: str) -> None:
    """Groups, names, values and their order are those of importlib.metadata; None is its error."""
    found = [(group, name, value) for _, group, name, value in parse(text)]
    try:
        expected = [(each.group, each.name, each.value) for each in _Text(text).entry_points]
    except TypeError:
        assert None in [value for _, _, value in found]
    else:
        assert expected == found


@given(TEXTS)
def test_line_numbers_lead_to_the_lines(text: str) -> None:
    """The line of that number, as editors of any system count, holds name and value."""
    lines = text.splitlines()
    for number, _, name, value in parse(text):
        expected = name if value is None else f"{name}={value}"
        line = lines[number - 1]
        halves = [half.strip() for half in line.split("=", 1)]
        assert expected == "=".join(halves)


def _parts(entry_point: Any) -> object:
    try:
        return entry_point.module, entry_point.attr, entry_point.extras
    except (AttributeError, AssertionError):
        return "no reference"


@given(REFERENCES)
@example("a:b\n")
@example("a [x]\n")
@example("a [x\n]")
@example("a:b []")
@example("a: [x]")
@example("a : b [x,y]")
@example("a:b.c:d")
@example("")
def test_any_value_is_split_as_the_standard_library_splits_it(value: str) -> None:
    """Module, attribute and extras are importlib.metadata's, and so is what counts as an error."""
    expected = _parts(importlib.metadata.EntryPoint("n", value, "g"))
    assert expected == _parts(EntryPoint("n", value, "g"))


def test_the_parts_of_a_reference() -> None:
    """A reference has a module, perhaps an attribute, and the names of its extras."""
    assert parse_reference("a.b:c.d [x, y]") == ("a.b", "c.d", ["x", "y"])
    assert parse_reference("a") == ("a", None, [])


@pytest.mark.parametrize("value", ["", "a-b", "a:", "a b", ":c", "a:b>=1", "a:b [x"])
def test_what_is_no_reference_says_how_to_write_one(value: str) -> None:
    """The error names the value, shows a good one, and is of every kind that callers expect."""
    with pytest.raises(plugbay.InvalidReferenceError, match="write it as module:attribute") as seen:
        parse_reference(value)
    assert str(seen.value).startswith(repr(value))
    assert isinstance(seen.value, ValueError)
    assert isinstance(seen.value, AttributeError)
    assert isinstance(seen.value, AssertionError)


@given(st.tuples(*[st.sampled_from("ab")] * 3), st.tuples(*[st.sampled_from("ab")] * 3))
def test_equal_and_hashed_by_name_group_and_value(
    left: tuple[str, ...], right: tuple[str, ...]
) -> None:
    """Two entry points are equal as the standard library's are, also across the two kinds."""
    ours, theirs = EntryPoint(*left), importlib.metadata.EntryPoint(*right)
    expected = importlib.metadata.EntryPoint(*left) == theirs
    assert expected == (ours == EntryPoint(*right))
    assert expected == (ours == theirs)
    assert expected == (theirs == ours)
    assert expected == (len({ours, theirs}) == 1)
    assert (left < right) == (sorted([EntryPoint(*right), ours])[0] == ours and left != right)


def test_the_distribution_does_not_matter_for_equality() -> None:
    """Where an entry point comes from is no part of what it is."""
    distribution: Any = object()
    assert EntryPoint("n", "m:a", "g", distribution) == EntryPoint("n", "m:a", "g")
    assert EntryPoint("n", "m:a", "g") != "n = m:a"


@pytest.mark.parametrize("attribute", ["name", "value", "group", "dist", "other"])
def test_an_entry_point_cannot_be_changed(attribute: str) -> None:
    """Setting any attribute is an AttributeError, as it is for the standard library's."""
    for kind in (EntryPoint, importlib.metadata.EntryPoint):
        entry_point: Any = kind("n", "m:a", "g")
        with pytest.raises(AttributeError, match=r"immutable|can't|has no"):
            setattr(entry_point, attribute, "x")
        assert entry_point.name == "n"


def test_an_entry_point_can_be_copied_and_sent() -> None:
    """Copies and pickles are equal to the original, as the standard library's are."""
    entry_point = EntryPoint("n", "m:a", "g")
    assert entry_point == copy.deepcopy(entry_point)
    assert entry_point == pickle.loads(pickle.dumps(entry_point))  # noqa: S301  # our own


def test_loading_follows_the_reference() -> None:
    """An entry point loads a module, an attribute or an attribute of an attribute."""
    import os.path

    assert os is EntryPoint("n", "os", "g").load()
    assert os.path.join is EntryPoint("n", "os:path.join", "g").load()
    with pytest.raises(AttributeError, match="nothing"):
        EntryPoint("n", "os:path.nothing", "g").load()


def test_matching_by_every_attribute() -> None:
    """All given attributes must have the given values; one that does not exist is an error."""
    entry_point = EntryPoint("n", "m:a [x]", "g")
    assert entry_point.matches(name="n", module="m", attr="a", extras=["x"])
    assert not entry_point.matches(name="n", module="other")
    assert entry_point.matches()
    with pytest.raises(AttributeError, match="nonsense"):
        entry_point.matches(nonsense=1)


def test_entry_points_are_a_tuple_that_is_asked_by_name() -> None:
    """Selection, names and groups are as the standard library's; an index is a name."""
    a, b = EntryPoint("a", "m:a", "g"), EntryPoint("b", "m:b", "h")
    again = EntryPoint("a", "m:other", "h")
    found = EntryPoints([a, b, again])
    theirs = importlib.metadata.EntryPoints(
        importlib.metadata.EntryPoint(each.name, each.value, each.group) for each in found
    )
    assert list(theirs) == list(found)
    assert list(theirs.select(group="h")) == list(found.select(group="h"))
    assert theirs["a"] == found["a"]
    assert theirs.names == found.names
    assert theirs.groups == found.groups
    with pytest.raises(KeyError, match="c"):
        found["c"]
