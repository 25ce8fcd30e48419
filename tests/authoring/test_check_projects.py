"""What `plugbay check` says of a project's pyproject.toml: what, where, and what to do."""

from pathlib import Path

import pytest
from projects import checked, codes, project, tabletop
from sites import Site

from plugbay.authoring.checks.projects import Project


@pytest.fixture(autouse=True)
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The host is installed, and a plugin of it."""
    site = tabletop(tmp_path / "host")
    monkeypatch.syspath_prepend(site.root)
    return site


def line_of(tree: Path, text: str) -> int:
    """The line of pyproject.toml that has the text in it."""
    lines = (tree / "pyproject.toml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


GROUP = '"tabletop.exporters"'
TARGET = '"tabletop_base.exporter:export"'


@pytest.mark.parametrize(
    ("old", "new", "code", "word", "at"),
    [
        ("project.entry-points", "project.entrypoints", "PB101", "read by nobody", "entrypoints"),
        ("project.entry-points", "project.entry-point", "PB101", "read by nobody", "entry-point."),
        ("[project.entry-points", "[entry-points", "PB101", "[entry-points]", "[entry-points"),
        (
            "[project.entry-points",
            "[tool.hatch.entry-points",
            "PB101",
            "tool.hatch",
            "[tool.hatch.e",
        ),
        ("[project.optional", "[project.optional_", "PB101", "optional", "[project.optional_"),
        ("[project]", "[Project]", "PB101", "[Project]", "[Project]"),
        ("description", "descripton", "PB102", "did you mean 'description'", "descripton"),
        (GROUP, '"tabletop.exporter"', "PB103", "did you mean 'tabletop.exporters'", "base ="),
        (GROUP, '"tabletopp.exporters"', "PB103", "no host 'tabletopp' is installed", "base ="),
        (GROUP, '"tabletop-exporters"', "PB104", "no name of a group", "base ="),
        ("base = ", '"base=1" = ', "PB104", "'base=1' is no name", "base=1"),
        ("base = ", '"#base" = ', "PB104", "'#base' is no name", "#base"),
        ("base = ", '" base" = ', "PB104", "' base' is no name", '" base'),
        (TARGET, "3", "PB105", "is a int, no text", "base = 3"),
        (GROUP, "tabletop.exporters", "PB105", "not in quotes", "[project.entry-points"),
        (TARGET, '"tabletop-base:export"', "PB201", "is not an object reference", "base ="),
        (TARGET, '"src.tabletop_base.exporter:export"', "PB202", "no module 'src", "base ="),
        (TARGET, '"tabletop_base.exportr:export"', "PB202", "did you mean", "base ="),
        (TARGET, '"tabletop_base.exporter:exprot"', "PB203", "did you mean 'export'?", "base ="),
        (":export", ":export [quick]", "PB206", "there are fast", "base ="),
        (">=1.3,<2", ">=1.3;python_version>'3'", "", "", ""),
        (">=1.3,<2", ">=1.3,>=1.4,<2,<1.4", "PB304", "no version can satisfy", "dependencies ="),
        (">=1.3,<2", "===1.3.0", "PB305", "one version only", "dependencies ="),
        (">=1.3,<2", "<2", "PB302", "any old version", "dependencies ="),
        (
            ">=1.3,<2",
            " @ https://example.org/t.whl",
            "PB301",
            "of which versions",
            "dependencies =",
        ),
        (">=1.3,<2", "=>1.3", "PB306", "write '>=1.3'", "dependencies ="),
        (">=1.3,<2", ">=1.3;<2", "PB306", "cannot be read", "dependencies ="),
        (">=1.3,<2", ">=1.1,<1.3", "PB307", "this is tabletop 1.3.0", "dependencies ="),
        ('">=3.11"', '">=3.9"', "PB308", "requires >=3.11", "requires-python"),
        ('">=3.11"', '"3.11"', "PB306", "requires-python", "requires-python"),
    ],
)
def test_a_finding_says_what_and_where(
    tmp_path: Path, old: str, new: str, code: str, word: str, at: str
) -> None:
    """The line is that of the mistake."""
    tree = project(tmp_path / "project", (old, new))
    found = [each for each in checked(tree) if each.code == code]
    assert bool(found) == bool(code), checked(tree)
    if code:
        assert word in found[0].message
        assert found[0].file == str(tree / "pyproject.toml")
        assert found[0].line == line_of(tree, at)
        assert found[0].record()["page"] == f"docs/checks.md#{code.lower()}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">=1.3,<2", "~=1.3"),
        (">=1.3,<2", "==1.*"),
        (">=1.3,<2", ">=1.2,<2"),  # an older host, of which nothing is known
        ('dependencies = ["tabletop>=1.3,<2"]', 'dependencies = []\nkeywords = ["a"]\n'),
        (":export", ":export [fast]"),
        (GROUP, '"tabletop.plugins"'),
        (GROUP, '"elsewhere.things"'),
        ("base = ", '"material/base" = '),
        ('">=3.11"', '">=3.12"'),
    ],
)
def test_what_is_right_is_no_finding(tmp_path: Path, old: str, new: str) -> None:
    """Other ways to say the same, and what is not known here."""
    swaps = [(old, new)]
    if "keywords" in new:  # under the extra that installs nothing
        swaps.append(("fast = []", 'tabletop-api = ["tabletop>=1.3,<2"]'))
    assert checked(project(tmp_path / "project", *swaps)) == []


def test_an_older_host_may_run_on_an_older_python(tmp_path: Path) -> None:
    """Of which nothing is known, so that it is not held against the plugin."""
    swaps = [(">=1.3,<2", ">=1.2,<2"), ('">=3.11"', '">=3.9"')]
    assert codes(project(tmp_path / "project", *swaps), notes=True) == []


def test_a_host_need_not_depend_on_itself(tmp_path: Path) -> None:
    """Its own plugins are in its groups."""
    swaps = [('"tabletop-base"', '"tabletop"'), ('["tabletop>=1.3,<2"]', "[]")]
    assert codes(project(tmp_path / "project", *swaps), notes=True) == []


def test_all_is_told_at_once(tmp_path: Path) -> None:
    """Also what has nothing to do with each other."""
    swaps = [(":export", ":exprot"), (">=1.3,<2", ">=2,<1"), ("description", "descripton")]
    assert sorted(codes(project(tmp_path / "project", *swaps))) == ["PB102", "PB203", "PB304"]


def test_a_note_is_no_reason_to_fail(tmp_path: Path) -> None:
    """A range without an end, and a target that the text does not tell of."""
    tree = project(tmp_path / "project", (">=1.3,<2", ">=1.3"), exporter="from os import *\n")
    assert checked(tree) == []
    assert codes(tree, notes=True) == ["PB303", "PB204"]


def test_a_host_that_is_not_here_can_be_described(tmp_path: Path) -> None:
    """By a name and a version; without it nothing is said of it."""
    swaps = [("tabletop.exporters", "elsewhere.things"), ('["tabletop>=1.3,<2"]', "[]")]
    tree = project(tmp_path / "project", *swaps)
    assert codes(tree) == []
    (found,) = checked(tree, api="elsewhere==2.4.1")
    assert found.code == "PB301"
    assert "'elsewhere>=2.4,<3'" in found.remedy


def test_groups_are_told_by_the_text_of_the_host(host: Site, tmp_path: Path) -> None:
    """Where nobody has a plugin in them; a name may also be put together."""
    (host.root / "tabletop_csv-1.3.0.dist-info" / "entry_points.txt").unlink()
    tree = project(tmp_path / "project", (GROUP, '"tabletop.exporter"'))
    assert codes(tree) == ["PB103"]
    host.write("tabletop/more.py", "def group(kind='exporter'): return f'tabletop.{kind}'\n")
    assert codes(tree) == []


def test_a_plugin_is_no_witness_of_its_own_group(host: Site, tmp_path: Path) -> None:
    """It is installed with the wrong group itself."""
    host.add("tabletop-base", {"base": "tabletop_csv:export"}, group="tabletop.exporter")
    tree = project(tmp_path / "project", (GROUP, '"tabletop.exporter"'))
    assert "PB103" in codes(tree)
    assert "PB103" in codes("tabletop-base")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "PB107"),
        ({"setup.py": "raise SystemExit"}, "PB108"),
        ({"pyproject.toml": "[build-system]\n"}, "PB108"),
        ({"pyproject.toml": '[project]\nname = "a"\ndynamic = ["entry-points"]\n'}, "PB108"),
        ({"pyproject.toml": "[project\n"}, "PB107"),
        ({"pyproject.toml": "[project]\nname = 1\nentry-points = 3\nscripts = []\n"}, "PB105"),
    ],
)
def test_what_is_no_project_is_told(tmp_path: Path, files: dict[str, str], code: str) -> None:
    """And what it takes to know more, where the code would have to be run."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert code in codes(tmp_path, notes=True)


