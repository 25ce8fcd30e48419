"""Reloading, modules: all those of a plugin are new objects, together, and no others are."""

import importlib
import inspect
import pickle
import sys
import traceback

import pytest
from generations import GROUP, install, installed, modules, one_module, rewrite, whole
from sites import Site

from plugbay import Host, ReloadError


def test_all_modules_of_a_package_are_new_together(site: Site) -> None:
    """However they import each other, also those that are imported by a call only."""
    host = installed(site, whole(1))
    assert (1,) * 7 == host[GROUP]["tool"]()
    old = modules("toolbox")
    rewrite(site, whole(2))
    host.reload("tool")
    assert (2,) * 7 == host[GROUP]["tool"]()
    new = modules("toolbox")
    assert old.keys() == new.keys() >= {"toolbox", "toolbox.deep.inner", "toolbox.lazy"}
    assert not {id(each) for each in old.values()} & {id(each) for each in new.values()}


def test_modules_are_where_imports_look_for_them(site: Site) -> None:
    """In `sys.modules`, as attributes of their packages, and as the module of what they define."""
    host = installed(site, whole(1))
    host[GROUP]["tool"]()
    rewrite(site, whole(2))
    host.reload("tool")
    toolbox = importlib.import_module("toolbox")
    assert sys.modules["toolbox"] is toolbox
    assert (toolbox.near, toolbox.deep.inner) == (
        sys.modules["toolbox.near"],
        sys.modules["toolbox.deep.inner"],
    )
    assert vars(sys.modules["toolbox.main"]) is host[GROUP]["tool"].__globals__
    assert toolbox.__spec__ is not None
    assert (toolbox.__path__, toolbox.__file__) == (
        [str(site.root / "toolbox")],
        str(site.root / "toolbox" / "__init__.py"),
    )


def test_modules_come_and_go(site: Site) -> None:
    """One that is gone cannot be imported, one that is new can, and a package may become one."""
    files = {"toolbox/__init__.py": "from . import old, deep\ndef say(): return deep.WORD\n"}
    more = {"toolbox/old.py": "", "toolbox/deep/__init__.py": "WORD = 1\n"}
    host = installed(site, files | more)
    assert 1 == host[GROUP]["tool"]()
    rewrite(
        site,
        {
            "toolbox/__init__.py": "from . import new, deep\ndef say(): return deep.WORD\n",
            "toolbox/new.py": "",
            "toolbox/deep.py": "WORD = 2\n",
        },
    )
    host.reload("tool")
    assert 2 == host[GROUP]["tool"]()
    assert {"toolbox", "toolbox.new", "toolbox.deep"} == modules("toolbox").keys()
    assert not hasattr(sys.modules["toolbox"], "old")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("toolbox.old")


def test_a_plugin_of_one_module_is_that_module(site: Site) -> None:
    """One whose name begins as its own does is another one's."""
    one_module(site, "import tool_box\nWORD = 1\n", name="tool")
    site.write("tool_box.py", "")
    host = Host("tabletop")
    host.discover(GROUP)
    assert 1 == host[GROUP]["tool"]()
    other, old = sys.modules["tool_box"], sys.modules["tool"]
    one_module(site, "import tool_box\nWORD = 2\n", name="tool")
    host.reload("tool")
    assert 2 == host[GROUP]["tool"]()
    assert other is sys.modules["tool_box"]
    assert old is not sys.modules["tool"]


@pytest.mark.parametrize("target", ["plant.tool:say", "plant.green.tool.main:say"])
def test_what_is_in_a_namespace_is_new_alone(site: Site, target: str) -> None:
    """The namespace and what others have in it stay, and its attribute is the new one."""
    package, _, _ = target.partition(":")
    package = package.removesuffix(".main")
    space, _, _ = package.rpartition(".")
    folder = package.replace(".", "/")

    def files(word: int) -> dict[str, str]:
        return {
            f"{folder}/__init__.py": "from .main import say\n",
            f"{folder}/main.py": f"from .. import other\nfrom .near import WORD\n"
            f"def say(): return WORD\nassert {word}\n",
            f"{folder}/near.py": f"WORD = {word}\n",
        }

    host = installed(site, files(1), target)
    site.write(f"{space.replace('.', '/')}/other.py", "")
    assert 1 == host[GROUP]["tool"]()
    kept = {name: each for name, each in modules("plant").items() if not name.startswith(package)}
    for path, text in files(2).items():
        site.write(path, text)
    host.reload("tool")
    assert 2 == host[GROUP]["tool"]()
    now = modules("plant")
    assert kept == {name: now[name] for name in kept}
    assert {"plant", f"{space}.other"} <= kept.keys()
    assert now[package] is now[space].tool


def test_a_namespace_within_a_package_is_new_too(site: Site) -> None:
    """It belongs to the package."""
    files = {"toolbox/__init__.py": "from .free import part\ndef say(): return part.WORD\n"}
    host = installed(site, files | {"toolbox/free/part.py": "WORD = 1\n"})
    assert 1 == host[GROUP]["tool"]()
    old = modules("toolbox")
    rewrite(site, files | {"toolbox/free/part.py": "WORD = 2\n"})
    host.reload("tool")
    assert 2 == host[GROUP]["tool"]()
    assert [] == [name for name, each in modules("toolbox").items() if each is old.get(name)]


