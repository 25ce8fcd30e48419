"""Bindings: what the text of a module tells of its names, held against what running it gives."""

from __future__ import annotations

import ast
import itertools
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugbay.loading.bindings import Bindings

# Text, and whether it binds `x`: yes, no, or what cannot be told. Running it has to agree.
CASES: list[tuple[str, bool | None]] = [
    ("x = 1", True),
    ("x: int = 1", True),
    ("x: int", False),
    ("a = 1", False),
    ("(x, a), *b = (1, 2), 3", True),
    ("a, *x = 1, 2", True),
    ("a = [0]\na[0] = x = 1", True),
    ("class a: pass\na.x = 1", False),
    ("def x(): pass", True),
    ("async def x(): pass", True),
    ("class x: pass", True),
    ("class a:\n x = 1", False),
    ("def a():\n x = 1\na()", False),
    ("import os.path as x", True),
    ("import os.path\nx = os", True),
    ("import os.path", False),
    ("from os import path as x", True),
    ("x = 1\ndel x", False),
    ("x = a = 1\ndel a", True),
    ("x = 1\nif len('a') > 3: del x", None),
    ("if len('a'): x = 1", None),
    ("if len('a'): x = 1\nelse: x = 2", True),
    ("if len('a'): a = 1\nelse: a = 2", False),
    ("if len('a') > 3: raise ValueError\nelse: x = 1", True),
    ("if True: x = 1", True),
    ("if not 1: x = 1", False),
    ("if __name__ == '__main__': x = 1", False),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING: import nowhere as x", False),
    ("import typing\nif not typing.TYPE_CHECKING: x = 1", True),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING: x = 1\nelse: x = 2", True),
    ("for x in (): pass", False),
    ("for x in (1, 2): pass", True),
    ("for x in 'ab': pass", None),
    ("for a in (1, 2):\n x = a\n del x", False),
    ("for x in (1, 2): pass\nelse: del x", False),
    ("for x in (1, 2):\n if x: break\nelse: y = 1", True),
    ("for a in (1, 2):\n if a: break\nelse: x = 1", None),
    ("for a in (1, 2):\n if a: continue\n x = 1", None),
    ("[x for x in (1, 2)]", False),
    ("while True:\n x = 1\n break", None),
    ("while len('') > 3: x = 1", None),
    ("while x := len(''): pass", True),
    ("try: import tomllib as x\nexcept ImportError: x = None", True),
    ("try: import nowhere_at_all as x\nexcept ImportError: pass", None),
    ("try: import nowhere_at_all as x\nexcept ImportError: x = None", True),
    ("try: a = 1\nexcept ValueError as x: pass", False),
    ("try: raise ValueError\nexcept ValueError as x: pass", False),
    ("x = 1\ntry: raise ValueError\nexcept ValueError as x: pass", False),
    ("try: pass\nfinally: x = 1", True),
    ("try: pass\nexcept ValueError: pass\nelse: x = 1", None),
    ("try: pass\nexcept ValueError: raise\nelse: x = 1", True),
    ("try:\n for x in (1, 2): raise ValueError\nexcept ValueError: pass", None),
    ("try:\n x = 1\n raise ValueError\nexcept* ValueError: pass", None),
    ("import io\nwith io.StringIO() as x: pass", True),
    ("import io\nwith io.StringIO() as a: x = 1", True),
    ("import io\nwith io.StringIO() as (a): del a", False),
    ("from contextlib import suppress\nwith suppress(ValueError): x = int('a')", None),
    ("match 1:\n case x: pass", True),
    ("match 1:\n case 2: x = 1", None),
    ("match 1:\n case 2: x = 1\n case _: x = 2", True),
    ("match [1, 2]:\n case [1, *x]: pass", None),
    ("match {}:\n case {**x}: pass", None),
    ("match 1:\n case int() as x: pass", None),
    ("match 1:\n case x if x > 3: pass\n case _: pass", None),
    ("match 1:\n case x if x > 3: raise ValueError\n case _: pass", None),
    ("len((x := 'a'))", True),
    ("len('') and (x := 1)", None),
    ("1 if len('') else (x := 1)", None),
    ("any((x := a) for a in (1, 2))", None),
    ("a = lambda: (x := 1)", False),
    ("def a(b=(x := 1)): pass", True),
    ("class a((x := object)): pass", True),
    ("x = 1\nlen('') and (x := 2)", True),
    ("def a():\n global x\n x = 1\na()", None),
    ("def a():\n global x\n x = 1", None),
    ("x = 1\ndef a():\n global x\n x = 2\na()", True),
    ("x = 1\ndef a():\n global x\n del x\na()", None),
    ("class a:\n global x\n x = 1", None),
    ("exec('x = 1')", None),
    ("globals()['x'] = 1", None),
    ("from os.path import *", None),
    ("def __getattr__(name): raise AttributeError(name)", None),
    ("import sys\nsys.modules", None),
    ("import sys\nsys._getframe().f_globals['x'] = 1", None),
    ("x = 1\nfrom os.path import *", True),
]