def test_syntax_of_a_newer_python_is_not_held_against_it(tmp_path: Path) -> None:
    """Where the project says that it needs one."""
    broken = {"exporter": "def export(: pass\n"}
    assert codes(project(tmp_path / "a", **broken)) == ["PB205"]
    newer = project(tmp_path / "b", ('">=3.11"', '">=3.99"'), **broken)
    assert codes(newer) == []
    assert codes(newer, notes=True) == ["PB204"]


def test_what_is_compiled_cannot_be_looked_into(tmp_path: Path) -> None:
    """A module that a compiler makes is not in the tree, and no mistake."""
    tree = project(tmp_path / "project", ("exporter:", "fast:"))
    assert codes(tree) == ["PB202"]
    (tree / "src" / "tabletop_base" / "fast.pyx").write_text("")
    assert codes(tree) == []
    assert codes(tree, notes=True) == ["PB204"]


@pytest.mark.parametrize("folder", ["lib", "python/code"])
def test_modules_are_where_the_backend_is_told(tmp_path: Path, folder: str) -> None:
    """Which is not always src."""
    tree = project(tmp_path / "project", ("src/tabletop_base", f"{folder}/tabletop_base"))
    (tree / folder).parent.mkdir(exist_ok=True)
    (tree / "src").rename(tree / folder)
    assert codes(tree) == []


def test_lines_are_those_of_the_text() -> None:
    """Whatever way its author writes TOML."""
    text = (
        "# a comment\n[project]\nname = 'a'\ndependencies = [\n  'b',\n  'c>=1',\n]\n\n"
        "[project.entry-points.\"d.e\"]\nf = 'g'\n[[tool.x.y]]\nz = { q = 1 }\n"
        'project.urls.home = """\nmany\nlines"""\n'
    )
    found = Project(text, "pyproject.toml")
    assert found.line("project", "name") == 3
    assert found.line("project", "dependencies") == 4
    assert found.line("project", "dependencies", word="c>=1") == 6
    assert found.line("project", "entry-points", "d.e", "f") == 10
    assert found.line("project", "entry-points", "d.e", "gone") == 9
    assert found.line("tool", "x", "y", "z", "q") == 12
    assert found.line("gone") is None
