"""`plugbay new`: what it makes, what it reads and asks, and what it refuses."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from commands import SOURCES, Run, runner
from sites import Site

from plugbay.authoring.scaffolds.backends import BACKENDS

CODE = """
from typing import Protocol
from plugbay import HostApi, load_group

class Shade(Protocol):
    def __call__(self, level: int, /) -> str: ...

def shades():
    return load_group("paint.shades", api=HostApi("paint", "1.3"), expect=Shade)
"""


@pytest.fixture
def plugbay(site: Site) -> Run:
    """Run the command where a host is installed."""
    site.add("paint", version="1.3.2", headers=["Requires-Python: >=3.12"])
    site.write("paint/__init__.py", CODE)
    return runner(site.root)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """Where the project goes."""
    return tmp_path / "projects" / "made"


def project(there: Path) -> dict[str, object]:
    """What its pyproject.toml says."""
    return tomllib.loads((there / "pyproject.toml").read_text("utf-8"))


def test_all_is_read_from_the_only_group_of_the_host(plugbay: Run, there: Path) -> None:
    """Nothing is asked, and what was made is told."""
    done = plugbay("new", "paint-dark", "--host", "paint", "--directory", str(there))
    assert (done.returncode, done.stderr) == (0, "")
    made = sorted(each for each in there.rglob("*") if each.is_file())
    lines = done.stdout.splitlines()
    assert sorted(lines[:-2]) == [f"made  {each}" for each in made]
    assert lines[-2] == f"next  cd {there} && python -m pip install --upgrade pip"
    assert lines[-1].startswith("      python -m pip install --editable .")
    said = project(there)
    assert said["project"]["dependencies"] == ["paint>=1.3,<2"]
    assert said["project"]["entry-points"] == {"paint.shades": {"dark": "paint_dark:dark"}}
    assert said["project"]["requires-python"] == ">=3.12"
    assert "def dark(level: int, /) -> str:" in (there / "src/paint_dark/__init__.py").read_text()
    assert "$" not in "".join(
        each.read_text() for each in made if each.suffix not in (".yml", ".md")
    )
    steps = (there / ".github/workflows/ci.yml").read_text()
    hosts = [line.strip() for line in steps.splitlines() if line.strip().startswith("host:")]
    assert hosts == ['host: "paint==1.3.*"', 'host: "paint"', 'host: "paint>=1.3.dev0"']
    assert 'python: "3.12"' in steps
    assert "$ pip install paint-dark\n" in (there / "README.md").read_text()


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_backend_has_a_project_of_its_own(plugbay: Run, there: Path, backend: str) -> None:
    """With what it needs to find a package in the folder src, told in its own table."""
    where = ("--directory", str(there), "--backend", backend)
    assert plugbay("new", "paint-dark", "--host", "paint", *where).returncode == 0
    said = project(there)
    assert said["build-system"]["build-backend"] == BACKENDS[backend].module
    assert said["build-system"]["requires"] == [BACKENDS[backend].requirement]
    assert "paint_dark" in str(said["tool"])


def test_what_is_given_counts(plugbay: Run, there: Path) -> None:
    """Also of a host that is not installed, about which nothing is asked then."""
    options = ["--group", "desk.lamps", "--api-version", "3.1", "--plugin", "on.off"]
    options += ["--license", "none", "--contract", "desk.api:Lamp"]
    done = plugbay("new", "lamp", "--host", "desk", *options, "--directory", str(there))
    assert (done.returncode, done.stderr) == (0, "")
    said = project(there)
    assert said["project"]["dependencies"] == ["desk>=3.1,<4"]
    assert said["project"]["entry-points"] == {"desk.lamps": {"on.off": "lamp:OnOff"}}
    assert "license" not in said["project"]
    assert not (there / "LICENSE").exists()
    assert "class OnOff(Lamp):" in (there / "src/lamp/__init__.py").read_text()


@pytest.mark.parametrize(
    ("version", "api", "dependencies", "extra"),
    [
        ("2.0.dev3", "", ["paint>=2.0.dev3,<3"], None),
        ("0.4.1+local", "", ["paint>=0.4,<1"], None),
        ("1!5.2", "", ["paint>=1!5.2,<1!6"], None),
        ("7.1", "1.3", ["paint"], ["paint>=1.3,<2"]),
    ],
)
def test_versions_that_are_special(
    site: Site, there: Path, version: str, api: str, dependencies: list[str], extra: object
) -> None:
    """Development hosts, epochs, and hosts whose API has versions of its own."""
    site.add("paint", {"x": "y:z"}, version=version, group="paint.shades")
    site.write("paint/__init__.py", f"API = HostApi('paint', version={api!r})")
    done = runner(site.root)("new", "dark", "--host", "paint", "--directory", str(there))
    assert (done.returncode, done.stderr) == (0, "")
    said = project(there)["project"]
    assert said["dependencies"] == dependencies
    assert said.get("optional-dependencies", {}).get("paint-api") == extra
    test = (there / "tests/test_plugin.py").read_text()
    assert ('api=plugbay.HostApi("paint", "1.3")' in test) == bool(extra)


def test_a_group_that_is_not_called_as_its_host(plugbay: Run, there: Path) -> None:
    """The test says then whose version counts."""
    options = ["--group", "shades11", "--directory", str(there)]
    assert plugbay("new", "dark", "--host", "paint", *options).returncode == 0
    test = (there / "tests/test_plugin.py").read_text()
    assert 'load_group("shades11", api=plugbay.HostApi("paint", version("paint")))' in test
    assert test.count("import version\n") == 1


def test_nothing_is_overwritten_and_all_that_is_there_is_named(plugbay: Run, there: Path) -> None:
    """In one message; nothing else is written either, and files that are not in the way stay."""
    (there / "tests").mkdir(parents=True)
    for name in ("LICENSE", "tests/test_plugin.py", "notes.txt"):
        (there / name).write_text("mine")
    done = plugbay("new", "paint-dark", "--host", "paint", "--directory", str(there))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{there}/LICENSE, {there}/tests/test_plugin.py: there already" in done.stderr
    assert sorted(each.name for each in there.rglob("*") if each.is_file()) == [
        "LICENSE",
        "notes.txt",
        "test_plugin.py",
    ]
    for name in ("LICENSE", "tests/test_plugin.py"):
        assert (there / name).read_text() == "mine"
        (there / name).unlink()
    again = plugbay("new", "paint-dark", "--host", "paint", "--directory", str(there))
    assert again.returncode == 0
    assert (there / "notes.txt").read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing_behind(plugbay: Run, there: Path) -> None:
    """A file where a folder has to be."""
    there.mkdir(parents=True)
    (there / "tests").write_text("mine")
    done = plugbay("new", "paint-dark", "--host", "paint", "--directory", str(there))
    assert (done.returncode, done.stdout) == (2, "")
    assert "tests" in done.stderr
    assert [each for each in there.rglob("*") if each.is_file()] == [there / "tests"]


HOST = ("--host", "paint")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["x"], "say which host the plugin is for: --host HOST"),
        (["x", "--host", "absent"], "say --group GROUP and --api-version VERSION"),
        (["paint", *HOST], "cannot have the name of its host, 'paint'; call it"),
        (["-x-", *HOST], "unrecognized arguments: -x-"),
        (
            [*HOST],
            "`plugbay new NAME --host paint` makes a plugin for paint, and `plugbay new NAME",
        ),
        (["--host"], "say how the new project is called"),
        (["x y", *HOST], "'x y' cannot be the name of a distribution"),
        (["2nd", *HOST], "the package '2nd', which Python cannot import"),
        (["class", *HOST], "the package 'class', which Python cannot import"),
        (["json", *HOST], "'json', which the standard library has already"),
        (["Plugbay", *HOST], "'Plugbay' would hide plugbay, which it needs"),
        (["x", *HOST, "--group", "paint.my-shades"], "cannot be a group of entry points"),
        (["x", *HOST, "--plugin", "a b"], "'a b' cannot be the name of a plugin"),
        (["x", *HOST, "--api-version", "new"], "the API version of paint: 'new' is not a version"),
        (["x", *HOST, "--contract", "Shade"], "write it as MODULE:CLASS"),
        (
            ["x", "--host", "a b", "--group", "a.b", "--api-version", "1"],
            "'a b' cannot be the name",
        ),
        (["x", *HOST, "--backend", "make"], "invalid choice: 'make'"),
        (["x", "--host", "--group", "y.z"], "the groups of 'x' begin with its name"),
        (["x", "--host", "--contract", "y:z"], "--contract is for plugins"),
        (["x", "--host", "--api-version", "one"], "'one' is not a version"),
    ],
)
def test_what_cannot_be_made_is_told(
    plugbay: Run, there: Path, arguments: list[str], told: str
) -> None:
    """In words, with nothing written and nothing asked where there is no terminal."""
    done = plugbay("new", *arguments, "--directory", str(there))
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not there.exists()


def test_several_groups_are_named(site: Site, plugbay: Run, there: Path) -> None:
    """One of them has to be said."""
    site.add("gloss", {"x": "y:z"}, group="paint.effects")
    done = plugbay("new", "dark", *HOST, "--directory", str(there))
    assert done.returncode == 2
    assert "paint has the groups paint.effects, paint.shades; say --group GROUP" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no such terminals")
def test_on_a_terminal_it_asks_for_what_cannot_be_known(
    site: Site, plugbay: Run, there: Path
) -> None:
    """The host and one of its groups; the version is known."""
    import pty

    site.add("gloss", {"x": "y:z"}, group="paint.effects")
    ours, theirs = pty.openpty()
    os.write(ours, b"paint\npaint.effects\n")
    done = subprocess.run(
        [sys.executable, "-m", "plugbay", "new", "dark", "--directory", there],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site.root), str(SOURCES)])},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        timeout=60,
    )
    shown = os.read(ours, 10000).decode()
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, shown
    assert "Host: " in shown
    assert "Group of paint (paint.effects, paint.shades): " in shown
    assert list(project(there)["project"]["entry-points"]) == ["paint.effects"]


def test_a_name_with_a_dot_is_one_key(plugbay: Run, there: Path) -> None:
    """Not that of a table in a table."""
    assert plugbay("new", "shop.front", "--host", "--directory", str(there)).returncode == 0
    said = project(there)["project"]
    assert (said["name"], said["scripts"]) == (
        "shop.front",
        {"shop.front": "shop_front.application:main"},
    )


def test_a_host_application_has_an_api_and_a_plugin(plugbay: Run, there: Path) -> None:
    """Of names that follow from its own, or are given."""
    done = plugbay("new", "Shop-Front", "--host", "--directory", str(there))
    assert (done.returncode, done.stderr) == (0, "")
    said = project(there)["project"]
    assert said["entry-points"] == {
        "shop_front.plugins": {"capitals": "shop_front.builtin:capitals"}
    }
    code = (there / "src/shop_front/plugins.py").read_text()
    assert 'HostApi("Shop-Front", "0.1")' in code
    assert 'load_group("shop_front.plugins", api=API, expect=Plugin)' in code
    assert 'dependencies = ["Shop-Front>=0.1,<1"]' in (there / "README.md").read_text()
