"""Versions and clauses answer as `packaging` does, whichever release of it is installed."""

import itertools
import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from agreement import disagreements, ours, theirs
from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Reference
from pythons import run

from plugbay.compatibility.versions import Version, bounds, clauses, is_contradictory
from plugbay.errors import InvalidVersionError

RELEASES = [0, 1, 2, 10]
PACKAGINGS = ["24.0", "24.2", "25.0", "26.0", "newest"]
CACHE = Path(__file__).parents[2] / ".cache" / "packaging"

releases = st.lists(st.sampled_from(RELEASES), min_size=1, max_size=4).map(
    lambda numbers: ".".join(map(str, numbers))
)
plain_versions = releases
versions = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "", "", "1!", "v"]),
    releases,
    st.sampled_from(["", "", "a1", "b2", "rc1", ".RC.1"]),
    st.sampled_from(["", "", ".post1", "-1"]),
    st.sampled_from(["", "", ".dev0", ".dev3"]),
    st.sampled_from(["", "", "+local", "+ubuntu.1"]),
)
operators = st.sampled_from([">=", ">", "<", "<=", "==", "!=", "~=", "==="])
plain_clauses = st.one_of(
    st.builds("{}{}".format, st.sampled_from([">=", ">", "<", "<=", "==", "!="]), releases),
    st.builds("~={}.{}".format, releases, st.sampled_from(RELEASES)),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), releases),
)
any_clauses = st.one_of(
    plain_clauses,
    st.builds("{}{}{}".format, operators, st.sampled_from(["", " "]), versions),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), versions),
)
specifiers = st.lists(any_clauses, min_size=1, max_size=3).map(",".join)


@given(specifiers, versions)
@example(">=1.4", "2.0.dev1")
@example(">=2", "2.0.dev1")
@example("<2", "2.0.dev1")
@example(">1.4", "1.4.post1")
@example("<=1.4", "1.4.post1")
@example("==1.4", "1.4+local")
@example("==1.4.0+l", "1.4.0")
@example(">=1.4", "1!1.0")
@example("===1.4", "1.4.0")
@example("~=1.4.0", "1.5")
@example("==1.0.*", "1")
@example("!=1.4.0.*", "1.4")
def test_specifiers_admit_what_packaging_says(specifier: str, version: str) -> None:
    """For versions of every kind the answer is packaging's, pre-releases counted."""
    assert theirs(specifier, version) == ours(specifier, version)


@given(st.lists(plain_clauses, max_size=4).map(", ".join), plain_versions)
def test_plain_forms_are_compared_here_and_answer_alike(specifier: str, version: str) -> None:
    """What packaging is not asked for is answered as it would answer."""
    assert all(each.is_plain for each in clauses(specifier))
    assert Version(version).release is not None
    assert theirs(specifier, version) == ours(specifier, version)


TEXTS = st.one_of(
    st.text(max_size=8),
    st.lists(
        st.sampled_from(
            [
                ">",
                "<",
                "=",
                "~",
                "!",
                "1",
                ".",
                "*",
                ",",
                " ",
                "a",
                "+",
                "^",
                "|",
                "٣",
                "²",
                "\n",
                "\x1f",
                "v",
                "-",
                "_",
            ]
        ),
        max_size=8,
    ).map("".join),
)


@given(TEXTS)
@example("===foo")
@example("== 1.*")
@example("~=1")
@example(">=1.4 <2")
@example("==.*")
def test_any_text_is_a_specifier_for_both_or_for_neither(text: str) -> None:
    """Text is never read as a specifier that packaging would not read, nor the other way about."""
    assert theirs(text, "1.0") == ours(text, "1.0")


@given(TEXTS)
def test_any_text_is_a_version_for_both_or_for_neither(text: str) -> None:
    """Text is never read as a version that packaging would not read, nor the other way about."""
    assert theirs(">=0", text) == ours(">=0", text)


