"""Type checkers see what a host author should see: real types, and errors where they belong."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

# From a file's name to the lines with errors.
Checker = Callable[[str], set[int]]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def _mypy(file: str) -> set[int]:
    """The lines in which mypy finds errors."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--output=json",
            "--cache-dir",
            str(ROOT / ".mypy_cache" / "usage"),
            str(HERE / file),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT / "src",
    )
    assert done.returncode in (0, 1), done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert {Path(each["file"]).name for each in found} <= {file}, done.stdout
    return {each["line"] for each in found if each["severity"] == "error"}


def _pyright(file: str) -> set[int]:
    """The lines in which pyright finds errors."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pyright",
            "--outputjson",
            "--pythonpath",
            sys.executable,
            str(HERE / file),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode not in (0, 1):
        pytest.skip(f"pyright cannot run here: {(done.stderr or done.stdout).strip()[-200:]}")
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {each["range"]["start"]["line"] + 1 for each in found if each["severity"] == "error"}


@pytest.fixture(params=[_mypy, _pyright], ids=["mypy", "pyright"])
def checker(request: pytest.FixtureRequest) -> Checker:
    """Each type checker that is installed."""
    name = request.param.__name__[1:]
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    found: Checker = request.param
    return found


@pytest.mark.parametrize("file", ["good.py", "good_hooks.py", "good_hosts.py"])
def test_good_uses_are_accepted(checker: Checker, file: str) -> None:
    """What is taken out of a group, and what a hook gives, has the type that the host said."""
    assert set() == checker(file)


@pytest.mark.parametrize("file", ["bad.py", "bad_hooks.py", "bad_hosts.py"])
def test_bad_uses_are_errors(checker: Checker, file: str) -> None:
    """Each wrong line is an error, and no other line is."""
    lines = (HERE / file).read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    assert expected == checker(file)
