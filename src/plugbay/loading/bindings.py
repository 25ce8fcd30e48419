"""Bindings: which names a module's text binds when it is run, told without running it.

The text is followed statement by statement as the interpreter would, both ways where it may go
either. What is only there for type checkers, or for a module run as a program, is left out.
"""

import ast

from plugbay.loading.statements import (
    SCOPES,
    changed_elsewhere,
    has_items,
    imported_names,
    matches_all,
    names_bound_by,
    names_gone_after,
    targets,
    truth,
    walruses,
    without_scopes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Bindings", "Origin"]

# Using one of these, a module can bind names that its text does not show.
_DYNAMIC = ("exec", "eval", "globals", "locals", "setattr", "vars")

_REACHING = ("_convert_", "f_globals", "global_enum", "modules")

# What every module has without binding it.
_GIVEN = frozenset(
    f"__{name}__"
    for name in ("builtins", "dict", "doc", "file", "loader", "name", "package", "spec")
)

_JUMPS = (ast.Break, ast.Continue)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Origin:
    """Where a name got its value: the statement, and whether it surely has one."""

    __slots__ = ("certain", "nodes")

    def __init__(self, certain: bool, nodes: "tuple[ast.AST, ...]") -> None:
        self.certain = certain
        self.nodes = nodes

    def or_else(self, other: "Origin | None") -> "Origin":
        """What holds where it may be this one, or another, or none (None)."""
        if other is None:
            return Origin(False, self.nodes)
        nodes = (*self.nodes, *(each for each in other.nodes if each not in self.nodes))
        return Origin(self.certain and other.certain, nodes)


# The names that are bound at one place of the text. None: the interpreter never gets there.
_State = dict[str, Origin]


class Bindings:
    """What the text of a module binds; `dynamic` says why it may bind more, "" where it may not.

    Raises SyntaxError or ValueError for what is not Python, and RecursionError or MemoryError for
    what is too deep.
    """

    def __init__(self, source: bytes, path: str) -> None:
        self.tree = ast.parse(source, path)
        self._names = _block(self.tree.body, {}, is_module=True) or {}
        for name, stays in changed_elsewhere(self.tree):
            elsewhere = Origin(stays and name in self._names, (self.tree,))
            self._names[name] = elsewhere.or_else(self._names.get(name, elsewhere))
        self.dynamic = self._why_dynamic()

    def origin(self, name: str) -> Origin | None:
        """Where a name got its value; None where the text never gives it one that stays."""
        if name in _GIVEN:
            return self._names.get(name) or Origin(True, (self.tree,))
        return self._names.get(name)

    def names(self) -> list[str]:
        """Every name that may be bound."""
        return list(self._names)

    def _why_dynamic(self) -> str:
        if "__getattr__" in self._names:
            return "has a __getattr__"
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names):
                return f"imports * from {'.' * node.level}{node.module or ''}"
            if isinstance(node, ast.Name) and node.id in _DYNAMIC:
                return f"uses {node.id}()"
            if isinstance(node, ast.Attribute) and node.attr in _REACHING:
                return f"uses {ast.unparse(node)}"
        return ""


def _block(
    statements: "Sequence[ast.stmt]", state: _State, *, is_module: bool = False
) -> _State | None:
    """The names after a block of statements; None if it never gets to its end."""
    for statement in statements:
        after = _statement(statement, state)
        if after is not None:
            state = after
        elif not is_module:
            return None
        # A module that always ends here cannot be imported; that is not for this to tell.
    return state


def _statement(node: ast.stmt, state: _State) -> _State | None:
    if isinstance(node, (ast.Raise, ast.Return, *_JUMPS)):
        return None
    if isinstance(node, ast.If):
        return _if(node, state)
    if isinstance(node, _LOOPS):
        return _loop(node, state)
    if isinstance(node, (ast.Try, ast.TryStar)):
        return _try(node, state)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return _with(node, state)
    if isinstance(node, ast.Match):
        return _match(node, state)
    return _simple(node, state)


def _simple(node: ast.stmt, state: _State) -> _State:
    """A statement that is run once, from one end to the other."""
    state = _named(node, state)
    if isinstance(node, ast.Assign):
        for target in node.targets:
            state = _bound(target, node, state)
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value):
        state = _bound(node.target, node, state)
    elif isinstance(node, SCOPES):
        state = {**state, node.name: Origin(True, (node,))}
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        state = {**state, **{name: Origin(True, (node,)) for name in imported_names(node)}}
    elif isinstance(node, ast.Delete):
        gone = {each.id for target in node.targets for each in targets(target)}
        state = {name: origin for name, origin in state.items() if name not in gone}
    elif type(node).__name__ == "TypeAlias":  # from Python 3.12 on
        state = _bound(node.name, node, state)  # type: ignore[attr-defined]
    return state


