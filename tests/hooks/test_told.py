"""Told: what is wrong with a plugin is said, in warnings, problems and explanations, with why."""

import re
import sys
import warnings
from threading import Thread
from time import sleep
from typing import Any

import pytest
from plugging import module
from sites import GROUP, HOST, RECORD, Site

from plugbay import Hooks, HookValidationError, PluginWarning

HEAD = RECORD + f"import plugbay\nhooks = plugbay.Hooks({HOST!r})\n"
ASK = "@hooks.impl\ndef ask(what): return 'asked'\n"
TOLD = "@hooks.impl\ndef told(heard): heard.append('told')\n"


@pytest.fixture
def hooks() -> Hooks:
    """Hooks of a host that no distribution has the name of, with one hook `ask`."""
    made = Hooks(HOST)

    @made.spec
    def ask(what: str) -> str | None: ...

    return made


def add(site: Site, name: str, body: str, hooks: Any = None, attribute: str = "") -> None:
    """Install a plugin, a module or something in it; its manifest names hooks that are not None."""
    manifest = None if hooks is None else {"plugins": {GROUP: {name: {"hooks": hooks}}}}
    target = f"told_{name}:{attribute}".strip(":")
    site.add(name, {name: target}, manifest=manifest, files={f"told_{name}.py": HEAD + body})


def told(hooks: Hooks) -> Any:
    """The historic hook `told`."""

    def told(heard: list[str]) -> None: ...

    return hooks.spec(historic=True)(told)


# -- left out -------------------------------------------------------------------------------------


UNFIT = ASK.replace("what", "which")
UNFIT_WORDS = "it takes 'which', which the hook has not; there are what"


@pytest.mark.parametrize("said", [None, ["ask"]], ids=["unknown", "declared"])
def test_who_is_left_out_as_unfit_is_named_with_the_reason(
    site: Site, hooks: Hooks, said: Any
) -> None:
    """In the warning, in the problems of the hooks and in the explanation of the hook."""
    add(site, "unfit", UNFIT, said)
    add(site, "fine", ASK, said)
    hooks.discover(GROUP)
    with pytest.warns(PluginWarning, match=re.escape(UNFIT_WORDS)) as seen:
        assert ["asked"] == hooks["ask"]("me")
    assert [str(each.message) for each in seen] == list(hooks.problems)
    assert hooks.problems[0].startswith("plugin 'unfit' of unfit 1.0 is left out:")
    runs, out = hooks["ask"].explain().splitlines()[1], hooks["ask"].explain().split("\n-  ")[1]
    assert "1. plugin 'fine' of fine 1.0: " in runs
    assert out.startswith("plugin 'unfit' of unfit 1.0: ")
    assert UNFIT_WORDS in out
    assert ["asked"] == hooks["ask"]("me")


def test_who_is_left_out_of_one_hook_is_not_explained_in_another(site: Site, hooks: Hooks) -> None:
    """Its manifest says that it has no part in that."""
    other = hooks.spec(lambda_named("other"))
    add(site, "unfit", UNFIT, ["ask"])
    hooks.discover(GROUP)
    with pytest.warns(PluginWarning):
        hooks["ask"]("me")
    assert "'unfit'" in hooks["ask"].explain()
    assert "'unfit'" not in other.explain()


def lambda_named(name: str) -> Any:
    """A function of that name, without parameters."""

    def made() -> None: ...

    made.__name__ = name
    return made


REQUIRED_WORDS = "the manifest of plugin 'lacks' of lacks 1.0 does not name 'must', which every"


def test_a_manifest_without_a_required_hook_keeps_its_plugin_out(site: Site, hooks: Hooks) -> None:
    """It is told when it is discovered, and never imported; the others are there."""
    must = hooks.spec(required=True)(lambda_named("must"))
    add(site, "lacks", ASK, ["ask"])
    add(site, "has", ASK + "@hooks.impl\ndef must(): return 1\n", ["ask", "must"])
    with pytest.warns(PluginWarning, match=f"(?s)'lacks' .* is left out.*{REQUIRED_WORDS}"):
        hooks.discover(GROUP)
    assert ["has"] == list(hooks.plugins)
    assert [REQUIRED_WORDS in each for each in hooks.problems] == [True]
    assert ([1], ["asked"], 0) == (must(), hooks["ask"]("me"), site.runs("told_lacks"))


