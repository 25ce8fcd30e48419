"""Group and load_group: one mapping over what is installed, checked, and loaded on use."""

import gc
import importlib.metadata
import linecache
import sys
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites import GROUP, HOST, Site

import plugbay
from plugbay import Group, HostApi, Plugin, Policy, load_group

BROKEN = "raise RuntimeError('out of paint')"


def quiet(**options: Any) -> Group[Any]:
    """The group, whatever it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", plugbay.PluginWarning)
        return load_group(GROUP, **options)


@pytest.fixture
def mixed(site: Site) -> Site:
    """Two plugins that work, and one between them that raises."""
    for name, body in (("a", ""), ("b", BROKEN), ("c", "")):
        site.add_module(name, body, module=f"shade_{name}")
    return site


def test_looking_imports_nothing(mixed: Site) -> None:
    """Names, length, membership, handles and representations leave every module alone."""
    group: Group[Any] = load_group(GROUP)
    assert ["a", "b", "c"] == list(group) == list(group.keys()) == list(group.plugins)
    assert 3 == len(group) == len(group.keys()) == len(group.items()) == len(group.values())
    assert "a" in group
    assert "x" not in group
    assert "a" in group.keys()  # noqa: SIM118  # the view has a say of its own
    assert 3 not in group
    assert f"<Group {GROUP!r}: 3 usable, 0 refused, 0 failed, 0 shadowed>" == repr(group)
    assert isinstance(group, Mapping)
    assert [0, 0, 0] == [mixed.runs(f"shade_{each}") for each in "abc"]
    assert {"shade_a", "shade_b", "shade_c"}.isdisjoint(sys.modules)


def test_handles_that_are_made_late_are_those_made_at_once(mixed: Site) -> None:
    """A group that is asked for its names first has the same plugins as one that was checked."""
    plain: Group[Any] = load_group(GROUP)
    names = list(plain)
    checked: Group[Any] = load_group(GROUP, policy=Policy())
    assert names == list(plain.plugins) == list(checked.plugins)
    assert "a" in plain
    assert [
        (each.name, each.target, each.distribution.name) for each in plain.plugins.values()
    ] == [(each.name, each.target, each.distribution.name) for each in checked.plugins.values()]
    assert ({}, ()) == (plain.refused, plain.shadowed) == (checked.refused, checked.shadowed)


def test_threads_that_come_together_get_the_same_handles(mixed: Site) -> None:
    """Each plugin has one handle, however many ask for the first one at once."""
    for _ in range(20):
        group: Group[Any] = load_group(GROUP)
        gate = threading.Barrier(8)

        def handle(group: Group[Any] = group, gate: threading.Barrier = gate) -> Plugin[Any]:
            gate.wait()
            return group.plugins["a"]

        with ThreadPoolExecutor(8) as pool:
            assert 1 == len({each.result() for each in [pool.submit(handle) for _ in range(8)]})


def test_a_plugin_is_imported_on_first_use(mixed: Site) -> None:
    """Asking for one imports that one, once."""
    group: Group[Any] = load_group(GROUP)
    assert "a" == group["a"] == group["a"] == group.get("a") == group.plugins["a"].load()
    assert [1, 0, 0] == [mixed.runs(f"shade_{each}") for each in "abc"]


@pytest.mark.parametrize(
    ("use", "found"),
    [
        (lambda group: list(group.values()), ["a", "c"]),
        (lambda group: list(group.items()), [("a", "a"), ("c", "c")]),
        (lambda group: group.get("b", "none"), "none"),
        (lambda group: "c" in group.values(), True),
        (lambda group: "nothing" in group.values(), False),
        (lambda group: ("b", 1) in group.items(), False),
        (lambda group: sorted(group.values()), ["a", "c"]),
    ],
)
def test_a_failing_plugin_leaves_the_mapping(mixed: Site, use: Any, found: object) -> None:
    """However it is come upon: it is recorded, one warning says why, and the others are there."""
    group: Group[Any] = load_group(GROUP)
    with pytest.warns(plugbay.PluginWarning) as seen:
        assert found == use(group)
    assert ["RuntimeError: out of paint" in str(each.message) for each in seen] == [True]
    assert seen[0].filename == __file__
    assert (["a", "c"], 2, ["b"]) == (list(group), len(group), list(group.failed))
    assert "b" not in group
    assert len(group) == len(list(group.items())) == len(list(group.values()))
    assert found == use(group)
    assert 1 == mixed.runs("shade_b")


def test_asking_for_a_failed_plugin_says_why_each_time(mixed: Site) -> None:
    """The first time it warns as well; each time it raises the reason; the body runs once."""
    group: Group[Any] = load_group(GROUP)
    with pytest.warns(plugbay.PluginWarning), pytest.raises(plugbay.PluginLoadError):
        group["b"]
    for _ in range(2):
        with pytest.raises(KeyError, match="out of paint"):
            group["b"]
    assert 1 == mixed.runs("shade_b")


def test_a_failed_plugin_may_be_retried(mixed: Site) -> None:
    """Once it loads it is back in the mapping."""
    group: Group[Any] = load_group(GROUP)
    with pytest.warns(plugbay.PluginWarning):
        assert 2 == len(list(group.values()))
    mixed.write("shade_b.py", "thing = 'mended, in a text of another length than it had'\n")
    assert group.failed["b"].retry() is group["b"]
    assert ({"a", "b", "c"}, {}) == (set(group), group.failed)


def test_a_strict_group_raises_the_first_failure(mixed: Site) -> None:
    """It warns of nothing; what failed is recorded all the same."""
    group: Group[Any] = load_group(GROUP, strict=True)
    with pytest.raises(plugbay.PluginLoadError, match="out of paint"):
        list(group.values())
    assert (["a", "c"], ["b"]) == (list(group), list(group.failed))


def test_plugins_that_load_each_other_leave_the_mapping(site: Site) -> None:
    """The one that is asked for first has failed, with one warning, and the other through it."""
    site.write("holder.py", f"import plugbay\ngroup = plugbay.load_group({GROUP!r})\n")
    site.add_module("one", "import holder\nholder.group['two']\nthing = 1")
    site.add_module("two", "import holder\nholder.group['one']\nthing = 2")
    import holder  # type: ignore[import-not-found]  # planted above

    with pytest.warns(plugbay.PluginWarning, match="one -> two -> one"):
        assert [] == list(holder.group.values())
    assert ([], ["one", "two"]) == (list(holder.group), list(holder.group.failed))


def test_the_mapping_follows_its_plugins(mixed: Site) -> None:
    """What fails or is retried through its handle leaves or joins the mapping, in order."""
    group: Group[Any] = load_group(GROUP)
    with pytest.raises(plugbay.PluginLoadError):
        group.plugins["b"].load()
    assert (["a", "c"], ["b"]) == (list(group), list(group.failed))
    mixed.write("shade_b.py", "thing = 'mended, in a text of another length than it had'\n")
    group.failed["b"].retry()
    assert (["a", "b", "c"], {}) == (list(group), group.failed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"api": "1.2"},
        {"policy": {"disable": []}},
        {"expect": 3},
        {"expect": (int, str)},
        {"expect": int | str},
        {"on_conflict": "last"},
        {"api": plugbay.HostApi("h", "1"), "api_version": "1"},
    ],
)
def test_a_host_s_mistake_is_told_at_once(wrong: dict[str, Any]) -> None:
    """Wrong arguments raise ValueError before anything is searched for."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        load_group(GROUP, **wrong)


