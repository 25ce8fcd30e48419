"""Instances: those of tracked extensions are known while they live."""

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from parts import fresh_group, kind

import plugbay
from plugbay import Host


def test_live_instances_are_known_in_their_order() -> None:
    """Those of the class that is asked for, and of what derives from it."""
    base = kind(fresh_group(), tracked=True)
    one, two = type("One", (base,), {}), type("Two", (base,), {}, name="two")
    made = [two(), one(), two()]
    host = Host("tabletop")
    assert made == host.instances(base)
    assert [made[0], made[2]] == host.instances(two)
    del made[0]
    gc.collect()
    assert made == host.instances(base)
    with pytest.raises(plugbay.ExtensionError, match=r"Kind are not tracked.*tracked=True"):
        host.instances(kind(fresh_group()))


@pytest.mark.parametrize("way", ["plain", "unhashable", "finalized", "cyclic"])
def test_many_instances_come_and_go(way: str) -> None:
    """None is kept alive, or remembered; each finalizer runs once."""
    base, gone = kind(fresh_group(), tracked=True), []
    contents: dict[str, Any] = {}
    if way == "unhashable":
        contents = {"__hash__": None, "__eq__": lambda self, other: True}
    if way == "finalized":
        contents = {"__del__": lambda self: gone.append(1)}
    made = type("Made", (base,), contents)
    host, kept = Host("tabletop"), made()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(10_000):
        each = made()
        if way == "cyclic":
            each.me = each
    assert host.instances(base)[-1] is each
    del each
    gc.collect()
    assert len(gc.get_objects()) < before + 1000
    assert [True] == [each is kept for each in host.instances(made)]
    assert (10_000 if way == "finalized" else 0) == len(gone)


def test_an_instance_whose_making_fails_is_not_kept() -> None:
    """Nor is the error of its constructor changed."""

    def fail(self: object) -> None:
        raise ValueError("no paint")

    made = type("Made", (kind(fresh_group(), tracked=True),), {"__init__": fail})
    with pytest.raises(ValueError, match="no paint"):
        made()
    gc.collect()
    assert [] == Host("tabletop").instances(made)


def test_threads_make_instances_while_others_define_kinds() -> None:
    """All of them are known."""
    base, is_over = kind(fresh_group(), tracked=True), threading.Event()
    others = [kind(fresh_group(), tracked=True) for _ in range(300)]

    def define() -> None:
        while not is_over.is_set():
            others.append(kind(fresh_group(), tracked=True))

    def make(_: int) -> list[object]:
        return [base() for _ in range(100)]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            defining = [pool.submit(define) for _ in range(2)]
            try:
                made = [each for those in pool.map(make, range(4)) for each in those]
            finally:
                is_over.set()
            assert [None, None] == [each.result() for each in defining]
    finally:
        sys.setswitchinterval(before)
    assert {id(each) for each in made} == {id(each) for each in Host("tabletop").instances(base)}
