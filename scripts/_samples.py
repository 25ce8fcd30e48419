"""The sample application and all its plugins, built and installed together into one environment."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import _environments
from _environments import ROOT, SetupError

FOLDER = ROOT / "sample_plugins"
WHEELS = ROOT / ".cache" / "wheels"
BUILDS_AT_ONCE = 2

_TOLD_WHEN_LOADED = frozenset(
    f"tabletop-{name}" for name in ("attribute-missing", "exits", "optional", "raises", "sleeper")
)

# Of the checkout, its wheel is made from these; a sample project is all there is in its folder.
_PLUGBAY = ("LICENSE", "README.md", "pyproject.toml", "src")
_leftovers = shutil.ignore_patterns("__pycache__", "build", "dist", "*.egg-info", ".*")


@dataclass(frozen=True)
class Project:
    """A folder that a wheel is built from."""

    folder: Path

    @cached_property
    def metadata(self) -> dict[str, object]:
        """The table ``[project]`` of its pyproject.toml."""
        return dict(tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))["project"])

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return str(self.metadata["name"])

    @property
    def plugins(self) -> list[tuple[str, str]]:
        """The groups and names of its plugins for tabletop."""
        groups = self.metadata.get("entry-points", {})
        assert isinstance(groups, dict)
        return [
            (group, name)
            for group, entries in groups.items()
            if group.startswith("tabletop.")
            for name in entries
        ]

    @property
    def is_lazy(self) -> bool:
        """Whether there is something about it that shows only when it is imported."""
        return self.name in _TOLD_WHEN_LOADED

    @property
    def damage(self) -> Path | None:
        """The script that damages the installed distribution, if it has to be run."""
        script = self.folder / "damage.py"
        return script if script.is_file() else None

    def copy_to(self, folder: Path) -> None:
        """Copy what the wheel is made from."""
        shutil.copytree(self.folder, folder, ignore=_unneeded, dirs_exist_ok=True)


@dataclass(frozen=True)
class Wheel:
    """A wheel, and the hash of what it was made from."""

    project: Project
    path: Path
    sources: str
    is_new: bool


def plugins(kind: str = "*") -> list[Project]:
    """The projects of the plugins: those ``working``, those ``broken``, or all."""
    return sorted(
        (Project(file.parent) for file in FOLDER.glob(f"{kind}/*/pyproject.toml")),
        key=lambda project: project.name,
    )


def projects() -> list[Project]:
    """plugbay, the application tabletop and all its plugins."""
    return [Project(ROOT), Project(FOLDER / "tabletop"), *plugins()]


def build(python: Path) -> list[Wheel]:
    """The wheels of all projects; those whose sources did not change are not built again.

    ``python`` is the Python of an environment with the dependency group ``build``.
    """
    with ThreadPoolExecutor(BUILDS_AT_ONCE) as pool:
        return list(pool.map(lambda project: _wheel(project, python), projects()))


def install(wheels: list[Wheel], python: Path) -> tuple[Path, bool]:
    """The environment with all those wheels installed and damaged, and whether it had to be made.

    ``python`` is as for `build`; the environment is of the same Python.
    """
    base = _environments.interpreter(python)
    folder = _environments.VENVS / f"demo-{base.minor}"
    contents = {
        "python": base.version,
        "executable": str(base.executable.resolve()),
        "folder": str(folder),
        "wheels": {wheel.project.name: wheel.sources for wheel in wheels},
    }
    made = _environments.make_once(folder, contents, lambda: _install(wheels, folder, python))
    return folder, made


def installed(python: Path = Path(sys.executable)) -> Path:
    """Build and install everything; the folder of the environment."""
    with _environments.alone(WHEELS):
        return install(build(python), python)[0]


def call(
    environment: Path, *command: str, folder: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment, with these variables besides the process's own.

    It runs in that folder, or where this process does.
    """
    programs = _environments.scripts(environment)
    own = {k: v for k, v in _environments.environ().items() if not k.startswith("PLUGBAY_")}
    own["PATH"] = f"{programs}{os.pathsep}{own.get('PATH', '')}"
    return subprocess.run(
        [programs / command[0], *command[1:]],
        cwd=folder,
        env=own | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )


def site_packages(environment: Path) -> Path:
    """The folder into which pip has installed the distributions."""
    base = str(environment)
    return Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))


def _unneeded(folder: str, names: list[str]) -> set[str]:
    """The names in that folder that no wheel is made from."""
    others = set(names).difference(_PLUGBAY) if Path(folder) == ROOT else set()
    return others | _leftovers(folder, names)


def _wheel(project: Project, python: Path) -> Wheel:
    with tempfile.TemporaryDirectory() as temporary:
        # Built from a copy, as some build backends write into the folder of the project.
        copy = Path(temporary)
        project.copy_to(copy)
        sources = _hash(copy)
        folder = WHEELS / project.name
        is_new = _environments.make_once(
            folder, {"sources": sources}, lambda: _build(project, copy, folder, python)
        )
    (path,) = folder.glob("*.whl")
    return Wheel(project, path, sources, is_new)


def _hash(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        total.update(f"{name}\0{file.stat().st_size}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _build(project: Project, source: Path, folder: Path, python: Path) -> None:
    _environments.run(
        [python, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source],
        failing=f"the wheel of {project.name} could not be built",
        remedy=f"Its project is {project.folder}.",
    )


def _install(wheels: list[Wheel], folder: Path, python: Path) -> None:
    where = folder.relative_to(ROOT)
    # Without a pip of its own: that of the building environment is up to date and installs into it.
    _environments.run(
        [_environments.interpreter(python).executable, "-m", "venv", "--without-pip", folder],
        failing=f"{where} could not be made",
    )
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "--python",
        _environments.program(folder, "python"),
    ]
    pip += ["--disable-pip-version-check", "--no-input", "install", "--progress-bar=off"]
    _environments.run(
        [*pip, *_requirements(wheels)],
        failing="pip could not install what plugbay depends on",
        remedy="It needs a package index: see that there is a network, then run this again.",
    )
    # Never from an index, where somebody else may have taken one of the names.
    _environments.run(
        [*pip, "--no-index", *(wheel.path for wheel in wheels)],
        failing=f"pip could not install the samples into {where}",
    )
    for project in (wheel.project for wheel in wheels):
        if project.damage:
            _environments.run(
                [_environments.program(folder, "python"), project.damage, site_packages(folder)],
                failing=f"{project.name} could not be damaged",
            )


def _requirements(wheels: list[Wheel]) -> Iterator[str]:
    """What the projects depend on, apart from each other, with what they need of each other."""
    ours = {wheel.project.name: wheel.project for wheel in wheels}
    for wheel in wheels:
        requirements = wheel.project.metadata.get("dependencies", [])
        assert isinstance(requirements, list)
        for requirement in requirements:
            found = re.match(r"([\w.-]+)(?:\[([\w.,-]+)\])?", requirement)
            if not found:
                raise SetupError(f"{wheel.project.name} requires {requirement!r}: no name in it")
            name, extras = found.groups()
            if name not in ours:
                yield requirement
                continue
            optional = ours[name].metadata.get("optional-dependencies", {})
            assert isinstance(optional, dict)
            for extra in filter(None, (extras or "").split(",")):
                yield from optional[extra]
