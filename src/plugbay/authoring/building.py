"""Building: an sdist and a wheel of a project, in a folder that is gone afterwards."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from plugbay.errors import ProjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Artefacts", "built", "kept"]

# Of what a build that goes wrong has printed, as many lines are told.
_LINES = 30

# What build backends leave in a project, at its top and in the folder of the packages.
_LEFTOVERS = ("*.egg-info", ".pdm-build", "build")


@dataclass(frozen=True)
class Artefacts:
    """The paths of what was built."""

    sdist: str
    wheel: str


@contextmanager
def built(folder: str, *, isolated: bool = True) -> "Iterator[Artefacts]":
    """Build the project in a folder, and have the artefacts for as long as the block runs.

    The wheel is made from the sdist. What the backend is, and needs, is installed for it, unless it
    is not `isolated`. What the build leaves in the project is removed, if it was not there before.
    Raises ProjectError, with the end of what the build printed, where it goes wrong.
    """
    if find_spec("build") is None:
        raise ProjectError("building needs the package 'build': python -m pip install build")
    before = _leftovers(folder)
    with tempfile.TemporaryDirectory(prefix="plugbay-") as output:
        try:
            _build(folder, output, isolated=isolated)
        finally:
            for each in _leftovers(folder) - before:
                shutil.rmtree(each, ignore_errors=True)
        found = [glob.glob(os.path.join(glob.escape(output), f"*{end}")) for end in (".gz", ".whl")]
        if [len(each) for each in found] != [1, 1]:
            names = ", ".join(sorted(os.listdir(output))) or "nothing"
            raise ProjectError(f"the build of {folder} made {names}, not an sdist and a wheel")
        yield Artefacts(found[0][0], found[1][0])


def kept(artefacts: Artefacts, folder: str) -> list[str]:
    """Copy the artefacts to a folder, made if need be; those of the same name are replaced."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for each in (artefacts.sdist, artefacts.wheel):
        path = os.path.join(folder, os.path.basename(each))
        # Whoever looks meanwhile sees the old file or the new one, never half of it.
        shutil.copyfile(each, f"{path}.part")
        os.replace(f"{path}.part", path)
        paths.append(path)
    return paths


def _build(folder: str, output: str, *, isolated: bool) -> None:
    options = [] if isolated else ["--no-isolation"]
    command = [sys.executable, "-m", "build", *options, "--outdir", output, folder]
    done = subprocess.run(  # noqa: S603 - it builds what it was asked for
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        lines = done.stdout.rstrip().splitlines()
        told = "\n".join(["...", *lines[-_LINES:]] if len(lines) > _LINES else lines)
        raise ProjectError(f"{folder} could not be built; the build said:\n{told}")


def _leftovers(folder: str) -> set[str]:
    places = (folder, os.path.join(folder, "src"))
    return {
        path
        for place in places
        for pattern in _LEFTOVERS
        for path in glob.glob(os.path.join(glob.escape(place), pattern), include_hidden=True)
    }
