"""Every code block of the README does what it says."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
FILES = {
    source.partition("\n")[0].removeprefix("# "): source
    for language, source in BLOCKS
    if language in ("toml", "python")
}
(OUTPUT,) = [source for language, source in BLOCKS if language == "text"]
(SESSION,) = [source for language, source in BLOCKS if language == "console"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's plugin, built to a wheel and installed; the host is beside it."""
    folder = tmp_path_factory.mktemp("readme")
    project = folder / "project"
    project.mkdir()
    for name in ("pyproject.toml", "greeter_french.py"):
        (project / name).write_text(FILES[name], encoding="utf-8")
    run("build", "--wheel", "--no-isolation", str(project))
    (wheel,) = (project / "dist").glob("*.whl")
    site = folder / "site"
    run("pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    (folder / "greeter.py").write_text(FILES["greeter.py"], encoding="utf-8")
    return folder


def run(module: str, *arguments: str) -> None:
    """Run a tool of this environment, and show what it said if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def answer(installed: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """What a command prints where the plugin is installed."""
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(installed / "site")},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_block_is_known() -> None:
    """A new block has to be added to these tests."""
    assert sorted(FILES) == ["fair.py", "greeter.py", "greeter_french.py", "pyproject.toml"]
    assert len(BLOCKS) == len(FILES) + 2


def test_the_host_prints_what_the_readme_says(installed: Path) -> None:
    """The host of the README runs with the plugin of the README, without a warning."""
    result = answer(installed, sys.executable, "-W", "error", str(installed / "greeter.py"))
    assert (result.stdout, result.stderr) == (OUTPUT, "")


def test_the_hook_prints_what_its_comment_says(tmp_path: Path) -> None:
    """The example of a hook runs as it stands."""
    (tmp_path / "fair.py").write_text(FILES["fair.py"], encoding="utf-8")
    result = answer(tmp_path, sys.executable, "-W", "error", str(tmp_path / "fair.py"))
    expected = FILES["fair.py"].rpartition("# ")[2]
    assert (result.stdout, result.stderr) == (expected, "")


def test_the_session_is_what_the_command_prints(installed: Path) -> None:
    """`plugbay why` prints the lines of the README."""
    command, _, expected = SESSION.removeprefix("$ ").partition("\n")
    program = Path(sysconfig.get_path("scripts")) / "plugbay"
    result = answer(installed, str(program), *command.split()[1:])
    assert result.stdout.rstrip() == expected.rstrip()


def test_it_is_short() -> None:
    """Host and plugin are as short as they can be read at a glance, and so is the whole."""
    lines = {
        name: sum(bool(line.strip()) for line in source.splitlines()[1:])
        for name, source in FILES.items()
    }
    assert lines["greeter.py"] <= 15
    assert lines["pyproject.toml"] + lines["greeter_french.py"] <= 10
    assert len(README.splitlines()) < 150