@given(versions, versions)
def test_versions_are_ordered_as_packaging_orders_them(left: str, right: str) -> None:
    """`<=` and being a development version are packaging's."""
    assert (Reference(left) <= Reference(right)) == (Version(left) <= Version(right))
    assert Reference(left).is_prerelease == Version(left).is_development
    assert Reference(Reference(left).base_version) == Version(left).base().parsed()


POOL = [
    "".join(parts)
    for parts in itertools.product(
        ["", "1!"],
        ["0", "0.1", "1", "1.0.1", "1.1", "2", "2.0.0.1", "2.10", "3", "10", "10.10.1", "11"],
        ["", ".dev0", ".dev1", "a1", ".post1", "+local"],
    )
]


@given(st.lists(any_clauses.filter(lambda each: ours(each, "1") != "no specifier"), max_size=4))
@example([">=2", "<1"])
@example(["==1.0", "!=1"])
@example([">=1.4", "<=1.4", "!=1.4"])
@example(["~=1.0", "~=2.0"])
@example(["==0.*", "<0a1"])
@example(["==1.*", "<=1.dev0"])
@example(["==1.0", "==1.0+local"])
@example(["<=1.0", "==1.0+local"])
@example(["==1", "===1.0"])
@settings(max_examples=400)
def test_what_is_called_contradictory_admits_nothing(parts: list[str]) -> None:
    """No version satisfies contradictory clauses, neither one of many nor, as far as packaging \
    can tell, any at all.
    """
    if is_contradictory(clauses(",".join(parts))):
        specifier = SpecifierSet(",".join(parts))
        assert [] == [each for each in POOL if specifier.contains(each, prereleases=True)]
        if hasattr(specifier, "is_unsatisfiable"):
            assert specifier.is_unsatisfiable()


BOUNDS = st.builds(
    "{}{}".format,
    st.sampled_from([">=", ">", "<=", "<", "==", "~=1."]),
    st.sampled_from(["1", "1.0", "1.4", "2", "2.1.3"]),
)


@pytest.mark.skipif(
    not hasattr(SpecifierSet, "is_unsatisfiable"), reason="this packaging cannot tell"
)
@given(st.lists(BOUNDS, min_size=1, max_size=3))
def test_bounds_that_admit_nothing_are_called_contradictory(parts: list[str]) -> None:
    """Where packaging finds that no version is between the bounds, so is it found here."""
    expected = SpecifierSet(",".join(parts)).is_unsatisfiable()
    assert expected == is_contradictory(clauses(",".join(parts)))


@pytest.mark.parametrize(
    ("specifier", "floor"),
    [
        ("", None),
        ("<2", None),
        ("!=1", None),
        (">=1.2,<2", "1.2"),
        (">1,>=1.5", "1.5"),
        ("~=1.4.2", "1.4.2"),
        ("==1.4.*", "1.4"),
        (">=1.2rc1", "1.2rc1"),
        ("===1.4", None),
    ],
)
def test_the_floor_is_the_highest_lower_bound(specifier: str, floor: str | None) -> None:
    """It is the text that was written, or None where nothing bounds the versions below."""
    assert floor == bounds(clauses(specifier)).floor


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("^1.4", "write '~=1.4', or both bounds as in '>=1.2,<2'"),
        ("^1", "write '~=1.0', or both bounds as in '>=1.2,<2'"),
        ("~1.4", "write '~=1.4.0' or '>=1.4'"),
        ("~=1", "write '~=1.0' or '>=1'"),
        ("=>1.4", "write '>=1.4'"),
        ("=<1.4", "write '<=1.4'"),
        (">=1 || >=3", "write one range, such as '>=1,<3'"),
        ("*", "leave the specifier out to accept every version"),
        (">=1.4.*", "write '>=1.4'"),
        (">=1.4 <2", "separate the clauses with a comma, as in '>=1.4,<2'"),
        ("1.4", "write '>=1.4', '~=1.4' or '==1.4'"),
        ("1", "write '>=1', '~=1.0' or '==1'"),
        ("latest", "write clauses such as '>=1.4,<2'"),
    ],
)
def test_the_usual_mistakes_have_a_hint_that_works(text: str, hint: str) -> None:
    """The error names the text and what to write instead, and that can be read."""
    with pytest.raises(InvalidVersionError, match="is not a version specifier") as seen:
        clauses(text)
    assert str(seen.value).startswith(repr(text))
    assert str(seen.value).endswith(hint)
    for suggestion in re.findall("'([^']*)'", hint):
        clauses(suggestion)


