"""Plugin: loaded once, failures kept, from many threads, and from plugins that load plugins."""

import subprocess
import sys
import threading
import traceback
from typing import Any

import pytest
from pythons import SOURCE
from sites import GROUP, RECORD, Site

import plugbay
from plugbay import Plugin, Verdict, load_group
from plugbay.discovery.distributions import EntryPoint
from plugbay.loading.failures import Terminated


def plugin_of(
    site: Site, body: str, *, module: str = "mod", target: str = "", expect: Any = None, **more: Any
) -> Plugin[Any]:
    """A handle on the `thing` of a module with that body."""
    distribution = site.add("dist", files={f"{module}.py": RECORD + body + "\n"}, **more)
    entry_point = EntryPoint("thing", target or f"{module}:thing", GROUP, distribution)
    return Plugin(entry_point, distribution, expect=expect)


def test_a_plugin_is_loaded_once(site: Site) -> None:
    """Its body runs at the first load, and the same object is returned each time."""
    plugin = plugin_of(site, "thing = object()")
    assert ("found", None, 0) == (plugin.state, plugin.load_ms, site.runs("mod"))
    first = plugin.load()
    del sys.modules["mod"]
    assert first is plugin.load()
    assert ("loaded", 1, None) == (plugin.state, site.runs("mod"), plugin.error)
    assert plugin.load_ms is not None
    assert plugin.load_ms > 0
    assert "plugin 'thing' of dist 1.0 is ready" == plugin.explain()


def test_what_a_handle_tells_without_importing(site: Site) -> None:
    """Name, group, target, distribution, verdict and priority are there from the start."""
    plugin = plugin_of(site, "thing = 1")
    assert ("thing", GROUP, "mod:thing", "dist", "unchecked", 0) == (
        plugin.name,
        plugin.group,
        plugin.target,
        plugin.distribution.name,
        plugin.verdict.status,
        plugin.priority,
    )
    assert f"<Plugin 'thing' of '{GROUP}': found>" == repr(plugin)
    assert 0 == site.runs("mod")


def test_a_failure_is_kept(site: Site) -> None:
    """It is raised again, as a fresh error with the same cause, and the body is not run again."""
    plugin = plugin_of(site, "raise RuntimeError('out of paint')")
    raised = []
    for _ in range(3):
        with pytest.raises(plugbay.PluginLoadError) as seen:
            plugin.load()
        raised.append(seen.value)
    assert (1, "failed") == (site.runs("mod"), plugin.state)
    assert 3 == len({id(each) for each in raised})
    assert 1 == len({str(each) for each in raised})
    assert 1 == len({id(each.__cause__) for each in raised})
    assert (
        "plugin 'thing' of dist 1.0 could not be loaded from 'mod:thing': RuntimeError: out of "
        "paint; upgrade or uninstall dist, or report it to its author"
    ) == str(raised[0])
    assert str(raised[0]) == str(plugin.error) == plugin.explain()
    assert isinstance(raised[0], ImportError)
    assert isinstance(raised[0], KeyError)


def test_a_kept_failure_does_not_grow(site: Site) -> None:
    """The traceback of the last of many is as short as that of the first."""
    plugin = plugin_of(site, "raise RuntimeError")
    lengths = []
    for _ in range(5):
        with pytest.raises(plugbay.PluginLoadError) as seen:
            plugin.load()
        lengths.append(len(traceback.format_exception(seen.value)))
    assert 1 == len(set(lengths[1:]))


def test_the_traceback_reaches_the_plugins_file(site: Site) -> None:
    """The cause leads to the plugin's own line, and nothing of plugbay's inside is its context."""
    plugin = plugin_of(site, "raise RuntimeError('out of paint')")
    with pytest.raises(plugbay.PluginLoadError) as seen:
        plugin.load()
    text = "".join(traceback.format_exception(seen.value))
    assert str(site.root / "mod.py") in text
    assert "raise RuntimeError('out of paint')" in text
    assert isinstance(seen.value.__cause__, RuntimeError)
    assert seen.value.__cause__.__context__ is None
    assert "_object" not in text


