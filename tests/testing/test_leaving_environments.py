"""An environment leaves the process as it was, and what is installed seen or hidden."""

import importlib
import importlib.metadata
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sites import GROUP

import plugbay
from plugbay.testing import MadeDistribution, PluginEnvironment
from plugbay.testing.objects import given

Make = Callable[..., MadeDistribution]


def _state() -> tuple[object, ...]:
    places = {each for each in sys.path_importer_cache if "plugbay-" in each}
    variables = {each for each in os.environ.items() if each[0].startswith("PLUGBAY_")}
    return id(sys.path), list(sys.path), list(sys.meta_path), places, variables


def test_everything_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, modules, finders, caches and variables, whatever the block has done to them."""
    monkeypatch.setenv("PLUGBAY_DISABLE", "red")
    before, modules = _state(), dict(sys.modules)
    with PluginEnvironment() as environment:
        environment.isolate()
        environment.make_distribution(
            "shades",
            plugins={GROUP: {"red": "shade_left.sub:red", "blue": object()}},
            files={"shade_left/__init__.py": "", "shade_left/sub.py": "red = 3"},
        )
        assert 3 == plugbay.load_group(GROUP)["red"]
        assert plugbay.load_group(GROUP)["blue"]
        key = int((environment.path / "given_by_test_shades.py").read_text().split("(")[1][:-2])
        monkeypatch.setattr(sys, "path", [*sys.path, "elsewhere"])
        os.environ["PLUGBAY_ALLOW"] = "nothing"
        folder = environment.path
    assert before == _state()
    assert [] == [each for each in sys.modules if each.startswith(("shade_left", "given_by_test"))]
    assert modules.items() <= sys.modules.items()
    assert not folder.parent.exists()
    with pytest.raises(plugbay.PlugbayError, match="object of a test"):
        given(key)


def test_it_is_left_after_an_error_too() -> None:
    """What raises in the block comes out of it, and the process is as before."""
    before = _state()
    with pytest.raises(ValueError, match="no version"), PluginEnvironment() as environment:
        environment.make_distribution("shades", "?", plugins={GROUP: {"red": 1}})
    assert before == _state()
    assert {} == dict(plugbay.load_group(GROUP))


def test_modules_that_are_imported_are_imported_anew(tmp_path: Path) -> None:
    """Those of a distribution count, also where others of their names are imported already."""
    (tmp_path / "shade_twice.py").write_text("where = 'outside'")
    with plugbay.temporary_sys_path(tmp_path):
        outside = importlib.import_module("shade_twice")
    try:
        with PluginEnvironment() as environment:
            files = {"shade_twice/__init__.py": "", "shade_twice/deep.py": "where = 'inside'"}
            plugins = {GROUP: {"red": "shade_twice.deep:where"}}
            environment.make_distribution("shades", plugins=plugins, files=files)
            assert "inside" == plugbay.load_group(GROUP)["red"]
        assert outside is sys.modules["shade_twice"]
        assert "shade_twice.deep" not in sys.modules
    finally:
        del sys.modules["shade_twice"]


def test_a_package_that_stays_has_no_module_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in a package that others share is gone from it, as an attribute too."""
    shared = types.ModuleType("shade_shared")
    monkeypatch.setitem(sys.modules, "shade_shared", shared)
    with PluginEnvironment() as environment:
        shared.__path__ = [str(environment.path / "shade_shared")]
        files = {"shade_shared/red.py": "shade = 3"}
        plugins = {GROUP: {"red": "shade_shared.red:shade"}}
        environment.make_distribution("shades", plugins=plugins, files=files)
        assert 3 == plugbay.load_group(GROUP)["red"]
        assert shared is sys.modules["shade_shared"]
        assert hasattr(shared, "red")
    assert not hasattr(shared, "red")


def test_the_inner_one_of_two_counts() -> None:
    """An environment in another one hides its distributions of the same names, for a while."""
    with PluginEnvironment() as outer, PluginEnvironment() as inner:
        outer.make_distribution("shades", "1.0", plugins={GROUP: {"red": 1}})
        inner.make_distribution("shades", "2.0", plugins={GROUP: {"blue": 2}})
        assert ["blue"] == list(plugbay.load_group(GROUP))


def test_what_is_installed_is_seen(make_distribution: Make) -> None:
    """The host that is installed says the version of the API, unless a test installs another."""
    make_distribution("pytest-of-tomorrow", plugins={"pytest.shades": {"red": 1}}, api="<1")
    with pytest.warns(plugbay.PluginWarning, match=f"this is pytest {pytest.__version__}"):
        assert {} == dict(plugbay.load_group("pytest.shades"))
    make_distribution("pytest", "0.9")
    assert ["red"] == list(plugbay.load_group("pytest.shades"))


