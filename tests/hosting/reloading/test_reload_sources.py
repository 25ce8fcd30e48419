"""Reloading, sources: what counts is the text of a source, and no `.pyc` file or clock."""

import inspect
import linecache
import os
from pathlib import Path

import pytest
from generations import GROUP, install, installed, program, unseen
from sites import Site

# A host with the plugin `tool`, and what writes a file anew so that no clock tells.
START = f"""
import os, pathlib, plugbay, sys
assert not sys.dont_write_bytecode
root = pathlib.Path(sys.path[0])
def unseen(path, before, after):
    file = root / path
    stat = file.stat()
    text = file.read_text()
    assert before in text and len(before) == len(after)
    file.write_text(text.replace(before, after))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
def cached():
    return sorted(each.name.partition('.')[0] for each in root.rglob('*.pyc'))
host = plugbay.Host("tabletop")
tools = host.discover({GROUP!r})
"""


def test_no_clock_is_asked(site: Site) -> None:
    """Sources of the same size and time are read again, and no cache is written of them."""
    files = {
        "toolbox/__init__.py": "from .near import WORD\nfrom .deep.far import MORE\nEND = 'one'\n"
        "def say(): return WORD, MORE, END\n",
        "toolbox/near.py": "WORD = 'one'\n",
        "toolbox/deep/__init__.py": "",
        "toolbox/deep/far.py": "MORE = 'one'\n",
    }
    install(site, files)
    code = """
print(*tools["tool"](), *cached())
for each in ("toolbox/__init__.py", "toolbox/near.py", "toolbox/deep/far.py"):
    unseen(each, "'one'", "'two'")
print(host.reload("tool").generation, *tools["tool"]())
for each in ("toolbox/__init__.py", "toolbox/near.py", "toolbox/deep/far.py"):
    unseen(each, "'two'", "'six'")
print(host.reload("tool").generation, *tools["tool"]())
before = {each: each.read_bytes() for each in root.rglob("*.pyc")}
host.reload("tool")
print(before == {each: each.read_bytes() for each in root.rglob("*.pyc")})
"""
    assert [
        "one one one __init__ __init__ far near",
        "2 two two two",
        "3 six six six",
        "True",
    ] == program(START + code, site.root)


def test_a_single_module_is_read_again(site: Site) -> None:
    """And a new process, which believes the cache as Python does, is not made worse off by it."""
    install(site, {"toolbox.py": "def say(): return 'one'\n"})
    code = """
print(tools["tool"](), cached())
unseen("toolbox.py", "'one'", "'two'")
host.reload("tool")
print(tools["tool"](), tools["tool"].__module__, sys.modules["toolbox"].__cached__ is not None)
os.utime(root / "toolbox.py", (0, 0))
host.reload("tool")
print(tools["tool"]())
"""
    lines = ["one ['toolbox']", "two toolbox True", "two"]
    assert lines == program(START + code, site.root)
    again = 'print(tools["tool"]())'
    assert ["two"] == program(START + again, site.root)


def test_a_new_module_is_found_whatever_its_folder_says(site: Site) -> None:
    """Its time may be that of before: the import system keeps lists of what is in folders."""
    files = {"toolbox/__init__.py": "from .near import WORD\ndef say(): return WORD\n"}
    host = installed(site, files | {"toolbox/near.py": "WORD = 1\n"})
    assert 1 == host[GROUP]["tool"]()
    folder = site.root / "toolbox"
    before = folder.stat()
    site.write("toolbox/near.py", "from .new import WORD\n")
    site.write("toolbox/new.py", "WORD = 2\n")
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    host.reload("tool")
    assert 2 == host[GROUP]["tool"]()


LATE = {
    "toolbox/__init__.py": "def say():\n    from .late import WORD\n    return WORD\n",
    "toolbox/late.py": "WORD = 'one'\n",
}


def test_what_was_imported_late_is_read_again(site: Site) -> None:
    """A reload imports it no sooner than the plugin does."""
    install(site, LATE)
    code = """
print(tools["tool"]())
unseen("toolbox/late.py", "'one'", "'two'")
host.reload("tool")
print("toolbox.late" in sys.modules)
(root / "toolbox" / "late.py").write_text("WORD = 'three'")
print(tools["tool"]())
"""
    assert ["one", "False", "three"] == program(START + code, site.root)


def test_what_is_imported_late_is_no_cache(site: Site) -> None:
    """A module that the new generation imports in a call is of its sources too."""
    install(site, LATE)
    code = """
print(tools["tool"]())
unseen("toolbox/late.py", "'one'", "'two'")
host.reload("tool")
print(tools["tool"]())
"""
    assert ["one", "two"] == program(START + code, site.root)


@pytest.mark.parametrize(
    "target",
    [
        "toolbox:say",
        "toolbox.main:say",
    ],
)
def test_what_could_not_be_imported_is_read_again(site: Site, target: str) -> None:
    """Though its package is in no place but the cache."""
    say = "def say(): return near.WORD\n"
    install(
        site,
        {
            "toolbox/__init__.py": "from toolbox.main import say\n",
            "toolbox/main.py": f"from . import near\nassert near.WORD == 'two', near.WORD\n{say}",
            "toolbox/near.py": "WORD = 'one'\n",
        },
        target,
    )
    code = """
try:
    tools["tool"]
except plugbay.PluginLoadError as error:
    print(type(error.__cause__).__name__)
unseen("toolbox/near.py", "'one'", "'two'")
host.reload("tool")
print(tools["tool"]())
"""
    assert ["AssertionError", "two"] == program(START + code, site.root)


def test_lines_that_were_looked_at_are_looked_at_again(site: Site) -> None:
    """By whoever asks for them without a look at the file, as debuggers do."""
    host = installed(site, {"toolbox.py": "def say(): return 'one'\n"})
    path = host[GROUP]["tool"].__code__.co_filename
    assert "'one'" in linecache.getline(path, 1)
    site.write("toolbox.py", "def say(): return 'another'\n")
    host.reload("tool")
    assert "'another'" in linecache.getline(path, 1)


def test_the_source_that_is_shown_is_the_one_that_runs(site: Site) -> None:
    """Also where no clock tells that it is another one."""
    host = installed(site, {"toolbox.py": "def say(): return 'one'\n"})
    assert "'one'" in inspect.getsource(host[GROUP]["tool"])
    unseen(site, "toolbox.py", "def say(): return 'two'\n")
    host.reload("tool")
    assert "two" == host[GROUP]["tool"]()
    assert "'two'" in inspect.getsource(host[GROUP]["tool"])


@pytest.mark.parametrize("text", [b"WORD = '\xe9'\n", b"WORD = 'a'\r\n"])
def test_sources_are_read_as_python_reads_them(site: Site, text: bytes) -> None:
    """With the encoding that they name, and whatever ends their lines."""
    host = installed(site, {"toolbox.py": "def say(): return 'x'\n"})
    host[GROUP]["tool"]()
    site.write("toolbox.py", b"# coding: latin-1\n" + text + b"def say(): return WORD\n")
    host.reload("tool")
    assert host[GROUP]["tool"]() in ("\xe9", "a")
    assert str(Path(site.root, "toolbox.py")) == host[GROUP]["tool"].__code__.co_filename
