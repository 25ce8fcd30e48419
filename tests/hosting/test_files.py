"""Plugins from files: added, gated, loaded and replaced like all others."""

import inspect
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from parts import QUIET, states
from pythons import SOURCE

import plugbay
from plugbay import Host

GROUP = "tabletop.plugins"


def folder(root: Path, **files: str) -> Path:
    """A folder with these files; two underscores in a name are a slash."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py").replace("/init.py", "/__init__.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def said(name: str, **more: object) -> str:
    """The metadata of a plugin as its file has them."""
    return f"PLUGIN_METADATA = { ({'id': name} | more)!r}\n"


def a_host(root: Path, **files: str) -> Host:
    """A host of version 1.3 with the plugins of a folder."""
    host = Host("tabletop", api_version="1.3")
    assert host.add_directory(folder(root, **files)) == []
    return host


def modules() -> set[str]:
    """The modules of files that are imported."""
    return {name for name in sys.modules if name.startswith("plugbay_file_")}


def test_a_file_gives_what_it_has(tmp_path: Path) -> None:
    """What its factory returns, its one plugin class, or its module, each loaded on first use."""
    before = modules()
    host = a_host(
        tmp_path,
        factory=said("factory")
        + "def create_plugin():\n    return ['made']\nclass A:\n  on_load = 1",
        single=said("single") + "class Base: ...\nclass Plugin(Base):\n  def on_load(self): ...\n",
        module=said("module") + "value = 3\n",
    )
    assert modules() == before
    plugins = host[GROUP]
    assert plugins["factory"] == ["made"]
    assert type(plugins["single"]).__name__ == "Plugin"
    assert plugins["module"].value == 3
    assert len(modules() - before) == 3


@QUIET
def test_several_classes_are_told(tmp_path: Path) -> None:
    """With their names and the way out; the module is not imported any more."""
    body = "class A:\n  def on_load(self): ...\nclass B:\n  def on_load(self): ...\n"
    before = modules()
    host = a_host(tmp_path, two=said("two") + body)
    with pytest.raises(plugbay.PluginLoadError, match=r"classes, A and B; write a function create"):
        host[GROUP]["two"]
    assert modules() == before


def test_two_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    """Each with its own state."""
    host = a_host(tmp_path, a__same=said("a") + "x = 'a'", b__same=said("b") + "x = 'b'")
    assert [host[GROUP][name].x for name in "ab"] == ["a", "b"]


def test_a_package_has_its_own_modules(tmp_path: Path) -> None:
    """By relative imports, also ones that are carried out later."""
    host = a_host(
        tmp_path,
        pack__init=said("pack") + "from .inner import value\ndef later():\n"
        "    from .deep import more\n    return more.value\n",
        pack__inner="value = 1\n",
        pack__deep__init="",
        pack__deep__more="from ..inner import value\nvalue += 1\n",
    )
    plugin = host[GROUP]["pack"]
    assert (plugin.value, plugin.later()) == (1, 2)


@QUIET
@pytest.mark.parametrize("error", ["1 / 0", "raise SystemExit", "from .inner import nothing"])
def test_a_failing_module_leaves_nothing_behind(tmp_path: Path, error: str) -> None:
    """Neither itself nor what it has imported of its own."""
    before = modules()
    host = a_host(
        tmp_path, pack__init=said("pack") + f"from . import inner\n{error}\n", pack__inner=""
    )
    with pytest.raises(plugbay.PluginLoadError):
        host[GROUP]["pack"]
    assert modules() == before
    assert states(host) == {"pack": "failed"}


def test_tools_know_the_source(tmp_path: Path) -> None:
    """Tracebacks show its lines, `inspect` finds it, and instances can be pickled."""
    body = "class Plugin:\n    def on_load(self): ...\n    def fail(self):\n        1 / 0  # here\n"
    plugin = a_host(tmp_path, a=said("a") + body)[GROUP]["a"]
    assert inspect.getsource(type(plugin)) == body
    assert Path(inspect.getfile(type(plugin))) == tmp_path / "a.py"
    with pytest.raises(ZeroDivisionError) as caught:
        plugin.fail()
    assert "1 / 0  # here" in "".join(traceback.format_exception(caught.value))
    copy = pickle.loads(pickle.dumps(plugin))  # noqa: S301  # it is our own
    assert type(copy) is type(plugin)


def test_what_a_file_says_counts_as_for_others(tmp_path: Path) -> None:
    """Version, dependencies, order and the host's API; policies know it by the file's name."""
    files = {
        "a": said("a", dependencies=["b>=2"]),
        "b": said("b", version="1.0"),
        "c": said("c", after=["d"]),
        "d": said("d", priority=5),
        "e": said("e", api_version="2.0"),
        "f": said("f", min_api_version="1.4"),
        "g": said("g"),
    }
    policy = plugbay.Policy(deny=["g"])
    host = Host("tabletop", api_version="1.3", policy=policy)
    host.add_directory(folder(tmp_path, **files))
    told = {each.name: each.reason for each in host.components}
    assert "tabletop~=2.0" in told["e"]
    assert "tabletop~=1.4" in told["f"]
    assert "denies" in told["g"]
    explained = host.explain()
    assert "it depends on 'b>=2', and 'b' is 1.0" in explained
    assert explained.index("plugin 'd'") < explained.index("plugin 'c'")


def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    """As that of an installed plugin; the reason names both."""
    host = Host("tabletop")
    host.register("a", object())
    with pytest.warns(plugbay.PluginWarning, match="it has the same name as plugin 'a' of "):
        host.add_directory(folder(tmp_path, a=said("a")))
    assert sorted(states(host).values()) == ["found", "refused"]


def test_problems_are_given_and_told(tmp_path: Path) -> None:
    """Of files that are no plugins, or say what cannot be."""
    host = Host("tabletop", api_version="1.3")
    files = {"a": "x = 1", "b": said("b", dependencies=["c>=x"]), "c": said("c")}
    with pytest.warns(plugbay.PluginWarning) as caught:
        found = host.add_directory(folder(tmp_path, **files))
    assert [Path(each.file).name for each in found] == ["a.py", "b.py"]
    assert [str(each.message) for each in caught] == list(map(str, found))
    assert "'>=x' is not a version specifier" in found[1].reason
    assert list(host[GROUP]) == ["c"]


def test_a_group_and_a_pattern_may_be_given(tmp_path: Path) -> None:
    """The id is what stands for the star then."""
    host = Host("tabletop", api_version="1.3")
    host.group("tabletop.exporters", expect=lambda found: hasattr(found, "export"))
    path = folder(tmp_path, csv_exporter="def export(): ...")
    assert host.add_directory(path, group="tabletop.exporters", pattern="*_exporter.py") == []
    assert list(host["tabletop.exporters"]) == ["csv"]
    assert host["tabletop.exporters"]["csv"].export() is None


def test_a_file_is_replaced_by_its_next_version(tmp_path: Path) -> None:
    """With all its modules, and back; at most two generations are imported."""
    body = (
        "from .inner import value\nclass Plugin:\n    def on_load(self): ...\n    value = value\n"
    )
    before = modules()
    host = a_host(tmp_path, pack__init=said("pack", version="1") + body, pack__inner="value = 1")
    with host:
        assert host[GROUP]["pack"].value == 1
        for number in (2, 3, 4):
            (tmp_path / "pack" / "inner.py").write_text(f"value = {number}")
            (tmp_path / "pack" / "__init__.py").write_text(said("pack", version=str(number)) + body)
            done = host.reload("pack")
            assert (done.generation, done.version) == (number, str(number))
            assert host[GROUP]["pack"].value == number
            assert len(modules() - before) <= 4
        host.rollback("pack")
        assert host[GROUP]["pack"].value == 3
        (tmp_path / "pack" / "__init__.py").write_text("def (")
        with pytest.raises(plugbay.ReloadError, match=r"is not Python: .*__init__\.py, line 1"):
            host.reload("pack")
        assert host[GROUP]["pack"].value == 3
    host.unload("pack")
    assert not [name for name in modules() - before if name.endswith("_3")]


def test_byte_code_is_not_trusted(tmp_path: Path) -> None:
    """A file of the same size and time as before is read all the same, in each process."""
    code = (
        f"import sys; sys.path.insert(0, {SOURCE!r})\nimport plugbay\n"
        f"host = plugbay.Host('tabletop')\nhost.add_directory({str(tmp_path)!r})\n"
        "print(host['tabletop.plugins']['a'].value, host['tabletop.plugins']['a'].inner.value)\n"
    )
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    told = []
    for number in (1, 2):
        source = said("a") + f"from . import inner\nvalue = {number}\n"
        folder(tmp_path, a__init=source, a__inner=f"value = {number}\n")
        for name in ("__init__.py", "inner.py"):
            os.utime(tmp_path / "a" / name, (1_000_000_000, 1_000_000_000))
        done = subprocess.run(
            [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60
        )
        told.append(done.stdout.strip() or done.stderr)
    assert told == ["1 1", "2 2"]


def test_a_file_can_be_called_in_a_sandbox(tmp_path: Path) -> None:
    """Its worker loads it by its path."""
    body = "import os\nclass Plugin:\n    def on_load(self): ...\n"
    body += "    def __call__(self): return os.getpid()\n"
    host = a_host(tmp_path, a=said("a") + body)
    (component,) = host.components
    with plugbay.Sandbox("process", timeout=10) as sandbox:
        assert sandbox.run(component.plugin).unwrap() not in (0, os.getpid())
    assert component.state == "found"


def test_no_other_process_finds_a_file(tmp_path: Path) -> None:
    """So that pipelines refuse to send it."""
    from concurrent.futures import ProcessPoolExecutor

    host = a_host(tmp_path, a=said("a") + "def create_plugin(): return len")
    with (
        ProcessPoolExecutor(1) as pool,
        pytest.raises(plugbay.HostError, match="no installed plugin"),
    ):
        host.pipeline(GROUP, executor=pool)


def test_what_is_said_may_be_anything(tmp_path: Path) -> None:
    """Names that no module has, and a folder with a dot."""
    root = tmp_path / "1.0 beta"
    host = a_host(root, **{"my-plugin 2": said("größe 2") + "x = 1"})
    plugin: Any = host[GROUP]["größe 2"]
    assert plugin.x == 1