@pytest.mark.parametrize(
    "targets",
    [
        ("toolbox.main:say",),
        ("chest:say",),
        ("chest:say", "chest:say"),
    ],
)
def test_a_target_may_move(site: Site, targets: tuple[str, ...]) -> None:
    """To another module of its package, or to another package, which is the plugin's then."""
    host = installed(site, whole(1))
    host[GROUP]["tool"]()
    for word, target in enumerate(targets, 2):
        files = whole(word, target.partition(":")[0].partition(".")[0])
        rewrite(site, files)
        install(site, files, target)
        host.reload("tool")
        assert (word,) * 7 == host[GROUP]["tool"]()


def test_what_has_moved_is_taken_back(site: Site) -> None:
    """Each generation has the modules of the package that it was in."""
    host = installed(site, whole(1))
    for word in (2, 3):
        rewrite(site, whole(word, "chest"))
        install(site, whole(word, "chest"), "chest:say")
        host.reload("tool")
        assert (word,) * 7 == host[GROUP]["tool"]()
        if word == 2:
            before = modules("chest")
    host.rollback("tool")
    assert before.items() <= modules("chest").items()
    assert (2,) * 7 == host[GROUP]["tool"]()


def test_held_references_stay_old(site: Site) -> None:
    """A function, its module and what it imports are of the generation that they were taken of."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    held, module = host[GROUP]["tool"], sys.modules["tool"]
    one_module(site, "WORD = 2\n")
    host.reload("tool")
    assert (1, 1) == (held(), module.WORD)
    assert (2, 2) == (host[GROUP]["tool"](), sys.modules["tool"].WORD)
    assert not isinstance(held, type(host[GROUP]["tool"]))


def test_the_new_source_is_shown(site: Site) -> None:
    """In tracebacks, and by `inspect`, though the old one was looked at before."""
    before = "def say():\n    raise ValueError('one')\n"
    host = installed(site, {"toolbox.py": before})
    assert before == inspect.getsource(host[GROUP]["tool"])
    site.write("toolbox.py", "\n\ndef say():\n    raise KeyError('and another')\n")
    host.reload("tool")
    assert "and another" in inspect.getsource(host[GROUP]["tool"])
    with pytest.raises(KeyError) as raised:
        host[GROUP]["tool"]()
    assert "raise KeyError('and another')" in "".join(traceback.format_exception(raised.value))


def test_instances_of_new_classes_can_be_pickled(site: Site) -> None:
    """Those of old ones cannot be told from them, and Python says so."""
    body = "class Stone:\n    pass\ndef say(): return Stone()\n"
    host = installed(site, {"toolbox.py": body})
    old = host[GROUP]["tool"]()
    host.reload("tool")
    new = host[GROUP]["tool"]()
    assert type(new) is type(pickle.loads(pickle.dumps(new)))  # noqa: S301 - our own
    with pytest.raises(pickle.PicklingError, match="not the same object"):
        pickle.dumps(old)
    host.rollback("tool")
    assert type(old) is type(pickle.loads(pickle.dumps(old)))  # noqa: S301


def test_a_new_generation_finds_its_own_modules_while_it_is_imported(site: Site) -> None:
    """By `sys.modules`, by `importlib`, and as the globals of what it defines."""
    body = (
        "import importlib, sys\n"
        "ME = sys.modules[__name__]\n"
        "assert vars(ME) is globals() and importlib.import_module(__name__) is ME\n"
        "def say(): return vars(ME) is globals()\n"
    )
    host = installed(site, {"toolbox.py": body})
    for _ in range(3):
        assert host[GROUP]["tool"]()
        host.reload("tool")


def test_nothing_is_left_behind_in_the_import_system(site: Site) -> None:
    """By any reload but the first one, after which its sources are looked at for good."""
    host = installed(site, whole(1))
    finders = list(sys.meta_path)
    site.write("toolbox/far.py", "1 / 0\n")
    with pytest.raises(ReloadError):
        host.reload("tool")
    assert finders == list(sys.meta_path)
    rewrite(site, whole(1))
    host.reload("tool")
    host[GROUP]["tool"]()
    before = list(sys.meta_path), list(sys.path), set(sys.modules)
    host.reload("tool")
    assert (1,) * 7 == host[GROUP]["tool"]()
    site.write("toolbox/far.py", "1 / 0\n")
    with pytest.raises(ReloadError):
        host.reload("tool")
    assert before == (list(sys.meta_path), list(sys.path), set(sys.modules))


def test_a_finder_of_the_old_kind_is_passed_over(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the import system does with what has no `find_spec`."""
    host = installed(site, whole(1))
    host[GROUP]["tool"]()
    rewrite(site, whole(2))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path[:-1], object(), sys.meta_path[-1]])
    host.reload("tool")
    assert (2,) * 7 == host[GROUP]["tool"]()
