"""Environments: namespaces for plugins to execute snippets in, with what the host offers there.

It keeps honest snippets apart and tidy. It is no security boundary: from any object Python code
finds its way to all others. Code that is not trusted belongs in a `plugbay.Sandbox` of level
"process".
"""

import ast
import builtins
import linecache
from itertools import count

from plugbay.errors import PlugbayError, PluginExecutionError, PluginStopError, did_you_mean
from plugbay.loading.failures import Terminated, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import CodeType
    from typing import Any, Self

__all__ = ["Environment"]

# What a snippet has no business with, unless the host offers it.
_WITHHELD = frozenset(
    {
        *("__import__", "breakpoint", "compile", "copyright", "credits", "eval", "exec", "exit"),
        *("globals", "help", "input", "license", "locals", "open", "quit", "vars"),
    }
)
_ENDS = ("close", "cleanup", "shutdown")
_numbers = count(1)


class Environment:
    """A namespace of its own for the snippets of one plugin; a context manager.

    Snippets see what the host offers, by name; the builtins without those that reach files, the
    interpreter or other namespaces; and, of modules, those that are in `imports` and below them: of
    "os.path" that gives all of `os`, as `import os.path` does. What one snippet binds the next one
    sees.

    Calls of several threads share the namespace, and are not put in order.
    """

    def __init__(
        self, name: str, offers: "Mapping[str, Any] | None" = None, imports: "Iterable[str]" = ()
    ) -> None:
        self.name = name
        self._imports = frozenset(imports)
        self._resources: list[Any] = []
        self._files: list[str] = []
        self._is_closed = False
        known = {each: value for each, value in vars(builtins).items() if each not in _WITHHELD}
        self.namespace: dict[str, Any] = {
            "__builtins__": known | {"__import__": self._import},
            "__name__": name,
            **(offers or {}),
        }

    def execute(self, code: str) -> "Any":
        """Run a snippet, and give the value of its last line if that is an expression, else None.

        Raises PluginExecutionError for whatever the snippet raises (SystemExit too), which is its
        cause and has the lines of the snippet in its traceback, and for one that is no Python.
        """
        self._check_open()
        file = f"plugbay-snippet-{next(_numbers)}-{self.name}"
        # A file name in brackets would be taken for one without lines.
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        self._files.append(file)
        try:
            body, last = _compiled(code, file)
            exec(body, self.namespace)  # noqa: S102 - it is what this is for
            return eval(last, self.namespace) if last else None  # noqa: S307 - as above
        except (KeyboardInterrupt, Terminated):
            raise
        except BaseException as error:
            raise PluginExecutionError(f"{self.name!r}: {_place_of(error, file)}") from error

    def keep(self, resource: "Any") -> "Any":
        """Close this with the environment, by its `close`, `cleanup` or `shutdown`; gives it back.

        Raises TypeError for what has none of them.
        """
        self._check_open()
        if not any(callable(getattr(resource, end, None)) for end in _ENDS):
            raise TypeError(f"{resource!r} cannot be closed: it has none of {', '.join(_ENDS)}")
        self._resources.append(resource)
        return resource

    def close(self) -> None:
        """Close what was kept, the last first, and forget all names; again has no effect.

        It goes on past what fails, and raises PluginStopError with all of that at the end.
        """
        self._is_closed, errors = True, []
        while self._resources:
            resource = self._resources.pop()
            end = next(each for each in _ENDS if callable(getattr(resource, each, None)))
            try:
                getattr(resource, end)()
            except Terminated:
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - it is plugin code
                errors.append(error if isinstance(error, Exception) else RuntimeError(told(error)))
        self.namespace.clear()
        for file in self._files:
            linecache.cache.pop(file, None)
        if errors:
            raise PluginStopError(
                f"resources of {self.name!r} did not close as they should", errors
            )

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise PlugbayError(f"the environment of {self.name!r} was closed")

    def _import(self, name: str, *args: "Any", **options: "Any") -> "Any":
        parts = name.split(".")
        parents = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
        if parents.isdisjoint(self._imports):
            words = did_you_mean(name, self._imports)
            raise ImportError(f"the host does not offer the module {name!r}; {words}", name=name)
        return __import__(name, *args, **options)

    def __repr__(self) -> str:
        return f"<Environment of {self.name!r}{': closed' * self._is_closed}>"


def _compiled(code: str, file: str) -> "tuple[CodeType, CodeType | None]":
    """The code of a snippet, and that of its last line if it is an expression."""
    tree, last = ast.parse(code, file), None
    if tree.body and isinstance(end := tree.body[-1], ast.Expr):
        tree.body.pop()
        last = compile(ast.Expression(end.value), file, "eval")
    return compile(tree, file, "exec"), last


def _place_of(error: BaseException, file: str) -> str:
    """What went wrong, and at which line of the snippet."""
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == file else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line} of its code failed: {told(error)}"
