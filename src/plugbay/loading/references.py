"""References: whether the object that a target names is there, told without importing it."""

import symtable

from plugbay.discovery.modules import find_module
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError

__all__ = ["Sighting", "look_up"]

# Using one of these, a module can bind names that its text does not show.
_DYNAMIC = ("__getattr__", "exec", "eval", "globals", "setattr", "vars")


class Sighting:
    """The static answer: `exists` is True, False, or None where the text cannot tell.

    `reason` is a clause that says what was seen, and where.
    """

    __slots__ = ("exists", "reason")

    def __init__(self, exists: bool | None, reason: str) -> None:
        self.exists = exists
        self.reason = reason


def look_up(target: str) -> Sighting:
    """Look for the object of `module:attr` in the source text of its module; never raises."""
    try:
        module, attr, _ = parse_reference(target)
    except InvalidReferenceError as error:
        return Sighting(False, str(error))
    found = find_module(module)
    if found is None:
        return Sighting(False, f"there is no module {_first_missing(module)!r} on sys.path")
    if not found.is_source or not attr:
        return Sighting(None if attr else True, f"the module is {found.path}")
    try:
        with open(found.path, "rb") as stream:
            sighting = _in_source(stream.read(), found.path, attr)
    except (SyntaxError, ValueError) as error:
        return Sighting(False, f"{found.path} cannot be read as Python: {error}")
    except (RecursionError, MemoryError):
        return Sighting(None, f"{found.path} is too large to be looked through")
    except OSError:
        return Sighting(None, f"the module is {found.path}, which is no file of its own")
    submodule = f"{module}.{attr.partition('.')[0]}"
    if sighting.exists is False and find_module(submodule):
        return Sighting(None, f"{submodule} is a module, which {module} may import")
    return sighting


def _in_source(source: bytes, path: str, attr: str) -> Sighting:
    """Look for the first part of an attribute; its own attributes are beyond a text."""
    name = attr.partition(".")[0]
    if b"TYPE_CHECKING" in source:
        source = _without_type_checking(source)
    # It takes bytes as `compile` does, and minds their encoding.
    table = symtable.symtable(source, path, "exec")  # type: ignore[arg-type]
    if name in table.get_identifiers() and _is_bound(table.lookup(name)):
        certain = "." not in attr and not (b"del " in source and _is_deleted(source, name))
        return Sighting(True if certain else None, f"{path} defines {name}")
    if _is_dynamic(source):
        return Sighting(None, f"{path} may define {name} while it runs")
    return Sighting(False, f"{path} does not define {name}")


def _is_bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _is_deleted(source: bytes, name: str) -> bool:
    import ast  # only odd modules need it, and it is slow to import

    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del) and node.id == name
        for node in ast.walk(ast.parse(source))
    )


def _is_dynamic(source: bytes) -> bool:
    import ast

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Global):
            return True
        if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names):
            return True
        if getattr(node, "id", getattr(node, "name", None)) in _DYNAMIC:
            return True
    return False


def _without_type_checking(source: bytes) -> bytes:
    """The source without what is there for type checkers only."""
    import ast

    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            test = node.test
            if getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING":
                node.test, node.body = ast.Constant(False), [ast.Pass()]
    return ast.unparse(tree).encode()


def _first_missing(module: str) -> str:
    """The shortest leading part of a dotted name that names no module."""
    parts = module.split(".")
    for end in range(1, len(parts)):
        part = ".".join(parts[:end])
        if find_module(part) is None:
            return part
    return module
