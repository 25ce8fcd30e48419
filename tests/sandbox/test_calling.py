"""Calling: plugins, functions and references, as far as each level can follow them."""

import functools
import sys
from typing import Any

import hostile
import pytest
from sites import GROUP, Site
from watching import Program

import plugbay
from plugbay import Sandbox, load_group

LEVELS: list[Any] = ["inprocess", "thread", "process"]
LEVEL = pytest.mark.parametrize("level", LEVELS)

MODULE = """
import os
made = 0

def thing(*args, **kwargs): return [os.getpid(), *args, kwargs]

class Thing:
    def __init__(self):
        global made
        made += 1
        self.calls = 0
    def __call__(self, *args):
        self.calls += 1
        return [made, self.calls, *args]
    def method(self): return ["method", made]

class Broken:
    def __init__(self): raise ValueError("cannot be made")

def nothing(): pass
value = 3
"""


@pytest.fixture
def plugins(site: Site) -> Any:
    """A group with plugins of two distributions."""
    names = {"f": "thing", "c": "Thing", "b": "Broken", "v": "value", "n": "missing"}
    site.add(
        "shade-one",
        {name: f"shade_one:{attr}" for name, attr in names.items()} | {"d": "shade_one:Thing.x"},
        files={"shade_one.py": MODULE},
    )
    site.add("shade-two", {"two": "shade_two.inner:thing", "gone": "shade_gone:thing"})
    site.write("shade_two/__init__.py", "")
    site.write("shade_two/inner.py", MODULE)
    site.write("shade_two/other.py", MODULE)
    return load_group(GROUP).plugins


@LEVEL
def test_a_plugin_is_called(level: Any, plugins: Any) -> None:
    """By its handle; the result has its name."""
    with Sandbox(level) as sandbox:
        result = sandbox.run(plugins["f"], 1, 2, a=3)
        assert [1, 2, {"a": 3}] == result.unwrap()[1:]
        assert "f" == result.name


def test_a_plugin_is_imported_in_its_process_alone(plugins: Any) -> None:
    """The host's process has nothing of it."""
    with Sandbox("process", timeout=30) as sandbox:
        assert sandbox.run(plugins["f"]).success
    assert "shade_one" not in sys.modules
    assert "found" == plugins["f"].state


@LEVEL
def test_a_class_is_instantiated_once(level: Any, plugins: Any) -> None:
    """And its instance called, however often; each sandbox has one of its own."""
    with Sandbox(level) as sandbox:
        for calls in range(1, 4):
            assert [1, calls, "x"] == sandbox.run(plugins["c"], "x").unwrap()
        assert ["method", 1] == sandbox.run("shade_one:Thing.method").unwrap()


@LEVEL
def test_a_plugin_that_cannot_be_had_fails(level: Any, plugins: Any) -> None:
    """Each time, with its error, and nothing else does."""
    with Sandbox(level) as sandbox:
        for _ in range(2):
            found = {name: sandbox.run(plugins[name]).error for name in ("b", "v", "n", "gone")}
            assert all(isinstance(each, plugbay.SandboxedError) for each in found.values())
            assert "cannot be made" in str(found["b"])
            assert "TypeError" == getattr(found["v"], "type", "")
            assert "missing" in str(found["n"])
            assert "shade_gone" in str(found["gone"])
        assert sandbox.run(plugins["f"]).success


@LEVEL
def test_a_refused_plugin_is_not_called(level: Any, site: Site) -> None:
    """Nor imported; the result says why it was refused."""
    site.add_module("shade-refused", requires=["plugbay-test-host>=3"])
    site.add("plugbay-test-host", version="1.0")
    with pytest.warns(plugbay.PluginWarning):
        refused = load_group(GROUP).refused["shade-refused"]
    assert "refused" == refused.state
    with Sandbox(level) as sandbox:
        result = sandbox.run(refused)
    assert isinstance(result.error, plugbay.SandboxedError)
    assert "PluginRefusedError" == result.error.type
    assert refused.reason in result.error.message
    assert 0 == site.runs("shade_refused")


@LEVEL
@pytest.mark.parametrize(
    ("target", "args", "value"),
    [
        ("hostile:add", [1, 2], 3),
        ("hostile:Counter.plain", [], "plain"),
        ("hostile:counter", [], [1, 1]),
        ("hostile:counter.count", [], [1, 1]),
        ("hostile:later", [3], 3),
        ("asyncio:sleep", [0, 3], 3),
        ("os.path:join", ["a", "b"], "a/b"),
        ("builtins:len", ["abc"], 3),
        ("hostile : add", [1, 2], 3),
        (hostile.add, [1, 2], 3),
        (hostile.later, [3], 3),
        (hostile.Counter.plain, [], "plain"),
        (len, ["abc"], 3),
    ],
)
def test_references_and_functions_are_called(
    level: Any, target: Any, args: Any, value: Any, sandbox: Sandbox
) -> None:
    """Of modules and of classes, plain or to be awaited."""
    used = sandbox if level == "process" else Sandbox(level)
    result = used.run(target, *args)
    assert result.success, result
    assert value == result.value or "counter" in str(target)


