"""Asynchrony: what asynchronous hooks do beyond awaiting one implementation after the other."""

from asyncio import TaskGroup
from collections.abc import AsyncIterator, Callable
from typing import Any

from plugbay.hooks.failures import note
from plugbay.hooks.paths import HookCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.hooks.dispatch import Dispatcher
    from plugbay.hooks.failures import Failed

__all__ = ["AsyncHookCall", "Together", "iterated", "paired"]


class AsyncHookCall(HookCall[Any]):
    """A call for an asynchronous hook: to be awaited, whatever the implementation is."""

    __slots__ = ()

    async def __call__(self) -> Any:
        try:
            result = self._function(*self._arguments, **self._keywords)
            return await result if hasattr(result, "__await__") else result
        except BaseException as error:
            note(error, self.implementation.label)
            raise


async def iterated(calls: list[HookCall[Any]], skips_none: bool) -> AsyncIterator[Any]:
    """The results one by one."""
    for call in calls:
        result = await call()
        if result is not None or not skips_none:
            yield result


async def paired(calls: list[HookCall[Any]], skips_none: bool) -> list[tuple[str, Any]]:
    """The name of each plugin with its result."""
    results = [(call.plugin, await call()) for call in calls]
    return [pair for pair in results if pair[1] is not None or not skips_none]


class Together:
    """Runs all calls at the same time, and answers when the last one is done.

    What one raises under the policy "raise" cancels the others, and comes in an ExceptionGroup as
    from any TaskGroup.
    """

    def __init__(
        self,
        hook: "Dispatcher",
        failed: Callable[..., None],
        give_up: Callable[..., None],
        nothing: Callable[[], None],
    ) -> None:
        self._hook = hook
        self._failed = failed
        self._give_up = give_up
        self._nothing = nothing

    async def __call__(self, calls: list[HookCall[Any]]) -> Any:
        errors: list[Failed] = []
        async with TaskGroup() as group:
            tasks = [group.create_task(self._one(call, errors)) for call in calls]
        results = [result for task in tasks for result in task.result()]
        if errors:
            self._give_up(errors, *results)
        chosen = self._hook.plan.chosen(results)
        if not self._hook.plan.picks:
            return chosen
        if chosen:
            return chosen[0]
        return None if self._hook.plan.tries else self._nothing()

    async def _one(self, call: HookCall[Any], errors: "list[Failed]") -> list[Any]:
        """The result in a list, which is empty when it failed and the others go on."""
        try:
            return [await call()]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
            self._failed(error, call.implementation, errors)
            return []
