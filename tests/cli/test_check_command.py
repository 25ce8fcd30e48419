"""`plugbay check` as a person and as a workflow run it."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Run, runner
from sites import HOST, Site

PROJECT = f"""
[project]
name = "csvx"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["{HOST}>=1.2,<2"]

[project.entry-points."{HOST.replace("-", "_")}.shades"]
csvx = "csvx:export"
"""


@pytest.fixture
def plugbay(site: Site) -> Run:
    """Run the command with the site on its path, without colour."""
    return runner(site.root)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with a mistake on line 9, and something to remark on line 6."""
    folder = tmp_path / "project"
    folder.mkdir()
    said = PROJECT.replace(":export", ":exprot").replace(",<2", "")
    (folder / "pyproject.toml").write_text(said)
    (folder / "csvx.py").write_text("def export(): ...\n")
    return folder


def test_a_person_reads_what_why_and_what_to_do(plugbay: Run, tree: Path) -> None:
    """The place as compilers write it, and the page that says more; notes when asked for."""
    done = plugbay("check", str(tree))
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{tree}/pyproject.toml:9: error PB203: 'csvx' is 'csvx:exprot'")
    assert lines[0].endswith("did you mean 'export'?")
    assert lines[1:3] == [
        "    The import succeeds and the host fails to get the plugin from it.",
        "    Name what the module defines.",
    ]
    assert lines[3] == f"{tree} (source tree): 1 error; --notes shows 1 more"
    assert lines[4] == "docs/checks.md explains each code."
    done = plugbay("check", "--notes", str(tree))
    assert f"{tree}/pyproject.toml:6: note PB303: " in done.stdout


def test_what_is_fine_exits_with_zero(plugbay: Run, tree: Path) -> None:
    """A note is no reason to fail."""
    (tree / "pyproject.toml").write_text(PROJECT.replace(",<2", ""))
    done = plugbay("check", str(tree))
    assert done.returncode == 0
    assert done.stdout == f"{tree} (source tree): nothing to mend; --notes shows 1 more\n"


def test_a_program_reads_json(plugbay: Run, tree: Path) -> None:
    """With everything that a person reads, and the notes."""
    done = plugbay("check", "--json", str(tree))
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert said["schema"] == "plugbay/1"
    assert said["counts"] == {"error": 1, "warning": 0, "note": 1}
    assert said["subjects"] == [
        {"kind": "source tree", "path": str(tree), "name": "csvx", "version": "1.0"}
    ]
    assert [(each["code"], each["line"]) for each in said["findings"]] == [
        ("PB303", 6),
        ("PB203", 9),
    ]
    assert said["findings"][1]["page"] == "docs/checks.md#pb203"
    assert set(said["findings"][1]) == {
        "code", "severity", "message", "why", "remedy", "file", "line", "page",
    }  # fmt: skip


def test_code_scanning_reads_sarif(plugbay: Run, tree: Path) -> None:
    """Each result belongs to a rule that is there, and has its place."""
    done = plugbay("check", "--sarif", str(tree))
    said = json.loads(done.stdout)
    assert (done.returncode, said["version"]) == (1, "2.1.0")
    (run,) = said["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "plugbay"
    assert [each["level"] for each in run["results"]] == ["note", "error"]
    for each in run["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["message"]["text"]
        place = each["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == f"{tree}/pyproject.toml"
        assert place["region"]["startLine"] in (6, 9)


def test_a_workflow_reads_annotations(plugbay: Run, tree: Path) -> None:
    """One line each, whatever is in it."""
    (tree / "pyproject.toml").write_text(PROJECT.replace("csvx:export", "csvx:100%\\nx"))
    done = plugbay("check", "--github", str(tree))
    (line,) = done.stdout.splitlines()
    place, _, message = line.removeprefix("::").partition("::")
    assert place.startswith(f"error file={tree}/pyproject.toml,title=PB201%3A ")
    assert place.endswith(",line=9")
    assert "100%25" in message
    assert "Write module:attribute" in message
    assert "::notice " not in plugbay("check", "--github", str(tree)).stdout


def test_a_host_is_described_by_an_option(plugbay: Run, tree: Path) -> None:
    """It counts before the one that is installed."""
    (tree / "pyproject.toml").write_text(PROJECT)
    assert plugbay("check", str(tree)).returncode == 0
    done = plugbay("check", "--api", f"{HOST}==2.1", str(tree))
    assert done.returncode == 1
    assert f"PB307: it declares {HOST}>=1.2,<2, and this is {HOST} 2.1" in done.stdout


def test_what_is_not_there_exits_with_three(plugbay: Run) -> None:
    """And names what could be checked."""
    done = plugbay("check", "nowhere-at-all")
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is no file, folder or installed distribution 'nowhere-at-all'" in done.stderr


def test_nothing_is_imported_unless_asked_for(plugbay: Run, tree: Path) -> None:
    """Then it is told how that went, and what it did."""
    (tree / "pyproject.toml").write_text(PROJECT)
    (tree / "csvx.py").write_text(
        "import colorsys\nopen('/dev/null', 'w').close()\nopen(__file__ + '.ran', 'w').close()\n"
        "print('hello')\ndef export(): ...\n"
    )
    assert plugbay("check", str(tree)).returncode == 0
    assert not (tree / "csvx.py.ran").exists()
    done = plugbay("check", "--import", str(tree))
    assert done.returncode == 1
    first, *rest = done.stdout.splitlines()
    assert first.startswith("imported csvx:export (csvx): a function, ")
    assert first.endswith(" ms, 2 modules")
    codes = [line.split(": ")[1] for line in rest if ": warning " in line]
    assert codes == ["warning PB703", "warning PB704"]
    assert "csvx.py.ran" in done.stdout


def test_imports_are_in_the_json_too(plugbay: Run, tree: Path) -> None:
    """With every module by its name; the budget is in milliseconds."""
    (tree / "pyproject.toml").write_text(PROJECT)
    done = plugbay("check", "--import", "--budget", "0", "--json", str(tree))
    said: dict[str, Any] = json.loads(done.stdout)
    (imported,) = said["imports"]
    assert imported["target"] == "csvx:export"
    assert imported["modules"] == ["csvx"]
    assert imported["loaded"] is True
    assert [each["code"] for each in said["findings"]] == ["PB702"]
