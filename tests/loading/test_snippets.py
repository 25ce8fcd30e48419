"""Environments: snippets that run in a namespace of their own."""

import math
import threading
import traceback
from typing import Any

import pytest

import plugbay
from plugbay import Environment, PluginExecutionError


class Resource:
    """What notes that it was closed, and may fail at that."""

    def __init__(self, log: list[str], name: str, error: BaseException | None = None) -> None:
        self.log, self.name, self.error = log, name, error

    def close(self) -> None:
        self.log.append(self.name)
        if self.error:
            raise self.error


def test_snippets_share_what_they_bind() -> None:
    """The next one sees it; of the last line they give the value."""
    with Environment("csv", {"scale": 3}) as environment:
        assert environment.execute("rows = [1, 2]\ndef double(x): return x * 2") is None
        assert environment.execute("[double(each) * scale for each in rows]") == [6, 12]
        assert environment.execute("rows = []; len(rows)") == 0
        assert environment.execute("") is None


def test_environments_are_apart() -> None:
    """What one binds another one does not have, nor does the program."""
    one, other = Environment("one"), Environment("other")
    one.execute("only_here = len('abc')\nlen = None")
    assert other.execute("len('ab')") == 2
    with pytest.raises(PluginExecutionError, match="name 'only_here' is not defined"):
        other.execute("only_here")
    assert "only_here" not in globals()


@pytest.mark.parametrize("name", ["open", "eval", "exec", "compile", "globals", "input", "exit"])
def test_what_reaches_beyond_is_withheld(name: str) -> None:
    """Unless the host offers it."""
    with pytest.raises(PluginExecutionError, match=f"NameError: name '{name}' is not defined"):
        Environment("csv").execute(name)
    assert Environment("csv", {name: 3}).execute(name) == 3


def test_only_what_is_offered_is_imported() -> None:
    """And what is below it; the nearest name is in the error."""
    environment = Environment("csv", imports=["math", "os.path", "xml"])
    assert environment.execute("from math import pi\nimport os.path\npi") == math.pi
    assert environment.execute("import xml.dom\nxml.dom.__name__") == "xml.dom"
    with pytest.raises(PluginExecutionError, match=r"module 'mth'; did you mean 'math'\?"):
        environment.execute("import mth")
    for module in ("os", "subprocess", "mathematics"):
        with pytest.raises(PluginExecutionError, match=f"offer the module '{module}'"):
            environment.execute(f"import {module}")


def test_a_failing_snippet_is_told_with_its_line() -> None:
    """The cause is what it raised, whose traceback shows its lines."""
    environment = Environment("csv")
    with pytest.raises(PluginExecutionError) as caught:
        environment.execute("rows = []\ndef first():\n    return rows[0]  # here\nfirst()")
    words = "'csv': line 3 of its code failed: IndexError: list index out of range"
    assert str(caught.value) == words
    assert isinstance(caught.value.__cause__, IndexError)
    assert "return rows[0]  # here" in "".join(traceback.format_exception(caught.value))
    assert isinstance(caught.value, RuntimeError)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1\nretrun x", "line 2 of its code failed: SyntaxError"),
        ("raise SystemExit(3)", "line 1 of its code failed: SystemExit: 3"),
        ("raise BaseException('odd')", "line 1 of its code failed: BaseException: odd"),
        ("\0", "failed: "),
    ],
)
def test_whatever_a_snippet_does_is_one_error(code: str, words: str) -> None:
    """The host goes on, unless it is interrupted."""
    environment = Environment("csv")
    with pytest.raises(PluginExecutionError, match=words):
        environment.execute(code)
    assert environment.execute("1 + 1") == 2
    with pytest.raises(KeyboardInterrupt):
        environment.execute("raise KeyboardInterrupt")


@pytest.mark.parametrize("error", [ValueError("jammed"), SystemExit("jammed")])
def test_resources_are_closed_in_reverse(error: BaseException) -> None:
    """Past one that fails, or wants to end the program, which is told at the end; once."""
    log: list[str] = []
    environment = Environment("csv", {"open_table": lambda name: environment.keep(held(name))})

    def held(name: str) -> Resource:
        return Resource(log, name, error if name == "b" else None)

    environment.execute("table = [open_table(each) for each in 'abc']")
    with pytest.raises(plugbay.PluginStopError, match="resources of 'csv'") as caught:
        environment.close()
    (told,) = caught.value.exceptions
    assert "jammed" in str(told)
    assert log == ["c", "b", "a"]
    environment.close()
    assert log == ["c", "b", "a"]


@pytest.mark.parametrize("end", ["close", "cleanup", "shutdown"])
def test_each_way_to_end_is_known(end: str) -> None:
    """A thing without any is an error at once."""
    log: list[int] = []
    environment = Environment("csv")
    thing = type("Thing", (), {end: lambda self: log.append(1)})()
    assert environment.keep(thing) is thing
    with pytest.raises(TypeError, match="none of close, cleanup, shutdown"):
        environment.keep(3)
    environment.close()
    assert log == [1]


def test_a_closed_environment_runs_nothing() -> None:
    """What its snippets have bound is gone with it."""
    environment = Environment("csv")
    environment.execute("x = 1")
    environment.close()
    assert environment.namespace == {}
    with pytest.raises(plugbay.PlugbayError, match="environment of 'csv' was closed"):
        environment.execute("1")
    with pytest.raises(plugbay.PlugbayError, match="was closed"):
        environment.keep(Resource([], "a"))


def test_threads_may_execute_at_once() -> None:
    """Each gets what its own snippet gives."""
    environment, seen = Environment("csv"), dict[int, Any]()
    threads = [
        threading.Thread(target=lambda n=n: seen.update({n: environment.execute(f"{n} * 2")}))
        for n in range(16)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert seen == {n: n * 2 for n in range(16)}