def test_a_key_that_is_no_name_is_not_there(site: Site) -> None:
    """As any mapping, a group is asked for whatever may be a key."""
    group = quiet()
    assert (False, None) == (3 in group, group.get(3))  # type: ignore[call-overload]


def test_a_plugin_that_is_not_expected_leaves_the_mapping(site: Site) -> None:
    """`expect` is asked when a plugin is loaded, and not before."""
    site.add_module("good", "class thing(str): pass", module="good_shade")
    site.add_module("poor", "thing = 3", module="poor_shade")
    group = load_group(GROUP, expect=str)
    assert ["good", "poor"] == list(group)
    with pytest.warns(plugbay.PluginWarning, match="neither an instance nor a subclass of str"):
        assert ["good"] == [name for name, _ in group.items()]
    with pytest.raises(plugbay.UnexpectedPluginError):
        group["poor"]


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_the_invariants_of_a_mapping_hold(site: Site, steps: list[tuple[str, bool]]) -> None:
    """Whatever was used in which order, length, iteration, membership and lookup agree."""
    for name in "abcd":
        body = BROKEN if name in "bd" else f"thing = {name!r}"
        site.add(name, {name: f"m_{name}:thing"}, files={f"m_{name}.py": body})
    group = quiet()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", plugbay.PluginWarning)
        for name, whole in steps:
            if whole:
                assert ["a", "c"] == list(group.values())
            else:
                assert (name if name in "ac" else None) == group.get(name)
            names = list(group)
            assert len(names) == len(group) == len(set(names))
            assert names == sorted(names)
            assert all(each in group for each in names)
            assert set(names).isdisjoint(group.failed)
            assert {"a", "b", "c", "d"} == {*names, *group.failed}
        assert dict(group.items()) == {"a": "a", "c": "c"} == dict(group)
        assert group == {"a": "a", "c": "c"}


