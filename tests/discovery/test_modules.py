"""The place of a module is found as the import system would, and nothing is imported for it."""

import sys
from importlib.machinery import EXTENSION_SUFFIXES

import pytest
from sites import Site

from plugbay.discovery.modules import find_module, package_directories


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
