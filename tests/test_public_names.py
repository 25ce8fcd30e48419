"""Public names: each module says which it has, sorted and complete, and each of them is there."""

import ast
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import plugbay

SOURCE = Path(plugbay.__file__)
MODULES = [
    each.name
    for each in pkgutil.walk_packages(plugbay.__path__, "plugbay.")
    if not each.name.endswith("__main__")  # importing it runs the command
]


def _code_of(module: ModuleType) -> list[ast.stmt]:
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body


def _sorted(names: list[str]) -> list[str]:
    """As the linter sorts them: constants, classes, the rest."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_the_names_of_the_package_are_sorted_and_resolve() -> None:
    """Every name of `__all__` can be had, and there is no name twice."""
    assert _sorted(plugbay.__all__) == plugbay.__all__
    assert len(set(plugbay.__all__)) == len(plugbay.__all__)
    for name in plugbay.__all__:
        assert getattr(plugbay, name) is getattr(plugbay, name)


def test_type_checkers_see_the_same_names() -> None:
    """The stub has those of `__all__`, each from the module that it comes from."""
    stub = ast.parse(SOURCE.with_suffix(".pyi").read_text(encoding="utf-8")).body
    imported = {
        alias.name: node.module
        for node in stub
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    [said] = [each.value for each in stub if isinstance(each, ast.Assign)]
    assert ast.literal_eval(said) == plugbay.__all__
    assert sorted(plugbay.__all__) == sorted([*imported, "__version__"])
    for name, module in imported.items():
        assert getattr(plugbay, str(name)) is getattr(
            importlib.import_module(str(module)), str(name)
        )


def test_all_names_are_listed_and_others_are_an_error() -> None:
    """`dir` shows what can be had; a name that is not there is an AttributeError that names it."""
    assert set(plugbay.__all__) <= set(dir(plugbay))
    with pytest.raises(AttributeError, match="module 'plugbay' has no attribute 'load_grop'"):
        plugbay.load_grop  # type: ignore[attr-defined]  # noqa: B018  # that is the point


def test_every_error_is_public() -> None:
    """Whatever plugbay raises or warns of can be caught by a name of the package."""
    from plugbay import errors

    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, (plugbay.PlugbayError, Warning))
    }
    assert kinds <= set(plugbay.__all__)
    assert kinds <= set(errors.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_each_module_lists_its_names(name: str) -> None:
    """`__all__` is there, sorted, and complete: whatever has no underscore is in it."""
    module = importlib.import_module(name)
    code = _code_of(module)
    if not code:
        return  # an empty package
    names = list(module.__all__)
    assert _sorted(names) == names
    assert all(hasattr(module, each) for each in names)
    defined = [each.name for each in code if isinstance(each, (ast.FunctionDef, ast.ClassDef))]
    assert [] == [each for each in defined if each[0] != "_" and each not in names]


@pytest.mark.parametrize("package", [plugbay.__name__, *MODULES])
def test_no_name_is_that_of_a_submodule(package: str) -> None:
    """Importing a submodule puts it into its package, in the place of what has its name there."""
    module = importlib.import_module(package)
    inside = {each.name for each in pkgutil.iter_modules(getattr(module, "__path__", ()))}
    assert inside.isdisjoint(getattr(module, "__all__", ()))