def test_an_empty_group() -> None:
    """A group that no distribution has a plugin in is an empty mapping, and says nothing."""
    group: Group[Any] = load_group(f"{HOST}.nobody")
    assert (0, [], [], {}, {}, ()) == (
        len(group),
        list(group),
        list(group.values()),
        group.refused,
        group.failed,
        group.shadowed,
    )
    with pytest.raises(plugbay.PluginNotFoundError, match="there are none"):
        group["x"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("redd", "did you mean 'red'?"),
        ("blue", "there are green, red"),
        ("tooold", "did you mean 'too-old'?"),
    ],
)
def test_an_unknown_name_gets_the_closest_ones(site: Site, asked: str, told: str) -> None:
    """Refused plugins are suggested too; where none is close, those that can be used are shown."""
    site.add_module("red")
    site.add_module("green")
    site.add_module("too-old", requires=[f"{HOST}>=9"])
    group = quiet(api_version="1.3")
    with pytest.raises(plugbay.PluginNotFoundError) as seen:
        group[asked]
    assert str(seen.value) == (f"no plugin {asked!r} is installed in the group {GROUP!r}; {told}")
    assert isinstance(seen.value, KeyError)


def test_a_refused_plugin_says_why_and_is_never_imported(site: Site) -> None:
    """It is no member; asking for it raises the verdict; one warning told of it at the start."""
    site.add_module("too-old", requires=[f"{HOST}>=9"])
    site.add_module("fine", requires=[f"{HOST}>=1"])
    with pytest.warns(plugbay.PluginWarning) as seen:
        group: Group[Any] = load_group(GROUP, api_version="1.3")
    [warning] = seen
    assert __file__ == warning.filename
    assert "load_group(GROUP, api_version" in linecache.getline(__file__, warning.lineno)
    for word in ("'too-old' of too-old 1.0", f"{HOST}>=9", f"{HOST} 1.3", "upgrade"):
        assert word in str(warning.message)
    assert (["fine"], ["too-old"]) == (list(group), list(group.refused))
    assert ("refused", "too-old-host") == (
        group.refused["too-old"].state,
        group.refused["too-old"].verdict.status,
    )
    assert "too-old" not in group
    assert group.get("too-old") is None
    with pytest.raises(plugbay.PluginRefusedError, match=f"{HOST}>=9"):
        group["too-old"]
    assert ["fine"] == list(group.values())
    assert 0 == site.runs("too_old")


def test_a_reservation_is_told_and_does_not_refuse(site: Site) -> None:
    """A deprecated plugin is admitted with one warning."""
    site.add_module("old", requires=[f"{HOST}>=1.0"])
    api = HostApi(HOST, "1.3", deprecated={"1.0": "2.0"})
    with pytest.warns(plugbay.PluginWarning, match=f"{HOST} 2.0 will drop") as seen:
        group: Group[Any] = load_group(GROUP, api=api)
    assert (1, "old", "ok-deprecated") == (
        len(seen),
        group["old"],
        group.plugins["old"].verdict.status,
    )


