"""Ordering: who runs before whom, and why.

One model for everything that has a place in an order: what plugins depend on, then what they ask
to run before and after, then first and last, then priority (lower runs first), then the batch and
the place in it that they were registered with, then name.
"""

from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from plugbay.errors import HookOrderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

__all__ = ["Place", "ordered"]


class Place:
    """What has a bearing on where something runs; `item` is what it is the place of."""

    __slots__ = (
        "after",
        "batch",
        "before",
        "depends_on",
        "end",
        "index",
        "item",
        "plugin",
        "priority",
        "why",
    )

    def __init__(
        self,
        item: "Any",
        plugin: str,
        *,
        depends_on: "Sequence[str]" = (),
        before: "Sequence[str]" = (),
        after: "Sequence[str]" = (),
        first: bool = False,
        last: bool = False,
        priority: "float | tuple[float, int]" = 0,
        batch: int = 0,
        index: int = 0,
    ) -> None:
        self.item = item
        self.plugin = plugin
        self.depends_on = depends_on
        self.before = before
        self.after = after
        self.end = int(last) - int(first)
        self.priority, self.batch = priority if isinstance(priority, tuple) else (priority, batch)
        self.index = index
        self.why = ""

    @property
    def key(self) -> "tuple[Any, ...]":
        """What decides between places that nothing else puts before one another."""
        return self.end, self.priority, self.batch, self.index, self.plugin


# From one place to a later one, with the words of who wants it so.
_Edges = dict[tuple[Place, Place], str]


def ordered(places: "Iterable[Place]", override: "Sequence[str]" = ()) -> "list[Place]":
    """The places in the order in which they run, each with its `why` filled in.

    `override` names plugins that run in that order whatever they ask for themselves. Raises
    HookOrderError when no order keeps every wish, and names those that contradict each other.
    """
    places = sorted(places, key=lambda each: each.key)
    edges = _edges(places, override)
    wishes: dict[Place, list[str]] = {}
    for (earlier, later), words in edges.items():
        wishes.setdefault(later, []).append(words.format(earlier.plugin))
    for place in places:
        place.why = _why(place, wishes.get(place, []))
    if not edges:
        return places
    sorter: TopologicalSorter[Place] = TopologicalSorter(dict.fromkeys(places, ()))
    for earlier, later in edges:
        sorter.add(later, earlier)
    try:
        sorter.prepare()
    except CycleError as error:
        raise HookOrderError(_circle(error.args[1], edges)) from None
    return _by_key(sorter, {place: rank for rank, place in enumerate(places)})


def _by_key(sorter: "TopologicalSorter[Place]", ranks: dict[Place, int]) -> "list[Place]":
    """What is ready in the order of its rank, so that the answer never depends on hashes."""
    found: list[Place] = []
    by_rank = {rank: place for place, rank in ranks.items()}
    ready: list[int] = []
    while sorter.is_active():
        for place in sorter.get_ready():
            heappush(ready, ranks[place])
        place = by_rank[heappop(ready)]
        found.append(place)
        sorter.done(place)
    return found


def _edges(places: "list[Place]", override: "Sequence[str]") -> _Edges:
    """Every wish that one place comes before another, the weightiest of each pair."""
    by_plugin: dict[str, list[Place]] = {}
    for place in places:
        by_plugin.setdefault(place.plugin, []).append(place)
    edges: _Edges = {}
    for earlier, later, words in _wishes(places, [name for name in override if name in by_plugin]):
        for one in by_plugin.get(earlier, ()):
            for other in by_plugin.get(later, ()):
                if earlier != later:
                    edges.setdefault((one, other), words)
    return edges


def _wishes(places: "list[Place]", override: "list[str]") -> "Iterator[tuple[str, str, str]]":
    """Which plugin is to come before which, in words; those that weigh most come first."""
    for earlier, later in pairwise(override):
        yield earlier, later, "the configuration puts it after {0!r}"
    for place in places:
        for name in place.depends_on:
            yield name, place.plugin, "it depends on {0!r}"
    for place in places:
        settled = override if place.plugin in override else ()
        for name in place.before:
            if name not in settled:
                yield place.plugin, name, "{0!r} asks to run before it"
        for name in place.after:
            if name not in settled:
                yield name, place.plugin, "it asks to run after {0!r}"


def _why(place: Place, wishes: "list[str]") -> str:
    """One line: what puts it where it is."""
    words = [*wishes]
    if place.end:
        words.append("it asks to run first" if place.end < 0 else "it asks to run last")
    if place.priority:
        words.append(f"its priority is {place.priority:g}")
    return "; ".join(words) or "it asks for nothing, so by registration and then by name"


def _circle(nodes: "Sequence[Place]", edges: _Edges) -> str:
    """The message about a cycle, given from the first place round to it again."""
    wishes = [
        f"{later.plugin!r} after {earlier.plugin!r} "
        f"({edges[earlier, later].format(earlier.plugin)})"
        for earlier, later in pairwise(nodes)
    ]
    return (
        f"these wishes contradict each other: {', '.join(wishes)}; "
        f"drop one of them, or set the order in the configuration"
    )
