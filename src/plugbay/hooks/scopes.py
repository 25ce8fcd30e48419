"""Scopes: leaving plugins out for a while, in one context and not in other threads or tasks."""

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Opening", "Scope", "Scopes"]


class Scope(tuple[frozenset[str] | None, frozenset[str]]):
    """Which plugins run: `only` those named, None for all, and `without` those named."""

    outer: "Scope | None" = None

    def admits(self, plugin: str) -> bool:
        """Whether a plugin runs within this scope."""
        only, without = self
        return plugin not in without and (only is None or plugin in only)


class Scopes:
    """The scope of each context. Before the first one is opened no call asks for it."""

    def __init__(self, project: str) -> None:
        self.are_used = False
        self._current: ContextVar[Scope | None] = ContextVar(
            f"the scope of {project}", default=None
        )

    def current(self) -> Scope | None:
        """The scope of this context; None where everything runs."""
        return self._current.get()

    def narrowed(
        self, only: "Iterable[str] | None" = None, without: "Iterable[str]" = ()
    ) -> "Opening":
        """A context manager for a scope within the current one."""
        return Opening(self._current, None if only is None else frozenset(only), frozenset(without))


class Opening:
    """A context manager within which a scope holds; it can be entered again, and by any thread."""

    def __init__(
        self,
        current: "ContextVar[Scope | None]",
        only: frozenset[str] | None,
        without: frozenset[str],
    ) -> None:
        self._current = current
        self._only = only
        self._without = without

    def __enter__(self) -> None:
        outer = self._current.get()
        only, without = outer or (None, frozenset())
        if only is not None and self._only is not None:
            only &= self._only
        scope = Scope((self._only if only is None else only, without | self._without))
        scope.outer = outer
        self._current.set(scope)

    def __exit__(self, *exception: object) -> None:
        scope = self._current.get()
        self._current.set(scope.outer if scope else None)
