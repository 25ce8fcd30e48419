"""`plugbay build`: what it builds is checked, installed where nothing else is, and loaded there."""

import os
import zipfile
from pathlib import Path

import pytest
from commands import Run, runner
from sites import Site

PYPROJECT = """
[build-system]
requires = ["{backend}"]
build-backend = "{backend}.{module}"

[project]
name = "paint-dark"
version = "1.0"
description = "Dark"
requires-python = ">=3.11"
dependencies = ["paint>=1.0,<2", "pigment"]

[project.entry-points."paint.shades"]
dark = "paint_dark.shade:dark"
"""
FLIT = PYPROJECT.format(backend="flit_core", module="buildapi")
SETUPTOOLS = PYPROJECT.format(backend="setuptools", module="build_meta")
CODE = "import pigment\n\ndef dark(): return pigment.BLACK\n"


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A folder of wheels: the host, and what the plugin requires."""
    folder = tmp_path / "wheels"
    wheel(folder, "paint", "1.3", {"paint.py": ""})
    wheel(folder, "pigment", "1.0", {"pigment.py": "BLACK = 0\n"})
    return folder


@pytest.fixture
def plugbay(tmp_path: Path) -> Run:
    """Run the command where there is nothing to install from but what it is given."""
    run = runner(Site(tmp_path / "site").root)
    (tmp_path / "temporary").mkdir()

    def build(*arguments: str, **variables: str) -> "object":
        # What the processes leave in there is what they leave behind.
        own = {"PIP_NO_INDEX": "1", "TMPDIR": str(tmp_path / "temporary")}
        return run("build", "--no-isolation", *arguments, **own, **variables)

    return build


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    """A wheel, as small as pip takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def project(folder: Path, pyproject: str = FLIT, code: str = CODE) -> Path:
    """A plugin's project."""
    package = folder / "src" / "paint_dark"
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject)
    (package / "__init__.py").write_text("")
    (package / "shade.py").write_text(code)
    return folder


def below(folder: Path) -> list[str]:
    """The paths below a folder."""
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*"))


def test_each_step_is_told_and_only_the_artefacts_stay(
    plugbay: Run, tmp_path: Path, links: Path
) -> None:
    """What the backend has left in the project is gone, and all temporary files."""
    made = project(tmp_path / "dark", SETUPTOOLS)
    before = below(made)
    done = plugbay(str(made), "--find-links", str(links))
    assert done.returncode == 0, done.stdout + done.stderr
    names = ["paint_dark-1.0.tar.gz", "paint_dark-1.0-py3-none-any.whl"]
    lines = done.stdout.splitlines()
    assert lines[0] == f"built      {', '.join(names)}"
    assert lines[-5:] == [
        "checked    nothing to mend",
        "installed  paint-dark 1.0, paint 1.3",
        "loaded     dark of paint.shades: a function, without plugbay, which is not there",
        *(f"kept       {made}/dist/{each}" for each in names),
    ]
    assert below(made) == sorted([*before, "dist", *(f"dist/{each}" for each in names)])
    assert below(tmp_path / "temporary") == []
    assert os.environ.get("VIRTUAL_ENV") is None or "temporary" not in os.environ["VIRTUAL_ENV"]


def test_what_is_only_installed_here_does_not_help(
    plugbay: Run, tmp_path: Path, links: Path
) -> None:
    """The plugin imports what it does not require, which is why its author sees no error."""
    Site(tmp_path / "site").write("pigment.py", "BLACK = 0\n")
    made = project(tmp_path / "dark", FLIT.replace(', "pigment"', ""))
    done = plugbay(str(made), "--find-links", str(links))
    assert done.returncode == 1
    assert "not loaded dark of paint.shades: ModuleNotFoundError" in done.stdout
    assert not (made / "dist").exists()
    assert below(tmp_path / "temporary") == []


def test_errors_of_the_check_come_before_the_proof(
    plugbay: Run, tmp_path: Path, links: Path
) -> None:
    """They are shown with what to do, and nothing is installed."""
    made = project(tmp_path / "dark", FLIT.replace("shade:dark", "shade:drak"))
    done = plugbay(str(made), "--find-links", str(links))
    assert done.returncode == 1
    assert "error PB203:" in done.stdout
    assert "to mend, of which " in done.stdout
    assert "installed" not in done.stdout
    assert not (made / "dist").exists()


@pytest.mark.parametrize(
    ("swap", "told"),
    [
        (('version = "1.0"\n', ""), "could not be built; the build said:"),
        (("paint>=1.0,<2", "paint>=1.4,<2"), "the wheel could not be installed; the host"),
        (("[project.entry-points", "[tool.entry-points"), "has no plugins that could be loaded"),
        (("[project]", "[project"), "is not TOML"),
    ],
)
def test_what_goes_wrong_on_the_way_is_told(
    plugbay: Run, tmp_path: Path, links: Path, swap: tuple[str, str], told: str
) -> None:
    """In words, with the end of what another program printed, and nothing is kept."""
    made = project(tmp_path / "dark", FLIT.replace(*swap))
    done = plugbay(str(made), "--find-links", str(links))
    assert done.returncode == 1
    assert told in done.stderr
    assert "plugbay: this is a fault" not in done.stderr
    assert not (made / "dist").exists()
    assert below(tmp_path / "temporary") == []


def test_a_stale_manifest_is_not_built(plugbay: Run, tmp_path: Path, links: Path) -> None:
    """It says how to write it."""
    entry = '\n[project.entry-points."plugbay.manifest"]\ndark = "paint_dark:plugbay.json"\n'
    made = project(tmp_path / "dark", FLIT + entry)
    file = made / "src" / "paint_dark" / "plugbay.json"
    file.write_text('{"api": "~=0.9", "plugins": {}}')
    done = plugbay(str(made), "--find-links", str(links))
    assert (done.returncode, done.stdout) == (1, "")
    told = "is not what the project says by now; plugbay manifest --write writes it"
    assert f"{file} {told}" in done.stderr
    file.write_text('{"plugins": {}}')
    done = plugbay(str(made), "--find-links", str(links))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_folder_is_the_one_here_and_artefacts_are_replaced(
    plugbay: Run, tmp_path: Path, links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second build of the same version is the one that counts."""
    made = project(tmp_path / "dark")
    (made / "dist").mkdir()
    old = made / "dist" / "paint_dark-1.0-py3-none-any.whl"
    old.write_text("old")
    monkeypatch.chdir(made)
    done = plugbay("--find-links", "../wheels")
    assert done.returncode == 0, done.stdout + done.stderr
    assert zipfile.is_zipfile(old)
    assert below(made / "dist") == ["paint_dark-1.0-py3-none-any.whl", "paint_dark-1.0.tar.gz"]