def test_a_method_is_called_of_one_instance(sandbox: Sandbox) -> None:
    """Which is made when it is first asked for, in the process of the call."""
    first = sandbox.run("hostile:Counter.count").unwrap()
    assert [first[0], first[1] + 1] == sandbox.run("hostile:Counter.count").unwrap()
    assert [first[0], first[1] + 2] == sandbox.run(hostile.Counter.count).unwrap()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (lambda: 3, "it is no attribute of a module"),
        (hostile.counter.count, "name a method as 'module:Class.method'"),
        (hostile.counter, "it is no attribute of a module"),
        (functools.partial(hostile.add, 1), "it is no attribute of a module"),
        ([].append, "it is no attribute of a module"),
        (3, "it is no attribute of a module"),
    ],
)
def test_what_no_other_process_can_find_is_told(target: Any, words: str, sandbox: Sandbox) -> None:
    """As a result, with what to do instead; the other levels have it."""
    result = sandbox.run(target)
    assert "SandboxError" == getattr(result.error, "type", "")
    assert words in str(result.error)
    assert isinstance(Sandbox("thread").run(target), plugbay.Result)


def test_a_local_function_cannot_be_found_by_another_process(sandbox: Sandbox) -> None:
    """Nor can one that is hidden behind another of its name."""

    def local() -> int:
        return 3

    def add() -> int:
        return 3

    add.__qualname__, add.__module__ = "add", "hostile"
    for target in (local, add):
        assert "SandboxError" == getattr(sandbox.run(target).error, "type", "")
        assert 3 == Sandbox("inprocess").run(target).unwrap()


def test_a_function_of_the_program_itself_is_told(tmp_path: Any) -> None:
    """Another process would have to run the program again."""
    code = """
def mine(): return 1
with Sandbox("process") as sandbox:
    say(sandbox.run(mine).error)
    say(sandbox.run(hostile.add, 1, 2).value)
say(Sandbox("thread").run(mine).value)
"""
    code_, lines = Program(code, tmp_path).end()
    assert (0, ["3", "1"]) == (code_, lines[1:])
    assert "it is defined in the program itself; move it to a module" in lines[0]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_class_may_be_called_as_a_plugin_and_by_its_name(is_first: bool, plugins: Any) -> None:
    """The one calls its instance, the other makes one, whichever came first."""
    with Sandbox("process", timeout=30) as sandbox:
        found: dict[bool, Any] = {}
        for is_plugin in (is_first, not is_first):
            target = plugins["c"] if is_plugin else "shade_one:Thing"
            found[is_plugin] = sandbox.run(target)
        assert found[True].success
        assert isinstance(found[False].error, plugbay.SandboxDataError)


def test_what_is_no_reference_is_told_by_each_level(sandbox: Sandbox) -> None:
    """In the same way."""
    kinds = {type(Sandbox(level).run("no reference").error) for level in LEVELS[:2]}
    kinds.add(type(sandbox.run("no reference").error))
    assert 1 == len(kinds)


# -- who shares a process with whom -------------------------------------------------------------


def test_plugins_of_different_packages_share_no_process(plugins: Any) -> None:
    """Those of one package do, and find what the others have left."""
    with Sandbox("process", timeout=30) as sandbox:
        one, two = (sandbox.run(plugins[name]).unwrap()[0] for name in ("f", "two"))
        assert one != two
        assert one == sandbox.run("shade_one:thing").unwrap()[0]
        assert two == sandbox.run("shade_two.other:thing").unwrap()[0]
        assert len({one, two, sandbox.run(hostile.process).unwrap()}) == 3
        assert one == sandbox.run(plugins["f"]).unwrap()[0]


def test_sandboxes_share_no_process(sandbox: Sandbox) -> None:
    """Each has its own."""
    with Sandbox("process", timeout=30) as other:
        assert other.run(hostile.process).unwrap() != sandbox.run(hostile.process).unwrap()


def test_a_plugin_that_crashes_costs_its_own_package_only(plugins: Any) -> None:
    """The processes of the others are the same as before."""
    with Sandbox("process", timeout=30) as sandbox:
        before = sandbox.run(plugins["two"]).unwrap()[0]
        assert not sandbox.run("os:abort").success
        assert not sandbox.run(hostile.leave, 1).success
        assert before == sandbox.run(plugins["two"]).unwrap()[0]
