"""The place of a module is found as the import system would, and nothing is imported for it."""

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from zipfile import ZipFile

import pytest
from sites import Site

from plugbay.discovery.modules import find_module, own_package, package_directories
from plugbay.loading.memory import MemoryModules


@pytest.fixture
def tree(site: Site) -> Site:
    """Packages and modules of every kind, none of which can be imported."""
    for path in (
        "alone.py",
        "pack/__init__.py",
        "pack/inner.py",
        "pack/deep/__init__.py",
        "pack/deep/leaf.py",
        "pack/both.py",
        "pack/both/__init__.py",
        "space/part.py",
    ):
        site.write(path, "raise SystemExit")
    site.write(f"pack/fast{EXTENSION_SUFFIXES[0]}", "")
    site.write("pack/bare/text.txt", "")
    return site


@pytest.mark.parametrize(
    ("module", "path", "is_source"),
    [
        ("alone", "alone.py", True),
        ("pack", "pack/__init__.py", True),
        ("pack.inner", "pack/inner.py", True),
        ("pack.deep", "pack/deep/__init__.py", True),
        ("pack.deep.leaf", "pack/deep/leaf.py", True),
        ("pack.both", "pack/both/__init__.py", True),
        ("pack.fast", f"pack/fast{EXTENSION_SUFFIXES[0]}", False),
        ("pack.bare", "pack/bare", False),
        ("space.part", "space/part.py", True),
    ],
)
def test_the_file_of_a_module(tree: Site, module: str, path: str, *, is_source: bool) -> None:
    """Packages come before extensions, extensions before sources, namespaces last."""
    found = find_module(module)
    assert found is not None
    assert (str(tree.root / path), is_source) == (found.path, found.is_source)
    assert {"alone", "pack", "pack.inner", "space"}.isdisjoint(sys.modules)


@pytest.mark.parametrize(
    "module",
    [
        "absent",
        "pack.absent",
        "pack.inner.below",
        "absent.below",
        "alone.below",
        "",
        ".",
        "pack.",
        "space.absent",
    ],
)
def test_there_is_no_such_module(tree: Site, module: str) -> None:
    """What cannot be imported has no file, and asking is no error."""
    assert find_module(module) is None


@pytest.mark.parametrize("module", ["sys", "space"])
def test_what_has_no_text(tree: Site, module: str) -> None:
    """A built-in module and a namespace are there, without a source."""
    found = find_module(module)
    assert found is not None
    assert not found.is_source


def test_the_directories_of_a_package(tree: Site) -> None:
    """A package has its directories; a module and an unknown name have none."""
    assert [str(tree.root / "pack")] == package_directories("pack")
    assert [str(tree.root / "space")] == package_directories("space")
    assert [] == package_directories("alone")
    assert [] == package_directories("absent")
    assert [] == package_directories("")
    assert "pack" not in sys.modules


class Failing:
    """A finder that cannot be asked for submodules."""

    def find_spec(self, _name: str, path: object = None, _target: object = None) -> None:
        if path is not None:
            raise OSError


def test_submodules_elsewhere_than_in_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory and in an archive, below packages that are not imported; also below a real one."""
    archive = str(tmp_path / "packed.zip")
    with ZipFile(archive, "w") as stream:
        stream.writestr("zipped/__init__.py", "raise SystemExit")
        stream.writestr("zipped/inner.py", "raise SystemExit")
    monkeypatch.syspath_prepend(archive)
    files = ("held/__init__.py", "held/deep/__init__.py", "held/deep/leaf.py", "json/held.py")
    with MemoryModules(dict.fromkeys(files, "raise SystemExit")) as modules:
        monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Failing()])
        for name, path in (
            ("held", f"{modules.location}/held/__init__.py"),
            ("held.deep", f"{modules.location}/held/deep/__init__.py"),
            ("held.deep.leaf", f"{modules.location}/held/deep/leaf.py"),
            ("json.held", f"{modules.location}/json/held.py"),
            ("zipped.inner", str(Path(archive, "zipped", "inner.py"))),
        ):
            found = find_module(name)
            assert found is not None
            assert (path, True) == (found.path, found.is_source)
        for name in ("held.absent", "held.absent.below", "held.deep.leaf.below", "zipped.absent"):
            assert find_module(name) is None
        assert "held" == own_package("held.deep.leaf")
    assert {"held", "held.deep", "zipped"}.isdisjoint(sys.modules)
