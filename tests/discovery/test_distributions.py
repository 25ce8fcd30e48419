"""A distribution's name, version and header fields are read as the standard library reads them."""

import email
import io
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythons import run
from sites import Site

from plugbay.discovery import normalized, read_file
from plugbay.discovery.distributions import Distribution
from plugbay.discovery.metadata import Headers

NAMES = st.sampled_from(["Name", "Version", "Requires-Dist", "requires-dist", "X-1", "A_b.c", "!"])
VALUES = st.text(
    st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=20
)
FIELDS = st.builds("{}{}{}".format, NAMES, st.sampled_from([":", ": ", ":\t ", ":  "]), VALUES)
FOLDED = st.builds("{}{}".format, st.sampled_from([" ", "\t", "        "]), VALUES)
OTHERS = st.sampled_from(["no colon", "a b: c", "é: x"])
LINES = st.lists(st.one_of(FIELDS, FIELDS, FOLDED, OTHERS), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def _as_message(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    as_read_from_a_file = io.StringIO(text, newline=None).read()
    for name, value in email.message_from_string(as_read_from_a_file).items():
        found.setdefault(name.lower(), []).append(value)
    return found


@given(LINES, ENDS)
@example(["Name: a", "Name: b", " c", "no colon", "Version: 1"], "\n")
@example(["From someone", "Name: a"], "\n")
@example([" folded first", "Name: a"], "\n")
def test_headers_are_those_of_the_message_parser(lines: list[str], end: str) -> None:
    """Names, values, repetitions and folds are as `email` reads them, up to the first non-field."""
    text = end.join(["Metadata-Version: 2.1", *lines, "", "Name: in the description", ""])
    assert _as_message(text) == dict(Headers.parse(text.encode()))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_line_that_is_not_utf8_is_told(end: bytes) -> None:
    """Numbers count from 1; a byte behind the header does not matter; other fields are read."""
    lines = [b"Name: a", b"Author: J\xe9r\xf4me", b"Version: 1", b"", b"\xff"]
    headers = Headers.parse(end.join(lines))
    assert 2 == headers.undecodable
    assert "1" == headers.first("version")
    assert Headers.parse(end.join([lines[0], *lines[2:]])).undecodable is None
    assert Headers.parse("Name: ü".encode()).undecodable is None


def test_the_first_value_of_a_field() -> None:
    """It is the first of several, folds and all, or None where there is none."""
    headers = Headers.parse(b"Name: a\nName: b\nSummary: one\n        two\n")
    assert "a" == headers.first("name")
    assert "one\ntwo" == headers.first("summary")
    assert headers.first("version") is None


def test_a_distribution_by_its_metadata(site: Site) -> None:
    """Name and version are those published, whatever the directory is called."""
    site.write("odd-9.dist-info/METADATA", "Name: Real.Name\r\nVersion: 1.2\r\n\r\nText\r\n")
    distribution = Distribution(str(site.root), "odd-9.dist-info")
    assert ("Real.Name", "1.2") == (distribution.name, distribution.version)
    assert "real_name" == distribution.normalized_name
    assert str(site.root / "odd-9.dist-info") == distribution.path


def test_a_distribution_without_metadata(site: Site) -> None:
    """The directory's name tells name and version where nothing else does."""
    site.write("left_over-1.5.dist-info/INSTALLER", "pip")
    distribution = Distribution(str(site.root), "left_over-1.5.dist-info")
    assert ("left_over", "1.5") == (distribution.name, distribution.version)
    assert {} == distribution.headers()


@pytest.mark.parametrize(
    ("file", "metadata"),
    [
        ("a-1.egg-info/PKG-INFO", "a-1.egg-info"),
        ("a-1.egg-info", "a-1.egg-info"),
        ("a-1.egg/EGG-INFO/PKG-INFO", "a-1.egg/EGG-INFO"),
    ],
)
def test_eggs_tell_by_their_pkg_info(site: Site, file: str, metadata: str) -> None:
    """PKG-INFO in a directory, or a file that is the metadata itself, is read alike."""
    site.write(file, "Name: egg\nVersion: 3\n")
    distribution = Distribution(str(site.root), metadata)
    assert ("egg", "3") == (distribution.name, distribution.version)


def test_files_of_the_metadata_directory(site: Site) -> None:
    """A file is bytes or text, or None where there is none; undecodable text is an error."""
    distribution = site.add("a", files={"a-1.0.dist-info/RECORD": "ü\r\n"})
    assert "ü\r\n" == distribution.read_text("RECORD")
    assert "ü\r\n".encode() == distribution.read_bytes("RECORD")
    assert distribution.read_text("absent") is None
    assert distribution.read_bytes("METADATA/below") is None
    assert (True, False) == (distribution.has("RECORD"), distribution.has("absent"))
    site.write("a-1.0.dist-info/RECORD", b"\xff")
    with pytest.raises(UnicodeDecodeError):
        distribution.read_text("RECORD")


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_metadata_that_cannot_be_read_is_an_error_that_names_do_not_share(site: Site) -> None:
    """Asking for headers raises; the name is then that of the directory."""
    loop = site.root / "a-1.dist-info" / "METADATA"
    loop.parent.mkdir()
    loop.symlink_to(loop)
    distribution = Distribution(str(site.root), "a-1.dist-info")
    with pytest.raises(OSError, match="METADATA"):
        distribution.headers()
    assert ("a", "1") == (distribution.name, distribution.version)


@given(st.integers(min_value=0, max_value=40_000), st.integers(min_value=0, max_value=40_000))
def test_a_long_file_is_read_at_least_up_to_its_end_mark(before: int, after: int) -> None:
    """Whatever is longer than one piece is read on until the mark is in it."""
    import tempfile

    content = b"a" * before + b"\n\n" + b"b" * after
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        assert content == read_file(file.name)
        found = read_file(file.name, b"\n\n")
    assert found is not None
    assert content.startswith(found)
    assert content[: before + 2] == found[: before + 2]


@given(st.text(st.sampled_from("aB1-_. "), max_size=12))
def test_names_are_normalised_as_the_specification_says(name: str) -> None:
    """It is the specification's expression, with an underscore in place of the hyphen."""
    import re

    assert re.sub(r"[-_.]+", "-", name).lower().replace("-", "_") == normalized(name)


def test_full_facts_come_from_the_library_in_a_process_of_their_own(site: Site) -> None:
    """`facts` knows files and requirements, and `standard` is the same for the standard library."""
    site.add("a", requires=["b>=1"], files={"a-1.0.dist-info/RECORD": "a.py,,\n", "a.py": ""})
    # Importing the library changes what the standard library answers, so not in this process.
    library = find_spec("importlib_metadata")
    assert library is not None
    assert library.origin is not None
    libraries = str(Path(library.origin).parents[1])
    told = run(
        "import json\n"
        "from plugbay.discovery.distributions import Distribution\n"
        "one = Distribution(sys.argv[1], 'a-1.0.dist-info')\n"
        "standard = one.standard()\n"
        "facts = one.facts()\n"
        "print(json.dumps([standard.version, type(facts).__module__, facts.requires,"
        " [str(each) for each in facts.files]]))\n",
        str(site.root),
        path=(libraries,),
    )
    assert ["1.0", "importlib_metadata", ["b>=1"], ["a.py"]] == json.loads(told)
