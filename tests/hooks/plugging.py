"""Plugins for tests: modules that hold what they are given."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from plugbay import Hooks

__all__ = ["answering", "module"]


def module(name: str, **contents: object) -> ModuleType:
    """A plugin that is a module with these things in it."""
    made = ModuleType(name)
    vars(made).update(contents)
    return made


def answering(
    hooks: Hooks,
    answers: Sequence[object],
    arguments: Callable[[int], str] = lambda number: "",
    **options: Any,
) -> tuple[list[ModuleType], list[int]]:
    """Plugins "p0", "p1" and so on that answer the hook `ask`, and a list that tells who ran.

    An answer that is an exception is raised. `arguments` gives the parameters of each.
    """
    ran: list[int] = []

    def made(number: int, answer: object) -> ModuleType:
        def run() -> object:
            ran.append(number)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        ask = eval(f"lambda {arguments(number)}: run()", {"run": run})  # noqa: S307  # from tests alone
        return module(f"p{number}", ask=hooks.impl(name="ask", **options)(ask))

    return [made(*each) for each in enumerate(answers)], ran
