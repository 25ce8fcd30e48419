"""Modules in memory: imported, shown, pickled, reloaded and listed as those of a folder are."""

import importlib
import importlib.resources
import inspect
import json
import linecache
import os
import pickle
import pkgutil
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Any

import pytest
from pythons import SOURCE

import plugbay
from plugbay import MemoryModules

GROUP = "tabletop.tools"
PACKAGE = {
    "mempack/__init__.py": "from .deep.more import WORD as FAR\nWORD = 'near'\n",
    "mempack/deep/__init__.py": "from . import more\n",
    "mempack/deep/more.py": "import mempack.deep\nfrom .. import deep\nWORD = deep.__name__\n",
    "mempack/late.py": "from mempack import WORD\n",
    "mempack/data/words.txt": "größer\n",
}


def distribution(name: str, target: str, *requires: str) -> dict[str, str]:
    """The files of a distribution with one plugin, that has its name."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    fields = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0"]
    return {
        f"{info}/METADATA": "\n".join([*fields, *(f"Requires-Dist: {each}" for each in requires)]),
        f"{info}/entry_points.txt": f"[{GROUP}]\n{name} = {target}\n",
    }


def imported(name: str) -> Any:
    return importlib.import_module(name)


def shown(call: Any) -> str:
    """The traceback of a call that divides by zero."""
    with pytest.raises(ZeroDivisionError) as caught:
        call()
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("path", "content", "error"),
    [
        *((each, "", ValueError) for each in ("", "/a", "a/", "a//b", "./a", "a/../b", "..")),
        *((each, "", ValueError) for each in ("a\\b", "a\0", "\udc80")),
        ("a", "\udc80", ValueError),
        *((each, "", TypeError) for each in (b"a", Path("a"), 1)),
        *(("a", each, TypeError) for each in (None, bytearray(), 1)),
    ],
)
def test_what_cannot_be_a_file_is_refused(path: Any, content: Any, error: type[Exception]) -> None:
    """At once, by name, and also when it is added later."""
    with pytest.raises(error, match=r".") as caught:
        MemoryModules({path: content})
    assert repr(path) in str(caught.value)
    modules = MemoryModules({"good.py": ""})
    with pytest.raises(error):
        modules.files.update({path: content})
    assert {"good.py": ""} == modules.files


def test_modules_of_memory_import_each_other() -> None:
    """Relatively, in a circle and later; a package is before a module of its name."""
    with MemoryModules({**PACKAGE, "mempack.py": "1 / 0"}) as modules:
        package = imported("mempack")
        assert ("near", "mempack.deep") == (package.WORD, package.FAR)
        assert "near" == imported("mempack.late").WORD
        assert package.__file__ == f"{modules.location}/mempack/__init__.py"
        assert package.__spec__.loader is modules
        for name in ("mempack.absent", "mempack.data", "mempack/late"):
            with pytest.raises(ModuleNotFoundError):
                imported(name)


def test_leaving_takes_away_what_it_has_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also below a real package; whoever holds a package of memory can go on using it."""
    finders, names = list(sys.meta_path), set(sys.modules)
    modules = MemoryModules({**PACKAGE, "json/mem_extra.py": ""})
    for _ in range(2):
        with modules:
            with pytest.raises(RuntimeError, match="entered already"), modules:
                pass
            assert [modules, *finders] == sys.meta_path
            package, extra = imported("mempack"), imported("json.mem_extra")
            assert extra is json.mem_extra  # type: ignore[attr-defined]
        assert not hasattr(json, "mem_extra")
        assert (finders, names) == (list(sys.meta_path), set(sys.modules))
        assert "mempack.deep" == package.deep.more.WORD
    with pytest.raises(ModuleNotFoundError):
        imported("mempack")
    with modules:
        monkeypatch.setattr(sys, "meta_path", finders)  # as somebody else may do


