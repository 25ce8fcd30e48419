"""Ordering: who runs before whom, and why.

One model for everything that has a place in an order: what plugins depend on, then what they ask
to run before and after, then first and last, then priority (lower runs first), then the batch and
the place in it that they were registered with, then name.
"""

from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from plugbay.errors import PluginOrderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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

    @classmethod
    def asked(cls, item: "Any", plugin: str, options: "Any", facts: "Any", **at: int) -> "Place":
        """The place that an implementation and its plugin ask for; `at` has batch and index."""
        return cls(
            item,
            plugin,
            depends_on=facts.depends_on,
            before=(*options.before, *facts.before),
            after=(*options.after, *facts.after),
            first=options.is_first,
            last=options.is_last,
            priority=facts.priority if options.priority is None else options.priority,
            **at,
        )

    @property
    def key(self) -> "tuple[Any, ...]":
        """What decides between places that nothing else puts before one another."""
        return self.end, self.priority, self.batch, self.index, self.plugin


# From one place to a later one, with the reason as the later one tells it, and as the earlier one.
_Edges = dict[tuple[Place, Place], tuple[str, str]]


def ordered(
    places: "Iterable[Place]",
    override: "Sequence[str]" = (),
    *,
    remedy: str = "drop one of them",
    otherwise: str = "by name",
) -> "list[Place]":
    """The places in the order in which they run, each with its `why` filled in.

    `override` names plugins that run in that order whatever they ask for themselves. Raises
    PluginOrderError when no order keeps every wish, and names those that contradict each other, and
    the `remedy`. `otherwise` says what decides between those that ask for nothing.
    """
    places = sorted(places, key=lambda each: each.key)
    edges = _edges(places, override)
    ends = {place: place.end for place in places}
    if edges:
        needs: dict[Place, list[Place]] = {place: [] for place in places}
        for earlier, later in edges:
            needs[later].append(earlier)
        try:
            possible = list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            words = f"{_circle(error.args[1], edges)}; {remedy}"
            raise PluginOrderError(words, {each.item for each in error.args[1]}) from None
        _draw_along(ends, needs, possible)
        places.sort(key=lambda each: (ends[each], each.key))
        places = _by_rank(needs, {place: rank for rank, place in enumerate(places)})
    for place, reasons in _reasons(places, edges, ends).items():
        place.why = "; ".join(reasons) or f"it asks for nothing, so {otherwise}"
    return places


def _draw_along(
    ends: "dict[Place, int]", needs: "dict[Place, list[Place]]", possible: "list[Place]"
) -> None:
    """Let those run first (-1) or last (1) too that have to, for the sake of one that asks for it.

    So one that asks both to run first and to run after another takes that one along, unless that
    one asks to run last.
    """
    for place in possible:
        if not ends[place] and any(ends[each] > 0 for each in needs[place]):
            ends[place] = 1
    for place in reversed(possible):
        if ends[place] < 0:
            for each in needs[place]:
                ends[each] = ends[each] or -1


def _by_rank(needs: "dict[Place, list[Place]]", ranks: dict[Place, int]) -> "list[Place]":
    """What can run next in the order of its rank, so that nothing depends on hashes."""
    sorter = TopologicalSorter(needs)
    sorter.prepare()
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

    def add(
        earlier: "Iterable[Place]", later: "Iterable[Place]", words: str, own: str = ""
    ) -> None:
        for one in earlier:
            for other in later:
                if one.plugin != other.plugin:
                    edges.setdefault((one, other), (words, own))

    settled = [name for name in override if name in by_plugin]
    for one, other in pairwise(settled):
        puts = "the configuration puts it after {0!r}", "the configuration puts it before {0!r}"
        add(by_plugin[one], by_plugin[other], *puts)

    def asked(place: Place, names: "Sequence[str]") -> "list[Place]":
        """Those that a place names, but for what the configuration has settled."""
        free = [name for name in names if place.plugin not in settled or name not in settled]
        return [each for name in free for each in by_plugin.get(name, ())]

    for place in places:
        add(asked(place, place.depends_on), [place], "it depends on {0!r}")
    for place in places:
        before = "{0!r} asks to run before it", "it asks to run before {0!r}"
        add([place], asked(place, place.before), *before)
        add(asked(place, place.after), [place], "it asks to run after {0!r}")
    return edges


def _reasons(
    places: "list[Place]", edges: _Edges, ends: "dict[Place, int]"
) -> "dict[Place, dict[str, None]]":
    """What puts each place where it is."""
    reasons: dict[Place, dict[str, None]] = {place: {} for place in places}
    names = {place.plugin for place in places}
    for (earlier, later), (words, own) in edges.items():
        reasons[later][words.format(earlier.plugin)] = None
        if own:
            reasons[earlier][own.format(later.plugin)] = None
        elif not earlier.end and ends[earlier] < 0 and ends[later] < 0:
            reasons[earlier][f"{later.plugin!r}, which asks to run first, runs after it"] = None
    for place in places:
        if place.end:
            end = "first" if place.end < 0 else "last"
            reasons[place][f"it asks to run {end}"] = None
        missing = ", ".join(repr(name) for name in place.depends_on if name not in names)
        if missing:
            reasons[place][f"it depends on {missing}, which does not run here"] = None
        if place.priority:
            reasons[place][f"its priority is {place.priority}"] = None
    return reasons


def _circle(nodes: "Sequence[Place]", edges: _Edges) -> str:
    """The message about a cycle, given from the first place round to it again."""
    wishes = [
        f"{later.plugin!r} after {earlier.plugin!r} "
        f"({edges[earlier, later][0].format(earlier.plugin)})"
        for earlier, later in pairwise(nodes)
    ]
    return f"these wishes contradict each other: {', '.join(wishes)}"