def _bound(target: ast.expr, node: ast.AST, state: _State) -> _State:
    return {**state, **{each.id: Origin(True, (node,)) for each in targets(target)}}


def _either(one: _State | None, other: _State | None) -> _State | None:
    """The names where it may have gone one way or the other."""
    if one is None or other is None:
        return one if other is None else other
    merged = {}
    for name in {**one, **other}:
        first, second = one.get(name), other.get(name)
        merged[name] = first.or_else(second) if first else second.or_else(None)  # type: ignore[union-attr]
    return merged


def _anywhere_in(node: ast.stmt, statements: "Sequence[ast.stmt]", state: _State) -> _State:
    """The names where some of the statements may have been run, and perhaps none."""
    changed, gone = set(), set()
    for each in without_scopes(statements):
        changed.update(names_bound_by(each))
        gone.update(names_gone_after(each))
    unsure = {name: Origin(name in state, (node,)) for name in changed}
    lost = {name: Origin(False, (node,)) for name in gone if name in state or name in changed}
    merged = {name: state[name].or_else(each) for name, each in unsure.items() if name in state}
    return {**state, **unsure, **merged, **lost}


def _if(node: ast.If, state: _State) -> _State | None:
    state = _named(node.test, state)
    verdict = truth(node.test)
    body = None if verdict is False else _block(node.body, state)
    orelse = None if verdict is True else _block(node.orelse, state)
    if verdict is not None:
        return orelse if verdict is False else body
    return _either(body, orelse)


def _loop(node: "ast.For | ast.AsyncFor | ast.While", state: _State) -> _State | None:
    if isinstance(node, ast.While):
        state = _named(node.test, state)
        runs, start = truth(node.test), state
    else:
        state = _named(node.iter, state)
        runs, start = has_items(node.iter), _bound(node.target, node, state)
    if runs is False:
        return _block(node.orelse, state)
    jumps = any(isinstance(each, _JUMPS) for part in node.body for each in ast.walk(part))
    # A second round may begin with what the first one has left behind.
    once = _anywhere_in(node, node.body, start) if jumps else _block(node.body, start)
    if not jumps and once is not None:
        again = _block(
            node.body, once if isinstance(node, ast.While) else _bound(node.target, node, once)
        )
        once = _either(once, again)
    if isinstance(node, ast.While) and runs:
        return once if jumps else None  # it is only left by a jump
    ended = once if runs and once is not None else _either(state, once)
    if once is None and runs:
        return None
    done = _block(node.orelse, ended if ended is not None else state)
    return _either(ended, done) if jumps else done


def _try(node: "ast.Try | ast.TryStar", state: _State) -> _State | None:
    done = _block(node.body, state)
    if done is not None:
        done = _block(node.orelse, done)
    partly = _anywhere_in(node, node.body, state)
    ways = [done]
    for handler in node.handlers:
        caught = partly
        if handler.name:
            caught = {**caught, handler.name: Origin(True, (handler,))}
        way = _block(handler.body, caught)
        if way is not None and handler.name:
            way = {name: origin for name, origin in way.items() if name != handler.name}
        ways.append(way)
    result: _State | None = None
    for way in ways:
        result = _either(result, way)
    return None if result is None else _block(node.finalbody, result)


def _with(node: "ast.With | ast.AsyncWith", state: _State) -> _State | None:
    suppresses = False
    for item in node.items:
        state = _named(item.context_expr, state)
        if item.optional_vars is not None:
            state = _bound(item.optional_vars, node, state)
        suppresses = suppresses or "suppress" in ast.unparse(item.context_expr)
    done = _block(node.body, state)
    return _either(_anywhere_in(node, node.body, state), done) if suppresses else done


def _match(node: ast.Match, state: _State) -> _State | None:
    state = _named(node.subject, state)
    result: _State | None = None
    for case in node.cases:
        captured = {
            name: Origin(True, (node,))
            for each in ast.walk(case.pattern)
            if (name := getattr(each, "name", None) or getattr(each, "rest", None))
        }
        tried = {**state, **captured}
        if case.guard is not None:
            tried = _named(case.guard, tried)
        result = _either(result, _block(case.body, tried))
        if case.guard is None and matches_all(case.pattern):
            return result
        state = _either(state, tried) or state  # a name is bound before the guard says no
    return _either(result, state)


def _named(node: ast.AST, state: _State) -> _State:
    """The names with those that `:=` within an expression or a simple statement binds."""
    for name, certain in walruses(node, True):
        origin = Origin(True, (node,))
        state = {**state, name: origin if certain else origin.or_else(state.get(name))}
    return state
