"""Lazy hooks: plugins that are known by their manifest, and imported by the first call."""

import os
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from typing import Any

import pytest
from sites import GROUP, HOST, RECORD, Site

import plugbay

# The module of a host, which its plugins import to mark what they implement.
HOST_MODULE = "shades_host"
SPECS = f"""
import plugbay

hooks = plugbay.Hooks("{HOST}")


@hooks.spec
def paint(wall: str) -> str | None: ...


@hooks.spec
def clean(wall: str) -> str | None: ...
"""
PLUGIN = (
    RECORD
    + f"""
from {HOST_MODULE} import hooks


class Plugin:
    @hooks.impl
    def paint(self, wall):
        return __name__ + " paints " + wall
"""
)


@pytest.fixture
def host(site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The host's module, imported anew."""
    site.write(f"{HOST_MODULE}.py", SPECS)
    monkeypatch.delitem(sys.modules, HOST_MODULE, raising=False)
    module = __import__(HOST_MODULE)
    monkeypatch.setitem(sys.modules, HOST_MODULE, module)
    return module


def add(site: Site, name: str, hooks: object = None, body: str = PLUGIN, **more: Any) -> None:
    """Install a plugin of the name, whose manifest names the hooks unless they are None."""
    facts = {**more, **({} if hooks is None else {"hooks": hooks})}
    manifest = {"plugins": {GROUP: {name: facts}}} if facts else None
    site.add(
        name,
        {name: f"lazy_{name}:Plugin"},
        manifest=manifest,
        files={f"lazy_{name}.py": body},
    )


def imported(site: Site, *names: str) -> list[int]:
    """How often the body of each plugin has run."""
    return [site.runs(f"lazy_{name}") for name in names]


def test_discovery_imports_none_of_five_hundred_plugins(site: Site) -> None:
    """A host of 500 plugins starts without one, and its first call imports those that it needs."""
    site.write(f"{HOST_MODULE}.py", SPECS)
    for number in range(500):
        add(site, f"p{number:03}", ["paint"] if number % 100 == 7 else ["clean"])
    code = (
        f"import sys, warnings; warnings.simplefilter('ignore')\n"
        f"from {HOST_MODULE} import hooks, paint\n"
        f"hooks.discover({GROUP!r})\n"
        "count = lambda: sum(name.startswith('lazy_') for name in sys.modules)\n"
        "print(len(hooks.plugins), count(), len(paint('x')), count())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site.root), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("500 0 5 5", "") == (ran.stdout.strip(), ran.stderr)


def test_a_call_imports_only_the_plugins_that_implement_it(site: Site, host: Any) -> None:
    """Once each; the others wait for a call of theirs, and run in the order of their names."""
    add(site, "b", ["paint"])
    add(site, "a", ["paint"])
    add(site, "c", ["clean"], PLUGIN.replace("def paint", "def clean"))
    host.hooks.discover(GROUP)
    assert [0, 0, 0] == imported(site, "a", "b", "c")
    for _ in range(2):
        assert ["lazy_a paints x", "lazy_b paints x"] == host.paint("x")
        assert [1, 1, 0] == imported(site, "a", "b", "c")
    assert ["lazy_c paints x"] == host.clean("x")


def test_a_plugin_without_a_manifest_is_imported_by_the_first_call_of_any_hook(
    site: Site, host: Any
) -> None:
    """Nothing tells what it implements; a manifest that names no hooks does."""
    add(site, "silent")
    add(site, "speechless", summary="A manifest that says nothing of hooks")
    add(site, "idle", [])
    host.hooks.discover(GROUP)
    assert [] == host.clean("x")
    assert [1, 1, 0] == imported(site, "silent", "speechless", "idle")


def test_what_the_gate_refuses_never_runs(site: Site, host: Any) -> None:
    """The options of `discover` are those of `load_group`, and so are its refusals."""
    add(site, "fine", ["paint"])
    add(site, "kept-out", ["paint"])
    with pytest.warns(plugbay.PluginWarning, match="kept-out"):
        group = host.hooks.discover(GROUP, policy=plugbay.Policy(deny=["kept-out"]))
    assert ["fine"] == list(host.hooks.plugins) == list(group)
    assert ["kept-out"] == list(group.refused)
    assert ["lazy_fine paints x"] == host.paint("x")


def test_a_broken_plugin_is_left_out_with_one_warning(site: Site, host: Any) -> None:
    """As in its group: it is recorded and told once, and the others answer."""
    add(site, "broken", ["paint"], RECORD + "raise RuntimeError('out of paint')")
    add(site, "fine", ["paint"])
    group = host.hooks.discover(GROUP)
    with pytest.warns(plugbay.PluginWarning, match=r"broken.*out of paint") as seen:
        assert ["lazy_fine paints x"] == host.paint("x")
    assert [__file__] == [each.filename for each in seen]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ["lazy_fine paints x"] == host.paint("x")
        assert ["lazy_fine paints x"] == host.paint("x")
    assert (["broken"], [1]) == (list(group.failed), imported(site, "broken"))
    assert "plugin 'broken' of broken 1.0: RuntimeError: out of paint" in host.paint.explain()


def test_a_strict_group_raises_at_each_call(site: Site, host: Any) -> None:
    """Whoever asked for all or nothing hears of a broken and of an unfit plugin."""
    add(site, "unfit", ["paint"], PLUGIN.replace("self, wall", "self, ceiling"))
    host.hooks.discover(GROUP, strict=True)
    for _ in range(2):
        with pytest.raises(plugbay.HookValidationError, match=r"'ceiling'.*did you|there are wall"):
            host.paint("x")


def test_a_plugin_that_does_not_fit_is_left_out(site: Site, host: Any) -> None:
    """The warning holds every fault; the others answer."""
    body = (
        PLUGIN.replace("self, wall", "self, ceiling") + "    @hooks.impl\n    def pant(self): ...\n"
    )
    add(site, "unfit", ["paint"], body)
    add(site, "fine", ["paint"])
    host.hooks.discover(GROUP)
    with pytest.warns(plugbay.PluginWarning, match="unfit") as seen:
        assert ["lazy_fine paints x"] == host.paint("x")
    [warning] = seen
    assert "it takes 'ceiling', which the hook has not" in str(warning.message)
    assert "'pant', which is no hook; did you mean 'paint'?" in str(warning.message)


def test_a_manifest_that_disagrees_with_the_code_is_a_named_problem(site: Site, host: Any) -> None:
    """Hooks too many, too few or told otherwise are one warning and problem; the code counts."""
    body = PLUGIN.replace("@hooks.impl", "@hooks.impl(first=True)")
    add(site, "more", ["paint", "clean"])
    add(site, "other", {"paint": {"last": True}}, body)
    host.hooks.discover(GROUP)
    with pytest.warns(plugbay.PluginWarning, match="manifest") as seen:
        assert ["lazy_other paints x", "lazy_more paints x"] == host.paint("x")
    assert list(host.hooks.problems) == [str(each.message) for each in seen]
    more, other = host.hooks.problems
    assert "plugin 'more' of more 1.0 names the hook 'clean', which its code does not" in more
    assert "says {'last': True} of the hook 'paint', and its code {'first': True}" in other


def test_a_manifest_that_agrees_is_no_problem(site: Site, host: Any) -> None:
    """In either form, with the options that the code has."""
    body = PLUGIN.replace("@hooks.impl", "@hooks.impl(priority=(-1, 2), before=['b'])")
    add(site, "a", {"paint": {"priority": [-1, 2], "before": ["b"]}}, body)
    add(site, "b", {"paint": {}}, body)
    host.hooks.discover(GROUP)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 2 == len(host.paint("x"))
    assert () == host.hooks.problems


def test_a_manifest_orders_plugins_before_they_are_imported(site: Site, host: Any) -> None:
    """By priority, before, after and what they depend on."""
    add(site, "a", ["paint"], **{"depends-on": ["b"]})
    add(site, "b", ["paint"], priority=5)
    add(site, "c", ["paint"], after=["a"], priority=-1)
    add(site, "d", ["paint"], priority=9)
    add(site, "e", ["paint"], before=["d"], priority=10)
    host.hooks.discover(GROUP)
    assert [f"lazy_{each} paints x" for each in "baced"] == host.paint("x")


def test_a_plugin_whose_wishes_leave_no_order_is_left_out(site: Site, host: Any) -> None:
    """The one that closes the circle, with a warning that names the edges; the host goes on."""
    add(site, "a", ["paint"], after=["b"])
    add(site, "b", ["paint"], after=["a"])
    host.hooks.discover(GROUP)
    with pytest.warns(plugbay.PluginWarning, match="contradict each other") as seen:
        assert ["lazy_a paints x"] == host.paint("x")
    assert "plugin 'b' of b 1.0 is left out" in str(seen[0].message)
    assert ["lazy_a paints x"] == host.paint("x")


def test_a_plugin_may_call_hooks_while_it_is_imported(site: Site, host: Any) -> None:
    """It does not take part in that call, and does in the next one."""
    body = PLUGIN + f"\nfrom {HOST_MODULE} import paint\nearly = paint('early')\n"
    add(site, "eager", ["paint"], body)
    add(site, "fine", ["paint"])
    host.hooks.discover(GROUP)
    assert ["lazy_eager paints x", "lazy_fine paints x"] == host.paint("x")
    assert ["lazy_fine paints early"] == sys.modules["lazy_eager"].early
    assert [1, 1] == imported(site, "eager", "fine")


def test_many_threads_make_the_first_call(site: Site, host: Any) -> None:
    """Each plugin is imported once, and each thread gets every answer."""
    body = "import time; time.sleep(0.05)\n" + PLUGIN
    for name in "abc":
        add(site, name, ["paint"], body)
    host.hooks.discover(GROUP)
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda: answers.append(host.paint("x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[f"lazy_{name} paints x" for name in "abc"]] * 8 == answers
    assert [1, 1, 1] == imported(site, "a", "b", "c")


def test_a_name_that_is_taken_is_an_error(site: Site, host: Any) -> None:
    """Nothing of the group is added then."""
    add(site, "a", ["paint"])
    add(site, "b", ["paint"])
    host.hooks.register(object(), name="b")
    with pytest.raises(plugbay.PluginConflictError, match=r"plugin 'b' of b 1.0.*has its name"):
        host.hooks.discover(GROUP)
    assert ["b"] == list(host.hooks.plugins)


def test_a_failing_implementation_is_named_with_its_distribution(site: Site, host: Any) -> None:
    """The note on what it raised says plugin, distribution and hook."""
    add(site, "a", ["paint"], PLUGIN.replace("return __name__", "return 1"))
    host.hooks.discover(GROUP)
    with pytest.raises(TypeError) as seen:
        host.paint("x")
    assert ["raised by plugin 'a' of a 1.0 in the hook 'paint'"] == seen.value.__notes__


def test_historic_hooks_load_who_comes_later(site: Site, host: Any) -> None:
    """Calls were made, so who implements such a hook gets them as soon as it is found, once."""
    heard: list[str] = []
    for hook in (started, opened):
        host.hooks.spec(historic=True)(hook)
        host.hooks[hook.__name__](heard)
    body = f"""
from {HOST_MODULE} import hooks

class Plugin:
    @hooks.impl
    def started(self, heard): heard.append("started")

    @hooks.impl
    def opened(self, heard): heard.append("opened")
"""
    add(site, "a", ["started", "opened"], RECORD + body)
    add(site, "b", ["paint"])
    host.hooks.discover(GROUP)
    assert (["started", "opened"], [1, 0]) == (heard, imported(site, "a", "b"))


def started(heard: list[str]) -> None:
    """A hook."""


def opened(heard: list[str]) -> None:
    """Another one."""


def test_plugins_of_a_group_are_in_the_order_of_their_names(site: Site, host: Any) -> None:
    """Their place in the group, where the priority of their manifest counts, has no part in it."""
    add(site, "c", ["paint"], priority=-2)
    add(site, "a", ["paint"], PLUGIN + "    priority = 0\n", priority=1)
    add(site, "b", ["paint"])
    assert ["c", "b", "a"] == list(host.hooks.discover(GROUP))
    host.hooks.plugins["c"].priority = 0
    assert ["lazy_a paints x", "lazy_b paints x", "lazy_c paints x"] == host.paint("x")


def test_a_call_within_a_failing_import_is_for_itself(site: Site, host: Any) -> None:
    """What it had without the plugin is not kept: a strict group raises at the next call too."""
    add(site, "eager", ["paint"], f"from {HOST_MODULE} import paint\npaint('early')\n1 // 0\n")
    add(site, "fine", ["paint"])
    host.hooks.discover(GROUP, strict=True)
    site.add("poor", {"poor": "nowhere"}, group=f"{HOST}.more")
    host.hooks.discover(f"{HOST}.more")
    with pytest.warns(plugbay.PluginWarning, match="'poor'"), suppress(plugbay.PluginLoadError):
        host.paint("x")
    for _ in range(3):
        with pytest.raises(plugbay.PluginLoadError, match="division"):
            host.paint("x")
