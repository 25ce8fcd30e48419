"""Strategies: what the results of the implementations become, as the answer to a call."""

from plugbay.errors import HookSpecificationError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final
else:
    Final = object

__all__ = ["Plan", "Strategy", "plan_for"]


class Strategy:
    """The names of the strategies.

    `ALL...` run every implementation, the others only as many as they need. `..._AVAIL` and
    `ALL_AVAILS` pass over None. Where there is nothing to give, a strategy raises
    HookResultError and its `TRY_...` form gives None. `SINGLE` asks one plugin, named by
    `hook.of(name)`, or else the last one. `PIPELINE` gives each implementation the result of
    the one before as its first argument.
    """

    ALL: Final = "all"
    ALL_AVAILS: Final = "all_avails"
    ALL_FIRST: Final = "all_first"
    ALL_LAST: Final = "all_last"
    TRY_ALL_FIRST: Final = "try_all_first"
    TRY_ALL_LAST: Final = "try_all_last"
    ALL_FIRST_AVAIL: Final = "all_first_avail"
    ALL_LAST_AVAIL: Final = "all_last_avail"
    TRY_ALL_FIRST_AVAIL: Final = "try_all_first_avail"
    TRY_ALL_LAST_AVAIL: Final = "try_all_last_avail"
    FIRST: Final = "first"
    LAST: Final = "last"
    TRY_FIRST: Final = "try_first"
    TRY_LAST: Final = "try_last"
    FIRST_AVAIL: Final = "first_avail"
    LAST_AVAIL: Final = "last_avail"
    TRY_FIRST_AVAIL: Final = "try_first_avail"
    TRY_LAST_AVAIL: Final = "try_last_avail"
    SINGLE: Final = "single"
    TRY_SINGLE: Final = "try_single"
    PIPELINE: Final = "pipeline"


class Plan:
    """How a strategy goes about it, each question answered once for all call paths.

    `kind` is "collect" (run all, then give the list or pick from it), "until" (run until there is
    a result to give), "pipeline" or "custom" (`function` gets the calls). `is_last` looks from
    the end, `picks` gives one result rather than the list, `skips_none` passes over None,
    `tries` gives None rather than raise.
    """

    __slots__ = (
        "function",
        "is_last",
        "is_single",
        "kind",
        "name",
        "picks",
        "skips_none",
        "tries",
    )

    def __init__(self, name: str, function: "Callable[..., Any] | None" = None) -> None:
        words = [] if function else name.split("_")
        self.name = name
        self.is_single = "single" in words
        self.function = function
        self.tries = "try" in words
        self.is_last = "last" in words or self.is_single
        self.skips_none = "avail" in words or "avails" in words
        self.picks = "first" in words or self.is_last
        if function is not None or name == "pipeline":
            self.kind = "pipeline" if function is None else "custom"
        else:
            self.kind = "collect" if "all" in words else "until"

    def chosen(self, results: "list[Any]") -> "list[Any]":
        """What it gives of the results of all implementations: all, or a list of at most one."""
        if self.skips_none:
            results = [each for each in results if each is not None]
        if not self.picks:
            return results
        return results[-1:] if self.is_last else results[:1]


_NAMES = {name for word, name in vars(Strategy).items() if not word.startswith("_")}


def plan_for(strategy: "str | Callable[..., Any]") -> Plan:
    """The plan of a strategy, given by name or as a callable over the calls.

    Raises HookSpecificationError for anything else.
    """
    if callable(strategy):
        return Plan(getattr(strategy, "__name__", "custom"), strategy)
    if not isinstance(strategy, str) or strategy not in _NAMES:
        raise HookSpecificationError(
            f"strategy={strategy!r} is no strategy; {did_you_mean(str(strategy), _NAMES)}"
        )
    return Plan(strategy)
