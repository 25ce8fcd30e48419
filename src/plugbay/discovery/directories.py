"""Directories: plugins in loose files and packages, found by reading their text.

Nothing of them is run. What a file says of itself is `PLUGIN_METADATA = {...}`, a literal; or what
a method `get_metadata` of a class returns, if that is one; or a `plugin.json` beside it. Where it
says nothing, its name may tell, as in `*_plugin.py`.
"""

import ast
import json
import os
from difflib import get_close_matches
from fnmatch import fnmatch

from plugbay.errors import ManifestError, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["METADATA_FILE", "PluginFile", "find_files", "read_plugin"]

_METADATA = "PLUGIN_METADATA"
METADATA_FILE = "plugin.json"
# The fields that count, with the words of a manifest for them; all are texts or lists of texts.
_TEXTS = {
    "id": "id",
    "name": "title",
    "version": "version",
    "description": "summary",
    "summary": "summary",
    "api": "api",
    "api_version": "api",
    "min_api_version": "min_api",
    "author": "author",
}
_LISTS = {
    "dependencies": "depends-on",
    "depends_on": "depends-on",
    "before": "before",
    "after": "after",
    "hooks": "hooks",
}
_KNOWN = (*_TEXTS, *_LISTS, "main", "priority")


class PluginFile:
    """One plugin in a file: `path` is that of the file, of a package that of its `__init__.py`.

    `name` is its id, `facts` what it says of itself, in the words of a manifest, and `line` where
    it says so.
    """

    __slots__ = ("facts", "line", "name", "path")

    def __init__(self, name: str, path: str, facts: "dict[str, Any]", line: int) -> None:
        self.name = name
        self.path = path
        self.facts = facts
        self.line = line

    @property
    def is_package(self) -> bool:
        """Whether it is a package, whose other modules are beside the file."""
        return os.path.basename(self.path) == "__init__.py"

    def __repr__(self) -> str:
        return f"<PluginFile {self.name!r} at {self.path!r}, line {self.line}>"