def test_a_strict_group_has_no_manifest_without_a_required_hook(site: Site, hooks: Hooks) -> None:
    """It raises that, and none of the group is there."""
    hooks.spec(required=True)(lambda_named("must"))
    add(site, "lacks", ASK, ["ask"])
    add(site, "has", ASK, ["ask", "must"])
    with pytest.raises(HookValidationError, match=REQUIRED_WORDS):
        hooks.discover(GROUP, strict=True)
    assert {} == hooks.plugins


def test_a_plugin_that_is_not_loaded_does_not_keep_a_required_hook_out(
    site: Site, hooks: Hooks
) -> None:
    """Nobody knows yet what it implements; it is looked at when it is loaded."""
    add(site, "has", ASK + "@hooks.impl\ndef must(): return 1\n", ["ask", "must"])
    hooks.discover(GROUP)
    must = hooks.spec(required=True)(lambda_named("must"))
    assert (0, [1]) == (site.runs("told_has"), must())


# -- once it can be used --------------------------------------------------------------------------


def mended(site: Site, hooks: Hooks) -> None:
    """A plugin that could not be imported, since has been, and is let in."""
    site.write("switch.py", "is_on = False\n")
    add(site, "late", "import switch\nif not switch.is_on: raise ValueError('off')\n" + ASK)
    group = hooks.discover(GROUP)
    with pytest.warns(PluginWarning, match="off"):
        assert [] == hooks["ask"]("me")
    sys.modules["switch"].is_on = True  # type: ignore[attr-defined]
    assert [] == hooks["ask"]("me")
    group.failed["late"].retry()
    hooks.unblock("late")


def test_who_was_retried_with_success_is_let_in(site: Site, hooks: Hooks) -> None:
    """By unblocking it, from the next call on."""
    mended(site, hooks)
    assert ["asked"] == hooks["ask"]("me")


def test_who_was_let_in_is_not_explained_as_left_out(site: Site, hooks: Hooks) -> None:
    """It runs, and that is all that there is to say."""
    mended(site, hooks)
    hooks["ask"]("me")
    assert 1 == hooks["ask"].explain().count("'late'")
    assert "off" not in hooks["ask"].explain()


# -- history --------------------------------------------------------------------------------------


def test_a_manifest_that_disagrees_loses_no_history(site: Site, hooks: Hooks) -> None:
    """Where warnings are errors, what it missed has come before that is raised."""
    heard: list[str] = []
    hook = told(hooks)
    hook(heard)
    add(site, "more", ASK + TOLD, ["ask"])
    hooks.discover(GROUP)
    assert [] == heard
    with pytest.raises(PluginWarning, match="does not name the hook 'told', which its code"):
        hooks["ask"]("me")
    assert (["told"], ["asked"]) == (heard, hooks["ask"]("me"))
    hook(heard)
    assert ["told"] * 2 == heard


def test_a_manifest_that_names_too_many_loses_no_history(site: Site, hooks: Hooks) -> None:
    """The same where it is loaded as soon as it is found: what it missed comes once."""
    heard: list[str] = []
    told(hooks)(heard)
    add(site, "less", TOLD, ["ask", "told"])
    with pytest.warns(PluginWarning, match="names the hook 'ask', which its code does not"):
        hooks.discover(GROUP)
    assert ["told"] == heard
    hooks["told"](heard)
    assert ["told"] * 2 == heard


