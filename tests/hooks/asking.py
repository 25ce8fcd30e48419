"""An asynchronous hook for tests, and plugins that answer it in both ways to write a function."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from speakers import Speaker

from plugbay import Hooks

__all__ = ["WAYS", "answering", "asking", "later", "now", "plugin", "run"]

WAYS = pytest.mark.parametrize("together", [False, True], ids=["sequential", "together"])


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it comes to; fails when it takes too long, or leaves a task behind."""

    async def main() -> Any:
        try:
            return await asyncio.wait_for(coroutine, 2)
        finally:
            assert {asyncio.current_task()} == asyncio.all_tasks()

    return asyncio.run(main())


def asking(hooks: Hooks, **options: Any) -> Any:
    """The asynchronous hook `ask` of one parameter."""

    async def ask(what: str) -> Any: ...

    return hooks.spec(**options)(ask)


def plugin(hooks: Hooks, name: str, answer: Callable[[str], Any], **wishes: Any) -> Speaker:
    """A plugin that answers `ask` as this function does, which may be asynchronous."""

    def ask(what: str) -> Any:
        return answer(what)

    async def ask_later(what: str) -> Any:
        return await answer(what)

    chosen = ask_later if asyncio.iscoroutinefunction(answer) else ask
    return Speaker(name, ask=hooks.impl(name="ask", **wishes)(chosen))


def answering(hooks: Hooks, **answers: Any) -> None:
    """Register plugins with these answers, every second one asynchronous."""
    for number, (name, answer) in enumerate(answers.items()):
        hooks.register(plugin(hooks, name, later(answer) if number % 2 else now(answer)))


def now(answer: Any) -> Callable[[str], Any]:
    """A function that answers so, or raises it."""

    def give(what: str) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return give


def later(answer: Any) -> Callable[[str], Awaitable[Any]]:
    """The same as a coroutine function."""

    async def give(what: str) -> Any:
        await asyncio.sleep(0)
        return now(answer)(what)

    return give
