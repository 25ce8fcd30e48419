"""References: whether the object that a target names is there, told without importing it."""

import _ast  # what a text is parsed to; ast itself is slow to import, and only odd modules need it

from plugbay.discovery.modules import find_module
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.discovery.modules import ModuleFile
    from plugbay.loading.bindings import Bindings

__all__ = ["ImportPath", "Sighting", "look_up"]

_DEFINITIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)


class ImportPath:
    """Where modules are looked for: on `sys.path`, unless a class derived from this knows better.

    `name` is what it is called in a sentence.
    """

    name = "on sys.path"

    def find(self, module: str) -> "ModuleFile | None":
        """The file of a dotted module name, or None when there is no such module."""
        return find_module(module)

    def read(self, path: str) -> bytes:
        """What is in the file of a module; raises OSError for one that is no file."""
        with open(path, "rb") as stream:
            return stream.read()


class Sighting:
    """The static answer: `exists` is True, False, or None where the text cannot tell.

    `reason` is a clause that says what was seen, and where. `fault` names what is wrong, if
    anything: "reference", "module", "syntax" or "attribute"; `path` and `line` are of the file
    that shows it, "" and None where there is none. `hint` asks its author whether another name
    was meant.
    """

    __slots__ = ("exists", "fault", "hint", "line", "path", "reason")

    def __init__(
        self,
        exists: bool | None,
        reason: str,
        *,
        fault: str = "",
        path: str = "",
        line: int | None = None,
        hint: str = "",
    ) -> None:
        self.exists = exists
        self.reason = reason
        self.fault = fault if exists is False else ""
        self.path = path
        self.line = line
        self.hint = hint


def look_up(target: str, path: "ImportPath | None" = None) -> Sighting:
    """Look for the object of `module:attr` in the source text of its module; never raises.

    What a module takes from another one of its package is looked for there.
    """
    try:
        module, attr, _ = parse_reference(target)
    except InvalidReferenceError as error:
        return Sighting(False, str(error), fault="reference")
    return _Search(path or ImportPath()).attribute(module, attr)


class _Search:
    """One search, which passes through each name of each module once."""

    def __init__(self, path: ImportPath) -> None:
        self._path = path
        self._seen: set[tuple[str, str]] = set()

    def attribute(self, module: str, attr: str | None) -> Sighting:
        """Look for a dotted attribute; of its first part only, since the rest is beyond a text."""
        found = self._path.find(module)
        if found is None:
            reason = f"there is no module {self._first_missing(module)!r} {self._path.name}"
            return Sighting(False, reason, fault="module")
        path = found.path
        plain = Sighting(None if attr else True, f"the module is {path}", path=path)
        if not found.is_source:
            return plain
        try:
            return self._in_source(module, path, self._path.read(path), attr) if attr else plain
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            reason = f"{path} cannot be read as Python: {error}"
            return Sighting(False, reason, fault="syntax", path=path, line=line)
        except (RecursionError, MemoryError):
            return Sighting(None, f"{path} is too large to be looked through", path=path)
        except OSError:
            reason = f"the module is {path}, which is no file of its own"
            return Sighting(plain.exists, reason, path=path)

    def _in_source(self, module: str, path: str, source: bytes, attr: str) -> Sighting:
        name, dot, _ = attr.partition(".")
        line = _plain_definition(source, path, name)
        if line:
            return Sighting(None if dot else True, f"{path} defines {name}", path=path, line=line)
        from plugbay.loading.bindings import Bindings

        return self._name(module, path, Bindings(source, path), attr)

    def _name(self, module: str, path: str, bindings: "Bindings", attr: str) -> Sighting:
        name, dot, _ = attr.partition(".")
        origin = bindings.origin(name)
        if origin is None:
            return self._absent(module, path, bindings, name)
        line = getattr(origin.nodes[0], "lineno", None)
        if origin.certain and len(origin.nodes) == 1:
            followed = self._followed(module, path, origin.nodes[0], name)
            if followed is not None and not (followed.exists and dot):
                return followed
        certain = origin.certain and not dot
        reason = f"{path} defines {name}" if origin.certain else f"{path} may define {name}"
        return Sighting(True if certain else None, reason, path=path, line=line)

    def _absent(self, module: str, path: str, bindings: "Bindings", name: str) -> Sighting:
        if self._path.find(f"{module}.{name}"):
            reason = f"{module}.{name} is a module, which {module} may import"
            return Sighting(None, reason, path=path)
        if name.startswith("__") and name.endswith("__"):
            return Sighting(None, f"{path} may be given {name} when it is imported", path=path)
        if bindings.dynamic:
            reason = f"{path} may define {name} while it runs: it {bindings.dynamic}"
            return Sighting(None, reason, path=path)
        hint = did_you_mean(name, bindings.names(), ())
        return Sighting(
            False,
            f"{path} does not define {name}",
            fault="attribute",
            path=path,
            hint=hint if hint.startswith("did") else "",
        )

    def _followed(self, module: str, path: str, node: object, name: str) -> Sighting | None:
        """What is found of a name where it is imported from, if that is in the same package."""
        if not isinstance(node, _ast.ImportFrom):
            return None
        source = _source_of(node, module, path)
        if source.partition(".")[0] != module.partition(".")[0]:
            return None
        original = next(each.name for each in node.names if name in (each.asname, each.name))
        if self._path.find(f"{source}.{original}"):
            return None  # a submodule, or what the package has under its name
        if (source, original) in self._seen:
            return Sighting(None, f"{path} and {source} import {name} from each other", path=path)
        self._seen.add((source, original))
        found = self.attribute(source, original)
        if found.exists is not False:
            return found
        reason = f"{path} takes {name} from {source}, and {found.reason}"
        return Sighting(
            False, reason, fault=found.fault, path=path, line=node.lineno, hint=found.hint
        )

    def _first_missing(self, module: str) -> str:
        """The shortest leading part of a dotted name that names no module."""
        parts = module.split(".")
        for end in range(1, len(parts)):
            part = ".".join(parts[:end])
            if self._path.find(part) is None:
                return part
        return module


def _plain_definition(source: bytes, path: str, name: str) -> int | None:
    """The line of a function, class or assignment that surely defines a name for good.

    None is no answer. Raises SyntaxError or ValueError for what is not Python.
    """
    tree = compile(source, path, "exec", _ast.PyCF_ONLY_AST)
    if b"del " in source or b"del(" in source:
        return None
    assert isinstance(tree, _ast.Module)
    for node in tree.body:
        if isinstance(node, _DEFINITIONS):
            found = node.name == name
        else:
            targets = node.targets if isinstance(node, _ast.Assign) else ()
            found = any(isinstance(each, _ast.Name) and each.id == name for each in targets)
        if found:
            return node.lineno
    return None


def _source_of(node: _ast.ImportFrom, module: str, path: str) -> str:
    """The absolute name of the module that a statement in a module imports from."""
    if not node.level:
        return node.module or ""
    is_package = path.replace("\\", "/").endswith("/__init__.py")
    parts = module.split(".")
    parts = parts[: max(0, len(parts) - node.level + is_package)]
    return ".".join([*parts, *filter(None, [node.module])])
