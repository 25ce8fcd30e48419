"""Answers: the hooks that the code of a plugin answers, held against those its manifest names."""

import ast

from plugbay.authoring.checks.described import described
from plugbay.authoring.checks.subjects import Subject
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.loading.references import look_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.authoring.checks.findings import Finding
    from plugbay.authoring.checks.subjects import Declared

__all__ = ["check_hooks"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def check_hooks(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Hooks that only one of manifest and code knows, where the code is plain enough to tell."""
    manifest, _ = described(subject)
    if manifest is None:
        return
    for each in subject.entry_points:
        hooks = manifest.plugin(each.group, each.name).hooks
        found = None if hooks is None else _answered(subject, each)
        if hooks is None or found is None:
            continue
        for name in sorted(set(hooks) - found):
            said = f"the manifest says that {each.name!r} answers {name!r}, and its code does not"
            yield subject.finding("PB604", said, each)
        for name in sorted(found - set(hooks)):
            said = f"the code of {each.name!r} answers {name!r}, which its manifest does not say"
            yield subject.finding("PB604", said, each)


def _answered(subject: Subject, declared: "Declared") -> set[str] | None:
    """The hooks that the text of a plugin answers; None where it does not tell."""
    sighting = look_up(declared.value, subject.modules)
    if not sighting.exists or not sighting.path:
        return None
    try:
        tree = ast.parse(subject.modules.read(sighting.path))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if ":" not in declared.value:
        return _names_in(tree.body)
    for node in tree.body:
        if getattr(node, "lineno", None) != sighting.line:
            continue
        if isinstance(node, _FUNCTIONS):
            return _names_in([node])
        if isinstance(node, ast.ClassDef) and not node.bases and not node.keywords:
            return _names_in(node.body)
    return None


def _names_in(body: "list[ast.stmt]") -> set[str] | None:
    """The hooks of marked functions; None where something else in there may be marked."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and "impl" in ast.unparse(node):
            return None
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.For)) or _is_star(node):
            return None
        if not isinstance(node, _FUNCTIONS):
            continue
        for decorator in node.decorator_list:
            name = _name_by(decorator, node.name)
            if name == "":
                return None
            names.update([name] if name else [])
    return names


def _is_star(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names)


def _name_by(decorator: ast.expr, function: str) -> str | None:
    """The hook that a decorator marks a function for: "" where that is unknown, None for none."""
    call = decorator if isinstance(decorator, ast.Call) else None
    marker = call.func if call else decorator
    if not ast.unparse(marker).endswith("impl"):
        return None
    for keyword in call.keywords if call else ():
        if keyword.arg is None:
            return ""
        if keyword.arg == "name":
            value = getattr(keyword.value, "value", None)
            return value if isinstance(value, str) else ""
    return function
