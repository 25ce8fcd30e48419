"""An author's project is built, installed and found, as its users will have it."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
from sites import GROUP, HOST

import plugbay
from plugbay.testing import PluginEnvironment
from plugbay.testing.projects import ProjectInstaller, Wheels, wheel_files

Install = Callable[..., plugbay.Plugin[Any]]

PROJECT = f"""
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "Shades.Of-Red"
    version = "1.2"
    dependencies = ["{HOST}>=1.0,<2"]

    [project.scripts]
    shades = "shades_of_red:main"

    [project.entry-points."{GROUP}"]
    red = "shades_of_red:red"

    [tool.hatch.build.targets.wheel]
    packages = ["src/shades_of_red"]
"""

TAGGED = """
    [build-system]
    requires = ["hatchling"]
    build-backend = "hatchling.build"

    [project]
    name = "shades"
    dynamic = ["version"]

    [tool.hatch.version]
    source = "code"
    path = "asks.py"
    expression = "told"
"""


@pytest.fixture(scope="session")
def shades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one plugin, in the folder of which other tools have left something."""
    folder = tmp_path_factory.mktemp("shades")
    for name, text in {
        "pyproject.toml": dedent(PROJECT),
        "src/shades_of_red/__init__.py": "red = 'from the wheel'\n",
        "build/lib/stale.py": "",
        "src/shades_of_red/__pycache__/stale.py": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_plugin_of_a_project_is_found(installed_plugin: Install, shades: Path) -> None:
    """It is the plugin as load_group makes it, of the metadata that the build has written."""
    before = sorted(each.name for each in shades.rglob("*"))
    plugin = installed_plugin(shades, api_version="1.5", expect=str)
    assert ("found", "ok") == (plugin.state, plugin.verdict.status)
    assert "Shades.Of-Red 1.2" == str(plugin.distribution)
    assert "from the wheel" == plugin.load()
    assert before == sorted(each.name for each in shades.rglob("*"))


def test_a_plugin_that_is_refused_is_given_too(installed_plugin: Install, shades: Path) -> None:
    """Without a warning: it says itself why it cannot be used."""
    plugin = installed_plugin(str(shades), api_version="2.0", name="red", group=GROUP)
    assert ("refused", "too-new-host") == (plugin.state, plugin.verdict.status)
    with pytest.raises(plugbay.PluginRefusedError, match="works with"):
        plugin.load()


def test_the_wheel_counts_and_not_what_is_imported(
    installed_plugin: Install, shades: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout that the test has imported is not what is tried."""
    checkout = ModuleType("shades_of_red")
    monkeypatch.setitem(sys.modules, "shades_of_red", checkout)
    assert "from the wheel" == installed_plugin(shades).load()
    assert checkout is not sys.modules["shades_of_red"]


def test_a_project_is_built_once(shades: Path, tmp_path: Path) -> None:
    """Leftovers of other tools change nothing; a change in a file makes another wheel."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in ("pyproject.toml", "src"):
        (copy / name).symlink_to(shades / name)
    wheels = Wheels(tmp_path / "wheels")
    wheel = wheels.of(copy)
    made = wheel.stat().st_mtime_ns
    (copy / "dist").mkdir()
    (copy / "dist" / "left.txt").write_text("behind")
    assert wheel == wheels.of(copy)
    assert made == wheel.stat().st_mtime_ns
    (copy / "README.md").write_text("A change.")
    assert wheel != wheels.of(copy)


def test_a_build_that_fails_says_what_it_said(tmp_path: Path) -> None:
    """The error names the project, has the end of the output, and says what to try."""
    broken = PROJECT.replace('"1.2"', '"no version"')
    (tmp_path / "pyproject.toml").write_text(dedent(broken))
    with pytest.raises(plugbay.PlugbayError, match="no version") as caught:
        Wheels(tmp_path / "wheels").of(tmp_path)
    message = str(caught.value)
    assert f"no wheel could be built of {str(tmp_path)!r}" in message
    assert "python -m build --wheel" in message
    assert len(message.splitlines()) < 35


def test_a_backend_that_fails_early_says_what_it_said(tmp_path: Path) -> None:
    """Also while it is asked what it needs."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'shades'\nversion = 3\n")
    with pytest.raises(plugbay.PlugbayError, match=r"(?s)It said:.*project\.version"):
        Wheels(tmp_path / "wheels").of(tmp_path)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_a_version_may_be_that_of_a_tag(tmp_path: Path) -> None:
    """Where a project asks git for its version, the copy that is built can do so."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(dedent(TAGGED))
    (project / "shades.py").write_text("")
    command = ["git", "describe", "--tags"]
    asking = f"import subprocess\ntold = subprocess.check_output({command}, text=True).strip()\n"
    (project / "asks.py").write_text(asking)
    worktree = "worktree add -q --detach ../other"
    for line in ("init -q", "add .", "commit -q -m one", "tag 3.4", worktree):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=b", *line.split()],
            cwd=project,
            check=True,
        )
    for folder in (project, tmp_path / "other"):
        assert Wheels(tmp_path / "wheels").of(folder).name.startswith("shades-3.4-")


@pytest.mark.parametrize("text", ["[build-system", "[build-system]\nrequires = 3\n"])
def test_a_project_that_is_none_says_so(tmp_path: Path, text: str) -> None:
    """Neither a folder without a pyproject.toml nor one that cannot be read is a puzzle."""
    with pytest.raises(plugbay.PlugbayError, match=r"no pyproject\.toml in it"):
        Wheels(tmp_path / "wheels").of(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(plugbay.PlugbayError, match="no wheel could be built"):
        Wheels(tmp_path / "wheels").of(tmp_path)


def test_which_of_several_is_asked(
    plugbay_environment: PluginEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With several plugins the error lists them; a group and a name choose one."""
    wheel = tmp_path / "many-1.0-py3-none-any.whl"
    with PluginEnvironment() as other, zipfile.ZipFile(wheel, "w") as archive:
        plugins = {GROUP: {"a": "many:a", "b": "many:b"}, f"{GROUP}.x": {"a": "many:c"}}
        other.make_distribution("many", plugins=plugins, files={"many.py": "a, b, c = 1, 2, 3"})
        for file in other.path.rglob("*"):
            archive.write(file, file.relative_to(other.path))
    wheels = Wheels(tmp_path)
    monkeypatch.setattr(wheels, "of", lambda _: wheel)
    install = ProjectInstaller(plugbay_environment, wheels)
    for wanted, count in (((), 3), ((GROUP,), 2), ((GROUP, "c"), 0)):
        with pytest.raises(plugbay.PlugbayError, match=f"{count} fit group=.* 'b' in '{GROUP}'"):
            install("many", *wanted)
    assert 3 == install("many", f"{GROUP}.x").load()
    assert 2 == install("many", name="b").load()


def test_a_wheel_is_unpacked_as_installers_do_it(tmp_path: Path) -> None:
    """What is for site-packages is at its root, or below .data; scripts and data are left out."""
    wheel = tmp_path / "shades-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("shades/a.py", "shades-1.0.dist-info/METADATA"):
            archive.writestr(name, name)
        for kind in ("purelib", "platlib", "scripts", "data", "headers"):
            archive.writestr(f"shades-1.0.data/{kind}/{kind}/b.py", kind)
    expected = ["platlib/b.py", "purelib/b.py", "shades-1.0.dist-info/METADATA", "shades/a.py"]
    assert expected == sorted(wheel_files(wheel))
