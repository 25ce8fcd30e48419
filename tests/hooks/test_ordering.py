"""Ordering: one model says who runs before whom, and why; hosts and operators have the last word.

Priorities are in test_priorities.py; in test_order_oracles.py others say what the order should be.
"""

from collections.abc import Generator
from typing import Any

import pytest
from speakers import Speaker, declared, speaker, surround

from plugbay import Hooks, PluginOrderError

FIRST, LAST = {"first": True}, {"last": True}
# The wishes of each plugin by its name, in the order of registration.
Batch = dict[str, dict[str, Any]]


def registered(*batches: Batch, **options: Any) -> Hooks:
    """Hooks with these plugins, each batch registered in one call."""
    hooks = Hooks("tabletop", **options)
    declared(hooks)
    for batch in batches:
        hooks.register(*(speaker(hooks, name, **wishes) for name, wishes in batch.items()))
    return hooks


def order(*batches: Batch, **options: Any) -> str:
    """The names of these plugins in the order in which they run."""
    return "".join(registered(*batches, **options)["roll"]())


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        pytest.param([{"b": {}, "a": {}}], "ba", id="those of one call keep their order"),
        pytest.param([{"b": {}, "c": {}}, {"a": {}}], "bca", id="an earlier call comes first"),
        pytest.param([{"a": {"priority": 1}, "b": {}}], "ba", id="lower runs first"),
        pytest.param([{"a": {}}, {"b": {"priority": -1}}], "ba", id="priority before batch"),
        pytest.param([{"a": {"priority": 1}}, {"b": {}}], "ba", id="no priority is 0"),
        pytest.param([{"a": {"priority": 0.5}, "b": {"priority": 0.25}}], "ba", id="fractions"),
        pytest.param([{"a": {}}, {"b": {"priority": (0, -1)}}], "ba", id="a batch of its own"),
        pytest.param([{"a": {"priority": (1, -9)}}, {"b": {}}], "ba", id="a pair by its first"),
        pytest.param([{"c": {}, "d": {}}, {"b": {"priority": (0, 0)}}], "bcd", id="then name"),
        pytest.param([{"a": {"priority": -9}, "b": FIRST}], "ba", id="first before priority"),
        pytest.param([{"a": {"priority": -9, **LAST}, "b": {}}], "ba", id="last after priority"),
        pytest.param([{"a": FIRST, "b": {"priority": -1, **FIRST}}], "ba", id="two firsts"),
        pytest.param([{"a": LAST, "b": {"priority": -1, **LAST}}], "ba", id="two lasts"),
        pytest.param([{"a": {}, "b": {"before": "a"}}], "ba", id="before"),
        pytest.param([{"a": {"after": "b"}}, {"b": {}}], "ba", id="after one that comes later"),
        pytest.param([{"a": {"after": ["c", "b"]}, "b": {}, "c": {}}], "bca", id="after several"),
        pytest.param([{"a": {**FIRST, "after": "b"}, "b": LAST}], "ba", id="after before first"),
        pytest.param([{"a": FIRST, "b": {**LAST, "before": "a"}}], "ba", id="before before last"),
        pytest.param([{"c": {}, "b": {}, "a": {**FIRST, "after": "b"}}], "bac", id="first it can"),
        pytest.param([{"b": {}, "a": {**LAST, "before": "b"}, "c": {}}], "cab", id="last it can"),
        pytest.param([{"a": {"after": "x", "before": ["y"]}, "b": {}}], "ab", id="unknown names"),
        pytest.param([{"a": {"after": "a"}, "b": {"before": "b"}}], "ab", id="its own name"),
        pytest.param([{"a": {"depends_on": ["b"]}, "b": {}}], "ba", id="dependency"),
        pytest.param([{"a": {"depends_on": ["b"]}}, {"b": {}}], "ba", id="later dependency"),
        pytest.param([{"a": {**FIRST, "depends_on": ["b"]}, "b": LAST}], "ba", id="first needs"),
        pytest.param([{"a": {"depends_on": ["x", "y"]}, "b": {}}], "ab", id="unknown needs"),
        pytest.param(
            [{"a": {**FIRST, "after": "b"}, "b": LAST, "c": {}}],
            "cba",
            id="last is not drawn first",
        ),
        pytest.param(
            [{"a": {**LAST, "before": "b"}, "b": FIRST, "c": {}}], "cab", id="nor at the other end"
        ),
    ],
)
def test_the_rules(batches: list[Batch], expected: str) -> None:
    """Each rule decides where the weightier ones say nothing."""
    assert expected == order(*batches)