class _NoPluginError(Exception):
    """A file is no plugin, or not one that can be used, for the reason in the message."""

    def __init__(self, reason: str, line: int | None = None, file: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.file = file

    def problem(self, path: str) -> Problem:
        """The same as a record, of the file at that path unless it is of another one."""
        return _problem(self.file or path, self.line, self.reason)


def _problem(path: str, line: int | None, reason: str) -> Problem:
    return Problem(os.path.basename(path), path, line, reason)


def read_plugin(path: str, pattern: str = "") -> PluginFile:
    """The plugin in one file, as `find_files` finds it; raises ManifestError with what is wrong."""
    try:
        return _read(path, pattern)
    except _NoPluginError as error:
        raise ManifestError(str(error.problem(path))) from None


def find_files(directory: str, pattern: str = "") -> "tuple[list[PluginFile], list[Problem]]":
    """The plugins in a directory and those below it, by path, and what is wrong with others.

    A package is one plugin, and what is in it is not looked at. `pattern` is that of the names of
    files that are plugins though they say nothing of themselves; their names are the ids then, up
    to what the pattern has behind its `*`. Hidden files are left alone, and so are links, unless
    they lead to what is in the directory too. Of two plugins of one id the first by path counts.
    """
    found: dict[str, PluginFile] = {}
    problems: list[Problem] = []
    for path in _candidates(directory, problems):
        try:
            plugin = _read(path, pattern)
        except _NoPluginError as error:
            problems.append(error.problem(path))
            continue
        first = found.setdefault(plugin.name, plugin)
        if first is not plugin:
            reason = f"it has the id {plugin.name!r}, which {first.path} has; give it another one"
            problems.append(_problem(path, plugin.line, reason))
    return list(found.values()), problems


def _candidates(directory: str, problems: "list[Problem]") -> "Iterator[str]":
    """The files that may be plugins: Python files, and the `__init__.py` of packages."""
    root = os.path.realpath(directory)

    def unreadable(error: OSError) -> None:
        reason = f"it cannot be read: {error.strerror}"
        problems.append(_problem(error.filename or directory, None, reason))

    for folder, folders, files in os.walk(directory, onerror=unreadable):
        folders[:] = sorted(each for each in folders if each[0] not in "._")
        for each in (*folders, *files):
            path = os.path.join(folder, each)
            real = os.path.realpath(path)
            if os.path.islink(path) and os.path.commonpath([root, real]) != root:
                problems.append(_problem(path, None, f"it is a link that leads out, to {real}"))
        if "__init__.py" in files and folder != directory:
            folders.clear()
            yield os.path.join(folder, "__init__.py")
            continue
        for each in sorted(files):
            path = os.path.join(folder, each)
            is_own = os.path.isfile(path) and not os.path.islink(path)
            if each.endswith(".py") and each[0] not in "._" and is_own:
                yield path


def _read(path: str, pattern: str) -> PluginFile:
    tree = _parsed(path)
    said = _in_json(path) or _in_assignment(tree) or _in_method(tree)
    if said is None:
        if not (pattern and fnmatch(os.path.basename(path), pattern)):
            raise _NoPluginError(
                f"it is no plugin: it has neither {_METADATA} nor a class with get_metadata"
            )
        said = _Said({}, {}, 1)
    facts = said.facts()
    name = facts.pop("id", "") or _id_of(path, pattern)
    return PluginFile(name, os.path.abspath(path), facts, said.line)


class _Said:
    """What a file says of itself: a dict, the line of each key, and where all of it is."""

    def __init__(
        self, content: "dict[Any, Any]", lines: "dict[Any, int]", line: int, file: str = ""
    ) -> None:
        self._content = content
        self._lines = lines
        self.line = line
        self._file = file

    def facts(self) -> "dict[str, Any]":
        """Its fields that count, in the words of a manifest; raises for one of the wrong kind."""
        found: dict[str, Any] = {}
        for key, value in self._content.items():
            is_list = isinstance(value, (list, tuple)) and all(isinstance(x, str) for x in value)
            if key in _TEXTS and not isinstance(value, str):
                self._wrong(key, "a text")
            elif key == "id" and not value:
                self._wrong(key, "a name")
            elif key in _LISTS and not is_list:
                self._wrong(key, "a list of texts")
            elif key == "priority" and type(value) not in (int, float):
                self._wrong(key, "a number")
            if key not in _KNOWN:
                close = get_close_matches(str(key), _KNOWN, cutoff=0.8)
                if close:
                    self._wrong(key, f"known; did you mean {close[0]!r}?")
            if key in _LISTS:
                found[_LISTS[key]] = list(value)
            elif (key in _TEXTS and value) or key == "priority":
                found[_TEXTS.get(key, key)] = value
        return found

    def _wrong(self, key: str, kind: str) -> None:
        line = self._lines.get(key, self.line)
        raise _NoPluginError(f"its field {key!r} is not {kind}", line, self._file)


def _parsed(path: str) -> ast.Module:
    try:
        with open(path, "rb") as stream:
            return ast.parse(stream.read(), path)
    except OSError as error:
        raise _NoPluginError(f"it cannot be read: {error.strerror}") from None
    except SyntaxError as error:
        raise _NoPluginError(f"it is not Python: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _NoPluginError(f"it is not Python: {error}") from None


def _in_json(path: str) -> _Said | None:
    """What is in the `plugin.json` beside a file: of the one that it names, or of the only one."""
    folder, name = os.path.split(path)
    file = os.path.join(folder, METADATA_FILE)
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _NoPluginError(f"it cannot be read: {error}", None, file) from None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise _NoPluginError(f"it is not JSON: {error}", line, file) from None
    if not isinstance(content, dict):
        raise _NoPluginError("it is not an object", 1, file)
    others = [each for each in os.listdir(folder) if each.endswith(".py")]
    if content.get("main", name) != name or ("main" not in content and len(others) > 1):
        return None if name != "__init__.py" else _Said(content, {}, 1, file)
    lines = {
        key: number
        for number, line in reversed(list(enumerate(text.splitlines(), 1)))
        for key in content
        if json.dumps(key) in line
    }
    return _Said(content, lines, 1, file)


def _in_assignment(tree: ast.Module) -> _Said | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(each, ast.Name) and each.id == _METADATA for each in targets):
            said = _literal(getattr(node, "value", None))
            if said is None:
                raise _NoPluginError(f"{_METADATA} is not a literal dict", node.lineno)
            return said
    return None


def _in_method(tree: ast.Module) -> _Said | None:
    """What the first class with a method `get_metadata` returns there, as far as it is literal."""
    for node in tree.body:
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef) and method.name == "get_metadata":
                returned = [each for each in ast.walk(method) if isinstance(each, ast.Return)]
                said = _literal(returned[0].value) if len(returned) == 1 else None
                return said or _Said({}, {}, node.lineno)
    return None


def _literal(node: "ast.expr | None") -> _Said | None:
    """A dict that is written out, or the keywords of a call, with the lines of its keys."""
    if isinstance(node, ast.Call):
        pairs: list[tuple[Any, ast.expr]]
        pairs = [(each.arg, each.value) for each in node.keywords if each.arg]
    elif isinstance(node, ast.Dict) and all(isinstance(each, ast.Constant) for each in node.keys):
        pairs = [
            (key.value, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        ]
    else:
        return None
    content, lines = {}, {}
    for key, value in pairs:
        lines[key] = value.lineno
        try:
            content[key] = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            if key in _KNOWN:  # others do not count, and may be anything
                raise _NoPluginError(f"its field {key!r} is not a literal", value.lineno) from None
    return _Said(content, lines, node.lineno)


def _id_of(path: str, pattern: str) -> str:
    """The id of a file that says none: its name, without what the pattern has behind its `*`."""
    folder, name = os.path.split(path)
    if name == "__init__.py":
        return os.path.basename(folder)
    stem = name.removesuffix(".py")
    ending = pattern.rpartition("*")[2].removesuffix(".py")
    return stem.removesuffix(ending) or stem