@pytest.mark.parametrize("said", [None, ["told"]], ids=["unknown", "declared"])
def test_a_plugin_that_two_threads_load_gets_what_it_missed_once(
    site: Site, hooks: Hooks, said: Any
) -> None:
    """One is told of it by being found, and another one calls the hook just then."""
    heard: list[str] = []
    told(hooks)(heard)
    site.write("gate.py", "import threading\nis_open, is_near, made = threading.Event(), [0], []\n")
    body = """
import gate
gate.is_near[0] = 1
gate.is_open.wait(5)
class Slow:
    def __init__(self): gate.made.append(self)
    @hooks.impl
    def told(self, heard): heard.append("told")
"""
    add(site, "slow", body, said, "Slow")
    jobs = [lambda: hooks.discover(GROUP), lambda: hooks["told"](heard)]
    threads = [Thread(target=job, daemon=True) for job in jobs]
    import gate  # type: ignore[import-not-found]  # written above

    threads[0].start()
    while not gate.is_near[0]:
        sleep(0.001)
    threads[1].start()
    threads[1].join(0.05)
    gate.is_open.set()
    for thread in threads:
        thread.join(5)
    assert ["told"] * 2 == heard
    assert (1, 1) == (site.runs("told_slow"), len(gate.made))


def test_a_blocked_plugin_is_loaded_for_its_history_when_it_is_let_in(
    site: Site, hooks: Hooks
) -> None:
    """Not before; and once, however often it is unblocked."""
    heard: list[str] = []
    add(site, "late", TOLD, ["told"])
    hook = told(hooks)
    hook(heard)
    hooks.block("late")
    hooks.discover(GROUP)
    hook(heard)
    assert ([], 0) == (heard, site.runs("told_late"))
    for _ in range(2):
        hooks.unblock("late")
        assert (["told"] * 2, 1) == (heard, site.runs("told_late"))
        hooks.block("late")


# -- not marked -----------------------------------------------------------------------------------


UNMARKED = "has 'ask', which is the name of a hook, and does not implement it; mark it with"


@pytest.mark.parametrize(
    "make",
    [
        lambda ask: module("p", ask=ask),
        lambda ask: type("p", (), {"ask": ask}),
        lambda ask: type("p", (), {"ask": ask})(),
        lambda ask: type("p", (), {"ask": staticmethod(ask)}),
        lambda ask: type("p", (), {"ask": classmethod(ask)}),
        lambda ask: module("p", ask=Hooks("another").impl(ask)),
    ],
    ids=["module", "class", "object", "static", "class method", "of another host"],
)
def test_what_is_named_like_a_hook_and_not_marked_is_told(hooks: Hooks, make: Any) -> None:
    """It is registered all the same."""
    with pytest.warns(PluginWarning, match=UNMARKED) as seen:
        hooks.register(make(lambda what: "asked"), name="p")
    assert ([__file__], ["p"]) == ([each.filename for each in seen], list(hooks.plugins))
    assert [str(each.message) for each in seen] == list(hooks.problems)
    assert hooks.problems[0].startswith("plugin 'p' has 'ask'")
    assert [] == hooks["ask"]("me")


def test_what_is_no_function_is_not_told(hooks: Hooks) -> None:
    """Nor what is named like no hook: a plugin may have what it likes."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hooks.register(module("data", ask="a value"), module("other", answer=lambda what: what))
    assert () == hooks.problems


def test_the_hosts_own_function_in_a_plugin_is_not_told() -> None:
    """One that a plugin imports from its host in order to call it."""
    hooks = Hooks(HOST)

    def ask(what: str) -> str | None: ...

    function = hooks.spec(ask)
    hooks.register(module("caller", ask=function))
    assert ((), ["caller"]) == (hooks.problems, list(hooks.plugins))
    with pytest.warns(PluginWarning, match=UNMARKED):
        hooks.register(module("another", ask=ask))


def test_an_installed_plugin_that_is_not_marked_is_told_once(site: Site, hooks: Hooks) -> None:
    """When it is loaded."""
    add(site, "forgot", "def ask(what): return 'asked'\n")
    hooks.discover(GROUP)
    with pytest.warns(PluginWarning, match=f"'forgot' of forgot 1.0 {UNMARKED}"):
        assert [] == hooks["ask"]("me")
    assert (1, []) == (len(hooks.problems), hooks["ask"]("me"))
