"""Every template with every backend: made, built, installed, and its own tests run."""

import importlib.util
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from making import build, environ, install, made, unpack

from plugbay.authoring.manifest_files import write_manifest
from plugbay.authoring.scaffolds.backends import BACKENDS


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a host that was made by the template."""
    folder = tmp_path_factory.mktemp("shelf")
    site = folder / "site"
    project = made(folder, folder, "shelf", "--host", "--group", "shelf.readers")
    unpack(build(project, "--wheel"), site)
    return site


def own_tests(sites: list[Path], *projects: Path) -> "subprocess.CompletedProcess[str]":
    """Run the tests of projects where those sites are installed."""
    # Two projects have test files of one name, which only this way of importing allows.
    options = ["--import-mode=importlib", "-p", "no:cacheprovider", "-q"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(each / "tests" for each in projects)],
        cwd=projects[0].parent,
        env=environ(*sites),
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_made_is_built_and_passes_its_own_tests(
    shelf: Path, tmp_path: Path, backend: str
) -> None:
    """A host and a plugin for it, of which nothing but the wheels is on the path of the tests."""
    module = BACKENDS[backend].module.partition(".")[0]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed here")
    chosen = ("--backend", backend)
    host = made(tmp_path, tmp_path, "shelf", "--host", "--group", "shelf.readers", *chosen)
    plugin = made(tmp_path, shelf, "shelf-aloud", "--host", "shelf", *chosen)
    write_manifest(str(plugin))
    with ThreadPoolExecutor() as pool:
        wheels = list(pool.map(build, (host, plugin)))
    install(tmp_path / "site", *wheels)
    done = own_tests([tmp_path / "site"], host, plugin)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
    expected = ({"contracts.py", "py.typed"}, {"plugbay.json", "py.typed"})
    for wheel, files in zip(wheels, expected, strict=True):
        with zipfile.ZipFile(wheel) as archive:
            names = {Path(each).name for each in archive.namelist()}
        assert files | {"LICENSE"} <= names
        assert {"test_check.py", "pyproject.toml"}.isdisjoint(names)
    (sdist,) = plugin.glob("dist/*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {Path(each).name for each in archive.getnames()}
    assert {"test_plugin.py", "CHANGELOG.md", "LICENSE", "py.typed"} <= names


def test_the_tests_fail_where_the_host_refuses_the_plugin(shelf: Path, tmp_path: Path) -> None:
    """And say why; a test that only imported it would pass."""
    plugin = made(tmp_path, shelf, "shelf-aloud", "--host", "shelf", "--api-version", "2.4")
    unpack(build(plugin, "--wheel"), tmp_path / "site")
    done = own_tests([tmp_path / "site", shelf], plugin)
    assert done.returncode == 1
    assert "PluginRefusedError: plugin 'aloud'" in done.stdout
    assert "it needs shelf>=2.4,<3, and this is shelf 0.1.0" in done.stdout
    assert "PB307" in done.stdout
