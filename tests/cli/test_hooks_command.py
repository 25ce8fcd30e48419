"""`plugbay hooks`: who runs in which hook, in which order and why, told from manifests alone."""

import json
from typing import Any

import pytest
from commands import Run, runner
from sites import GROUP, HOST, RECORD, Site


@pytest.fixture
def plugbay(site: Site) -> Run:
    """Run the command with the site on its path, without colour."""
    return runner(site.root)


def add(site: Site, name: str, hooks: object = None, group: str = GROUP, **more: object) -> None:
    """Install a plugin; its manifest names the hooks, or is missing where there are none."""
    facts = {**more, **({} if hooks is None else {"hooks": hooks})}
    site.add(
        f"plain-{name}",
        {name: f"plain_{name}"},
        group=group,
        requires=[f"{HOST}>=1,<2"],
        manifest={"plugins": {group: {name: facts}}} if facts else None,
        files={f"plain_{name}.py": RECORD},
    )


def order(result: Any, hook: str = "paint") -> list[str]:
    """The plugins in the order in which they run, of what --json has printed."""
    (record,) = [each for each in json.loads(result.stdout)["hooks"] if each["hook"] == hook]
    return [each["plugin"] for each in record["runs"]]


def reasons(result: Any, hook: str = "paint") -> dict[str, str]:
    """Why each plugin runs where it does, of what --json has printed."""
    (record,) = [each for each in json.loads(result.stdout)["hooks"] if each["hook"] == hook]
    return {each["plugin"]: each["why"] for each in record["runs"]}


def test_a_table_for_each_hook_in_the_order_in_which_plugins_run(site: Site, plugbay: Run) -> None:
    """Plugins that ask for nothing are in the order of their names; hooks as well."""
    add(site, "blue", ["paint", "clean"])
    add(site, "amber", ["paint"])
    result = plugbay("hooks", GROUP)
    assert result.stdout.splitlines() == [
        f"clean of {GROUP}",
        "ORDER  PLUGIN  DISTRIBUTION    WHY",
        "1      blue    plain-blue 1.0  it asks for nothing, so by registration and then by name",
        "",
        f"paint of {GROUP}",
        "ORDER  PLUGIN  DISTRIBUTION     WHY",
        "1      amber   plain-amber 1.0  it asks for nothing, so by registration and then by name",
        "2      blue    plain-blue 1.0   it asks for nothing, so by registration and then by name",
        "",
    ]
    assert (result.returncode, result.stderr) == (0, "")


def test_each_wish_has_its_place_and_its_reason(site: Site, plugbay: Run) -> None:
    """Dependencies, before and after, first and last, priority: of a hook and of a plugin."""
    add(site, "depends", {"paint": {"first": True}}, **{"depends-on": ["last"]})
    add(site, "after", {"paint": {"after": ["late"]}})
    add(site, "before", {"paint": {}}, before=["early"])
    add(site, "early", {"paint": {"priority": -1.5}})
    add(site, "late", {"paint": {}}, priority=3)
    add(site, "last", {"paint": {"last": True}})
    add(site, "first", {"paint": {"first": True, "priority": [7, 0]}})
    result = plugbay("hooks", GROUP, "--json")
    expected = {
        "first": "it asks to run first; its priority is 7",
        "before": "it asks to run before 'early'",
        "early": "'before' asks to run before it; its priority is -1.5",
        "late": "its priority is 3",
        "after": "it asks to run after 'late'",
        "last": "it asks to run last",
        "depends": "it depends on 'last'; it asks to run first",
    }
    assert order(result) == list(expected)
    assert reasons(result) == expected


def test_an_option_of_one_hook_counts_there_alone(site: Site, plugbay: Run) -> None:
    """The priority of an implementation counts more than that of its plugin."""
    add(site, "amber", {"paint": {"priority": 2}, "clean": {}}, priority=-1)
    add(site, "blue", ["paint", "clean"])
    result = plugbay("hooks", GROUP, "--json")
    assert order(result, "paint") == ["blue", "amber"]
    assert order(result, "clean") == ["amber", "blue"]