def test_a_retry_runs_the_body_again(site: Site) -> None:
    """What has been mended loads; what has not fails anew; what is loaded stays loaded."""
    plugin = plugin_of(site, "import os\nthing = os.environ['PAINT']")
    for _ in range(2):
        with pytest.raises(plugbay.PluginLoadError, match="KeyError: 'PAINT'"):
            plugin.retry()
    assert 2 == site.runs("mod")
    site.write("mod.py", RECORD + "thing = 'mended, and so of another length'\n")
    assert "mended, and so of another length" == plugin.retry() == plugin.load() == plugin.retry()
    assert ("loaded", None, 3) == (plugin.state, plugin.error, site.runs("mod"))


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("raise SystemExit(3)", SystemExit),
        ("import sys; sys.exit()", SystemExit),
        ("raise GeneratorExit", GeneratorExit),
        ("class Odd(BaseException): pass\nraise Odd", BaseException),
        ("raise BaseExceptionGroup('many', [SystemExit()])", BaseExceptionGroup),
        ("thing = undefined", NameError),
        ("other = 1", AttributeError),
        ("thing = (", SyntaxError),
        ("import no_such_module_at_all", ModuleNotFoundError),
        ("error = ValueError()\nraise error from error", ValueError),
    ],
)
def test_whatever_is_raised_becomes_a_load_error(
    site: Site, body: str, cause: type[BaseException]
) -> None:
    """Also what is no Exception, what has no message and what is its own cause."""
    plugin = plugin_of(site, body)
    with pytest.raises(plugbay.PluginLoadError) as seen:
        plugin.load()
    assert isinstance(seen.value.__cause__, cause)
    assert "failed" == plugin.state


@pytest.mark.parametrize("end", [KeyboardInterrupt, Terminated])
def test_an_interrupt_passes(site: Site, end: type[BaseException]) -> None:
    """An end that comes while a plugin is imported is not its failure: it can be loaded later."""
    plugin = plugin_of(site, f"from {end.__module__} import {end.__name__}\nraise {end.__name__}")
    with pytest.raises(end):
        plugin.load()
    assert ("found", None) == (plugin.state, plugin.error)
    site.write("mod.py", "thing = 'later, in a text of another length than it had before'\n")
    assert plugin.load().startswith("later")


@pytest.mark.parametrize("target", ["not a target", "mod:", "", ":thing", "mod:thing>=1"])
def test_a_target_that_is_none(site: Site, target: str) -> None:
    """A value that is no reference fails to load and says how one is written."""
    plugin = plugin_of(site, "thing = 1", target=target or " ")
    with pytest.raises(plugbay.PluginLoadError, match="write it as module:attribute") as seen:
        plugin.load()
    assert isinstance(seen.value.__cause__, plugbay.InvalidReferenceError)


def test_a_module_and_an_attribute_of_an_attribute(site: Site) -> None:
    """A target may be a module or reach into what a module has."""
    plugin = plugin_of(
        site, "class thing:\n  class inner: colour = 'red'", target="mod:thing.inner"
    )
    assert "red" == plugin.load().colour
    assert sys.modules["mod"] is plugin_of(site, "thing = 1", target="mod").load()


@pytest.mark.parametrize(
    ("missing", "requires", "remedy"),
    [
        ("mod.below", [], "reinstall or upgrade dist, which should bring 'mod.below'"),
        ("paint_box", [], "install the package that provides 'paint_box'"),
        ("paint_box.blue", ["paint-box>=1"], "install what it requires: pip install paint-box"),
        (
            "paint_box",
            ["paint-box; python_version > '3'"],
            "install what it requires: pip install paint-box",
        ),
        (
            "paint_box",
            ["paint-box; extra == 'colour'"],
            "install it with its extra: pip install 'dist[colour]'",
        ),
        (
            "paint_box",
            ["not a requirement!", "paint-box; os_name ~= 'x'"],
            "install the package that provides 'paint_box'",
        ),
    ],
)
def test_a_missing_module_has_a_remedy(
    site: Site, missing: str, requires: list[str], remedy: str
) -> None:
    """The distribution's own metadata tell which package, or which extra, to install."""
    plugin = plugin_of(
        site,
        f"import {missing}",
        requires=requires,
        headers=["Provides-Extra: docs", "Provides-Extra: colour"],
    )
    with pytest.raises(plugbay.PluginLoadError) as seen:
        plugin.load()
    assert remedy in str(seen.value)


