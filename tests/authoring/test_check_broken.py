"""Each broken project is found by its code, and the one that is fine has nothing found."""

import zipfile
from pathlib import Path

import pytest
from projects import BROKEN, Broken, checked, project, sdist, tabletop, wheel, write

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "sample_plugins" / "working").iterdir())


@pytest.fixture(autouse=True)
def _host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is installed, and a plugin of it."""
    monkeypatch.syspath_prepend(tabletop(tmp_path / "host").root)


def of(checked: str) -> list[Broken]:
    return [each for each in BROKEN if each.checked == checked]


@pytest.mark.parametrize("broken", of("tree"), ids=lambda each: each.name)
def test_a_broken_tree_is_found_by_its_code(tmp_path: Path, broken: Broken) -> None:
    """In the right file, and with no more than what is wrong there, twice at most."""
    tree = write(tmp_path / "project", broken.files())
    found = checked(tree, imports=broken.imports)
    assert broken.code in [each.code for each in found]
    # A child process also opens files, and a specifier is in no group of the host either.
    assert len({each.code for each in found}) <= (1 + (broken.name in ("starts", "raw-specifier")))
    for each in found:
        assert each.file.startswith(str(tree))
        assert each.message
        assert each.remedy or each.rule.remedy


def test_the_project_that_is_fine_has_no_finding(tmp_path: Path) -> None:
    """As a tree, an sdist, a wheel and installed, imported as well."""
    tree = project(tmp_path / "project")
    built = [sdist(tmp_path / "dist", tree), wheel(tmp_path / "dist", tree)]
    assert checked(tree, *built, imports=True, notes=True) == []
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(tmp_path / "host")
    assert checked("tabletop-base", imports=True, notes=True) == []


@pytest.mark.parametrize("sample", [ROOT / "sample_plugins" / "tabletop", *SAMPLES], ids=str)
def test_samples_that_work_have_no_finding(sample: Path) -> None:
    """Not even a note; the plugin `csv` is of the same name as the one that is installed here."""
    found = {each.code for each in checked(sample, notes=True)}
    if sample.name == "tabletop-csv":
        assert found <= {"PB501"}
    elif sample.name != "tabletop":
        assert found == set()


def test_there_are_enough_of_them() -> None:
    """Each has a name of its own."""
    assert len({each.name for each in BROKEN}) == len(BROKEN) >= 25
