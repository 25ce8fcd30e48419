"""Projects: an author's project, built to a wheel and installed, as its users will have it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZipFile

from plugbay.errors import PlugbayError
from plugbay.testing.finding import find_plugin, plugins_of

if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.plugins import Plugin
    from plugbay.testing.environments import PluginEnvironment

__all__ = ["ProjectInstaller", "Wheels", "wheel_files"]

# What other tools leave in a project, at any depth and at its top.
_LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.pyc", ".*_cache", ".hypothesis")
_AT_THE_TOP = frozenset({".git", ".nox", ".tox", ".venv", ".venvs", "build", "dist", "venv"})
_LINES = 30


class Wheels:
    """The wheels of projects, each built once for what is in its folder; in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, project: Path) -> Path:
        """The wheel of a project; raises PlugbayError, with what the build said, if there is none.

        It is built from a copy without what earlier builds have left there. What the build needs is
        taken from this Python's environment if it is there, else installed for it.
        """
        project = project.resolve()
        if not (project / "pyproject.toml").is_file():
            raise PlugbayError(
                f"{str(project)!r} is no project: there is no pyproject.toml in it; "
                f"give installed_plugin() the folder that has one"
            )
        with TemporaryDirectory(prefix="plugbay-") as temporary:
            copy = Path(temporary, project.name or "project")
            shutil.copytree(project, copy, ignore=_left_out(project), symlinks=True)
            folder = self._folder / _digest(project, copy)
            if not folder.exists():
                _build(project, copy, Path(temporary, "wheel"))
                shutil.move(Path(temporary, "wheel"), folder)
        (wheel,) = folder.glob("*.whl")
        return wheel


class ProjectInstaller:
    """Installs projects into an environment, each wheel once; it is called to have a plugin."""

    def __init__(self, environment: "PluginEnvironment", wheels: Wheels) -> None:
        self._environment = environment
        self._wheels = wheels
        self._installed: set[Path] = set()

    def __call__(
        self,
        path: "str | PathLike[str]",
        group: str | None = None,
        name: str | None = None,
        *,
        api: "HostApi | None" = None,
        api_version: str | None = None,
        policy: "Policy | None" = None,
        expect: "Any" = None,
    ) -> "Plugin[Any]":
        """The plugin of the project in a folder, the only one of the group and name, if given.

        It is as `load_group` makes it with these options, refused ones too, and not loaded. Raises
        PlugbayError where no wheel can be built, or where there is no such plugin, or several.
        """
        wheel = self._wheels.of(Path(path))
        if wheel not in self._installed:
            self._environment.install(wheel_files(wheel))
            self._installed.add(wheel)
        return find_plugin(
            *_the_one(wheel, group, name),
            distribution=_distribution(wheel),
            api=api,
            api_version=api_version,
            policy=policy,
            expect=expect,
        )


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel by the path that they are installed to, scripts and data left out."""
    files = {}
    with ZipFile(wheel) as archive:
        for member in archive.infolist():
            parts = PurePosixPath(member.filename).parts
            if parts[0].endswith(".data"):
                if len(parts) < 3 or parts[1] not in ("purelib", "platlib"):
                    continue
                parts = parts[2:]
            if not member.is_dir():
                files["/".join(parts)] = archive.read(member)
    return files


def _distribution(wheel: Path) -> str:
    return wheel.name.partition("-")[0]


def _the_one(wheel: Path, group: str | None, name: str | None) -> tuple[str, str]:
    """The group and name of the plugin that is meant; raises PlugbayError."""
    plugins = plugins_of(_distribution(wheel))
    chosen = [each for each in plugins if group in (None, each[0]) and name in (None, each[1])]
    if len(chosen) == 1:
        return chosen[0]
    told = ", ".join(f"{each[1]!r} in {each[0]!r}" for each in plugins) or "none at all"
    raise PlugbayError(
        f"of the plugins in {wheel.name}, {len(chosen)} fit group={group!r}, name={name!r}; "
        f"there are {told}; say group and name of one of them"
    )


def _left_out(project: Path) -> "Any":
    """What `shutil.copytree` is to leave out."""

    def ignore(folder: str, names: list[str]) -> set[str]:
        top = _AT_THE_TOP.intersection(names) if Path(folder) == project else set()
        return _LEFTOVERS(folder, names) | top

    return ignore


def _digest(project: Path, copy: Path) -> str:
    """What a project is known by: where it is, and the paths and bytes of its files."""
    digest = hashlib.sha256(str(project).encode())
    for file in sorted(each for each in copy.rglob("*") if each.is_file()):
        data = file.read_bytes()
        digest.update(f"\0{file.relative_to(copy).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]


def _build(project: Path, copy: Path, folder: Path) -> None:
    """Build a copy of the project, into a folder; raises PlugbayError."""
    environ = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
    if repository := _repository(project):
        # The version of many a project is that of its tags.
        (copy / ".git").write_text(f"gitdir: {repository}\n", "utf-8")
    isolation = [] if _lacks(copy, project) else ["--no-isolation"]
    command = [sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", folder, copy]
    done = subprocess.run(  # noqa: S603 - it builds what a test asks for
        list(map(str, command)),
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise _not_built(project, done.stdout)


def _repository(project: Path) -> Path | None:
    """Where git keeps what it knows of a project, if the project is one of its own."""
    place = project / ".git"
    if place.is_file():  # which leads there, as in a worktree
        return project / place.read_text("utf-8").partition(":")[2].strip()
    return place if place.is_dir() else None


def _lacks(copy: Path, project: Path) -> bool:
    """Whether what the build needs is not all in this environment."""
    try:
        from build import BuildBackendException, BuildException, ProjectBuilder
        from pyproject_hooks import quiet_subprocess_runner
    except ImportError:
        raise PlugbayError(
            "installed_plugin() builds a wheel, for which it needs the package 'build': "
            "pip install plugbay[testing]"
        ) from None
    try:
        return any(ProjectBuilder(copy, runner=quiet_subprocess_runner).check_dependencies("wheel"))
    except BuildException as error:
        raise _not_built(project, str(error)) from None
    except BuildBackendException:
        return False  # the build itself will tell


def _not_built(project: Path, output: str) -> PlugbayError:
    lines = output.rstrip().splitlines()
    told = "\n".join(["...", *lines[-_LINES:]] if len(lines) > _LINES else lines)
    return PlugbayError(
        f"no wheel could be built of {str(project)!r}; see whether `python -m build --wheel` "
        f"builds one there. It said:\n{told}"
    )