def test_metadata_that_cannot_be_read_does_not_hide_the_failure(site: Site) -> None:
    """Looking for a remedy is no reason for another error."""
    plugin = plugin_of(site, "import no_such_module_at_all")
    metadata = site.root / "dist-1.0.dist-info" / "METADATA"
    metadata.unlink()
    metadata.symlink_to(metadata)
    with pytest.raises(plugbay.PluginLoadError, match="no_such_module_at_all"):
        plugin.load()


def test_what_is_not_expected_is_a_failure(site: Site) -> None:
    """The error is a TypeError as well, says what is missing, and is kept."""
    plugin = plugin_of(site, "class thing: pass", expect=int)
    for _ in range(2):
        with pytest.raises(plugbay.UnexpectedPluginError, match="nor a subclass of int") as seen:
            plugin.load()
        assert isinstance(seen.value, TypeError)
        assert isinstance(seen.value, plugbay.PluginLoadError)
    assert ("failed", 1) == (plugin.state, site.runs("mod"))


def test_a_check_of_the_host_that_fails_is_a_failure(site: Site) -> None:
    """A predicate that raises costs the plugin, not the host."""
    plugin = plugin_of(site, "thing = 1", expect=lambda thing: thing.nothing)
    with pytest.raises(plugbay.PluginLoadError, match="AttributeError"):
        plugin.load()


def test_a_refused_plugin_is_not_imported(site: Site) -> None:
    """Loading and retrying raise the verdict."""
    distribution = site.add("dist", files={"mod.py": RECORD})
    verdict = Verdict("too-old-host", reason="it needs host>=2", remedy="upgrade host")
    plugin: Plugin[Any] = Plugin(
        EntryPoint("thing", "mod:thing", GROUP, distribution), distribution, verdict
    )
    for attempt in (plugin.load, plugin.retry):
        with pytest.raises(plugbay.PluginRefusedError, match="it needs host>=2; upgrade host"):
            attempt()
    assert ("refused", 0) == (plugin.state, site.runs("mod"))