@pytest.mark.parametrize("wish", ["after", "depends_on"])
@pytest.mark.parametrize("said", ["bob", ["bob"], ("bob",), {"bob"}], ids=type)
def test_names_are_given_alone_or_as_a_collection(wish: str, said: object) -> None:
    """Wishes and dependencies alike."""
    assert "boba" == order({"a": {wish: said}, "bob": {}})


def test_an_implementations_priority_counts_more_than_its_plugins() -> None:
    """The plugin's is for those that say nothing of their own."""
    hooks = registered({"a": {"priority": 5}, "b": {}, "c": {}, "d": {"priority": 0}})
    for name, priority in {"a": -5, "b": 1, "c": -1}.items():
        hooks.plugins[name].priority = priority
    assert ["c", "d", "b", "a"] == hooks["roll"]()


def test_a_wish_is_that_of_one_implementation() -> None:
    """Of two that one plugin has for a hook, one may run before a neighbour and one after it."""
    hooks = registered({"bob": {}})

    class Both:
        @hooks.impl(name="roll", before="bob")
        def opens(self) -> str:
            return "open"

        @hooks.impl(name="roll", after="bob")
        def closes(self) -> str:
            return "close"

    hooks.register(Both)
    assert ["open", "bob", "close"] == hooks["roll"]()


def test_a_wrappers_wish_is_not_that_of_its_neighbour() -> None:
    """A plugin may wrap, and have another place for its plain implementation."""
    hooks = registered({"bob": {}})

    class Both:
        @hooks.impl(name="roll", wrapper=True, before="bob")
        def around(self) -> Generator[None, list[str], list[str]]:
            return ["around", *(yield)]

        @hooks.impl(name="roll", after="bob")
        def plain(self) -> str:
            return "plain"

    hooks.register(Both)
    assert ["around", "bob", "plain"] == hooks["roll"]()


# -- cycles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "edges"),
    [
        (
            {"a": {"after": "b"}, "b": {"after": "a"}},
            [
                "'a' after 'b' (it asks to run after 'b')",
                "'b' after 'a' (it asks to run after 'a')",
            ],
        ),
        (
            {"a": {"before": "b"}, "b": {"before": "a"}},
            ["'a' after 'b' ('b' asks to run before it)", "'b' after 'a' ('a' asks to run before"],
        ),
        (
            {"a": {"depends_on": ["c"]}, "b": {"after": "a"}, "c": {"after": "b", "last": True}},
            ["'a' after 'c' (it depends on 'c')", "'b' after 'a' (it asks", "'c' after 'b' (it as"],
        ),
    ],
)
def test_a_cycle_names_its_edges(batch: Batch, edges: list[str]) -> None:
    """Each with who wants it so; those that have no part in it are not named."""
    with pytest.raises(PluginOrderError) as seen:
        order({"x": {"before": "y"}, "y": {}, **batch})
    for edge in edges:
        assert edge in str(seen.value)
    assert "'x'" not in str(seen.value)
    assert "'y'" not in str(seen.value)
    assert isinstance(seen.value, ValueError)


@pytest.mark.parametrize("is_blocked", [False, True], ids=["running", "blocked"])
def test_a_cycle_is_refused_and_changes_nothing(is_blocked: bool) -> None:
    """Of all that come with it none is registered; then, mended, it fits as if nothing had been."""
    hooks = registered({"a": {"after": "b"}, "c": {}})
    before = hooks["roll"]()
    if is_blocked:
        hooks.block("b")
    with pytest.raises(PluginOrderError):
        hooks.register(speaker(hooks, "d"), speaker(hooks, "b", after="a"))
    hooks.unblock("b")
    assert (["a", "c"], before) == (list(hooks.plugins), hooks["roll"]())
    hooks.register(speaker(hooks, "b"))
    assert ["c", "b", "a"] == hooks["roll"]()


