"""PluginLoader: plugins in files, one by one, by their ids."""

from pathlib import Path
from typing import Any

import pytest
from parts import QUIET
from test_files import folder, modules, said

import plugbay
from plugbay import Host, PluginLoader

START = plugbay.PluginStartError
NOTING = """
log = []
class Plugin:
    def initialize(self, context):
        log.append('initialize')
    def shutdown(self):
        log.append('shutdown')
"""


def test_a_plugin_is_loaded_and_unloaded(tmp_path: Path) -> None:
    """By the path of its file, and then by its id; nothing of it is left."""
    folder(tmp_path, csv=said("com.example.csv") + "def create_plugin(): return ['csv']")
    before, loader = modules(), PluginLoader()
    assert (loader.loaded, loader.is_loaded("com.example.csv")) == ({}, False)
    assert loader.get_plugin("com.example.csv") is None
    plugin = loader.load_plugin(tmp_path / "csv.py")
    assert plugin == ["csv"]
    assert loader.load_plugin(str(tmp_path / "csv.py")) is plugin
    assert loader.get_plugin("com.example.csv") is plugin
    assert (loader.loaded, loader.is_loaded("com.example.csv")) == (
        {"com.example.csv": plugin},
        True,
    )
    loader.unload_plugin("com.example.csv")
    assert (loader.loaded, modules()) == ({}, before)
    assert loader.load_plugin(tmp_path / "csv.py") is not plugin


def test_a_file_that_says_nothing_is_one(tmp_path: Path) -> None:
    """It was asked for; its id is its name, and a package is known by its directory."""
    folder(
        tmp_path, tidy="def run(): return 1", pack__init="from .inner import x", pack__inner="x = 2"
    )
    loader = PluginLoader()
    assert loader.load_plugin(tmp_path / "tidy.py").run() == 1
    assert loader.load_plugin(tmp_path / "pack").x == 2
    assert list(loader.loaded) == ["pack", "tidy"]


def test_plugins_are_started_where_the_host_is(tmp_path: Path) -> None:
    """They have what they depend on, and are stopped when they are unloaded, and at the end."""
    folder(tmp_path, a=said("a") + NOTING, b=said("b", dependencies=["a"]) + NOTING)
    with PluginLoader() as loader:
        log_a, log_b = (_log(loader.load_plugin(tmp_path / f"{name}.py")) for name in "ab")
        assert (log_a, log_b) == (["initialize"], ["initialize"])
        with pytest.raises(plugbay.HostError, match="cannot be unloaded: b need it"):
            loader.unload_plugin("a")
        loader.unload_plugin("b")
        assert log_b == ["initialize", "shutdown"]
    assert log_a == ["initialize", "shutdown"]


def _log(plugin: Any) -> list[str]:
    found: list[str] = type(plugin).initialize.__globals__["log"]
    return found


def test_a_plugin_is_replaced_by_what_its_file_is_now(tmp_path: Path) -> None:
    """One that fails leaves the old one."""
    file = folder(tmp_path, a=said("a") + "x = 1") / "a.py"
    loader = PluginLoader()
    assert loader.load_plugin(file).x == 1
    file.write_text(said("a") + "x = 2")
    assert loader.reload_plugin("a").generation == 2
    assert loader.get_plugin("a").x == 2
    file.write_text(said("a") + "x = 1 / 0")
    with pytest.raises(plugbay.ReloadError, match="division by zero"):
        loader.reload_plugin("a")
    assert loader.get_plugin("a").x == 2


@QUIET
@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("x = (", plugbay.PluginLoadError, r"it is not Python: .* \(.*a.py, line 1\)"),
        ("PLUGIN_METADATA = {'id': 3}", plugbay.PluginLoadError, "field 'id' is not a text"),
        (said("a", api_version=">=2"), plugbay.PluginRefusedError, "it needs tabletop>=2"),
        ("1 / 0", plugbay.PluginLoadError, "ZeroDivisionError"),
        ("class A:\n def __init__(self): 1 / 0\n def on_load(self): ...", START, "ZeroDivision"),
        ("class A:\n def on_load(self): 1 / 0", START, "could not be started: ZeroDivision"),
    ],
)
def test_what_is_wrong_is_raised_and_may_be_mended(
    tmp_path: Path, text: str, kind: type[Exception], words: str
) -> None:
    """The next time the file is read as it is then."""
    file, before = tmp_path / "a.py", modules()
    file.write_text(text)
    with PluginLoader(Host("tabletop", api_version="1.3")) as loader:
        with pytest.raises(kind, match=words):
            loader.load_plugin(file)
        assert (modules(), loader.loaded, loader.host.components) == (before, {}, [])
        file.write_text("x = 3")
        assert loader.load_plugin(file).x == 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is an ImportError, as for any module."""
    with pytest.raises(ImportError, match=r"gone.py: it cannot be read: No such file"):
        PluginLoader().load_plugin(tmp_path / "gone.py")
    with pytest.raises(plugbay.PluginNotFoundError, match="no one plugin 'gone'"):
        PluginLoader().unload_plugin("gone")


def test_two_files_of_one_id(tmp_path: Path) -> None:
    """The second is an error that names both; the first goes on."""
    folder(tmp_path, a=said("same"), b=said("same"))
    loader = PluginLoader()
    first = loader.load_plugin(tmp_path / "a.py")
    with pytest.raises(plugbay.PluginConflictError, match=r"b\.py.*a\.py"):
        loader.load_plugin(tmp_path / "b.py")
    assert loader.loaded == {"same": first}


def test_it_is_a_face_of_a_host(tmp_path: Path) -> None:
    """Its plugins are those of a group of the host."""
    folder(tmp_path, a=said("a") + "x = 1")
    host = Host("tabletop")
    PluginLoader(host, group="tabletop.exporters").load_plugin(tmp_path / "a.py")
    assert host["tabletop.exporters"]["a"].x == 1