def test_many_threads_get_one_object(site: Site) -> None:
    """Sixteen threads that load at once get the same object, and its body runs once."""
    plugin = plugin_of(site, "thing = object()")
    barrier = threading.Barrier(16)
    found: list[object] = []

    def load() -> None:
        barrier.wait()
        found.append(plugin.load())

    threads = [threading.Thread(target=load) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (16, 1, 1) == (len(found), len(set(map(id, found))), site.runs("mod"))


def test_many_threads_get_one_object_of_a_module_that_makes_many(site: Site) -> None:
    """The first result that is published wins, also where each access makes another object."""
    plugin = plugin_of(
        site,
        "import threading\ntogether = threading.Barrier(16)\n"
        "def __getattr__(name):\n    together.wait(30)\n    return object()",
    )
    barrier = threading.Barrier(16)
    found: list[object] = []

    def load() -> None:
        barrier.wait()
        found.append(plugin.load())

    threads = [threading.Thread(target=load) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (16, 1) == (len(found), len(set(map(id, found))))


def _in_a_process(site: Site, code: str) -> str:
    """What a host prints in a process of its own, which is given up when it hangs."""
    start = f"import sys; sys.path[:0] = [{str(site.root)!r}, {SOURCE!r}]\n"
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-W", "ignore", "-c", start + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("attempt", range(3))
def test_two_threads_and_plugins_that_load_each_other(site: Site, attempt: int) -> None:
    """Neither waits for the other for ever, and both can be had once the dust has settled."""
    for one, other in (("left", "right"), ("right", "left")):
        site.add(
            one,
            {one: f"{one}:thing"},
            files={
                f"{one}.py": (
                    "import threading, __main__\n"
                    "__main__.met.wait(10)\n"
                    "try:\n"
                    f"    __main__.group['{other}']\n"
                    "except ImportError:\n"
                    "    pass\n"
                    f"thing = '{one}'\n"
                )
            },
        )
    told = _in_a_process(
        site,
        f"""
import threading, plugbay
met = threading.Barrier(2)
class Once:
    def wait(self, seconds):
        try: barrier.wait(seconds if not barrier.broken else 0)
        except threading.BrokenBarrierError: pass
barrier, met = met, Once()
group = plugbay.load_group({GROUP!r})
def use(name):
    try: group[name]
    except ImportError: pass
threads = [threading.Thread(target=use, args=(each,), daemon=True) for each in ('left', 'right')]
for each in threads: each.start()
for each in threads: each.join(30)
print(any(each.is_alive() for each in threads), group['left'], group['right'])
""",
    )
    assert "False left right" == told


def test_a_plugin_may_load_another_while_it_is_imported(site: Site) -> None:
    """The other one is loaded first, and both are there afterwards."""
    ask = f"import plugbay\ngroup = plugbay.load_group({GROUP!r})\n"
    site.add_module("outer", f"{ask}thing = ['outer', group['inner']]")
    site.add_module("inner", "thing = 'inner'")
    group: Any = load_group(GROUP)
    assert ["outer", "inner"] == group["outer"]
    assert (1, 1) == (site.runs("outer"), site.runs("inner"))
    assert "inner" == group["inner"]


def _circle(site: Site) -> None:
    names = ["one", "two", "three"]
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        site.add_module(name, f"import holder\nholder.group['{following}']\nthing = '{name}'")
    site.write("holder.py", f"import plugbay\ngroup = plugbay.load_group({GROUP!r})\n")


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_circular_load_names_its_chain(site: Site) -> None:
    """The innermost cause is a CircularLoadError that tells who loads whom, and what to do."""
    _circle(site)
    import holder  # type: ignore[import-not-found]  # planted above

    with pytest.raises(plugbay.PluginLoadError) as seen:
        holder.group["one"]
    cause: BaseException = seen.value
    while cause.__cause__ is not None:
        cause = cause.__cause__
    assert isinstance(cause, plugbay.CircularLoadError)
    assert "one -> two -> three -> one" in str(cause)
    assert "load the other plugin inside the function that uses it" in str(cause)


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_what_may_pass_is_not_kept(site: Site) -> None:
    """In a circle only the plugin that was asked for has failed; the others may come in alone."""
    _circle(site)
    import holder  # type: ignore[import-not-found]  # planted above

    with pytest.raises(plugbay.PluginLoadError):
        holder.group["one"]
    states = {name: (each.state, site.runs(name)) for name, each in holder.group._admitted.items()}
    assert {"one": ("failed", 1), "three": ("found", 1), "two": ("found", 1)} == states
    site.write("three.py", "thing = 'three, which asks for no other any more, mended'\n")
    assert "two" == holder.group["two"]
    assert "one" == holder.group.failed["one"].retry()


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_plugin_that_loads_itself_has_failed(site: Site) -> None:
    """Alone in its circle, it will fail each time; its body does not run again."""
    site.write("holder.py", f"import plugbay\ngroup = plugbay.load_group({GROUP!r})\n")
    site.add_module("me", "import holder\nholder.group['me']\nthing = 1")
    import holder  # type: ignore[import-not-found]  # planted above

    for _ in range(2):
        assert [] == list(holder.group.values())
    assert (1, ["me"]) == (site.runs("me"), list(holder.group.failed))


def test_an_inner_plugin_s_failure_is_not_the_outer_one_s(site: Site) -> None:
    """What went wrong with the inner plugin is the cause, and each is called by its own name."""
    ask = f"import plugbay\ngroup = plugbay.load_group({GROUP!r}, expect=str)\n"
    site.add_module("outer", f"{ask}thing = group['inner']")
    site.add_module("inner", "thing = 3")
    group = load_group(GROUP)
    with (
        pytest.warns(plugbay.PluginWarning),
        pytest.raises(
            plugbay.PluginLoadError, match=r"^plugin 'outer' of .* could not be loaded"
        ) as seen,
    ):
        group["outer"]
    assert isinstance(seen.value.__cause__, plugbay.UnexpectedPluginError)


def test_an_error_that_cannot_be_told_is_one_all_the_same(site: Site) -> None:
    """An exception whose text raises is called by its type."""
    site.add_module(
        "mute",
        "class Mute(Exception):\n    def __str__(self): raise RuntimeError\nraise Mute",
    )
    with pytest.warns(plugbay.PluginWarning), pytest.raises(plugbay.PluginLoadError, match="Mute;"):
        load_group(GROUP)["mute"]


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_after_a_circular_load_nothing_is_left_behind(site: Site) -> None:
    """The record of what this thread is loading is empty again."""
    from plugbay import plugins

    _circle(site)
    import holder  # type: ignore[import-not-found]  # planted above

    with pytest.raises(plugbay.PluginLoadError):
        holder.group["two"]
    assert {} == plugins._loading
