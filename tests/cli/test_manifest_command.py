"""`plugbay manifest`: shown, written into the package, led to, and found by hosts."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from commands import SOURCES, Run, runner
from sites import Site

from plugbay import Host, load_group
from plugbay.authoring.manifest_files import staleness

PYPROJECT = """
[build-system]
requires = ["{requires}"]
build-backend = "{backend}"

[project]
name = "csvx"
version = "1.0"

[project.entry-points."tabletop.exporters"]
csvx = "csvx.exporter:Exporter"

[project.scripts]
csvx = "csvx.exporter:main"

# What hosts are told.
[tool.plugbay]
api = ">=1.0,<2"

[tool.plugbay.plugins."tabletop.exporters".csvx]
summary = "Writes CSV"
"""
CODE = """
from dataclasses import dataclass

@dataclass
class Settings:
    delimiter: str = ","

class Exporter:
    config_model = Settings

def main(): ...
"""
SETUPTOOLS = {"requires": "setuptools", "backend": "setuptools.build_meta"}
DATA = '\n[tool.setuptools.package-data]\ncsvx = ["*.json"]\n'


@pytest.fixture
def plugbay(site: Site) -> Run:
    """Run the command."""
    return runner(site.root)


def written(folder: Path, more: str = "", **backend: str) -> Path:
    """A project with one plugin, in a package."""
    package = folder / "src" / "csvx"
    package.mkdir(parents=True)
    text = PYPROJECT.format(**(backend or SETUPTOOLS)) + more
    (folder / "pyproject.toml").write_text(text)
    (package / "__init__.py").write_text("")
    (package / "exporter.py").write_text(CODE)
    return folder


def test_the_manifest_is_shown_and_nothing_written(plugbay: Run, tmp_path: Path) -> None:
    """With the schema of the configuration, as the build hook would make it."""
    project = written(tmp_path / "csvx")
    before = {each: each.read_bytes() for each in project.rglob("*.[jt]*")}
    done = plugbay("manifest", str(project))
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["api"] == ">=1.0,<2"
    facts = said["plugins"]["tabletop.exporters"]["csvx"]
    assert facts["summary"] == "Writes CSV"
    assert facts["config"]["properties"]["delimiter"]["type"] == "string"
    assert {each: each.read_bytes() for each in project.rglob("*.[jt]*")} == before


def test_what_is_written_is_in_the_wheel_and_read_by_hosts(
    plugbay: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backend without hooks; the plugin could not even be imported."""
    project = written(tmp_path / "csvx", DATA)
    done = plugbay("manifest", "--write", str(project))
    assert (done.returncode, done.stderr) == (0, "")
    file = project / "src" / "csvx" / "plugbay.json"
    assert done.stdout == f"wrote  {file}\nwrote  {project}/pyproject.toml\n"
    assert staleness(str(project)) == ""
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", project]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    (wheel,) = project.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "site" / "csvx" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    host = Host("tabletop", api_version="1.2", config={"csvx": {"delimiter": 3}})
    host.discover("tabletop.exporters")
    (fault,) = host.check_configuration()
    assert 'csvx.delimiter: it does not have type "string"' in str(fault)
    with pytest.warns(match="it works with tabletop>=1.0,<2, and this is tabletop 2.5"):
        assert list(load_group("tabletop.exporters", api_version="2.5").refused) == ["csvx"]


def test_the_second_time_it_only_follows_the_project(plugbay: Run, tmp_path: Path) -> None:
    """What is there and fresh is left alone, and what is stale is replaced."""
    project = written(tmp_path / "csvx", DATA)
    assert plugbay("manifest", "--write", str(project)).returncode == 0
    pyproject = project / "pyproject.toml"
    text = pyproject.read_text()
    again = plugbay("manifest", "--write", str(project))
    assert (again.returncode, again.stdout, again.stderr) == (
        0,
        "nothing to write: it is there already\n",
        "",
    )
    assert pyproject.read_text() == text
    pyproject.write_text(text.replace("Writes CSV", "Writes more"))
    assert "plugbay.json is not what the project says by now" in staleness(str(project))
    changed = plugbay("manifest", "--write", str(project))
    assert changed.stdout == f"wrote  {project}/src/csvx/plugbay.json\n"
    assert "Writes more" in (project / "src/csvx/plugbay.json").read_text()
    assert staleness(str(project)) == ""
    (project / "src/csvx/plugbay.json").unlink()
    assert "there is no " in staleness(str(project))


