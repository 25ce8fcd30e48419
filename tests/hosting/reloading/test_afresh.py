"""The parts of reloading: modules made anew and put back, and threads that are in them."""

import importlib
import sys
import threading
import time
from types import ModuleType

import pytest
from generations import rewrite, whole
from sites import Site

from plugbay.discovery.modules import own_package
from plugbay.reloading.draining import drained, running_in
from plugbay.reloading.modules import afresh, modules_of, put_back


def planted(site: Site) -> None:
    """A package, a namespace with a package in it, and a module, all of them imported."""
    rewrite(site, whole(1))
    rewrite(site, whole(1, "plant/space/tool") | {"plant/space/tool/__init__.py": "WORD = 1\n"})
    for each in ("near", "main", "far", "lazy"):
        (site.root / "plant/space/tool" / f"{each}.py").write_text("WORD = 1\n")
    site.write("toolboxes.py", "WORD = 1\n")
    for name in ("toolbox.lazy", "plant.space.tool.near", "toolboxes"):
        importlib.import_module(name)


def test_the_package_of_a_module_is_the_outermost_one(site: Site) -> None:
    """That is more than a namespace; a module that is in none is its own."""
    planted(site)
    names = ["toolbox", "toolbox.main", "toolbox.deep.inner", "toolboxes", "nowhere", "sys"]
    expected = ["toolbox", "toolbox", "toolbox", "toolboxes", "nowhere", "sys"]
    assert expected == [own_package(each) for each in names]
    assert "plant.space.tool" == own_package("plant.space.tool.near")
    assert "plant.space.tool" == own_package("plant.space.tool")
    assert "plant.space" == own_package("plant.space")


def test_the_modules_of_a_package_are_those_below_it(site: Site) -> None:
    """And itself; not what begins like it, nor what is not to be imported."""
    planted(site)
    sys.modules["toolbox.none"] = None  # type: ignore[assignment]
    try:
        found = modules_of("toolbox")
    finally:
        del sys.modules["toolbox.none"]
    names = {"", ".main", ".near", ".far", ".lazy", ".deep", ".deep.inner"}
    assert {f"toolbox{each}" for each in names} == found.keys()
    assert all(sys.modules[name] is each for name, each in found.items())
    assert {"toolboxes"} == modules_of("toolboxes").keys()
    assert {} == modules_of("nowhere")


def test_modules_are_put_back_and_no_others(site: Site) -> None:
    """The attribute of what they are in, too; nothing is put where it never was."""
    planted(site)
    before = modules_of("plant.space.tool")
    other = ModuleType("plant.space.tool")
    sys.modules["plant.space.tool"] = sys.modules["plant.space"].tool = other  # type: ignore[attr-defined]
    sys.modules["plant.space.tool.more"] = other
    put_back("plant.space.tool", before)
    assert before == modules_of("plant.space.tool")
    assert sys.modules["plant.space"].tool is before["plant.space.tool"]
    put_back("plant.space.tool", {})
    assert {} == modules_of("plant.space.tool")
    assert sys.modules["plant.space"].tool is before["plant.space.tool"]
    put_back("toolboxes", {"toolboxes": other})
    assert sys.modules["toolboxes"] is other


def test_in_the_block_modules_are_others(site: Site) -> None:
    """And stay so after it; only those of the package, each time it is entered."""
    planted(site)
    before, others = modules_of("toolbox"), [sys.modules["toolboxes"], sys.modules["plant"]]
    rewrite(site, whole(2))
    with afresh("toolbox"):
        assert {} == modules_of("toolbox")
        assert 2 == importlib.import_module("toolbox").WORD
    assert 2 == importlib.import_module("toolbox").WORD
    assert not set(map(id, before.values())) & set(map(id, modules_of("toolbox").values()))
    assert others == [sys.modules["toolboxes"], sys.modules["plant"]]


