"""Plugins for tests: each answers the hook `roll` with its own name."""

from collections.abc import Callable, Generator
from typing import Any

from plugbay import Hooks

__all__ = ["Speaker", "declared", "speaker", "surround"]


class Speaker:
    """An object that is a plugin; what it implements and asks for are its attributes."""

    def __init__(self, name: str, **attributes: Any) -> None:
        self.name = name
        vars(self).update(attributes)


def declared(hooks: Hooks, **options: Any) -> Any:
    """The hook `roll` of these hooks, which has no parameters."""

    def roll() -> str | None: ...

    return hooks.spec(**options)(roll)


def speaker(
    hooks: Hooks,
    name: str,
    says: Callable[[], Any] | None = None,
    depends_on: Any = (),
    **wishes: Any,
) -> Speaker:
    """A plugin that answers with its name, or with what `says` gives."""

    def roll() -> Any:
        return name if says is None else says()

    return Speaker(name, roll=hooks.impl(**wishes)(roll), depends_on=depends_on)


def surround(hooks: Hooks, name: str, **wishes: Any) -> Speaker:
    """A wrapper that puts its name before and after the results."""

    def roll() -> Generator[None, list[str], list[str]]:
        results = yield
        return [f"<{name}", *results, f"{name}>"]

    return Speaker(name, roll=hooks.impl(wrapper=True, **wishes)(roll))
