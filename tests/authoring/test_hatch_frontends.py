"""The build hook under each frontend that builds in an environment of its own, and without one."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from test_hatch import project

ROOT = Path(__file__).parents[2]
CODE = "class Exporter: ...\n"
PYTHON = sys.executable
FRONTENDS = {
    "build": [PYTHON, "-m", "build", "--wheel", "--outdir", "dist", "."],
    "build, not isolated": [PYTHON, "-m", "build", "-n", "--wheel", "--outdir", "dist", "."],
    "pip": [PYTHON, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "dist", "."],
    "pip, not isolated": [
        *(PYTHON, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", "dist", "."),
    ],
    "uv": ["uv", "build", "--wheel", "--out-dir", "dist", "--no-index", "--offline", "."],
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels: plugbay's, and of what is installed here those that builds need."""
    folder = tmp_path_factory.mktemp("shelf")
    command = [PYTHON, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for name in {*needed_by("hatchling"), *needed_by("plugbay")} - {"plugbay"}:
        repack(name, folder)
    return folder


def needed_by(name: str) -> set[str]:
    """A distribution and what it requires here, directly or not."""
    found, names = set(), [name]
    for each in names:  # which grows on the way
        if each not in found:
            found.add(each)
            required = map(Requirement, importlib.metadata.requires(each) or ())
            names += [one.name for one in required if not one.marker or one.marker.evaluate()]
    return found


def repack(name: str, folder: Path) -> None:
    """A wheel of an installed distribution, of the files that it had as one."""
    distribution = importlib.metadata.distribution(name)
    stem = f"{distribution.metadata['Name'].replace('-', '_')}-{distribution.version}"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for file in distribution.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                archive.write(str(file.locate()), str(file))


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_each_frontend_puts_the_manifest_into_the_wheel(
    shelf: Path, tmp_path: Path, frontend: str
) -> None:
    """The requirements of the build system bring plugbay, where nothing else does."""
    if frontend == "uv" and shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    folder = project(tmp_path, CODE)
    done = subprocess.run(
        FRONTENDS[frontend],
        cwd=folder,
        env=os.environ
        | {"PIP_NO_INDEX": "1"}
        | {f"{tool}_FIND_LINKS": str(shelf) for tool in ("PIP", "UV")},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("csvx-1.0.dist-info/extra_metadata/plugbay.json")
        metadata = archive.read("csvx-1.0.dist-info/METADATA").decode()
    facts = json.loads(text)["plugins"]["tabletop.exporters"]["csvx"]
    assert facts["summary"] == "Writes CSV"
    assert metadata.count("Requires-Dist") == 1  # the author's own