def test_a_cycle_is_one_of_a_hook() -> None:
    """Wishes of different hooks do not contradict each other."""
    hooks = registered({"a": {"after": "b"}})

    @hooks.spec
    def other() -> str | None: ...

    def reply() -> str:
        return "b"

    hooks.register(Speaker("b", other=hooks.impl(after="a")(reply), roll=hooks.impl(reply)))
    assert (["b", "a"], ["b"]) == (hooks["roll"](), other())


# -- the word of hosts and operators --------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "override", "expected"),
    [
        pytest.param({"a": {}, "b": {}, "c": {}}, "cba", "cba", id="all of them"),
        pytest.param({"a": {}, "b": {}, "c": {}}, "cxa", "bca", id="some of them"),
        pytest.param({"a": FIRST, "b": LAST}, "ba", "ba", id="more than first and last"),
        pytest.param({"a": {"priority": -9}, "b": {}}, "ba", "ba", id="more than priority"),
        pytest.param({"a": {"before": "b"}, "b": {}}, "ba", "ba", id="more than before"),
        pytest.param({"a": {}, "b": {"after": "a"}}, "ba", "ba", id="more than after"),
        pytest.param({"a": {}, "b": {"depends_on": ["a"]}}, "ba", "ba", id="more than depends_on"),
        pytest.param({"a": {}, "b": {}, "c": {"before": "a"}}, "ba", "bca", id="others' wishes"),
        pytest.param({"a": {}, "b": {}}, "x", "ab", id="unknown"),
    ],
)
@pytest.mark.parametrize("source", ["host", "operator"])
def test_the_configured_order(
    monkeypatch: pytest.MonkeyPatch, batch: Batch, override: str, expected: str, source: str
) -> None:
    """Plugins that it names run in that order, whatever they ask for; the others as ever."""
    if source == "host":
        assert expected == order(batch, order={"roll": list(override), "other": ["a"]})
    else:
        value = f"other=a,b,a; roll = {', '.join(override)} ;nonsense"
        monkeypatch.setenv("PLUGBAY_HOOK_ORDER", value)
        assert expected == order(batch)


def test_the_operator_counts_more_than_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the hooks that the operator names; asked when the Hooks are made, and not later."""
    monkeypatch.setenv("PLUGBAY_HOOK_ORDER", "roll=b,a")
    hooks = registered({"a": {}, "b": {}}, order={"roll": ["a", "b"]})
    monkeypatch.setenv("PLUGBAY_HOOK_ORDER", "other=x")
    assert ["b", "a"] == hooks["roll"]()
    assert "ba" == order({"a": {}, "b": {}}, order={"roll": ["b", "a"]})


def test_a_configured_order_mends_a_cycle() -> None:
    """As the message of the cycle says."""
    batch = {"a": {"after": "b"}, "b": {"after": "a"}}
    assert "ab" == order(batch, order={"roll": ["a", "b"]})


def test_a_configured_order_that_contradicts_the_others_is_a_cycle() -> None:
    """It names the configuration as one of those who want it so."""
    batch = {"a": {}, "b": {}, "c": {"before": "a", "after": "b"}}
    with pytest.raises(PluginOrderError, match=r"'b' after 'a' [(]the configuration puts"):
        order(batch, order={"roll": ["a", "b"]})


def test_a_configured_order_may_name_a_plugin_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it comes first counts, whether the host or the operator says so."""
    batch: Batch = {"a": {}, "x": {}, "y": {}}
    assert "axy" == order(batch, order={"roll": ["x", "y", "x"]})
    assert "ayx" == order(batch, order={"roll": ["y", "x", "x", "y"]})
    monkeypatch.setenv("PLUGBAY_HOOK_ORDER", "roll=y,x,y")
    assert "ayx" == order(batch)


def test_plugins_that_only_the_configuration_orders_may_close_a_circle() -> None:
    """With the wishes of one that is there; they are refused when they are registered."""
    hooks = registered({"c": {"before": "a", "after": "b"}}, order={"roll": ["a", "b"]})
    with pytest.raises(PluginOrderError, match=r"'b' after 'a' [(]the configuration puts"):
        hooks.register(speaker(hooks, "a"), speaker(hooks, "b"))
    assert (["c"], ["c"]) == (list(hooks.plugins), hooks["roll"]())