def said(text: str) -> bool | None:
    """What the text tells about `x`."""
    bindings = Bindings(text.encode(), "text.py")
    origin = bindings.origin("x")
    if origin is None:
        return None if bindings.dynamic else False
    return True if origin.certain else None


def is_bound(text: str) -> bool:
    """Whether running the text binds `x`."""
    scope: dict[str, object] = {"__name__": "text"}
    exec(compile(text, "text.py", "exec"), scope)  # noqa: S102 - the texts are ours
    return "x" in scope


@pytest.mark.parametrize(("text", "expected"), CASES, ids=itertools.count())
def test_the_text_tells_what_running_it_gives(text: str, expected: bool | None) -> None:
    """It is as expected, and where it is certain, running the text agrees."""
    assert said(text) is expected
    assert expected is None or is_bound(text) is expected


def test_newer_syntax_binds_where_this_python_can_read_it() -> None:
    """A `type` statement is one from Python 3.12 on, and no Python before."""
    try:
        ast.parse("type x = int")
    except SyntaxError:
        with pytest.raises(SyntaxError):
            said("type x = int")
    else:
        assert said("type x = int") is True


@pytest.mark.parametrize("name", ["__name__", "__doc__", "__file__", "__spec__"])
def test_each_module_has_what_all_have(name: str) -> None:
    """Without binding it."""
    origin = Bindings(b"", "text.py").origin(name)
    assert origin is not None
    assert origin.certain


SIMPLE = st.sampled_from(
    [
        "x = 1",
        "y = 1",
        "x: int",
        "if 'x' in dir(): del x",
        "pass",
        "import os as x",
        "def x(): pass",
        "fail()",
        "(c() and (x := 1))",
        "raise ValueError",
        "x, y = 1, 2",
    ]
)
WRAPPED = [
    "if c():\n{0}",
    "if c():\n{0}\nelse:\n{1}",
    "for a in (1, 2):\n{0}",
    "for x in range(c()):\n{0}",
    "for a in range(2):\n{0}\n if c(): break\n{1}\nelse:\n{0}",
    "for a in (1, 2):\n if c(): continue\n{0}",
    "while c():\n{0}",
    "while True:\n{0}\n break",
    "try:\n{0}\nexcept ValueError:\n{1}",
    "try:\n{0}\nexcept ValueError as x:\n{1}",
    "try:\n{0}\nexcept ValueError:\n{1}\nelse:\n{0}\nfinally:\n pass",
    "try:\n{0}\nfinally:\n{1}",
    "with suppress(ValueError):\n{0}",
    "match c():\n case 1:\n {0}\n case x:\n {1}".replace(" {", "{"),
]


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Blocks of statements, some of which have blocks in them."""
    wrapped = st.builds(
        lambda frame, one, two: frame.format(
            textwrap.indent(one, "  " if "match" in frame else " "),
            textwrap.indent(two, "  " if "match" in frame else " "),
        ),
        st.sampled_from(WRAPPED),
        inner,
        inner,
    )
    return st.lists(st.one_of(SIMPLE, wrapped), min_size=1, max_size=3).map("\n".join)


@settings(max_examples=400)
@given(text=st.recursive(SIMPLE, blocks, max_leaves=6), turns=st.lists(st.booleans(), max_size=9))
def test_no_program_contradicts_the_text(text: str, turns: list[bool]) -> None:
    """Whichever way its conditions come out, unless it ends with an error or deletes by a call."""
    answer = said(text)
    ways = iter([*turns, *[False] * 50])
    from contextlib import suppress

    def fail() -> None:
        if next(ways):
            raise ValueError

    scope: dict[str, object] = {"c": lambda: next(ways), "fail": fail, "suppress": suppress}
    try:
        exec(compile(text, "text.py", "exec"), scope)  # noqa: S102 - as above
    except (ValueError, StopIteration):
        return
    assert answer is None or ("x" in scope) is answer
