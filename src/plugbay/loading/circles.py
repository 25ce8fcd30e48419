"""Circles: modules that import each other, told from the error in which that ends.

The modules whose code was being executed are in the frames of the error's traceback, and where it
was caught on its way, in the frames that called those. If the module that could not give what was
asked of it is among them, then the circle is the way from there to the end.
"""

import linecache
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from plugbay.loading.failures import HALF_MADE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

__all__ = ["CircularImport", "ImportStep", "circular_import"]


@dataclass(frozen=True, slots=True)
class ImportStep:
    """One step of a circle: in that line of that file, `importer` imports `imported`.

    `function` is what the line is in, empty where that is the module itself, and `code` its text,
    empty where there is no source.
    """

    importer: str
    file: str
    line: int
    imported: str
    function: str = ""
    code: str = ""

    @property
    def place(self) -> str:
        """The name of the file, the line, and the function."""
        place = f"{Path(self.file).name}, line {self.line}"
        return f"{place}, in {self.function}()" if self.function else place


@dataclass(frozen=True, slots=True)
class CircularImport:
    """Modules that import each other; as a text, which, where, and what to do about it.

    `steps` are in the order in which they were taken: each imports the importer of the next one,
    and the last one that of the first. `missing` is the name that the last one asked for before it
    was there. Any of the `remedies` will do; each is how a sentence ends that begins "you can".
    """

    steps: tuple[ImportStep, ...]
    missing: str
    remedies: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the modules, from the first one round to it again."""
        return (*(each.importer for each in self.steps), self.steps[-1].imported)

    @property
    def summary(self) -> str:
        """The circle in one clause, on one line."""
        *_, last = self.modules
        way = " -> ".join(f"{each.importer} ({each.place})" for each in self.steps)
        who = "modules import each other" if len(self.steps) > 1 else "a module imports itself"
        return f"{who}, and {last} is asked for {self.missing!r} too early: {way} -> {last}"

    def __str__(self) -> str:
        lines = [f"{' -> '.join(self.modules)} is a circle of imports:"]
        for each in self.steps:
            lines.append(
                f"  {each.importer} imports {each.imported}: {each.file}, line {each.line}"
            )
            lines += [f"    {each.code}"] if each.code else []
        lines.append(f"There {self.modules[-1]} has no {self.missing!r} yet. You can")
        return "\n".join([*lines, *(f"  - {each}" for each in self.remedies)])


class _Asked(NamedTuple):
    """What an error was about: a name that a module does not have, and whether it was imported."""

    module: str
    missing: str
    is_imported: bool


def circular_import(error: BaseException) -> CircularImport | None:
    """The circle of imports that an error comes from, or the errors that it came from; or None.

    That is the case if a module that is itself being imported was asked for something that it did
    not have yet. None if all that is known of it, the traceback, is gone, or if another thread was
    importing the module, whose frames do not tell.
    """
    lines: dict[FrameType, int] = {}
    for each in _chain(error):
        inner = dict(_traceback(each))
        lines |= inner  # of a frame that caught the error, the innermost line is what counts
        asked = _asked(each)
        if asked is None or not inner:
            continue
        bodies = _bodies([*_callers(next(iter(inner))), *inner])
        names = [str(body[0].f_globals.get("__name__", "")) for body in bodies]
        if asked.module in names:
            start = len(names) - 1 - names[::-1].index(asked.module)
            way = zip(bodies[start:], [*names[start + 1 :], asked.module], strict=True)
            steps = tuple(_step(body, imported, lines) for body, imported in way)
            is_package = "__path__" in bodies[start][0].f_globals
            return CircularImport(steps, asked.missing, _remedies(asked, len(steps), is_package))
    return None


def _chain(error: BaseException | None) -> "Iterator[BaseException]":
    """An error, and those that a traceback shows above it; each once, though it may be its own."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        following = None if error.__suppress_context__ else error.__context__
        error = following if error.__cause__ is None else error.__cause__


def _asked(error: BaseException) -> _Asked | None:
    """What an error was about, if it may be about a module that was being imported."""
    message = error.args[0] if error.args else ""
    if not isinstance(message, str):
        return None
    if isinstance(error, ImportError) and message.startswith("cannot import name '"):
        # `name_from` is new in Python 3.12.
        return _Asked(str(error.name), message.split("'")[1], True)
    if not isinstance(error, AttributeError) or not any(mark in message for mark in HALF_MADE):
        return None
    if not isinstance(error.obj, ModuleType):
        return None
    module, missing = error.obj.__name__, str(error.name)
    if message.startswith("cannot access submodule"):
        # It is being imported, and will be an attribute of its package when it is done.
        return _Asked(f"{module}.{missing}", missing, False)
    return _Asked(module, missing, False)


def _traceback(error: BaseException) -> "Iterator[tuple[FrameType, int]]":
    """The frames that an error went through, and their lines, the outermost first."""
    step = error.__traceback__
    while step is not None:
        yield step.tb_frame, step.tb_lineno
        step = step.tb_next


def _callers(frame: "FrameType") -> "Sequence[FrameType]":
    """The frames around one, the outermost first."""
    found: list[FrameType] = []
    outer = frame.f_back
    while outer is not None:
        found.append(outer)
        outer = outer.f_back
    return found[::-1]


def _bodies(frames: "Sequence[FrameType]") -> "list[list[FrameType]]":
    """Frames by the module that was being executed: first its own, then what it had called."""
    found: list[list[FrameType]] = []
    for frame in frames:
        is_body = frame.f_code.co_name == "<module>"
        # With `exec`, a module can execute more code as its own.
        if is_body and not (found and found[-1][0].f_globals is frame.f_globals):
            found.append([])
        if found:
            found[-1].append(frame)
    return found


def _step(body: "Sequence[FrameType]", imported: str, lines: "dict[FrameType, int]") -> ImportStep:
    """The last line that a module itself had come to; beyond it are helpers and importlib."""
    module = body[0]
    file = module.f_code.co_filename
    own = [each for each in body if each.f_code.co_filename == file]
    frame = own[-1]
    line = lines.get(frame) or frame.f_lineno or 0
    return ImportStep(
        importer=str(module.f_globals.get("__name__", "")),
        file=file,
        line=line,
        imported=imported,
        function="" if frame is module else frame.f_code.co_qualname,
        code=linecache.getline(file, line, module.f_globals).strip(),
    )


def _remedies(asked: _Asked, steps: int, is_package: bool) -> tuple[str, ...]:
    module, missing, is_imported = asked
    if steps == 1:
        other = f"another module {module!r} was meant: rename this one"
        submodule = f"the submodule {module}.{missing} was meant: add it, or correct its name"
        return (
            "take the import out: a module can use its own names as they are",
            f"if {submodule if is_package else other}",
        )
    return (
        "move what they need of each other into a third module, which imports none of them",
        "import inside the function that needs it, which runs when all of them are there",
        f"import the module {module} and not {missing!r} of it, and look that up inside functions"
        if is_imported
        else f"use {missing!r} of the module {module}, which is imported, inside functions only",
    )
