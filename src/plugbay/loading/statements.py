"""Statements: which names one of them binds, and how its condition comes out."""

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "SCOPES",
    "changed_elsewhere",
    "has_items",
    "imported_names",
    "matches_all",
    "names_bound_by",
    "names_gone_after",
    "targets",
    "truth",
    "walruses",
    "without_scopes",
]

# What has a scope of its own, in which assignments are not the module's.
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def changed_elsewhere(tree: ast.Module) -> "Iterator[tuple[str, bool]]":
    """The names that functions and class bodies call global, and whether they stay if bound."""
    for scope in ast.walk(tree):
        if not isinstance(scope, SCOPES):
            continue
        inner = [node for each in scope.body for node in ast.walk(each)]
        gone = {name for node in inner for name in names_gone_after(node)}
        for node in inner:
            if isinstance(node, ast.Global):
                yield from ((name, name not in gone) for name in node.names)


def targets(target: ast.expr) -> "Iterator[ast.Name]":
    """The plain names in what is assigned to; attributes and items of others bind nothing."""
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from targets(each)
    elif isinstance(target, ast.Starred):
        yield from targets(target.value)


def without_scopes(statements: "Sequence[ast.AST]") -> "Iterator[ast.AST]":
    """Every node of the statements, apart from what is within functions and classes."""
    for node in statements:
        yield node
        if not isinstance(node, SCOPES):
            yield from without_scopes(list(ast.iter_child_nodes(node)))


def names_bound_by(node: ast.AST) -> "list[str]":
    """The names that a node alone binds, without those of the nodes in it."""
    if isinstance(node, SCOPES):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return imported_names(node)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, (ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.ExceptHandler)):
        return [name for name in (getattr(node, "name", getattr(node, "rest", None)),) if name]
    return []


def names_gone_after(node: ast.AST) -> "list[str]":
    """The names that a node alone makes unbound."""
    if isinstance(node, ast.ExceptHandler):
        return [node.name] if node.name else []
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del) else []


def imported_names(node: "ast.Import | ast.ImportFrom") -> "list[str]":
    """The names that an import binds; a star binds what its text does not tell."""
    whole = isinstance(node, ast.ImportFrom)
    names = [
        each.asname or (each.name if whole else each.name.partition(".")[0]) for each in node.names
    ]
    return [each for each in names if each != "*"]


def truth(test: ast.expr) -> bool | None:
    """How a condition comes out while a module is imported; None where that cannot be told."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING":
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.Compare) and ast.unparse(test) == "__name__ == '__main__'":
        return False
    return None


def has_items(values: ast.expr) -> bool | None:
    """Whether a loop over it runs at all; None where that cannot be told."""
    if not isinstance(values, (ast.Tuple, ast.List, ast.Set)):
        return None
    if any(isinstance(each, ast.Starred) for each in values.elts):
        return None
    return bool(values.elts)


def matches_all(pattern: ast.pattern) -> bool:
    """Whether no subject of a match gets past the pattern."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def walruses(node: ast.AST, certain: bool) -> "Iterator[tuple[str, bool]]":
    """The names that `:=` binds in what is evaluated here, and whether it surely is."""
    if isinstance(node, (ast.Lambda, *SCOPES)):
        for each in _evaluated_at_once(node):
            yield from walruses(each, certain)
        return
    if isinstance(node, ast.NamedExpr):
        yield from walruses(node.value, certain)
        yield node.target.id, certain
        return
    always = _evaluated_first(node)
    for child in ast.iter_child_nodes(node):
        yield from walruses(child, certain and (always is None or child in always))


def _evaluated_at_once(node: ast.AST) -> "list[ast.expr]":
    """What of a function or class is evaluated where it is defined."""
    found: list[ast.expr] = list(getattr(node, "decorator_list", ()))
    if isinstance(node, ast.ClassDef):
        found += [*node.bases, *(each.value for each in node.keywords)]
    elif isinstance(node, (ast.Lambda, *_FUNCTIONS)):
        found += [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return found


def _evaluated_first(node: ast.AST) -> "list[ast.AST] | None":
    """The parts of an expression that are surely evaluated; None where all are."""
    if isinstance(node, ast.BoolOp):
        return [node.values[0]]
    if isinstance(node, ast.IfExp):
        return [node.test]
    if isinstance(node, ast.Compare):
        return [node.left, node.comparators[0]]
    if isinstance(node, (ast.Assert, *_COMPREHENSIONS)):
        return []
    if isinstance(node, ast.AnnAssign):  # annotations are not evaluated in every Python
        return [each for each in (node.target, node.value) if each]
    return None
