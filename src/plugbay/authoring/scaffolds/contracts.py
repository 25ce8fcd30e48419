"""Contracts: what a host expects of the plugins in a group, read from the text of its modules."""

import ast
import builtins
from copy import deepcopy
from dataclasses import dataclass

from plugbay.authoring.scaffolds.texts import Texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Contract", "Method", "read_contract"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_KEPT = ("classmethod", "property", "staticmethod")


@dataclass(frozen=True)
class Method:
    """What a contract asks for: a method, with the text of its `arguments` and what it `returns`.

    `given` are the arguments without the first, `names` those of all, `decorators` the lines before
    the definition, `imports` what the annotations need, `summary` the docstring's first line.
    """

    name: str
    word: str
    arguments: str
    given: str
    returns: str
    names: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True)
class Contract:
    """A class of a host, which `module` has as `name`, with the `methods` that are to be written.

    There may be more of them where the text of the class is not known.
    """

    module: str
    name: str
    methods: tuple[Method, ...] = ()

    @property
    def call(self) -> Method | None:
        """The method that a function is enough for, if it is the only one."""
        return self.methods[0] if [each.name for each in self.methods] == ["__call__"] else None


def read_contract(texts: Texts, module: str, name: str) -> Contract:
    """The contract that a module has by that name, with what is known of it."""
    home, own, node = texts.follow(module, name)
    if not isinstance(node, ast.ClassDef):
        return Contract(home, own)
    methods = tuple(_method(texts, home, each) for each in _demanded(node))
    return Contract(_public_home(texts, home, own), own, methods)


def _public_home(texts: Texts, home: str, name: str) -> str:
    """The top-level package, if it has the class by the same name, else where it is defined."""
    top = home.partition(".")[0]
    return top if top in texts.trees and texts.follow(top, name)[:2] == (home, name) else home


def _demanded(node: ast.ClassDef) -> "Iterator[_Function]":
    """The methods that whoever meets a contract has to write."""
    is_protocol = any("Protocol" in ast.unparse(each) for each in node.bases)
    for each in node.body:
        if not isinstance(each, _Function) or (each.name[0] == "_" and each.name != "__call__"):
            continue
        if "overload" in _decorators(each):
            continue
        is_abstract = "abstractmethod" in _decorators(each)
        if is_abstract or (is_protocol and _is_empty(each)) or _raises(each):
            yield each


def _is_empty(node: _Function) -> bool:
    """Whether a method only says what it is for."""
    return all(
        isinstance(each, ast.Pass)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in node.body
    )


def _raises(node: _Function) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last)


def _decorators(node: _Function) -> list[str]:
    return [ast.unparse(each).rpartition(".")[2] for each in node.decorator_list]


def _method(texts: Texts, module: str, node: _Function) -> Method:
    imports: list[str] = []
    arguments = deepcopy(node.args)
    names = tuple(each.arg for each in _all_arguments(arguments))
    for each in _all_arguments(arguments):
        each.annotation = _annotation(texts, module, each.annotation, imports)
    arguments.defaults = [_default(each) for each in arguments.defaults]
    arguments.kw_defaults = [each and _default(each) for each in arguments.kw_defaults]
    returns = _annotation(texts, module, node.returns, imports)
    return Method(
        node.name,
        "async def" if isinstance(node, ast.AsyncFunctionDef) else "def",
        ast.unparse(arguments),
        ast.unparse(_without_first(arguments)),
        f" -> {ast.unparse(returns)}" if returns else "",
        names,
        tuple(f"@{each}" for each in _decorators(node) if each in _KEPT),
        tuple(dict.fromkeys(imports)),
        (ast.get_docstring(node) or "").partition("\n")[0],
    )


def _without_first(arguments: ast.arguments) -> ast.arguments:
    shorter = deepcopy(arguments)
    del (shorter.posonlyargs or shorter.args)[:1]
    return shorter


def _all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    rest = [each for each in (arguments.vararg, arguments.kwarg) if each]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _default(node: ast.expr) -> ast.expr:
    """A default as it can be written in another module."""
    return node if isinstance(node, ast.Constant) else ast.Constant(...)


def _annotation(
    texts: Texts, module: str, node: ast.expr | None, imports: list[str]
) -> ast.expr | None:
    """An annotation as it can be written in another module, with the imports that it needs.

    None where that cannot be told, as for a private name.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return None
    if node is None or any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) for each in ast.walk(node)
    ):
        return None
    needed = []
    for name in dict.fromkeys(each.id for each in ast.walk(node) if isinstance(each, ast.Name)):
        statement = texts.imported(module, name)
        if statement is None and not hasattr(builtins, name):
            return None
        needed.append(statement)
    imports += [each for each in needed if each]
    return node