def test_an_entry_point_that_is_there_says_where(plugbay: Run, tmp_path: Path) -> None:
    """Another name of the file, in a package further down."""
    entry = '\n[project.entry-points."plugbay.manifest"]\nx = "csvx.data:facts.json"\n'
    project = written(tmp_path / "csvx", entry + DATA.replace("*.json", "*"))
    (project / "src/csvx/data").mkdir()
    (project / "src/csvx/data/__init__.py").write_text("")
    done = plugbay("manifest", "--write", str(project))
    assert done.stdout == f"wrote  {project}/src/csvx/data/facts.json\n"
    assert "setuptools" in done.stderr  # which needs a key of its own for that package
    assert done.returncode == 1


def test_what_is_left_to_do_is_told(plugbay: Run, tmp_path: Path) -> None:
    """The exact lines, with an exit code that stops a script."""
    project = written(tmp_path / "csvx")
    done = plugbay("manifest", "--write", str(project))
    assert done.returncode == 1
    assert '[tool.setuptools.package-data]\ncsvx = ["plugbay.json"]' in done.stderr
    inline = written(tmp_path / "inline")
    text = (inline / "pyproject.toml").read_text()
    table = '[project.entry-points."tabletop.exporters"]\ncsvx = "csvx.exporter:Exporter"\n'
    inner = 'entry-points = { "tabletop.exporters" = { csvx = "csvx.exporter:Exporter" } }\n'
    text = text.replace(table, "").replace('version = "1.0"\n', f'version = "1.0"\n{inner}')
    (inline / "pyproject.toml").write_text(text + DATA)
    done = plugbay("manifest", "--write", str(inline))
    assert done.returncode == 1
    assert '[project.entry-points."plugbay.manifest"]\ncsvx = "csvx:plugbay.json"' in done.stderr
    assert (inline / "pyproject.toml").read_text() == text + DATA
    assert tomllib.loads(text + DATA)["project"]["entry-points"]


HOOK = "\n[tool.hatch.build.hooks.plugbay]\n"


@pytest.mark.parametrize(
    ("swap", "code", "told"),
    [
        (("[tool.plugbay]\n", f"{HOOK}\n[tool.plugbay]\n"), 2, "has the build hook of plugbay"),
        (("[tool.plugbay]\n", "[tool.plugbay]\nplugin = 3\n"), 1, "$.plugin is not known"),
        (("csvx.exporter:Exporter", "other:Exporter"), 2, "'other' is no module of the project"),
        (("csvx.exporter:Exporter", "single:Exporter"), 2, "'single' is not in a package"),
        (("[project.entry-points", "[tool.x"), 2, "csvx has no plugins in [project.entry-points]"),
        (('".csvx]', '".csvy]'), 1, "has no entry point 'csvy'"),
        (("[project]", "[project"), 2, "is not TOML"),
        (("[project]", "[tool.project]"), 2, "there is no [project] with a name"),
    ],
)
def test_what_has_no_manifest_is_told(
    plugbay: Run, tmp_path: Path, swap: tuple[str, str], code: int, told: str
) -> None:
    """And nothing is written."""
    project = written(tmp_path / "csvx")
    (project / "src" / "single.py").write_text("class Exporter: ...")
    text = (project / "pyproject.toml").read_text().replace(*swap)
    (project / "pyproject.toml").write_text(text)
    done = plugbay("manifest", "--write", str(project))
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (project / "pyproject.toml").read_text() == text
    assert list(project.rglob("plugbay.json")) == []


def test_without_a_path_it_is_the_project_here(plugbay: Run, tmp_path: Path) -> None:
    """And what is no project is told."""
    project = written(tmp_path / "csvx")
    done = subprocess.run(
        [sys.executable, "-m", "plugbay", "manifest"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, json.loads(done.stdout)["api"]) == (0, ">=1.0,<2")
    none = plugbay("manifest", str(tmp_path / "absent"))
    assert (none.returncode, none.stdout) == (2, "")
    assert plugbay("manifest", str(project / "src/csvx/exporter.py")).returncode == 2


def test_what_cannot_be_imported_is_left_out_with_a_word(plugbay: Run, tmp_path: Path) -> None:
    """The rest is written; whether it is stale cannot be told then."""
    project = written(tmp_path / "csvx", DATA)
    (project / "src/csvx/exporter.py").write_text(f"import nothing_of_this\n{CODE}")
    done = plugbay("manifest", "--write", str(project))
    assert done.returncode == 0
    assert "not in the manifest is the configuration of 'csvx'" in done.stderr
    facts = json.loads((project / "src/csvx/plugbay.json").read_text())["plugins"]
    assert facts["tabletop.exporters"]["csvx"] == {"summary": "Writes CSV"}
