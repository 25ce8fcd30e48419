"""New projects for tests: made by the command, built by their backends, installed by pip."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

__all__ = ["build", "environ", "files", "install", "made", "unpack"]

SOURCES = Path(__file__).parents[2] / "src"
# These would lead to other packages, indexes or plugins than a test is about.
_LEADING = ("PIP_", "PLUGBAY_", "PYTEST_", "PYTHON")


def environ(*sites: Path) -> dict[str, str]:
    """The variables of a process where those sites are installed, and this plugbay."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith(_LEADING)}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, [*sites, SOURCES]))}


def made(folder: Path, site: Path, name: str, *options: str) -> Path:
    """A project as `plugbay new` makes it where that site is installed."""
    project = folder / name
    done = subprocess.run(
        [sys.executable, "-m", "plugbay", "new", name, *options, "--directory", project],
        env=environ(site),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return project


def build(project: Path, *options: str) -> Path:
    """Build an sdist, and of it the wheel, which is given."""
    command = [sys.executable, "-m", "build", "--no-isolation", *options, project]
    # One of the backends is a program, which is found where this Python has its own.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, env={**environ(), "PATH": path}, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = project.glob("dist/*.whl")
    return wheel


def unpack(wheel: Path, site: Path) -> None:
    """Install a wheel as far as reading it goes."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


def install(site: Path, *wheels: Path) -> None:
    """Have pip install wheels into a folder, without what they depend on."""
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--no-index", "--no-deps", "--no-compile", "--target", str(site)]
    done = subprocess.run([*command, *wheels], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


def files(folder: Path) -> dict[str, str]:
    """The text of each file below a folder."""
    return {
        each.relative_to(folder).as_posix(): each.read_text("utf-8")
        for each in folder.rglob("*")
        if each.is_file()
    }
