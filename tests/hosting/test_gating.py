"""Gating: what the code of an installed plugin says of itself is judged when it is loaded."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import sleep
from typing import Any

import pytest
from parts import QUIET, observed, states
from sites import GROUP, HOST, Site

import plugbay
from plugbay import EntryPoint, Host, HostApi, Policy
from plugbay.compatibility.gate import Gate
from plugbay.discovery.manifests import Manifest


def saying(words: str) -> str:
    """The body of a module whose plugin has these attributes."""
    return f"class thing:\n    {words}"


def discovered(site: Site, bodies: dict[str, str], **options: Any) -> Host:
    """A host of API version 1.5 with an installed plugin for each of these bodies of modules."""
    for name, body in bodies.items():
        site.add_module(name, body, module=f"gated_{name}")
    host = Host("tabletop", api=HostApi(HOST, "1.5"), **options)
    host.discover(GROUP)
    return host


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("api_version = '>=1.2,<2'", ""),
        ("api_version = '1.2'", ""),
        ("api_version = '>=2'", "2"),
        ("api_version = '2.0'", "2"),
        ("api_version = 'no version'", "no version"),
        ("api_version = 2", ""),
        ("min_api_version = '1.4'", ""),
        ("min_api_version = '1.6'", "1.6"),
        ("min_api_version = '0.9'", "0.9"),
        ("depends_on = ['other']", ""),
        ("depends_on = ['other>=1,<2', 'missing?']", ""),
        ("depends_on = ['other>=2']", "it depends on 'other>=2', and 'other' is 1.0"),
        ("depends_on = ('othr',)", "'othr', which is not there; did you mean 'other'"),
        ("depends_on = property(lambda self: 1 / 0)", ""),
    ],
)
@QUIET
def test_attributes_are_judged_on_load(site: Site, words: str, reason: str) -> None:
    """When it is looked up, or when the host starts; nothing is known of them before."""
    host = discovered(site, {"x": saying(words), "other": ""})
    seen = observed(host)
    assert ["other", "x"] == list(host[GROUP])
    if reason:
        with pytest.raises(plugbay.PluginRefusedError) as raised:
            host[GROUP]["x"]
        assert reason in str(raised.value)
        assert ["other"] == list(host[GROUP])
    else:
        assert "thing" == type(host[GROUP]["x"]).__name__
    host.start()
    assert {"x": "refused" if reason else "active", "other": "active"} == states(host)
    assert (["x found>refused"] if reason else ["x found>loaded"]) == seen[:1]
    assert 1 == sum(each.startswith("x found>") for each in seen)
    assert 1 == site.runs("gated_x")
    host.stop()


@QUIET
def test_a_host_that_starts_judges_them_too(site: Site) -> None:
    """And refuses who depends on them."""
    host = discovered(site, {"x": saying("api_version = '>=2'"), "y": saying("depends_on = ['x']")})
    host.start()
    assert {"x": "refused", "y": "refused"} == states(host)
    assert "which is refused: " in host[GROUP].components["y"].reason
    host.stop()


@QUIET
def test_all_that_is_said_has_to_hold(site: Site) -> None:
    """As of several declarations of a distribution."""
    words = "api_version = '<1.5'; min_api_version = '1.0'"
    assert [] == list(discovered(site, {"x": saying(words)})[GROUP].values())


@QUIET
def test_a_dependency_in_code_that_cannot_be_read_costs_its_plugin(site: Site) -> None:
    """The others can be iterated over."""
    host = discovered(site, {"a": saying("depends_on = ['b>>1']"), "b": "thing = 1"})
    assert [1] == list(host[GROUP].values())


def test_dependencies_in_code_start_first(site: Site) -> None:
    """And are given to who depends on them."""
    a = saying("depends_on = ['z']\n    def initialize(self, context): context.plugin('z')")
    host = discovered(site, {"a": a, "z": "class thing: ..."})
    seen = observed(host)
    host.start()
    host.stop()
    assert ["z loaded>active", "a loaded>active"] == [each for each in seen if "active" in each][:2]
    assert ["a active>stopped", "z active>stopped"] == seen[-2:]


class Turns(Policy):
    """A policy that, once it is armed, answers for each plugin when that one is let go."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.is_armed = False
        self.asked = {name: threading.Event() for name in names}
        self.go = {name: threading.Event() for name in names}

    def refusal(self, name: str, *others: str) -> Any:
        if self.is_armed:
            self.asked[name].set()
            self.go[name].wait(5)
        return super().refusal(name, *others)


def test_each_of_two_threads_gets_its_own_verdict(site: Site) -> None:
    """Whichever is judged first; what is known of the distributions has no part in it."""
    turns = Turns("a", "b")
    gate = Gate(HostApi(HOST, "1.5"), turns)
    found = {name: site.add(name) for name in "ab"}
    points = {name: EntryPoint(name, "m:x", GROUP, each) for name, each in found.items()}
    assert all(gate.judge(points[name], found[name], None).admitted for name in "ab")
    declared = Manifest("attributes", {"api": ">=2"}, "a", "a.py")
    turns.is_armed = True
    with ThreadPoolExecutor(2) as pool:
        verdicts = []
        for name in "ab":
            judge = partial(gate.judge, shared=False)
            verdicts.append(pool.submit(judge, points[name], found[name], declared))
            assert turns.asked[name].wait(5)
        for name, each in zip("ab", verdicts, strict=True):
            turns.go[name].set()
            each.exception(5)
    assert [False, False] == [each.result().admitted for each in verdicts]


@pytest.mark.usefixtures("_turns")
@pytest.mark.parametrize("source", ["installed", "code"])
def test_threads_that_ask_for_a_class_get_one_instance(source: str, site: Site) -> None:
    """The class is called once."""
    made: list[object] = []

    class Slow:
        def __init__(self) -> None:
            made.append(self)
            sleep(0.02)

    if source == "code":
        host = Host("tabletop")
        host.register("x", Slow, group=GROUP)
    else:
        body = "import time\nmade = []\nclass thing:\n    def __init__(self):\n        "
        host = discovered(site, {"x": f"{body}made.append(self); time.sleep(0.02)"})
    seen, barrier = observed(host), threading.Barrier(8)

    def ask(_: int) -> Any:
        barrier.wait()
        return host[GROUP]["x"]

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(ask, range(8))
    if source == "installed":
        made = sys.modules["gated_x"].made
    assert [first] == made
    assert all(each is first for each in others)
    assert "x found>loaded" == seen[0]


def test_threads_that_load_a_class_together_get_one_instance() -> None:
    """Also where both came before it was known."""
    barrier, made = threading.Barrier(2), []

    def wait(found: object) -> bool:
        barrier.wait(5)
        return True

    class Made:
        def __init__(self) -> None:
            made.append(self)

    host = Host("tabletop")
    host.group(GROUP, expect=wait)
    host.register("x", Made, group=GROUP)
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: host[GROUP]["x"], range(2))
    assert one is two
    assert [one] == made


@QUIET
def test_classes_that_ask_for_each_other_are_told(site: Site) -> None:
    """While they are made; asking later is fine."""
    host = Host("tabletop")
    host.register(
        "a", type("A", (), {"__init__": lambda self: host[GROUP]["b"] and None}), group=GROUP
    )
    host.register(
        "b", type("B", (), {"__init__": lambda self: host[GROUP]["a"] and None}), group=GROUP
    )
    with pytest.raises(plugbay.PluginUnavailableError, match="asks for itself while it is being"):
        host[GROUP]["a"]
