"""Steps: which plugins data goes through, in which order, with which options."""

from collections.abc import Callable
from typing import Any

import pytest
from parts import QUIET, states
from piping import GROUP, add_step, discovered, of_functions
from sites import Site

import plugbay
from plugbay import Host, Policy

MORE = "tabletop.more"


def adding(word: str) -> Callable[..., list[Any]]:
    """A step that adds a row, with the options of its call."""
    return lambda rows, **options: [*rows, (word, options) if options else word]


def of_words(words: str, **options: dict[str, Any]) -> Host:
    """A host with such a step for each letter."""
    host = Host("tabletop")
    for word in words:
        host.register(word, adding(word), group=GROUP, **options.get(word, {}))
    return host


def test_data_goes_through_the_plugins_in_the_order_of_their_start() -> None:
    """By dependencies, wishes, priority and name; plugins of other groups count on the way."""
    host = of_words(
        "abcdef",
        a={"depends_on": ["z"]},
        b={"before": ["a"], "priority": 5},
        d={"priority": -1},
        f={"before": ["c"]},
    )
    host.register("z", object(), group=MORE, after=["e"])
    run = host.pipeline(GROUP).run([])
    assert ["d", "e", "f", "c", "b", "a"] == run.value
    started: list[str] = []
    host.observe(lambda each, _: started.append(each.name) if each.state == "active" else None)
    with host:
        assert run.value == host.pipeline(GROUP).run([]).value
    assert run.value == [each for each in started if each != "z"]


def test_a_pipeline_explains_its_order() -> None:
    """A line for each step, with the reason that the start has for it."""
    host = of_words("ab", a={"depends_on": ["b"]})
    pipeline = host.pipeline(GROUP)
    first, *lines = pipeline.explain().splitlines()
    assert "The data of 'tabletop.transforms' goes through:" == first
    start = host.explain().replace(" (found)", "").splitlines()[1:]
    assert start == lines
    assert "1. plugin 'b' of" in lines[0]
    assert "<Pipeline of 'tabletop.transforms': b -> a>" == repr(pipeline)
    assert "as chosen" in host.pipeline(GROUP, ["a"]).explain()


def test_there_is_no_order_in_a_circle() -> None:
    """Which is told when the pipeline is made; steps that are chosen have the order they have."""
    host = of_words("ab", a={"before": ["b"]}, b={"before": ["a"]})
    with pytest.raises(plugbay.PluginOrderError):
        host.pipeline(GROUP)
    assert ["b", "a"] == host.pipeline(GROUP, ["b", "a"]).run([]).value


def test_steps_are_chosen_with_options_and_as_often_as_wanted() -> None:
    """Each time with the options of that place, as they were when the pipeline was made."""
    options = {"size": 1}
    steps: list[Any] = [("a", options), "b", ("a", {"size": 2, "name": "x"}), "a"]
    pipeline = of_words("abc").pipeline(GROUP, iter(steps))
    options["size"] = 7
    expected = [("a", {"size": 1}), "b", ("a", {"size": 2, "name": "x"}), "a"]
    run = pipeline.run([])
    assert expected == run.value
    names = [(each.number, each.name, each.batches) for each in run.steps]
    assert [(1, "a", 1), (2, "b", 1), (3, "a", 1), (4, "a", 1)] == names
    assert ["a", "b", "a", "a"] == [each.component.name for each in pipeline.steps]


def test_a_step_that_is_not_there_is_told_with_the_closest_ones() -> None:
    """Those of the group; plugins of others are none of its steps."""
    host = Host("tabletop")
    host.register("filter", adding("filter"), group=GROUP)
    host.register("other", adding("other"), group=MORE)
    with pytest.raises(plugbay.PluginNotFoundError, match="no plugin 'fliter'; did you mean 'filt"):
        host.pipeline(GROUP, ["filter", "fliter"])
    with pytest.raises(plugbay.PluginNotFoundError, match=f"{GROUP!r} has no plugin 'other'"):
        host.pipeline(GROUP, ["other"])


@QUIET
def test_a_refused_plugin_is_no_step(site: Site) -> None:
    """It is left out, or told with the reason if it was chosen."""
    for name in "ab":
        add_step(site, name, f"[*rows, {name!r}]")
    host = discovered(policy=Policy(deny=["tabletop-a"]))
    assert ["b"] == host.pipeline(GROUP).run([]).value
    with pytest.raises(
        plugbay.PluginRefusedError, match=r"'a' of tabletop-a 1.0 is refused: .*denies"
    ):
        host.pipeline(GROUP, ["b", "a"])