@pytest.mark.parametrize("text", ["1.x", "", "one", "1" * 5000, "1." * 3000 + "x"])
def test_what_is_no_version_is_told(text: str) -> None:
    """Words, nothing and numbers without end are an error of plugbay's own."""
    with pytest.raises(InvalidVersionError, match="is not a version"):
        Version(text)
    with pytest.raises(InvalidVersionError, match="is not a version"):
        clauses(f">={text}")


def test_a_plain_specifier_does_not_import_packaging() -> None:
    """Versions and clauses of digits and dots are read and compared without any library."""
    told = run(
        "from plugbay.compatibility.versions import *\n"
        "parts = clauses('>=1.2, <2, !=1.3, ~=1.2, ==1.*')\n"
        "print(all(each.admits(Version('1.4')) for each in parts), is_contradictory(parts),\n"
        "      'packaging' in sys.modules, 're' in sys.modules)\n"
    )
    assert "True False False False" == told.strip()


def _corpus() -> dict[str, list[str]]:
    """The same versions and specifiers each time: every pair of the parts, and some of many."""
    some = random.Random(1)  # noqa: S311  # a corpus is no secret
    bases = ["0", "0.0.0", "1", "1.0", "1.2", "1.2.0", "1.10", "2.0.1", "1!1.0", "v1.2"]
    tails = ["", ".dev1", "a1", "rc2", ".post1", ".post1.dev2", "+abc", ".dev3+g1"]
    all_versions = [base + tail for base in bases for tail in tails]
    parts = [
        f"{each}{version}"
        for each in (">=", ">", "<", "<=", "==", "!=", "~=", "===")
        for version in all_versions
    ]
    parts += [f"{each}{base}.*" for each in ("==", "!=") for base in bases]
    mixed = [",".join(some.sample(parts, some.randint(2, 3))) for _ in range(300)]
    odd = [
        "",
        ",",
        ">=1.2,",
        "===foo",
        "===1.2",
        "^1",
        "~=1",
        ">=1.4.*",
        "1.4",
        "*",
        ">=1 <2",
        "=>1",
        ">=1||<3",
        "==1.2.*.*",
        ">=1.2+abc",
        "== 1.2 , < 3",
    ]
    return {
        "versions": [*all_versions, "", "foo", "0+unknown", "1.2 "],
        "specifiers": [*parts, *mixed, *odd],
    }


@pytest.fixture(scope="session", params=PACKAGINGS)
def packaging_release(request: pytest.FixtureRequest) -> Path:
    """A directory with one release of packaging in it, installed there once."""
    place = CACHE / str(request.param)
    if not (place / "packaging" / "__init__.py").exists():
        wanted = "packaging" if request.param == "newest" else f"packaging=={request.param}"
        place.parent.mkdir(parents=True, exist_ok=True)
        # Installed beside its place and then moved, so that one cut short is never taken for one.
        unfinished = place.with_name(f"{place.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--no-compile",
                "--disable-pip-version-check",
                "--target",
                str(unfinished),
                wanted,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"pip cannot install {wanted}: {done.stderr.strip()[-200:]}")
        unfinished.rename(place)
    return place


def test_every_release_of_packaging_agrees(packaging_release: Path) -> None:
    """Over the whole corpus plugbay says what that release says, or what it says of no version."""
    program = str(Path(__file__).with_name("agreement.py"))
    code = "import runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
    answer = run(code, program, path=(str(packaging_release),), stdin=json.dumps(_corpus()))
    told = json.loads(answer)
    assert Path(told["file"]).is_relative_to(packaging_release)
    assert [] == told["found"]


def test_the_corpus_agrees_here_too() -> None:
    """The packaging that the tests run with is one of them."""
    corpus = _corpus()
    assert [] == disagreements(corpus["specifiers"], corpus["versions"])