@pytest.mark.parametrize(
    ("version", "installed", "status"),
    [
        ("1.3", None, "ok"),
        (None, "1.3", "ok"),
        (None, None, "unchecked"),
        ("0.1", "1.3", "too-old-host"),
        (None, "0.1", "too-old-host"),
        (None, "0.0.0", "unknown-host"),
    ],
)
def test_where_the_hosts_version_comes_from(
    site: Site, version: str | None, installed: str | None, status: str
) -> None:
    """What the host says counts; else the installed distribution of the group's first part."""
    site.add_module("a", module="shade_a", requires=[f"{HOST}>=1"])
    if installed:
        site.add(HOST, version=installed)
    group = quiet(api_version=version)
    plugin = {**group.plugins, **group.refused}["a"]
    assert status == plugin.verdict.status


def test_a_host_api_may_be_of_another_name(site: Site) -> None:
    """`api` names the distribution that plugins declare; the group's name does not matter then."""
    site.add_module("a", module="shade_a", requires=["Other.API>=2", f"{HOST}>=9"])
    assert "ok" == quiet(api=HostApi("other-api", "2.1")).plugins["a"].verdict.status


RIVALS = [("z-one", 0), ("b-two", 0), ("m-three", 0)]


def test_a_strict_group_without_findings_is_a_group(site: Site) -> None:
    """Nothing to raise, nothing to tell."""
    site.add_module("fine", requires=[f"{HOST}>=1"])
    assert ["fine"] == list(load_group(GROUP, api_version="1.3", strict=True))


def test_a_broken_neighbour_is_a_problem(site: Site) -> None:
    """An undecodable and a malformed file are one problem each; what can be read is found."""
    site.add_module("fine")
    site.write("broken-1.dist-info/entry_points.txt", b"[" + GROUP.encode() + b"]\na = m:a\n\xff")
    site.write("lines-2.dist-info/entry_points.txt", f"[{GROUP}]\nb = m:b\nno sign here\nc = m:c\n")
    group: Group[Any] = load_group(GROUP)
    assert {"fine", "b", "c"} == set(group)
    problems = {each.distribution: each for each in group.problems}
    assert {"broken": 3, "lines": 3} == {name: each.line for name, each in problems.items()}
    assert "byte 0xff is not UTF-8" in problems["broken"].reason
    assert "no sign here" in problems["lines"].reason
    assert str(site.root) in problems["lines"].file


def test_a_metadata_directory_out_of_reach_is_a_problem(site: Site) -> None:
    """A loop of links hides its entry points from a quick look; whoever asks is told of it."""
    loop = site.root / "astray-1.0.dist-info"
    loop.symlink_to(loop)
    site.add("no-plugins")
    site.add("fine", {"a": "shades"})
    group = load_group(GROUP)
    assert ["a"] == list(group)
    for _ in range(2):
        [problem] = group.problems
        assert "astray" == problem.distribution
        assert "cannot be read" in problem.reason
        assert str(loop / "entry_points.txt") == problem.file


def test_a_broken_manifest_is_a_problem_and_refuses_by_its_declaration(site: Site) -> None:
    """One problem is recorded; with a host to check against the plugin is refused for it."""
    site.add("a", {"a": "m:thing", "b": "m:thing"}, manifest="{")
    unchecked: Group[Any] = load_group(GROUP)
    assert (["a", "b"], 1) == (list(unchecked), len(unchecked.problems))
    checked = quiet(api_version="1.3")
    assert {"invalid-declaration"} == {each.verdict.status for each in checked.refused.values()}
    assert (2, 1) == (len(checked.refused), len(checked.problems))


