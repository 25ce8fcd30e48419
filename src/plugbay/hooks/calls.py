"""Calls: the code of a hook's call, written for its signature, its strategy and its plugins.

A call is to cost no more than a loop over direct calls, so a hook is a Python function that calls
one implementation after the other, each in lines of its own: the interpreter adapts each call to
what it calls, which it cannot where a loop calls many. The functions to call are in the globals of
that code, as a tuple under a name of its own; when the implementations change it becomes None, and
then the call goes to `again`, which has the code written anew. A frame that is still running has
its own tuple at hand.
"""

import linecache
from _thread import allocate_lock
from itertools import count
from types import CodeType

from plugbay.errors import HookSpecificationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plugbay.hooks.signatures import Signature
    from plugbay.hooks.strategies import Plan

__all__ = ["Writer", "compiled"]

# By their text, the latest used one last; `_kept` counts the characters, up to `_ROOM`, so that
# hosts whose plugins come and go do not grow.
_codes: dict[str, CodeType] = {}
_kept = 0
_ROOM = 4_000_000
_lock = allocate_lock()
_numbers = count()

# The names in the code that are not those of the specification's parameters.
_NAMES = (
    "BaseException",
    "again",
    "bound",
    "error",
    "errors",
    "failed",
    "give_up",
    "hasattr",
    "implementation",
    "inner",
    "note_by_line",
    "nothing",
    "plugins",
    "result",
    "results",
    "started",
    "steps",
    "together",
)


def compiled(name: str, source: str) -> CodeType:
    """The code of the one function in the source, compiled once for each text."""
    with _lock:
        code = _codes.pop(source, None)
        if code is not None:
            _codes[source] = code
            return code
    filename = f"<plugbay hook {name} {next(_numbers)}>"
    module = compile(source, filename, "exec", dont_inherit=True)
    code = next(each for each in module.co_consts if isinstance(each, CodeType))
    with _lock:
        _keep(source, code)
    return code


def _keep(source: str, code: CodeType) -> None:
    """Keep a code, and its lines where tracebacks look for them, instead of the oldest ones."""
    global _kept
    _kept += len(source) if source not in _codes else 0
    _codes[source] = code
    lines = source.splitlines(keepends=True)
    linecache.cache[code.co_filename] = len(source), None, lines, code.co_filename
    while _kept > _ROOM and len(_codes) > 1:
        oldest = next(iter(_codes))
        _kept -= len(oldest)
        linecache.cache.pop(_codes.pop(oldest).co_filename, None)