def test_leaving_leaves_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there before, and what somebody else has put in the place of a module."""
    before, other = type(sys)("mempack"), type(sys)("mem_other")
    monkeypatch.setitem(sys.modules, "mempack", before)
    before.__path__ = []
    with MemoryModules({**PACKAGE, "mem_other.py": ""}):
        assert imported("mempack") is before
        with pytest.raises(ModuleNotFoundError):  # of another package
            imported("mempack.late")
        imported("mem_other")
        sys.modules["mem_other"] = other
    assert sys.modules["mempack"] is before
    assert sys.modules.pop("mem_other") is other


def test_two_of_one_name_show_their_own_source() -> None:
    """In tracebacks and by `inspect`, with lines that end in any way, or not at all."""
    first = "class Tool:\n    WORD = '\x0c'\n\r\ndef fail():\r\n    1 / 0  # first"
    with MemoryModules({"mem_twin.py": first}):
        one = imported("mem_twin")
        with MemoryModules({"mem_twin.py": "def fail():\n    1 / 0  # second\n"}):
            del sys.modules["mem_twin"]
            two = imported("mem_twin")
            assert "1 / 0  # second" in shown(two.fail)
            assert "1 / 0  # first" in shown(one.fail)
        sys.modules["mem_twin"] = one
        assert "class Tool:\n    WORD = '\x0c'\n" == inspect.getsource(one.Tool)
        assert "def fail():\n    1 / 0  # first" == inspect.getsource(one.fail).rstrip()
        assert one.__loader__.get_source("mem_twin") == first
    assert not [each for each in linecache.cache if each.startswith("memory:")]
    assert "1 / 0  # second" in shown(two.fail)


def test_a_changed_file_is_run_by_a_reload() -> None:
    """Until then it is the lines of the old one that are shown."""
    with MemoryModules({"mem_tool.py": "def fail():\n    1 / 0  # old\n", **PACKAGE}) as modules:
        tool, package = imported("mem_tool"), imported("mempack")
        modules.files["mem_tool.py"] = "# new\ndef fail():\n    0 / 0  # new\n"
        assert "1 / 0  # old" in shown(tool.fail)
        assert importlib.reload(tool) is tool
        assert "0 / 0  # new" in shown(tool.fail)
        assert "def fail():\n    0 / 0  # new\n" == inspect.getsource(tool.fail)
        modules.files["mempack/__init__.py"] = "from .fresh import WORD\n"
        modules.files["mempack/fresh.py"] = "WORD = 'fresh'\n"
        assert "fresh" == importlib.reload(package).WORD
        del modules.files["mem_tool.py"]
        with pytest.raises(ModuleNotFoundError):
            importlib.reload(tool)


@pytest.mark.parametrize("how", ["utf-8-sig", "latin-1", None])
def test_the_encoding_of_bytes_is_minded(how: str | None) -> None:
    """As Python does it, also for what shows the source; a str is text already."""
    text = f"# coding: {(how or 'latin-1').removesuffix('-sig')}\nWORD = 'é'\n"
    with MemoryModules({"mem_coded.py": text.encode(how) if how else text}) as modules:
        assert "é" == imported("mem_coded").WORD
        assert "WORD = 'é'" in modules.get_source("mem_coded")
        modules.files["mem_coded.py"] = b"WORD = '\xe9'\n"
        with pytest.raises(SyntaxError):
            importlib.reload(imported("mem_coded"))


def test_no_byte_code_is_written_or_read(tmp_path: Path) -> None:
    """In a process that does both, not even what lies where it would."""
    code = f"""
import sys; sys.path.insert(0, {SOURCE!r})
import os, py_compile
from plugbay import MemoryModules
with MemoryModules({{"mem_one.py": "WORD = 'source'"}}):
    import mem_one
    print(mem_one.WORD, os.listdir(), sys.dont_write_bytecode)
    open("other.py", "w").write("WORD = 'byte-code'")
    py_compile.compile("other.py", mem_one.__cached__)
    del sys.modules["mem_one"]
    import mem_one
    print(mem_one.WORD, os.path.exists(mem_one.__cached__))
"""
    environ = {key: each for key, each in os.environ.items() if not key.startswith("PYTHON")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
    )
    assert ["source [] False", "source True"] == done.stdout.splitlines(), done.stderr


def test_many_threads_run_a_body_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while files are added and taken away."""
    runs: list[str] = []
    monkeypatch.setattr(sys, "mem_runs", runs, raising=False)
    body = "import sys, time\ntime.sleep(0.01)\nsys.mem_runs.append(__name__)\n"
    names = [f"mempack.m{number}" for number in range(20)]
    files = {"mempack/__init__.py": "", **{f"{each.replace('.', '/')}.py": body for each in names}}
    with (
        MemoryModules({**files, **distribution("mem-dist", "mempack")}) as modules,
        ThreadPoolExecutor(8) as pool,
    ):
        work = [pool.submit(lambda: [imported(each) for each in names]) for _ in range(7)]
        asked = pool.submit(lambda: {version("mem-dist") for _ in range(200)})
        while not all(each.done() for each in (*work, asked)):
            for number in range(300):
                modules.files[f"more/{number}.txt"] = ""
            for number in range(300):
                del modules.files[f"more/{number}.txt"]
        assert {"1.0"} == asked.result()
        assert [work[0].result()] * 7 == [each.result() for each in work]
    assert names == runs