def test_wrappers_come_first_and_are_told_apart(site: Site, plugbay: Run) -> None:
    """A wrapper runs around the others, wherever its wishes put it; the outermost is first."""
    add(site, "amber", ["paint"])
    add(site, "frame", {"paint": {"wrapper": True, "last": True}})
    add(site, "glass", {"paint": {"wrapper": True}})
    result = plugbay("hooks", GROUP, "--json")
    (record,) = json.loads(result.stdout)["hooks"]
    assert [(each["plugin"], each["wrapper"]) for each in record["runs"]] == [
        ("glass", True),
        ("frame", True),
        ("amber", False),
    ]
    assert "around the others; it asks to run last" in plugbay("hooks", GROUP).stdout


def test_plugins_that_no_manifest_tells_of_are_named(site: Site, plugbay: Run) -> None:
    """One without a manifest and one whose manifest says nothing of hooks; not one with none."""
    add(site, "amber", ["paint"])
    add(site, "bare")
    add(site, "silent", summary="Says nothing")
    add(site, "none", [])
    shown = plugbay("hooks", GROUP)
    assert shown.stdout.splitlines()[-1] == (
        f"bare, silent of {GROUP}: no manifest tells, so the first call of any hook imports them"
    )
    (record,) = json.loads(plugbay("hooks", GROUP, "--json").stdout)["hooks"]
    assert record["unknown"] == ["bare", "silent"]
    assert shown.returncode == 0


def test_a_cycle_exits_with_1_and_names_its_wishes(site: Site, plugbay: Run) -> None:
    """Each edge is told with who wants it; other hooks keep their order."""
    add(site, "amber", {"paint": {"after": ["blue"]}, "clean": {}})
    add(site, "blue", {"paint": {"after": ["coral"]}, "clean": {}})
    add(site, "coral", {"paint": {}}, **{"depends-on": ["amber"]})
    result = plugbay("hooks", GROUP)
    (told,) = [line for line in result.stdout.splitlines() if "contradict" in line]
    for edge in (
        "'amber' after 'blue' (it asks to run after 'blue')",
        "'blue' after 'coral' (it asks to run after 'coral')",
        "'coral' after 'amber' (it depends on 'amber')",
    ):
        assert edge in told
    assert (result.returncode, result.stderr) == (1, "")
    document = plugbay("hooks", GROUP, "--json")
    assert document.returncode == 1
    assert order(document, "clean") == ["amber", "blue"]
    assert order(document, "paint") == []
    errors = {each["hook"]: each["error"] for each in json.loads(document.stdout)["hooks"]}
    assert errors == {"clean": None, "paint": told}


def test_json_has_a_record_for_each_hook(site: Site, plugbay: Run) -> None:
    """One document with the schema's name at the top."""
    add(site, "amber", {"paint": {"wrapper": True, "first": True}})
    result = plugbay("hooks", GROUP, "--json")
    assert json.loads(result.stdout) == {
        "schema": "plugbay/1",
        "hooks": [
            {
                "group": GROUP,
                "hook": "paint",
                "runs": [
                    {
                        "plugin": "amber",
                        "distribution": {"name": "plain-amber", "version": "1.0"},
                        "wrapper": True,
                        "why": "it asks to run first",
                    }
                ],
                "error": None,
                "unknown": [],
            }
        ],
    }


def test_the_operator_s_order_counts_more(site: Site, plugbay: Run) -> None:
    """PLUGBAY_HOOK_ORDER is kept whatever plugins ask for, and told as the reason."""
    add(site, "amber", {"paint": {"first": True}, "clean": {}})
    add(site, "blue", {"paint": {"after": ["amber"]}, "clean": {}})
    add(site, "coral", ["paint"])
    variables = {"PLUGBAY_HOOK_ORDER": "paint = coral, blue, amber ; hang=blue,amber"}
    result = plugbay("hooks", GROUP, "--json", **variables)
    assert order(result, "paint") == ["coral", "blue", "amber"]
    assert order(result, "clean") == ["amber", "blue"]
    puts = "the configuration puts it"
    assert reasons(result)["coral"] == f"{puts} before 'blue'"
    assert reasons(result)["blue"] == f"{puts} after 'coral'; {puts} before 'amber'"
    assert result.stderr == ""


def test_the_operator_s_order_ends_a_cycle(site: Site, plugbay: Run) -> None:
    """What the message recommends helps."""
    add(site, "amber", {"paint": {"after": ["blue"]}})
    add(site, "blue", {"paint": {"after": ["amber"]}})
    assert plugbay("hooks", GROUP).returncode == 1
    result = plugbay("hooks", GROUP, "--json", PLUGBAY_HOOK_ORDER="paint=blue,amber")
    assert (result.returncode, order(result)) == (0, ["blue", "amber"])


