"""Wheels, sdists and installed distributions: by themselves, and held against their project."""

import sys
import zipfile
from pathlib import Path

import pytest
from projects import BROKEN, Broken, checked, codes, project, sdist, tabletop, wheel, write
from sites import Site

from plugbay import SubjectError
from plugbay.authoring.checks.opening import open_subject


@pytest.fixture(autouse=True)
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The host is installed, and a plugin of it."""
    site = tabletop(tmp_path / "host")
    monkeypatch.syspath_prepend(site.root)
    return site


def installed(tmp_path: Path, tree: Path) -> Path:
    """The project as it is installed beside the host."""
    with zipfile.ZipFile(wheel(tmp_path / "dist", tree)) as archive:
        archive.extractall(tmp_path / "host")
    return tmp_path / "host"


@pytest.mark.parametrize(
    "broken", [each for each in BROKEN if each.damage], ids=lambda each: each.name
)
def test_what_was_damaged_is_found_by_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Broken
) -> None:
    """A wheel alone or with its project, or an installation."""
    tree = write(tmp_path / "project", broken.files())
    assert broken.damage is not None
    paths: list[Path | str]
    if broken.checked == "installed":
        broken.damage(installed(tmp_path, tree))
        if (older := tmp_path / "older").exists():
            monkeypatch.setattr(sys, "path", [*sys.path, str(older)])
        paths = ["tabletop-base"]
    else:
        built = wheel(tmp_path / "dist", tree)
        assert codes(tree, built) == []
        broken.damage(built)
        paths = [tree, built] if broken.checked == "both" else [built]
    assert set(codes(*paths)) == {broken.code}


@pytest.mark.parametrize("build", [sdist, wheel])
@pytest.mark.parametrize(
    ("drop", "code", "word"),
    [
        ("exporter.py", "PB401", "'tabletop_base.exporter:export' is in the source tree"),
        ("other.py", "PB401", "the module tabletop_base/other.py is not in the"),
        ("words.txt", "PB402", "tabletop_base/words.txt is not in the"),
    ],
)
def test_what_is_missing_from_what_was_built(
    tmp_path: Path, build: "type[object]", drop: str, code: str, word: str
) -> None:
    """Modules and package data; only the project can tell."""
    more = {"src/tabletop_base/other.py": "", "src/tabletop_base/words.txt": "a"}
    tree = project(tmp_path / "project", **more)
    built = build(tmp_path / "dist", tree, drop=drop)  # type: ignore[call-arg]
    found = [each for each in checked(tree, built) if each.code == code]
    assert word in found[0].message
    assert found[0].file == str(built)
    alone = codes(built)
    assert alone == (["PB202"] if drop == "exporter.py" else [])


def test_an_attribute_may_be_in_the_tree_only(tmp_path: Path) -> None:
    """The wheel was built of an older module."""
    tree = project(tmp_path / "project", exporter="")
    built = wheel(tmp_path / "dist", tree)
    (tree / "src" / "tabletop_base" / "exporter.py").write_text("def export(): ...\n")
    assert set(codes(tree, built)) == {"PB203", "PB401"}


def test_a_wheel_is_held_against_an_sdist_too(tmp_path: Path) -> None:
    """Which is what it is built of, as a rule."""
    tree = project(tmp_path / "project", **{"src/tabletop_base/words.txt": "a"})
    paths = [sdist(tmp_path / "a", tree), wheel(tmp_path / "b", tree, drop="words")]
    assert codes(*paths) == ["PB402"]
    assert codes(sdist(tmp_path / "a", tree, drop="words"), wheel(tmp_path / "b", tree)) == []


def test_other_projects_are_not_compared(tmp_path: Path) -> None:
    """A wheel of another name has nothing to do with the tree."""
    tree = project(tmp_path / "one")
    other = project(tmp_path / "two", ("tabletop-base", "tabletop-other"), ("base =", "other ="))
    assert codes(tree, wheel(tmp_path / "dist", other)) == []


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"src/tabletop_base/__init__.py": ""}, "PB403"),
        ({"tests/test_one.py": ""}, "PB404"),
        ({"docs/conf.py": ""}, "PB404"),
        ({"tabletop_base-1.0.dist-info/METADATA": "Name: a\n\n"}, "PB301"),
        ({"tabletop_base-1.0.dist-info/METADATA": "Version: 1\n\n"}, "PB406"),
        ({"tabletop_base-1.0.dist-info/entry_points.txt": "\ufeff[a]\nb = c\n"}, "PB406"),
        ({"tabletop_base-1.0.dist-info/entry_points.txt": "[a]\nb=c\nb=d\n"}, "PB406"),
        ({"tabletop_base-1.0.dist-info/extra_metadata/plugbay.json": "{"}, "PB601"),
        ({"tabletop_base-1.0.dist-info/extra_metadata/plugbay.json": '{"api": 3}'}, "PB601"),
    ],
)
def test_what_is_wrong_in_a_wheel(tmp_path: Path, extra: dict[str, str], code: str) -> None:
    """With nothing but the wheel to tell."""
    built = wheel(tmp_path / "dist", project(tmp_path / "project"), extra=extra)
    assert code in codes(built)


def test_a_file_that_was_changed_later_is_told(tmp_path: Path) -> None:
    """By its digest in RECORD, which is of what was built."""
    built = wheel(tmp_path / "dist", project(tmp_path / "project"))
    with zipfile.ZipFile(built) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["tabletop_base/exporter.py"] += b"import os\n"
    with zipfile.ZipFile(built, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    (found,) = checked(built)
    assert found.code == "PB405"
    assert "'tabletop_base/exporter.py' is not what RECORD says" in found.message


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    """In a line, as the one finding."""
    for name, code in (("a.whl", "PB406"), ("a.tar.gz", "PB107")):
        (tmp_path / name).write_text("nothing of the kind")
        (found,) = checked(tmp_path / name)
        assert found.code == code
        assert "cannot be read" in found.message


def test_modules_in_the_data_of_a_wheel_count(tmp_path: Path) -> None:
    """Installers put what is below purelib where the rest is."""
    module = {"tabletop_base-1.0.data/purelib/tabletop_base/exporter.py": "def export(): ..."}
    built = wheel(tmp_path / "dist", project(tmp_path / "p"), drop="base/exporter", extra={})
    assert codes(built) == ["PB202"]
    built = wheel(tmp_path / "dist", project(tmp_path / "p"), extra=module)
    assert codes(built) == []


def test_an_installed_distribution_is_named_or_pointed_to(tmp_path: Path) -> None:
    """By the name that pip lists, in any spelling, or by its metadata directory anywhere."""
    site = installed(tmp_path, project(tmp_path / "project", (":export", ":exprot")))
    assert codes("Tabletop_Base") == ["PB203"]
    (info,) = site.glob("tabletop_base-*.dist-info")
    (found,) = checked(info)
    assert (found.code, found.line) == ("PB203", 2)
    assert found.file == str(info / "entry_points.txt")


def test_who_installs_hears_of_what_is_broken_only(tmp_path: Path) -> None:
    """That a range is too wide is its author's to mend, and a note to all others."""
    swaps = [(">=1.3,<2", ""), ('">=3.11"', '">=3.8"')]
    tree = project(tmp_path / "project", *swaps)
    assert codes(wheel(tmp_path / "dist", tree)) == ["PB302"]
    installed(tmp_path, tree)
    assert codes("tabletop-base") == []
    assert codes("tabletop-base", notes=True) == ["PB302"]


