"""Selection: which plugins a group has, in which order, and which of one name."""

import importlib.metadata
import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from sites import GROUP, HOST, Site

import plugbay
from plugbay import Group, Policy, load_group


def _rivals(site: Site, priorities: Mapping[str, float]) -> None:
    for index, name in enumerate(("z-one", "b-two", "m-three")):
        facts = {"priority": priorities[name]} if name in priorities else {}
        site.add(
            name,
            {"shade": f"m{index}:thing"},
            files={f"m{index}.py": f"thing = {name!r}"},
            manifest={"plugins": {GROUP: {"shade": facts}}} if priorities else None,
        )


@pytest.mark.parametrize(
    ("priorities", "order"),
    [
        ({}, ["b-two", "m-three", "z-one"]),
        ({"z-one": -1}, ["z-one", "b-two", "m-three"]),
        ({"b-two": 1, "m-three": 0.5}, ["z-one", "m-three", "b-two"]),
    ],
)
def test_of_one_name_the_first_by_priority_then_distribution_wins(
    site: Site, priorities: dict[str, float], order: list[str]
) -> None:
    """The others are shadowed, each with a warning that names both."""
    _rivals(site, priorities)
    with pytest.warns(plugbay.PluginWarning) as seen:
        group: Group[Any] = load_group(GROUP)
    assert order == [each.distribution.name for each in (group.plugins["shade"], *group.shadowed)]
    assert order[0] == group["shade"]
    assert 2 == len(seen)
    for warning, loser in zip(seen, order[1:], strict=True):
        assert f"'shade' of {loser} 1.0 is shadowed" in str(warning.message)
        assert f"{order[0]} 1.0" in str(warning.message)
    assert ["shadowed"] * 2 == [each.state for each in group.shadowed]
    assert group.shadowed[0].shadowed_by is group.plugins["shade"]
    assert order[1] == group.shadowed[0].load()


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_manifest_that_an_entry_point_leads_to_decides_the_order(site: Site) -> None:
    """Also where nothing is checked, and no distribution has one among its metadata."""
    for name, priority in (("a-late", 2), ("z-early", 1)):
        module = name.replace("-", "_")
        facts = {"plugins": {GROUP: {name: {"priority": priority}}}}
        site.add(name, files={f"{module}/__init__.py": "", f"{module}/p.json": json.dumps(facts)})
        lines = [f"[{GROUP}]", f"{name} = {module}:thing"]
        lines += ["[plugbay.manifest]", f"{name} = {module}:p.json"]
        site.write(f"{module}-1.0.dist-info/entry_points.txt", "\n".join(lines))
    assert ["z-early", "a-late"] == list(load_group(GROUP))


def test_manifests_count_where_another_finder_answers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of its distributions has one, only reading tells."""

    class Finder(importlib.metadata.DistributionFinder):
        def find_distributions(self, context: Any = None) -> Any:
            return importlib.metadata.MetadataPathFinder.find_distributions(context)

        def find_spec(self, *_: object) -> None:
            return None

    for name, priority in (("a-late", 2), ("z-early", 1)):
        manifest = {"plugins": {GROUP: {name: {"priority": priority}}}}
        site.add(name, {name: "mod:thing"}, manifest=manifest)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    assert ["z-early", "a-late"] == list(load_group(GROUP))


def test_a_conflict_may_be_an_error(site: Site) -> None:
    """`on_conflict="error"` raises, and names both."""
    _rivals(site, {})
    with pytest.raises(plugbay.PluginConflictError, match=r"m-three 1\.0.* b-two 1\.0"):
        load_group(GROUP, on_conflict="error")


def test_a_conflict_may_be_kept(site: Site) -> None:
    """`on_conflict="all"` qualifies the names of those that share one, and only those."""
    _rivals(site, {"z-one": -1})
    site.add_module("alone")
    group: Group[Any] = load_group(GROUP, on_conflict="all")
    assert ["shade@z-one", "alone", "shade@b-two", "shade@m-three"] == list(group)
    assert (("z-one"), ()) == (group["shade@z-one"], group.shadowed)
    assert "shade" not in group


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_what_a_policy_takes_out_shadows_nothing(site: Site) -> None:
    """Rivals are compared after the gate, so disabling the first one brings up the next."""
    _rivals(site, {})
    group: Group[Any] = load_group(GROUP, policy=Policy(disable=["b-two"]))
    assert ("m-three", ["z-one"], ["shade"]) == (
        group["shade"],
        [each.distribution.name for each in group.shadowed],
        list(group.refused),
    )


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_several_refused_plugins_of_one_name_are_all_recorded(site: Site) -> None:
    """The first has its name, each further one is qualified."""
    _rivals(site, {})
    group: Group[Any] = load_group(GROUP, policy=Policy(disable=["*"]))
    assert 3 == len(group.refused)
    assert {"b-two", "m-three", "z-one"} == {
        each.distribution.name for each in group.refused.values()
    }


def test_the_order_is_by_priority_then_name(site: Site) -> None:
    """Manifests give the priority; the order on disk has no say."""
    for name, priority in (("c", 0), ("a", 5), ("b", 0), ("d", -2.5)):
        site.add(
            name,
            {name: "m:thing"},
            manifest={
                "plugins": {
                    GROUP: {
                        name: {
                            "priority": priority,
                            "summary": f"shade {name}",
                        }
                    }
                }
            },
        )
    group: Group[Any] = load_group(GROUP)
    assert ["d", "b", "c", "a"] == list(group)
    facts = group.plugins["d"].facts
    assert facts is not None
    assert "shade d" == facts.summary


def test_a_strict_group_raises_all_findings_at_once(site: Site) -> None:
    """A GroupError holds one error for each refused and each shadowed plugin, and no warning."""
    _rivals(site, {})
    site.add_module("too-old", requires=[f"{HOST}>=9"])
    with pytest.raises(plugbay.GroupError) as seen:
        load_group(GROUP, api_version="1.3", strict=True)
    assert [plugbay.PluginRefusedError] + [plugbay.PluginConflictError] * 2 == [
        type(each) for each in seen.value.exceptions
    ]
    assert isinstance(seen.value, plugbay.PlugbayError)