def test_the_operator_s_order_may_name_a_plugin_twice(site: Site, plugbay: Run) -> None:
    """Where it comes first counts, as it does when the host runs."""
    add(site, "amber", ["paint"])
    add(site, "blue", ["paint"])
    result = plugbay("hooks", GROUP, "--json", PLUGBAY_HOOK_ORDER="paint=blue,amber,blue")
    assert (order(result), result.returncode) == (["blue", "amber"], 0)


@pytest.mark.parametrize("value", ["nonsense", "paint=", "paint=amber;hang", "paint= ;"])
def test_an_order_that_means_nothing_exits_with_4(site: Site, plugbay: Run, value: str) -> None:
    """The part that is no order is named."""
    add(site, "amber", ["paint"])
    result = plugbay("hooks", GROUP, PLUGBAY_HOOK_ORDER=value)
    wrong = value.partition(";")[2] or value.strip(" ;")
    assert (result.returncode, result.stdout) == (4, "")
    assert f"{wrong!r} in PLUGBAY_HOOK_ORDER is no order" in result.stderr


def test_what_cannot_be_used_does_not_run(site: Site, plugbay: Run) -> None:
    """Refused, disabled and shadowed plugins have no place in the order."""
    site.add(HOST, version="1.5")
    add(site, "amber", ["paint"])
    add(site, "blue", ["paint"])
    site.add(
        "plain-other-amber",
        {"amber": "plain_amber"},
        requires=[f"{HOST}>=1,<2"],
        manifest={"plugins": {GROUP: {"amber": {"hooks": ["paint"], "priority": 5}}}},
    )
    site.add(
        "plain-future",
        {"future": "plain_future"},
        requires=[f"{HOST}>=2"],
        manifest={"plugins": {GROUP: {"future": {"hooks": ["paint"]}}}},
    )
    assert order(plugbay("hooks", GROUP, "--json")) == ["amber", "blue"]
    assert order(plugbay("hooks", GROUP, "--json", PLUGBAY_DISABLE="blue")) == ["amber"]
    later = plugbay("hooks", GROUP, "--json", "--api", f"{HOST}==2.1")
    assert order(later) == ["future"]


def test_all_groups_are_shown_unless_one_is_asked_for(site: Site, plugbay: Run) -> None:
    """Without a group every one that has hooks is there; `--group` is the same as the argument."""
    add(site, "amber", ["paint"])
    add(site, "bolt", ["turn"], group=f"{HOST}.tools")
    document = json.loads(plugbay("hooks", "--json").stdout)
    groups = {each["group"] for each in document["hooks"] if each["group"].startswith(HOST)}
    assert groups == {GROUP, f"{HOST}.tools"}
    one = plugbay("hooks", "--group", f"{HOST}.tools").stdout
    assert one == plugbay("hooks", f"{HOST}.tools").stdout
    assert "turn of" in one
    assert "paint of" not in one


def test_a_group_that_does_not_exist_exits_with_3(site: Site, plugbay: Run) -> None:
    """The closest names are on standard error."""
    add(site, "amber", ["paint"])
    result = plugbay("hooks", f"{GROUP}s")
    assert (result.returncode, result.stdout) == (3, "")
    assert f"no group '{GROUP}s' is installed; did you mean '{GROUP}'" in result.stderr


def test_nothing_to_show_is_said(site: Site, plugbay: Run) -> None:
    """Where no manifest names a hook, that is no finding."""
    add(site, "bare")
    result = plugbay("hooks", GROUP)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        "no manifest names a hook; the hooks of other plugins are known once they are loaded\n"
    )
    document = json.loads(plugbay("hooks", GROUP, "--json").stdout)
    assert document == {"schema": "plugbay/1", "hooks": []}


def test_no_plugin_is_imported(site: Site, plugbay: Run) -> None:
    """The manifest is enough, and a plugin without one stays unknown."""
    names: dict[str, Any] = {"amber": ["paint"], "bare": None}
    for name, hooks in names.items():
        add(site, name, hooks)
    plugbay("hooks", GROUP)
    assert [site.runs(f"plain_{name}") for name in names] == [0, 0]