def test_a_manifest_found_by_an_entry_point(site: Site) -> None:
    """The group `plugbay.manifest` leads to it, and the package stays unimported."""
    site.write("a-1.0.dist-info/METADATA", "Name: a\nVersion: 1.0\n")
    site.write(
        "a-1.0.dist-info/entry_points.txt",
        f"[plugbay.manifest]\na = paint:plugbay.json\n[{GROUP}]\nred = paint:red\n",
    )
    site.write("paint/__init__.py", "raise SystemExit")
    site.write("paint/plugbay.json", '{"api": "9.0"}')
    group = quiet(api_version="1.3")
    assert ["red"] == list(group.refused)
    assert "the manifest paint:plugbay.json" == group.refused["red"].verdict.source
    assert "paint" not in sys.modules


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_damaged_archive_costs_its_distribution(
    site: Site, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metadata that cannot be unpacked is one problem, and nothing is raised."""
    import zipfile

    wheel = tmp_path / "bad-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bad-1.0.dist-info/entry_points.txt", f"[{GROUP}]\nbad = bad:thing\n")
        archive.writestr("bad-1.0.dist-info/METADATA", "Name: bad\nVersion: 1.0\n" * 50)
        entry = archive.getinfo("bad-1.0.dist-info/METADATA")
    data = bytearray(wheel.read_bytes())
    start = entry.header_offset + 30 + len(entry.filename)
    data[start : start + 10] = b"\xff" * 10
    wheel.write_bytes(data)
    monkeypatch.syspath_prepend(wheel)
    site.add_module("fine", requires=[f"{HOST}>=1"])
    group = quiet(api_version="1.3")
    assert (["fine"], 1) == (list(group), len(group.problems))
    assert str(wheel) in group.problems[0].file
    # importlib_metadata keeps it open, where a test before has put that in charge.
    importlib.invalidate_caches()
    gc.collect()


@pytest.mark.parametrize(
    ("environ", "left"),
    [
        ({"PLUGBAY_DISABLE": "red"}, ["blue", "own"]),
        ({"PLUGBAY_DISABLE": "red,dist-blue"}, ["own"]),
        ({"PLUGBAY_DISABLE": f"{HOST}.*"}, []),
        ({"PLUGBAY_ALLOW": "red"}, ["red"]),
        ({"PLUGBAY_ALLOW": "*", "PLUGBAY_DISABLE": "own"}, ["blue", "red"]),
        ({"PLUGBAY_SAFE_MODE": "1"}, ["own"]),
        ({"PLUGBAY_SAFE_MODE": "0"}, ["blue", "own", "red"]),
    ],
)
@pytest.mark.parametrize("version", ["1.3", None])
def test_the_operator_decides_before_any_import(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    left: list[str],
    version: str | None,
) -> None:
    """Variables of the environment take plugins out, with or without a host to check against."""
    for name, dist in (("red", "dist-red"), ("blue", "dist-blue"), ("own", HOST)):
        module = f"shade_{name}"
        site.add(dist, {name: f"{module}:thing"}, files={f"{module}.py": "thing = 1"})
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    group = quiet(api_version=version)
    assert left == list(group)
    assert {"red", "blue", "own"} - set(left) == set(group.refused)
    assert {"denied"} >= {each.verdict.status for each in group.refused.values()}
    for name in group.refused:
        with pytest.raises(plugbay.PluginRefusedError, match="PLUGBAY_"):
            group[name]
        assert f"shade_{name}" not in sys.modules


def test_the_hosts_policy_and_the_operators_both_hold(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What either of them refuses is refused."""
    for name in ("red", "blue", "green"):
        site.add_module(name)
    monkeypatch.setenv("PLUGBAY_DISABLE", "red")
    assert ["green"] == list(quiet(policy=Policy(deny=["blue"])))


@pytest.mark.parametrize(
    "wrong",
    [{"on_conflict": "last"}, {"api_version": "1", "api": HostApi("x", "1")}],
)
def test_wrong_arguments_are_a_value_error(wrong: dict[str, Any]) -> None:
    """They are the host's own mistake, told before anything is looked for."""
    with pytest.raises(ValueError, match=r"not one of|not both"):
        load_group(GROUP, **wrong)