def test_isolation_hides_distributions_and_no_modules() -> None:
    """What is installed is not found, but for what is kept; modules are imported as ever."""
    with PluginEnvironment() as installed, PluginEnvironment() as environment:
        facts = {"plugins": {GROUP: {"red": {"summary": "warm"}}}}
        files = {"shade_hidden/__init__.py": "", "shade_hidden/deep.py": "where = 'installed'"}
        plugins = {GROUP: {"red": "shade_hidden.deep:where"}}
        installed.make_distribution("Kept.One", plugins=plugins, files=files, manifest=facts)
        installed.make_distribution("gone", plugins={GROUP: {"green": 2}}, files={"gone.py": ""})
        environment.isolate(keep=["kept-one"])
        environment.make_distribution("shades", plugins={GROUP: {"blue": 1}})
        found = sorted(each.metadata["Name"] for each in importlib.metadata.distributions())
        assert ["Kept.One", "shades"] == found
        assert {GROUP} == {each.group for each in plugbay.entry_points()}
        group = plugbay.load_group(GROUP)
        assert {"blue": 1, "red": "installed"} == dict(group)
        assert "warm" == getattr(group.plugins["red"].facts, "summary", None)
        assert str(installed.path / "gone.py") == importlib.import_module("gone").__file__
        with pytest.raises(plugbay.PlugbayError, match="'gone' cannot be kept"):
            environment.isolate(keep=["gone"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a/b"}, "letters, digits"),
        ({"version": "one two"}, "'one two' is no version"),
        ({"plugins": {"red": "shades:red"}}, "not {group: {name: target}}"),
        ({"plugins": {GROUP: {"re=d": "shades:red"}}}, "'re=d' cannot be the name"),
        ({"plugins": {GROUP: {"red": "a:b\nc = d:e"}}}, "cannot stand in entry_points.txt"),
        ({"requires": ["a\nb"]}, "'a\\\\nb' is more than a line"),
        ({"files": {"../outside.py": ""}}, "'../outside.py' is not below"),
        ({"api": "<2", "manifest": "{}"}, "api= is written into the manifest"),
    ],
)
def test_what_cannot_be_written_is_a_value_error(
    make_distribution: Make, options: dict[str, Any], message: str
) -> None:
    """It says what is wrong, and nothing of it is installed."""
    with pytest.raises(ValueError, match=message):
        make_distribution(**{"name": "shades", **options})
    found = {each.metadata["Name"] for each in importlib.metadata.distributions()}
    assert found.isdisjoint({"shades", "a/b"})


def test_all_faults_of_a_distribution_are_told_at_once(make_distribution: Make) -> None:
    """One error names each fault."""
    with pytest.raises(ValueError, match=r"is no version; .* is not below"):
        make_distribution("shades", "?", files={"/etc/shades": ""})


def test_modules_of_pytest_and_python_stay(make_distribution: Make) -> None:
    """A distribution that would hide one of them is an error, and the module stays."""
    for file in ("json.py", "pytest/__init__.py", "plugbay/__init__.py"):
        with pytest.raises(plugbay.PlugbayError, match=file.partition("/")[0].removesuffix(".py")):
            make_distribution("shades", files={file: ""})
    assert plugbay is sys.modules["plugbay"]
    assert "shades" not in [each.metadata["Name"] for each in importlib.metadata.distributions()]


def test_a_name_is_there_once(make_distribution: Make) -> None:
    """Another distribution of a name is an error that says what to do instead."""
    make_distribution("Dark.Shades", plugins={GROUP: {"red": 1}})
    with pytest.raises(plugbay.PlugbayError, match=r"dark_shades-1\.0 is in .* upgrade\(\)"):
        make_distribution("dark-shades", "2.0")
    assert ["red"] == list(plugbay.load_group(GROUP))


def test_an_environment_is_entered_once() -> None:
    """Outside of the block there is nowhere to install to, and it is no block twice."""
    environment = PluginEnvironment()
    with pytest.raises(plugbay.PlugbayError, match="not entered"):
        environment.make_distribution("shades")
    with environment, pytest.raises(plugbay.PlugbayError, match="entered already"):
        environment.__enter__()
    with pytest.raises(plugbay.PlugbayError, match="not entered"):
        environment.isolate()


def test_an_object_is_in_the_process_of_the_test_only() -> None:
    """Where it is not, the error says what to do."""
    with pytest.raises(plugbay.PlugbayError, match="write its code in `files`"):
        given(0)
