"""`--directory`: plugins in files are listed and explained as installed ones are."""

import json
from pathlib import Path

import pytest
from sites import HOST

from plugbay.cli import main

FILES = {
    "fine": 'PLUGIN_METADATA = {"id": "fine", "version": "1.0", "api_version": ">=1,<2"}\n1 / 0\n',
    "newer": 'PLUGIN_METADATA = {"id": "newer", "version": "3.0", "api_version": ">=2"}\n',
    "wrong": "def (\n",
}
GROUP = f"{HOST}.files"
API = f"{HOST}==1.3"


@pytest.fixture
def directory(tmp_path: Path) -> str:
    """A directory with a plugin that can be used, one that cannot, and a broken file."""
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(text)
    return str(tmp_path)


def test_why_a_plugin_in_a_file_can_be_used(
    directory: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it is run for that."""
    assert 0 == main(["why", "fine", "--group", GROUP, "--directory", directory, "--api", API])
    said = capsys.readouterr().out
    assert f"in a file      fine ({directory}/fine.py, line 1)" in said
    assert f"gate           ok: {HOST}>=1,<2" in said
    assert "fine of fine 1.0 can be used" in said


def test_why_a_plugin_in_a_file_is_refused(
    directory: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the gate, or by an operator."""
    command = ["why", "newer", "--group", GROUP, "--directory", directory, "--api", API]
    assert 1 == main(command)
    assert f"no       gate           too-old-host: it needs {HOST}>=2" in capsys.readouterr().out
    assert 1 == main([*command, "--json"])
    [record] = json.loads(capsys.readouterr().out)["plugins"]
    assert (record["target"], record["state"]) == (f"{directory}/newer.py", "refused")


def test_why_an_operator_switches_one_off(
    directory: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables count for files, too."""
    monkeypatch.setenv("PLUGBAY_DISABLE", "fine")
    assert 1 == main(["why", "fine", "--group", GROUP, "--directory", directory, "--api", API])
    assert "no       policy" in capsys.readouterr().out


def test_files_are_listed(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what is wrong with others."""
    assert 1 == main(["list", GROUP, "--directory", directory, "--api", API])
    said = capsys.readouterr().out
    assert ["fine", "newer"] == [
        line.split()[0] for line in said.splitlines() if line[:5] in ("fine ", "newer")
    ]
    assert f"wrong.py: it is not Python: invalid syntax ({directory}/wrong.py, line 1)" in said


def test_a_name_that_no_file_has(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The closest is told, and the files that may hide it."""
    assert 3 == main(["why", "fne", "--group", GROUP, "--directory", directory, "--api", API])
    said = capsys.readouterr().err
    assert "did you mean 'fine'?" in said
    assert "may be hidden by a problem of wrong.py" in said


def test_the_group_has_to_be_said(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Files do not say it."""
    assert 3 == main(["why", "fine", "--directory", directory])
    assert "say by --group of which group its plugins are" in capsys.readouterr().err


def test_a_directory_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a problem."""
    assert 1 == main(["list", GROUP, "--directory", str(tmp_path / "nowhere")])
    assert "it cannot be read: No such file or directory" in capsys.readouterr().out
