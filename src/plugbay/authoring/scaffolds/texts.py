"""Texts: the modules of an installed distribution as syntax trees, none of them imported."""

import ast
import os

from plugbay.discovery.modules import find_module, package_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.discovery.distributions import Distribution

__all__ = ["Texts", "imports_of"]

# A name that is imported from where it is imported from, and so on: more is a circle.
_HOPS = 10


class Texts:
    """The syntax trees of a distribution's modules, by their dotted names.

    `tops` are its top-level packages and modules. What cannot be read is left out.
    """

    def __init__(self, distribution: "Distribution") -> None:
        self.tops = _tops(distribution)
        self.trees: dict[str, ast.Module] = {}
        for name, file in (each for top in self.tops for each in _files(top)):
            try:
                with open(file, "rb") as stream:
                    self.trees[name] = ast.parse(stream.read(), file)
            except (OSError, SyntaxError, ValueError, RecursionError):
                continue

    def follow(self, module: str, name: str) -> "tuple[str, str, ast.stmt | None]":
        """Where a name of a module comes from: the module, its name there, and what binds it.

        What binds it is None for what another distribution has.
        """
        node: ast.stmt | None = None
        for _ in range(_HOPS):
            if module not in self.trees:
                return module, name, None
            node = _binding(self.trees[module], name)
            if not isinstance(node, ast.ImportFrom):
                return module, name, node
            source = _source(node, module, is_package=self._is_package(module))
            alias = next(each for each in node.names if (each.asname or each.name) == name)
            module, name = source, alias.name
        return module, name, node

    def _is_package(self, module: str) -> bool:
        return any(each.startswith(f"{module}.") for each in self.trees)

    def imported(self, module: str, name: str) -> str | None:
        """The statement by which another project gets what a module calls by that name.

        None where there is none: it is private, or bound within a function, or not at all.
        """
        tree = self.trees[module]
        for node in imports_of(tree):
            for each in node.names:
                if (each.asname or each.name.partition(".")[0]) != name:
                    continue
                renamed = f"{each.name} as {each.asname}" if each.asname else each.name
                if isinstance(node, ast.Import):
                    return f"import {renamed}"
                source = _source(node, module, is_package=self._is_package(module))
                return f"from {source} import {renamed}"
        if name.startswith("_") or _binding(tree, name) is None:
            return None
        return f"from {module} import {name}"


def imports_of(tree: ast.Module) -> "list[ast.Import | ast.ImportFrom]":
    """The imports at the top of a module, those for type checkers included."""
    found: list[ast.Import | ast.ImportFrom] = []
    for node in _top_level(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append(node)
    return found


def _top_level(tree: ast.Module) -> "Iterator[ast.stmt]":
    """The statements of a module, and those under its conditions."""
    waiting: list[ast.stmt] = [*tree.body]
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            waiting = [*node.body, *node.orelse, *waiting]


def _binding(tree: ast.Module, name: str) -> ast.stmt | None:
    """The statement at the top of a module that binds a name; of several the first."""
    for node in _top_level(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            bound = [node.name]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = [each.id for each in targets if isinstance(each, ast.Name)]
        elif isinstance(node, ast.ImportFrom):
            bound = [each.asname or each.name for each in node.names]
        elif isinstance(node, ast.Import):  # one without another name binds what it says
            bound = [each.asname for each in node.names if each.asname]
        elif type(node).__name__ == "TypeAlias":  # from Python 3.12 on
            bound = [node.name.id]  # type: ignore[attr-defined]
        else:
            continue
        if name in bound:
            return node
    return None


def _source(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """The module that an import imports from, whether it says so relatively or not."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def _tops(distribution: "Distribution") -> list[str]:
    """The top-level names that it has installed, its own name first."""
    names = [distribution.normalized_name]
    names += (distribution.read_text("top_level.txt") or "").split()
    for line in (distribution.read_text("RECORD") or "").splitlines():
        first, slash, rest = line.partition("/")
        path = rest.partition(",")[0]
        if slash and path.endswith(".py") and first.isidentifier():
            names.append(first)
        elif not slash and first.partition(",")[0].endswith(".py"):
            names.append(first.partition(".py")[0])
    return [each for each in dict.fromkeys(names) if find_module(each) is not None]


def _files(top: str) -> "Iterator[tuple[str, str]]":
    """The dotted name and the file of each module of a top-level package."""
    directories = package_directories(top)
    place = None if directories else find_module(top)
    if place is not None and place.is_source:
        yield top, place.path
    for directory in directories:
        for folder, folders, files in os.walk(directory):
            folders[:] = sorted(each for each in folders if each.isidentifier())
            below = os.path.relpath(folder, directory).split(os.sep)
            package = ".".join([top, *(each for each in below if each != ".")])
            for each in sorted(files):
                stem, suffix = os.path.splitext(each)
                if suffix == ".py" and stem.isidentifier():
                    name = package if stem == "__init__" else f"{package}.{stem}"
                    yield name, os.path.join(folder, each)