def test_a_plugin_that_asks_for_nothing_may_close_a_circle_of_others() -> None:
    """Each of them asks for something that only it contradicts."""
    hooks = registered({"b": {"before": "a"}, "c": {"after": "a", "before": "b"}})
    with pytest.raises(PluginOrderError, match=r"'a' after 'b' \('b' asks to run before it\)"):
        hooks.register(speaker(hooks, "a"))
    assert ["c", "b"] == hooks["roll"]()


# -- the explanation ------------------------------------------------------------------------------


NOTHING = "it asks for nothing, so by registration and then by name"


def test_the_explanation() -> None:
    """Who runs, in which order, and why: wrappers first, since they are around the others."""
    hooks = registered(
        {"e": {}, "d": {**LAST, "priority": -2}, "c": {"after": "b", "before": "d"}, "b": FIRST},
        {"a": {"priority": (2.5, 7), "after": ["e", "x"], "depends_on": ["b", "y"]}},
    )
    hooks.register(surround(hooks, "w"), surround(hooks, "v", priority=-1))
    hooks.register(speaker(hooks, "z", priority=-100))
    hooks.block("z")
    assert hooks["roll"].explain().splitlines() == [
        "The hook 'roll' of 'tabletop' runs, as 'all_avails':",
        "1. plugin 'v', around the others: its priority is -1",
        f"2. plugin 'w', around the others: {NOTHING}",
        "3. plugin 'b': it asks to run first",
        f"4. plugin 'e': {NOTHING}",
        "5. plugin 'c': it asks to run before 'd'; it asks to run after 'b'",
        (
            "6. plugin 'a': it depends on 'b'; it asks to run after 'e'; "
            "it depends on 'y', which does not run here; its priority is 2.5"
        ),
        "7. plugin 'd': 'c' asks to run before it; it asks to run last; its priority is -2",
        "-  plugin 'z': it is blocked",
    ]
    assert ["<v", "<w", *"beca", "d", "w>", "v>"] == hooks["roll"]()


def test_the_explanation_of_what_is_configured() -> None:
    """It says so, and not what the plugins ask for in vain."""
    hooks = registered({"a": {}, "b": {"before": "a"}}, order={"roll": ["a", "b"]})
    assert "2. plugin 'b': the configuration puts it after 'a'" in hooks["roll"].explain()


def test_the_explanation_does_not_deny_a_wish() -> None:
    """One that asks to run before another asks for something."""
    hooks = registered({"a": {"before": "b"}, "b": {}})
    assert NOTHING not in hooks["roll"].explain()


def test_the_explanation_of_nothing() -> None:
    """A hook that nobody implements says that."""
    explained = registered()["roll"].explain()
    assert "The hook 'roll' of 'tabletop' runs, as 'all_avails':\nnothing; no plugin" in explained


@pytest.mark.parametrize("priority", [20_261_121, 0.1234567])
def test_the_explanation_gives_a_priority_as_it_is(priority: float) -> None:
    """With all its digits."""
    hooks = registered({"a": {"priority": priority}})
    assert f"its priority is {priority}" in hooks["roll"].explain()


def test_the_explanation_gives_a_reason_once() -> None:
    """However many implementations the other plugin has."""
    hooks = registered({"b": {"after": "both"}})

    class Both:
        @hooks.impl(name="roll")
        def one(self) -> str:
            return "one"

        @hooks.impl(name="roll")
        def two(self) -> str:
            return "two"

    hooks.register(Both, name="both")
    assert 1 == hooks["roll"].explain().count("it asks to run after 'both'")


def test_the_explanation_gives_the_weightiest_reason() -> None:
    """The configuration, then what is depended on, then the wishes of the earlier one."""
    wishes: Batch = {
        "a": {"depends_on": ["b"], "after": ["b", "c"]},
        "b": {"before": "a"},
        "c": {"before": "a"},
    }
    lines = registered(wishes)["roll"].explain().splitlines()
    assert "3. plugin 'a': it depends on 'b'; it asks to run after 'c'" in lines
    assert f"1. plugin 'b': {NOTHING}" in lines