class Writer:
    """Writes the functions of one hook.

    `names` says under which name the code finds each helper: its own, unless a parameter of the
    hook has it. Raises HookSpecificationError for a signature that no call path can have.
    """

    def __init__(self, name: str, signature: "Signature", plan: "Plan", *, is_async: bool) -> None:
        if signature.rest or signature.keywords:
            what = f"*{signature.rest}" if signature.rest else f"**{signature.keywords}"
            raise HookSpecificationError(
                f"the hook {name!r} takes {what}; name each of its parameters, "
                f"so that implementations can be checked against them"
            )
        if plan.kind == "pipeline" and not signature.positional:
            raise HookSpecificationError(
                f"the hook {name!r} is a pipeline without a first parameter to pass on"
            )
        self.names = {each: self.free(each, signature) for each in _NAMES}
        self._name = name
        self._signature = signature
        self._plan = plan
        self._is_async = is_async

    @staticmethod
    def free(name: str, signature: "Signature") -> str:
        """The name, or one like it that no parameter has."""
        while name in signature.names:
            name += "_"
        return name

    def calls(self, shapes: "Sequence[str]", *, plugins: str, contains: bool) -> str:
        """A function that runs implementations one after the other.

        `shapes` are the arguments of each, and `plugins` names the tuple that holds the functions
        and last a tuple of the implementations. With `contains`, what an implementation raises
        goes to `failed`, which raises it or takes note of it, so that the others run.
        """
        lines = self._start(plugins)
        if self._plan.kind == "collect":
            lines.append("@results = []")
        if contains:
            lines += self._contained(shapes)
        elif shapes:
            lines.append("try:")
            # The line in which an error was raised tells who raised it.
            first = len(lines) + 2  # below the line with `def`, counted from 1
            for number, arguments in enumerate(shapes):
                lines += _indented([*self._call(number, arguments), *self._use()])
            each = (len(lines) + 2 - first) // len(shapes)
            lines.append("except @BaseException as @error:")
            lines += _indented([f"@note_by_line(@error, @plugins, {first}, {each})", "raise"])
        return self._function([*lines, self._answer()])

    def gathers(self, shapes: "Sequence[str]", *, plugins: str) -> str:
        """A function that gives the calls, each ready to be made, as a list."""
        calls = [
            f"    @bound(@plugins[{number}], @plugins[-1][{number}], {arguments}),"
            for number, arguments in enumerate(shapes)
        ]
        start = self._start(plugins, waits=False)
        return self._function([*start, "return [", *calls, "]"], waits=False)

    def gathered(self) -> str:
        """A function that hands the calls of `inner` to `together`, which gives the answer."""
        lines = [f"@result = @together(@inner({self._passed}))"]
        return self._function([*lines, *self._awaited(), "return @result"])

    def forwards(self, *, plugins: str) -> str:
        """A function that passes on to the one that `plugins` names."""
        wait = "await " if self._is_async else ""
        return self._function([*self._start(plugins), f"return {wait}@plugins({self._passed})"])

    def wraps(self, arguments: str) -> str:
        """A function that runs `inner` within the wrapper `implementation`."""
        wait = "await " if self._is_async else ""
        return self._function(
            [
                f"@steps = @started(@implementation({arguments}))",
                "try:",
                f"    @result = {wait}@inner({self._passed})",
                "except @BaseException as @error:",
                "    return @steps.thrown(@error)",
                "return @steps.sent(@result)",
            ]
        )

    @property
    def _passed(self) -> str:
        return self._signature.passed(self._signature)

    @property
    def _passed_on(self) -> str:
        """The parameter of a pipeline that each implementation gives to the next."""
        return ", ".join(self._signature.positional[:1])

    def _start(self, plugins: str, *, waits: bool = True) -> "list[str]":
        wait = "await " if self._is_async and waits else ""
        return [
            f"@plugins = {plugins}",
            "if @plugins is None:",
            f"    return {wait}@again({self._passed})",
        ]

    def _call(self, number: int, arguments: str) -> "list[str]":
        """What calls an implementation."""
        return [f"@result = @plugins[{number}]({arguments})", *self._awaited()]

    def _use(self, *, contains: bool = False) -> "list[str]":
        """What makes use of its result."""
        plan = self._plan
        if plan.kind == "pipeline":
            return [f"{self._passed_on} = @result"]
        if plan.kind == "collect":
            use = ["@results.append(@result)"]
        else:
            use = [*(_given_up("@result") if contains else []), "return @result"]
        return ["if @result is not None:", *_indented(use)] if plan.skips_none else use

    def _contained(self, shapes: "Sequence[str]") -> "list[str]":
        """The calls, each of which may fail."""
        lines = ["@errors = []"]
        for number, arguments in enumerate(shapes):
            lines += ["try:", *_indented(self._call(number, arguments))]
            lines.append("except @BaseException as @error:")
            lines.append(f"    @failed(@error, @plugins[-1][{number}], @errors)")
            lines += ["else:", *_indented(self._use(contains=True))]
        results = {"collect": "*@results", "pipeline": self._passed_on}.get(self._plan.kind, "")
        return [*lines, *_given_up(results)]

    def _awaited(self) -> "list[str]":
        """What awaits the result of an asynchronous hook, where it is to be awaited."""
        if not self._is_async:
            return []
        return ["if @hasattr(@result, '__await__'):", "    @result = await @result"]

    def _answer(self) -> str:
        plan = self._plan
        if plan.kind == "pipeline":
            return f"return {self._passed_on}"
        nothing = "None" if plan.tries else "@nothing()"
        if plan.kind == "until":
            return f"return {nothing}"
        if not plan.picks:
            return "return @results"
        return f"return @results[{-1 if plan.is_last else 0}] if @results else {nothing}"

    def _function(self, lines: "Iterable[str]", waits: bool = True) -> str:
        keyword = "async def" if self._is_async and waits else "def"
        first = f"{keyword} {self._name}({self._signature.header()}):"
        text = "\n".join([first, *_indented(lines)]) + "\n"
        for word in sorted(self.names, key=len, reverse=True):
            text = text.replace(f"@{word}", self.names[word])
        return text


def _given_up(results: str) -> "list[str]":
    """What raises the failures that were collected, with the results besides."""
    return ["if @errors:", f"    @give_up(@errors, {results})"]


def _indented(lines: "Iterable[str]") -> "list[str]":
    return [f"    {line}" for line in lines]