def test_files_that_are_gone_are_told(tmp_path: Path) -> None:
    """By RECORD of what is installed."""
    site = installed(tmp_path, project(tmp_path / "project"))
    (site / "tabletop_base" / "__init__.py").unlink()
    (found,) = checked("tabletop-base")
    assert found.code == "PB405"
    assert "tabletop_base/__init__.py" in found.message


def test_an_editable_installation_is_checked_where_its_sources_are(tmp_path: Path) -> None:
    """Its modules are in the tree, and its entry points have to be those of the tree."""
    tree = project(tmp_path / "project")
    site = installed(tmp_path, tree)
    for each in (site / "tabletop_base").iterdir():
        each.unlink()
    (site / "tabletop_base").rmdir()
    (info,) = site.glob("tabletop_base-*.dist-info")
    (info / "RECORD").write_text("")
    origin = f'{{"url": "{tree.as_uri()}", "dir_info": {{"editable": true}}}}'
    (info / "direct_url.json").write_text(origin)
    assert codes("tabletop-base") == []
    assert codes(tree) == []
    file = tree / "pyproject.toml"
    file.write_text(file.read_text().replace("base =", "bass ="))
    assert codes("tabletop-base") == ["PB504", "PB504"]
    assert codes(tree) == ["PB504", "PB504"]


def test_an_editable_installation_of_another_tree_is_not_compared(tmp_path: Path) -> None:
    """Two checkouts of one project may differ."""
    tree = project(tmp_path / "project")
    (info,) = installed(tmp_path, tree).glob("tabletop_base-*.dist-info")
    origin = f'{{"url": "{tree.as_uri()}", "dir_info": {{"editable": true}}}}'
    (info / "direct_url.json").write_text(origin)
    assert codes(project(tmp_path / "other", ("base =", "bass ="))) == []


def test_metadata_in_the_tree_that_fits_is_no_finding(tmp_path: Path) -> None:
    """Setuptools leaves it there with each build."""
    egg = "src/tabletop_base.egg-info"
    told = "[tabletop.exporters]\nbase = tabletop_base.exporter:export\n"
    files = {f"{egg}/PKG-INFO": "Name: tabletop-base\n", f"{egg}/entry_points.txt": told}
    assert codes(project(tmp_path / "a", **files)) == []
    files[f"{egg}/entry_points.txt"] = told.replace("base =", "bass =")
    assert codes(project(tmp_path / "b", **files)) == ["PB503"]


def test_what_is_not_there_cannot_be_checked() -> None:
    """And the error says what could be."""
    with pytest.raises(SubjectError, match="no file, folder or installed distribution 'nowhere'"):
        open_subject("nowhere")
