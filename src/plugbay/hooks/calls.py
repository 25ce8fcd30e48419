"""Calls: the code of a hook's call, written for its signature, its strategy and its plugins.

A call is to cost what a loop over direct calls costs, so each hook is a Python function with the
very code that one would write by hand. Implementations that take the same arguments stand
together in one loop. The functions to call are in the globals of that code, as a tuple under a
name of its own; when the implementations change it becomes None, and then the call goes to
`again`, which has the code written anew. A frame that is still running has its own tuple at hand.
"""

from types import CodeType

from plugbay.errors import HookSpecificationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plugbay.hooks.signatures import Signature
    from plugbay.hooks.strategies import Plan

__all__ = ["Writer", "compiled", "sources"]

# The text of what was compiled, by the name of the file that tracebacks show for it.
sources: dict[str, str] = {}
_codes: dict[str, CodeType] = {}

# The names in the code that are not those of the specification's parameters.
_NAMES = (
    "BaseException",
    "Exception",
    "SystemExit",
    "again",
    "bound",
    "calls",
    "error",
    "errors",
    "failed",
    "give_up",
    "hasattr",
    "implementation",
    "inner",
    "named",
    "nothing",
    "parts",
    "result",
    "results",
    "started",
    "steps",
    "together",
)


def compiled(name: str, source: str) -> CodeType:
    """The code of the one function in the source, compiled once for each text."""
    if source not in _codes:
        filename = f"<plugbay hook {name} {len(sources)}>"
        sources[filename] = source
        module = compile(source, filename, "exec", dont_inherit=True)
        _codes[source] = next(each for each in module.co_consts if isinstance(each, CodeType))
    return _codes[source]


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

    def calls(self, shapes: "Sequence[str]", *, parts: str, contains: bool) -> str:
        """A function that runs implementations one after the other.

        `shapes` are the arguments in each loop, and `parts` names the tuple that holds a tuple of
        functions for each. With `contains`, what an implementation raises goes to `failed`, which
        raises it or takes note of it, so that the others run.
        """
        plan = self._plan
        lines = ["@results = []"] if plan.kind == "collect" else []
        lines += ["@errors = []"] if contains else []
        loops = []
        for number, arguments in enumerate(shapes):
            loops.append(f"for @implementation in @parts[{number}]:")
            loops += _indented(self._one_call(arguments, contains))
        if not contains and loops:
            loops = ["try:", *_indented(loops), "except @BaseException as @error:"]
            loops += _indented(["@named(@error, @implementation, @parts)", "raise"])
        lines += loops
        if contains:
            results = "@results" if plan.kind == "collect" else "()"
            lines += ["if @errors:", f"    @give_up(@errors, {results})"]
        return self._function([*self._start(parts), *lines, self._answer()])

    def gathers(self, shapes: "Sequence[str]", *, parts: str) -> str:
        """A function that gives the calls, each ready to be made, as a list."""
        lines = ["@calls = []"]
        for number, arguments in enumerate(shapes):
            lines.append(f"for @implementation in @parts[{number}]:")
            lines.append(f"    @calls.append(@bound(@implementation, @parts, {arguments}))")
        return self._function([*self._start(parts, waits=False), *lines, "return @calls"], False)

    def gathered(self) -> str:
        """A function that hands the calls of `inner` to `together`, which gives the answer."""
        lines = [f"@result = @together(@inner({self._passed}))"]
        return self._function([*lines, *self._awaited("@result"), "return @result"])

    def forwards(self, *, parts: str) -> str:
        """A function that passes on to the one that `parts` names."""
        wait = "await " if self._is_async else ""
        return self._function([*self._start(parts), f"return {wait}@parts({self._passed})"])

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

    def _start(self, parts: str, *, waits: bool = True) -> "list[str]":
        wait = "await " if self._is_async and waits else ""
        return [
            f"@parts = {parts}",
            "if @parts is None:",
            f"    return {wait}@again({self._passed})",
        ]

    def _one_call(self, arguments: str, contains: bool) -> "list[str]":
        plan = self._plan
        value = self._signature.positional[0] if plan.kind == "pipeline" else "@result"
        lines = [f"{value} = @implementation({arguments})"]
        lines += self._awaited(value)
        if contains:
            lines = ["try:", *_indented(lines), "except (@Exception, @SystemExit) as @error:"]
            lines += _indented(["@failed(@error, @implementation, @parts, @errors)", "continue"])
        use = {"collect": "@results.append(@result)", "until": "return @result"}.get(plan.kind)
        if use and plan.skips_none:
            lines += ["if @result is not None:", f"    {use}"]
        elif use:
            lines.append(use)
        return lines

    def _awaited(self, value: str) -> "list[str]":
        """What awaits a value of an asynchronous hook, where it is to be awaited."""
        if not self._is_async:
            return []
        return [f"if @hasattr({value}, '__await__'):", f"    {value} = await {value}"]

    def _answer(self) -> str:
        plan = self._plan
        if plan.kind == "pipeline":
            return f"return {self._signature.positional[0]}"
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


def _indented(lines: "Iterable[str]") -> "list[str]":
    return [f"    {line}" for line in lines]
