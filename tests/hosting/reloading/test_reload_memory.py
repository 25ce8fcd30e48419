"""Reloading, memory: of the generations that have gone nothing is kept but the one before."""

import gc
import sys
import weakref

import pytest
from generations import GROUP, PLUGINS, installed, modules, one_module, whole
from sites import Site

from plugbay import Host, ReloadError

MANY = 200


def alive(references: "list[weakref.ref[type]]") -> int:
    """How many of them are."""
    gc.collect()
    return sum(each() is not None for each in references)


@pytest.mark.parametrize(
    "is_started",
    [
        False,
        True,
    ],
)
def test_many_generations_leave_two_classes(site: Site, is_started: bool) -> None:
    """The one in place, and the one before; and as many modules as there were."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop")
    host.discover(GROUP)
    if is_started:
        host.start()
    host.reload("tool")
    host[GROUP]["tool"]()
    classes = []
    before = len(sys.modules), len(sys.meta_path)
    for _ in range(MANY - 1):
        classes.append(weakref.ref(type(host[GROUP]["tool"])))
        host.reload("tool")
    classes.append(weakref.ref(type(host[GROUP]["tool"])))
    left = alive(classes)
    host.stop()
    assert before == (len(sys.modules), len(sys.meta_path))
    assert 2 == left
    assert MANY == len(host.history("tool"))


def test_many_failures_leave_nothing(site: Site) -> None:
    """Not even what was imported before they failed."""
    host = installed(site, whole(1))
    assert (1,) * 7 == host[GROUP]["tool"]()
    before = set(sys.modules), modules("toolbox")
    made: list[weakref.ref[type]] = []
    sys.modules["made_in_test"] = type("Made", (), {"made": made})  # type: ignore[assignment]
    try:
        site.write(
            "toolbox/near.py",
            "import made_in_test, weakref\nclass Near: pass\n"
            "made_in_test.made.append(weakref.ref(Near))\n1 / 0\n",
        )
        for _ in range(20):
            with pytest.raises(ReloadError):
                host.reload("tool")
    finally:
        del sys.modules["made_in_test"]
    assert before == (set(sys.modules), modules("toolbox"))
    assert (20, 0) == (len(made), alive(made))


def test_rollbacks_keep_two_classes(site: Site) -> None:
    """The same two, however often they take turns."""
    site.write("box.py", "class Tool: pass\n")
    __import__("box")
    host = Host("tabletop")
    host.register("tool", sys.modules["box"].Tool)
    host.reload("tool")
    classes = set()
    for _ in range(20):
        host.rollback("tool")
        classes.add(type(host[PLUGINS]["tool"]))
    assert 2 == len(classes)
