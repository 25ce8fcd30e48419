"""The order, by others: pluggy, a search through every order, and the plain sort.

Each test makes up plugins and their wishes at random.
"""

import re
from collections.abc import Generator, Iterable
from itertools import pairwise, permutations
from random import Random
from typing import Any

import pluggy
from hypothesis import given
from hypothesis import strategies as st
from speakers import Speaker, declared

from plugbay import Hooks, PluginOrderError
from plugbay.ordering import Place, ordered

# What each plugin asks for, by its name.
Wishes = dict[str, dict[str, Any]]

NUMBERS = st.integers(-2, 2)
RANKS = {
    "first": st.booleans(),
    "last": st.booleans(),
    "priority": NUMBERS | st.tuples(NUMBERS, NUMBERS),
    "batch": NUMBERS,
    "index": NUMBERS,
}
NAMES = st.lists(st.sampled_from("abcdex"), max_size=2)
OVERRIDES = st.lists(st.sampled_from("abcdex"), max_size=4, unique=True).map(tuple)
EDGES = {"depends_on": NAMES, "before": NAMES, "after": NAMES}


def wishes(**kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[Wishes]:
    """Some plugins with wishes of these kinds; "x" is never one of them."""
    return st.dictionaries(st.sampled_from("abcde"), st.fixed_dictionaries(kinds), max_size=5)


def run(asked: Wishes, override: Iterable[str] = ()) -> str:
    """The names of the plugins in order."""
    places = [Place(name, name, **each) for name, each in asked.items()]
    return "".join(place.item for place in ordered(places, tuple(override)))


def edges(asked: Wishes, override: Iterable[str] = ()) -> set[tuple[str, str]]:
    """Each pair of plugins of which the first is to run before the second."""
    settled = [name for name in override if name in asked]
    found = set(pairwise(settled))
    for name, each in asked.items():
        wanted = [(name, other) for other in each.get("before", ())]
        wanted += [(other, name) for other in (*each.get("after", ()), *each.get("depends_on", ()))]
        found |= {pair for pair in wanted if not set(pair) <= set(settled)}
    return {(one, other) for one, other in found if one != other and {one, other} <= set(asked)}


def keeps(found: Iterable[str], wanted: set[tuple[str, str]]) -> bool:
    """Whether an order has the first of each pair before the second."""
    rank = {name: number for number, name in enumerate(found)}
    return all(rank[one] < rank[other] for one, other in wanted)


def key(name: str, each: dict[str, Any]) -> tuple[Any, ...]:
    """What the issue says that plugins without edges are sorted by."""
    said = each["priority"]
    priority, batch = said if isinstance(said, tuple) else (said, each["batch"])
    return each["last"] - each["first"], priority, batch, each["index"], name


@given(wishes(**RANKS))
def test_without_edges_the_order_is_a_sort(asked: Wishes) -> None:
    """By first and last, priority, batch, place in the batch and name."""
    assert sorted(asked, key=lambda name: key(name, asked[name])) == list(run(asked))


@given(
    st.tuples(wishes(**RANKS, **EDGES), st.just(()))
    | st.tuples(wishes(**RANKS, before=NAMES, after=NAMES), OVERRIDES)
)
def test_an_order_is_found_exactly_when_there_is_one(case: tuple[Wishes, tuple[str, ...]]) -> None:
    """It keeps every edge; a cycle is reported when each of all orders breaks one of them."""
    asked, override = case
    wanted = edges(asked, override)
    is_possible = any(keeps(each, wanted) for each in permutations(asked))
    try:
        found = run(asked, override)
    except PluginOrderError as error:
        assert not is_possible
        named = re.findall(r"'(.)' after '(.)' \(", str(error))
        assert named
        assert {(earlier, later) for later, earlier in named} <= wanted
        for (later, _), (_, earlier) in pairwise([*named, named[0]]):
            assert earlier == later
    else:
        assert is_possible
        assert sorted(asked) == sorted(found)
        assert keeps(found, wanted)


@given(wishes(**RANKS, **EDGES), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_that_of_the_input(asked: Wishes, random: Random) -> None:
    """Nor does the message about a cycle."""

    def outcome() -> str:
        names = list(asked)
        random.shuffle(names)
        try:
            return run({name: asked[name] for name in names})
        except PluginOrderError as error:
            return str(error)

    assert outcome() == outcome()


@given(wishes(**RANKS, **EDGES))
def test_only_edges_move_a_plugin_from_its_place(asked: Wishes) -> None:
    """Of two neighbours in the order, the first has the lower key or is wanted before the other."""
    wanted = edges(asked)
    try:
        found = run(asked)
    except PluginOrderError:
        return
    for one, other in pairwise(found):
        assert (one, other) in wanted or key(one, asked[one]) < key(other, asked[other])


# -- pluggy's rules -------------------------------------------------------------------------------

ROLES: dict[str, tuple[dict[str, bool], dict[str, bool]]] = {
    "first": ({"first": True}, {"tryfirst": True}),
    "plain": ({}, {}),
    "last": ({"last": True}, {"trylast": True}),
    "first wrapper": ({"first": True, "wrapper": True}, {"tryfirst": True, "wrapper": True}),
    "plain wrapper": ({"wrapper": True}, {"wrapper": True}),
    "last wrapper": ({"last": True, "wrapper": True}, {"trylast": True, "wrapper": True}),
}


def actor(role: str, marker: Any, options: dict[str, bool], log: list[str]) -> Speaker:
    """A plugin that notes when it runs."""

    def roll() -> str:
        log.append(role)
        return role

    def around() -> Generator[None, list[str], list[str]]:
        log.append(f"into {role}")
        results = yield
        log.append(f"out of {role}")
        return [*results, role]

    chosen = around if "wrapper" in options else roll
    chosen.__name__ = "roll"
    return Speaker(role, roll=marker(**options)(chosen))


class Spec:
    @pluggy.HookspecMarker("tabletop")
    def roll(self) -> str: ...  # type: ignore[empty-body]


@given(st.lists(st.sampled_from(sorted(ROLES)), unique=True))
def test_roles_run_as_in_pluggy(roles: list[str]) -> None:
    """One of each role, registered in any order: the same steps, the same results."""
    ours: list[str] = []
    theirs: list[str] = []
    hooks = Hooks("tabletop")
    roll = declared(hooks)
    manager = pluggy.PluginManager("tabletop")
    manager.add_hookspecs(Spec)
    for role in roles:
        our_options, their_options = ROLES[role]
        hooks.register(actor(role, hooks.impl, our_options, ours))
        marker = pluggy.HookimplMarker("tabletop")
        manager.register(actor(role, marker, their_options, theirs))
    assert (manager.hook.roll(), theirs) == (roll(), ours)
