"""The build hook of hatchling: wheels that are really built, and what their manifest says."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import plugbay
from plugbay import Host

PROJECT = """
[build-system]
requires = ["hatchling", "plugbay"]
build-backend = "hatchling.build"

[project]
name = "csvx"
version = "1.0"
dependencies = ["plugbay"]

[project.entry-points."tabletop.exporters"]
csvx = "csvx.exporter:Exporter"

[tool.hatch.build.hooks.plugbay]
"""
TABLE = """
[tool.plugbay]
api = ">=1.0,<2"

[tool.plugbay.plugins."tabletop.exporters".csvx]
summary = "Writes CSV"
depends-on = ["table"]
"""
CODE = """
from dataclasses import dataclass

@dataclass
class Settings:
    delimiter: str = ","
    width: int = 80

class Exporter:
    config_model = Settings
"""
FACTS = {"summary": "Writes CSV", "depends-on": ["table"]}


def project(folder: Path, code: str = CODE, table: str = TABLE) -> Path:
    """A project with one plugin."""
    package = folder / "src" / "csvx"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT + table)
    (package / "__init__.py").write_text("")
    (package / "exporter.py").write_text(code)
    return folder


def built(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build the wheel, in this environment."""
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *(options or ["--wheel"]), folder],
        capture_output=True,
        text=True,
        timeout=120,
    )


def manifest(folder: Path) -> Any:
    """The manifest in the wheel, None if it has none."""
    (wheel,) = folder.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        path = "csvx-1.0.dist-info/extra_metadata/plugbay.json"
        return json.loads(archive.read(path)) if path in archive.namelist() else None


def test_the_manifest_has_what_is_written_and_the_schema(tmp_path: Path) -> None:
    """And the wheel requires no more than its author has written."""
    done = built(project(tmp_path))
    assert done.returncode == 0, done.stderr
    said = manifest(tmp_path)
    assert said["api"] == ">=1.0,<2"
    facts = said["plugins"]["tabletop.exporters"]["csvx"]
    schema = facts.pop("config")
    assert facts == FACTS
    assert {name: each["type"] for name, each in schema["properties"].items()} == {
        "delimiter": "string",
        "width": "integer",
    }
    (wheel,) = tmp_path.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read("csvx-1.0.dist-info/METADATA").decode()
    assert metadata.count("Requires-Dist: ") == 1


def test_a_host_checks_configuration_by_it_without_importing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel as it is installed; its module could not even be imported."""
    assert built(project(tmp_path / "project")).returncode == 0
    site = tmp_path / "site"
    (wheel,) = (tmp_path / "project").glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "csvx" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(str(site))
    host = Host("tabletop", api_version="1.2", config={"csvx": {"width": "wide", "delimiter": ";"}})
    host.discover("tabletop.exporters")
    (fault,) = host.check_configuration()
    assert str(fault) == 'csvx.width: it does not have type "integer" (in the host\'s code)'
    assert [each.state for each in host.components] == ["found"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("class Exporter: ...", None),
        ("class Exporter:\n    config_model = None", None),
        ("import nothing_of_this_name\nclass Exporter:\n    config_model = 1", "nothing_of_this"),
    ],
)
def test_without_a_schema_there_is_the_rest(tmp_path: Path, code: str, said: str | None) -> None:
    """With a warning where the code could not be asked, which the isolation of builds may cause."""
    done = built(project(tmp_path, code))
    assert done.returncode == 0, done.stderr
    assert manifest(tmp_path)["plugins"]["tabletop.exporters"]["csvx"] == FACTS
    told = [
        line for line in done.stderr.splitlines() + done.stdout.splitlines() if "plugbay:" in line
    ]
    assert bool(told) == bool(said)
    if said:
        assert said in told[0]
        assert "or build with --no-isolation" in told[0]


def test_what_the_author_writes_counts(tmp_path: Path) -> None:
    """A schema in the table is taken as it is, and nothing is imported."""
    table = TABLE + 'config = { type = "object" }\n'
    assert built(project(tmp_path, f"raise SystemExit\n{CODE}", table)).returncode == 0
    facts = manifest(tmp_path)["plugins"]["tabletop.exporters"]["csvx"]
    assert facts == {**FACTS, "config": {"type": "object"}}


def test_a_project_without_a_table_has_the_schema(tmp_path: Path) -> None:
    """Which is what the code says of itself."""
    assert built(project(tmp_path, table="")).returncode == 0
    said = manifest(tmp_path)
    assert list(said) == ["plugins"]
    assert "config" in said["plugins"]["tabletop.exporters"]["csvx"]


def test_a_table_that_is_no_manifest_ends_the_build(tmp_path: Path) -> None:
    """With one line that says what is wrong, and no traceback."""
    done = built(project(tmp_path, table='[tool.plugbay]\napi = 3\nplugin = "x"\n'))
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = [each for each in (done.stdout + done.stderr).splitlines() if "plugbay:" in each]
    assert "$.api is not a string" in line
    assert "$.plugin is not known" in line


def test_a_project_with_errors_ends_the_build(tmp_path: Path) -> None:
    """With all of them in one line, and nothing is built."""
    code = CODE.replace("class Exporter", "class Exportre")
    done = built(project(tmp_path, code, TABLE.replace(">=1.0,<2", "^1.0")))
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = [each for each in (done.stdout + done.stderr).splitlines() if "plugbay:" in each]
    assert "PB203 pyproject.toml:12: 'csvx' is 'csvx.exporter:Exporter', and " in line
    assert "src/csvx/exporter.py does not define Exporter; did you mean 'Exportre'?" in line
    assert "PB306 pyproject.toml:16: it declares tabletop^1.0" in line
    assert not list(tmp_path.glob("dist/*.whl"))


def test_a_source_distribution_is_left_alone(tmp_path: Path) -> None:
    """The wheel that is made from it has the manifest all the same."""
    done = built(project(tmp_path), "--sdist", "--wheel")
    assert done.returncode == 0, done.stderr
    assert manifest(tmp_path)["api"] == ">=1.0,<2"


def test_an_editable_wheel_has_it_too(tmp_path: Path) -> None:
    """As pip makes it for `install --editable`."""
    code = (
        "import os, sys\nfrom hatchling.build import build_editable\n"
        f"os.chdir({str(project(tmp_path))!r})\nos.mkdir('dist')\nbuild_editable('dist')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert manifest(tmp_path)["plugins"]["tabletop.exporters"]["csvx"]["summary"] == "Writes CSV"


def test_the_hook_imports_little_of_plugbay() -> None:
    """Hatchling imports it for every build in an environment that has plugbay."""
    code = (
        "import sys, plugbay.authoring.hatch\n"
        "print(sorted(each for each in sys.modules if each.startswith('plugbay.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    names = ["authoring", "authoring.hatch", "lazy_modules"]
    assert done.stdout.strip() == str([f"plugbay.{each}" for each in names])
    assert plugbay.__version__