def test_instances_can_be_pickled() -> None:
    """While their module can be imported, which loading them does."""
    with MemoryModules({"mem_class.py": "class Tool:\n    pass\n"}):
        data = pickle.dumps(imported("mem_class").Tool())
        del sys.modules["mem_class"]
        assert type(pickle.loads(data)) is imported("mem_class").Tool  # noqa: S301  # it is our own


def test_resources_are_files_beside_modules() -> None:
    """As text, as a list, and as a real file for those who need one."""
    with MemoryModules(PACKAGE):
        folder = importlib.resources.files("mempack")
        assert "größer\n" == folder.joinpath("data/words.txt").read_text("utf-8")
        names = {each.name: each.is_dir() for each in folder.iterdir()}
        assert {"__init__.py": False, "late.py": False, "deep": True, "data": True} == names
        with importlib.resources.as_file(folder / "data" / "words.txt") as file:
            assert "größer\n" == file.read_text("utf-8")
        assert "größer\n".encode() == pkgutil.get_data("mempack", "data/words.txt")
        with pytest.raises(FileNotFoundError, match="absent"):
            pkgutil.get_data("mempack", "data/absent")


def test_distributions_are_listed_as_installed() -> None:
    """By every spelling of their name, and not among those of another folder."""
    files = {**distribution("Mem-Dist", "mempack"), **PACKAGE, "note.dist-info": ""}
    with MemoryModules(files) as modules:
        for name in ("Mem-Dist", "mem_dist", "MEM.dist"):
            assert "1.0" == version(name)
        (found,) = modules.find_distributions()
        assert "größer\n" == found.locate_file("mempack/data/words.txt").read_text("utf-8")  # type: ignore[attr-defined]
        with pytest.raises(PackageNotFoundError):
            version("note")
        assert "Mem-Dist" in [each.name for each in distributions()]
        assert [] == list(distributions(path=["/nowhere"]))
        assert ["Mem-Dist"] == [each.name for each in distributions(path=[modules.location])]


def test_plugins_of_memory_go_through_the_gate() -> None:
    """They are found without being run, checked, explained and loaded as all others."""
    manifest = {"plugins": {GROUP: {"mem-good": {"summary": "It is good."}}}}
    files = {
        **distribution("mem-good", "mem_good:tool", "tabletop>=1.2,<2"),
        "mem_good-1.0.dist-info/extra_metadata/plugbay.json": json.dumps(manifest),
        "mem_good.py": "def tool(): return 'good'\n",
        **distribution("mem-late", "mem_late:tool", "tabletop>=2"),
        "mem_late.py": "raise SystemExit",
    }
    with MemoryModules(files) as modules:
        with pytest.warns(plugbay.PluginWarning, match="mem-late"):
            group: plugbay.Group[Any] = plugbay.load_group(GROUP, api_version="1.3")
        assert "mem_good" not in sys.modules
        good, late = group.plugins["mem-good"], group.refused["mem-late"]
        assert "It is good." == good.facts.summary
        assert "plugin 'mem-good' of mem-good 1.0 is ready" == good.explain()
        assert "tabletop>=2" in late.explain()
        assert modules.location == good.distribution.location
        assert "good" == group["mem-good"]()


def test_a_plugin_of_memory_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all modules of its package, and back."""
    # It is made from its sources from then on, for which a finder stays there.
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    files = {
        "mempack/__init__.py": "from .near import WORD\ndef tool(): return WORD\n",
        "mempack/near.py": "WORD = 'one'\n",
        **distribution("mem-tool", "mempack:tool"),
    }
    with MemoryModules(files) as modules:
        host = plugbay.Host("tabletop")
        tools = host.discover(GROUP)
        assert "one" == tools["mem-tool"]()
        modules.files["mempack/near.py"] = "WORD = 'two'\n"
        assert 2 == host.reload("mem-tool").generation
        assert "two" == tools["mem-tool"]()
        modules.files["mempack/near.py"] = "1 / 0\n"
        with pytest.raises(plugbay.ReloadError, match="ZeroDivisionError"):
            host.reload("mem-tool")
        assert "two" == tools["mem-tool"]()
        host.rollback("mem-tool")
        assert "one" == tools["mem-tool"]()
    assert not {"mempack", "mempack.near"} & set(sys.modules)