def test_a_block_is_in_no_other_one_of_its_package(site: Site) -> None:
    """It would take the modules of the other one away; those of another package it may have."""
    planted(site)
    with afresh("toolbox"):
        importlib.import_module("toolbox")
        inner = modules_of("toolbox")
        with (
            pytest.raises(RuntimeError, match="'toolbox' are being imported anew"),
            afresh("toolbox"),
        ):
            pass
        assert inner == modules_of("toolbox")
        other = sys.modules["toolboxes"]
        with afresh("toolboxes"):
            assert other is not importlib.import_module("toolboxes")
    assert inner == modules_of("toolbox")


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_if_the_block_raises_they_are_back(site: Site, error: type[BaseException]) -> None:
    """Whatever it raises; and nobody looks for them in another way than before."""
    planted(site)
    before, finders = modules_of("toolbox"), list(sys.meta_path)

    def fail() -> None:
        with afresh("toolbox"):
            importlib.import_module("toolbox.lazy")
            sys.modules["toolbox.more"] = ModuleType("toolbox.more")
            raise error

    with pytest.raises(error):
        fail()
    assert (before, finders) == (modules_of("toolbox"), list(sys.meta_path))


def test_another_thread_waits_until_the_block_is_left(site: Site) -> None:
    """So that modules of two are not mixed."""
    planted(site)
    order: list[str] = []

    def run() -> None:
        with afresh("toolbox"):
            order.append("second")
            importlib.import_module("toolbox")

    with afresh("toolbox"):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.2)
        importlib.import_module("toolbox")
        order.append("first")
    thread.join(30)
    assert ["first", "second"] == order


class Waiting:
    """A thread that waits in a function of a module until it is let go."""

    def __init__(self, module: ModuleType, name: str = "waiting") -> None:
        code = "def wait(began, event):\n    began.set()\n    event.wait(30)\n"
        exec(code, vars(module))  # noqa: S102 - our own
        began, self.event = threading.Event(), threading.Event()
        wait = module.wait
        self.thread = threading.Thread(target=wait, args=(began, self.event), name=name)
        self.thread.start()
        assert began.wait(30)

    def let_go(self) -> None:
        """Let it come to its end."""
        self.event.set()
        self.thread.join(30)


def test_who_is_in_a_call_of_a_module_is_named() -> None:
    """However deep in it; not the one that asks, and not who is in another module of its name."""
    module, other = ModuleType("tool"), ModuleType("tool")
    waiting = Waiting(module)
    assert ["waiting"] == running_in({"tool": module})
    assert ["waiting"] == running_in({"other": other, "tool": module})
    assert [] == running_in({"tool": other})
    assert [] == running_in({})
    vars(module)["running_in"] = running_in
    waiting.let_go()
    assert [] == eval("running_in(dict(tool=module))", vars(module) | {"module": module})  # noqa: S307
    assert [] == running_in({"tool": module, "tests": sys.modules[__name__]})


def test_a_thread_without_a_name_has_a_number() -> None:
    """One that Python was not told of."""
    import _thread

    module = ModuleType("tool")
    began, event = threading.Event(), threading.Lock()
    event.acquire()
    exec("def wait(began, event):\n    began()\n    event.acquire()\n", vars(module))  # noqa: S102
    ident = _thread.start_new_thread(module.wait, (began.set, event))
    assert began.wait(30)
    assert [f"thread {ident}"] == running_in({"tool": module})
    event.release()


def test_draining_ends_when_nobody_is_left() -> None:
    """At once if nobody is; the pauses grow, and none is longer than what is left of the time."""
    module = ModuleType("tool")
    assert [] == list(drained({"tool": module}, 60))
    waiting = Waiting(module)
    pauses = []
    for pause in drained({"tool": module}, 60):
        pauses.append(pause)
        if len(pauses) == 10:
            waiting.let_go()
    assert 10 == len(pauses)
    assert sorted(pauses) == pauses
    assert (0.001, 0.002, 0.05) == (pauses[0], pauses[1], pauses[-1])


@pytest.mark.parametrize("seconds", [0, 0.02])
def test_draining_ends_when_the_time_is_over(seconds: float) -> None:
    """Though somebody is in a call; no pause is longer than that."""
    module = ModuleType("tool")
    waiting = Waiting(module)
    began = time.monotonic()
    pauses = list(drained({"tool": module}, seconds))  # without sleeping for any of them
    assert seconds <= time.monotonic() - began < seconds + 20
    assert max(pauses, default=0) <= seconds
    assert bool(pauses) == bool(seconds)
    waiting.let_go()
