"""Premises: wheels, virtual environments and stand-ins for installers, for tests of installing."""

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["GAMES", "Premises", "add_wheel", "stand_in"]

SOURCES = Path(__file__).parents[2] / "src"
GAMES = "boardgame.games"

# It notes how it was called, and does the first of these that its arguments have.
STAND_IN = """#!{python}
import json, os, subprocess, sys
with open({record!r}, "a") as record:
    constraints = os.environ.get("PIP_CONSTRAINT", "")
    pinned = open(constraints).read() if constraints else ""
    record.write(json.dumps([*sys.argv[1:], *([pinned] if pinned else [])]) + "\\n")
for words, command in {does!r}:
    if all(word in sys.argv for word in words.split()):
        sys.exit(subprocess.run(command).returncode)
"""


def add_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    plugins: Mapping[str, str] | None = None,
    entry_points: str = "",
    body: str = "",
) -> Path:
    """A wheel with one module, written by hand; `plugins` are those in the group of the games."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    fields = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    fields += [f"Requires-Dist: {each}" for each in requires]
    lines = [f"[{GAMES}]", *(f"{each} = {target}" for each, target in (plugins or {}).items())]
    content = {
        f"{module}.py": body,
        f"{info}/METADATA": "\n".join(fields) + "\n\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": entry_points or ("\n".join(lines) if plugins else ""),
    }
    record = f"{info}/RECORD"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in content.items():
            archive.writestr(file, text)
        archive.writestr(record, "".join(f"{each},,\n" for each in (*content, record)))
    return path


def stand_in(
    folder: Path, name: str, does: Sequence[tuple[str, Sequence[str]]] = ()
) -> "tuple[Path, Path]":
    """A program of that name, and the file in which it notes its arguments, a line for each call.

    `does` are pairs of words and a command: the first of which all words are given is run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    program, record = folder / name, folder / f"{name}.calls"
    text = STAND_IN.format(python=sys.executable, record=str(record), does=[*does])
    program.write_text(text)
    program.chmod(0o755)
    return program, record


class Premises:
    """A virtual environment, a folder of wheels, and a search path for programs.

    plugbay and what it needs are on the import path, and are not installed.
    """

    def __init__(self, folder: Path, wheels: Path, *, with_pip: bool) -> None:
        self.prefix = folder / "env"
        self.wheels = wheels
        self.programs = folder / "programs"
        self.programs.mkdir(parents=True, exist_ok=True)
        self._library = folder / "library"
        self._library.mkdir()
        for needed in ("packaging",):
            place = Path(__import__(needed).__file__ or "").parent
            (self._library / needed).symlink_to(place, target_is_directory=True)
        options = [] if with_pip else ["--without-pip"]
        subprocess.run([sys.executable, "-m", "venv", *options, str(self.prefix)], check=True)
        self.python = self.prefix / "bin" / "python"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PIP_")},
            "PYTHONPATH": os.pathsep.join([str(SOURCES), str(self._library)]),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            "PATH": str(self.programs),
        }

    @property
    def site(self) -> Path:
        """The directory that distributions are installed into."""
        return next(self.prefix.glob("lib/python*/site-packages"))

    def plugbay(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """What the command says in this environment."""
        return self.run("-m", "plugbay", *arguments, **variables)

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """What the Python of this environment says."""
        return subprocess.run(
            [str(self.python), *arguments],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def put(self, *names: str) -> None:
        """Have these wheels unpacked here and nothing else, as an installer would."""
        for each in self.site.iterdir():
            if each.is_dir() and not each.name.startswith("pip"):
                shutil.rmtree(each)
            elif each.is_file():
                each.unlink()
        for name in names:
            with zipfile.ZipFile(self.wheels / f"{name}-py3-none-any.whl") as archive:
                archive.extractall(self.site)

    def installed(self) -> dict[str, str]:
        """The versions of all that is installed but pip."""
        stems = [each.name.removesuffix(".dist-info") for each in self.site.glob("*.dist-info")]
        found = dict(stem.split("-", 1) for stem in sorted(stems))
        return {name: version for name, version in found.items() if name != "pip"}

    def commands(self, said: str) -> list[list[str]]:
        """The commands that are shown, which are indented."""
        lines = said.splitlines()
        return [shlex.split(line) for line in lines if line.startswith("    ")]