@QUIET
def test_a_plugin_that_failed_to_start_is_no_step() -> None:
    """Nor is one that depends on it."""
    host = of_words("ab", a={"depends_on": ["broken"]})
    host.register("broken", type("B", (), {"on_load": lambda self: 1 / 0}), group=GROUP)
    with host:
        assert {"a": "refused", "b": "active", "broken": "failed"} == states(host)
        assert ["b"] == host.pipeline(GROUP).run([]).value
        with pytest.raises(plugbay.PluginRefusedError, match="is failed: ZeroDivisionError"):
            host.pipeline(GROUP, ["broken"])


def test_a_group_without_plugins_gives_back_what_it_is_given() -> None:
    """As do no chosen steps, and any data will do."""
    host, data = of_words("a"), object()
    for pipeline in (host.pipeline("tabletop.none"), host.pipeline(GROUP, [])):
        run = pipeline.run(data)
        assert (data, ()) == (run.value, run.steps)
        assert pipeline.run(None).value is None
    assert "<Pipeline of 'tabletop.none': no steps>" == repr(host.pipeline("tabletop.none"))


class Scaling:
    """A plugin that is made once, configured, and started."""

    made = 0
    factor = 0

    def __init__(self) -> None:
        type(self).made += 1

    def initialize(self) -> None:
        self.factor = 3

    def shutdown(self) -> None:
        self.factor = -1

    def apply(self, rows: list[int], add: int = 0) -> list[int]:
        return [self.factor * each + add for each in rows]

    __call__ = apply


def test_a_class_is_instantiated_once_and_started_by_its_host() -> None:
    """The pipeline calls that instance, and one made before the start does as well."""
    made = Scaling.made
    host = of_functions(scale=Scaling)
    early = host.pipeline(GROUP, ["scale", "scale"])
    assert made == Scaling.made
    with host:
        assert [9, 18] == early.run([1, 2]).value
        late = host.pipeline(GROUP)
        assert [[3], [6]] == list(late.stream([[1], [2]]))
        assert host[GROUP]["scale"].factor == 3
    assert made + 1 == Scaling.made


def test_a_method_is_called_where_one_is_named() -> None:
    """Of the instance, or of an object or module; options are those of the method."""
    host = of_functions(scale=Scaling)
    with host:
        assert [5] == host.pipeline(GROUP, [("scale", {"add": 2})], method="apply").run([1]).value
    of_object = of_functions(text=" ").pipeline(GROUP, method="join").run("ab")
    assert "a b" == of_object.value


@pytest.mark.parametrize("executor", [False, True])
def test_what_cannot_be_called_is_no_step(site: Site, executor: bool) -> None:
    """With the plugin and the missing method in the message, wherever it is found out."""
    from concurrent.futures import ThreadPoolExecutor

    add_step(site, "number", body="step = 3")
    host = discovered()
    with ThreadPoolExecutor() as pool:
        options: Any = {"executor": pool} if executor else {}
        with pytest.raises(
            plugbay.HostError, match=r"'number' of tabletop-number 1.0 .*be called$"
        ):
            host.pipeline(GROUP, **options).run([])
        with pytest.raises(plugbay.HostError, match=r"it has no method 'apply'$"):
            host.pipeline(GROUP, method="apply", **options).run([])


@QUIET
def test_a_plugin_that_cannot_be_had_raises_its_own_error(site: Site) -> None:
    """When data is passed, as nothing is loaded before."""
    add_step(site, "broken", body="1 / 0")
    pipeline = discovered().pipeline(GROUP)
    with pytest.raises(plugbay.PluginLoadError, match="ZeroDivisionError"):
        pipeline.run([])
    unmade = of_functions(unmade=type("U", (), {"__init__": lambda self: 1 / 0}))
    with pytest.raises(plugbay.PluginStartError, match="could not be instantiated"):
        unmade.pipeline(GROUP).run([])


def test_plugins_are_imported_when_data_is_asked_for(site: Site) -> None:
    """Neither by the pipeline, nor by a stream of which nobody has taken a batch."""
    site.add_module("lazy", "thing = sorted", group=GROUP)
    pipeline = discovered().pipeline(GROUP)
    run = pipeline.stream([[2, 1]])
    assert 0 == site.runs("lazy")
    assert [1, 2] == next(run)
    assert 1 == site.runs("lazy")
