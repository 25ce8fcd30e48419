"""Extensions: classes that register themselves, and whose instances may be known."""

import importlib
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass

import pytest
from parts import fresh_group, kind, states
from sites import Site

import plugbay
from plugbay import Extension, Host


def test_nothing_is_added_to_the_namespace_of_a_class() -> None:
    """Neither to that of a kind, nor of a plugin, nor of Extension itself."""
    before = dict(vars(Extension))

    class Plain: ...

    class Kind(Extension, group=fresh_group(), tracked=True): ...

    class X(Kind, name="x", priority=3, depends_on=["y"]): ...

    ordinary = set(vars(Plain)) - {"__dict__", "__weakref__"}
    assert ordinary == set(vars(Kind)) == set(vars(X))
    list(Host("tabletop").group(fresh_group()))
    assert before == dict(vars(Extension))


def test_an_unknown_option_is_told_with_the_closest_ones() -> None:
    """When the class is defined, and it is not registered."""
    group = fresh_group()
    base = kind(group)
    with pytest.raises(plugbay.ExtensionError, match=r"X has the option 'nmae'.*mean 'name'"):

        class X(base, nmae="x"): ...

    with pytest.raises(TypeError, match=r"'dependson'.* 'depends_on'"):

        class Y(base, name="y", dependson=["x"]): ...

    assert [] == list(Host("tabletop")[group])


def test_a_misspelt_field_is_told() -> None:
    """It has the name that was meant; what is spelt right, new or annotated is none."""
    group = fresh_group()

    class Kind(Extension, group=group):
        colour: str = "red"
        threshold: int

    with pytest.raises(plugbay.ExtensionError, match=r"X sets 'treshold'.* mean 'threshold'"):

        class X(Kind, name="x"):
            treshold = 3

    class Y(Kind, name="y"):
        colour = "blue"
        threshold = 3
        colours: tuple[str, ...] = ()
        weight = 3

        def threshol(self) -> None: ...

    assert ["y"] == list(Host("tabletop")[group])


def test_abstract_and_unnamed_classes_are_no_plugins() -> None:
    """Though those that derive from them may be."""
    group = fresh_group()

    class Kind(Extension, ABC, group=group):
        @abstractmethod
        def run(self) -> str: ...

    class Half(Kind, name="half"): ...

    class Unnamed(Half):
        def run(self) -> str:
            return "run"

    class Whole(Unnamed, name="whole"): ...

    plugins = Host("tabletop")[group]
    assert (["whole"], "run") == (list(plugins), plugins["whole"].run())


def test_an_abstract_class_takes_no_name() -> None:
    """It is no plugin, so there is no conflict."""
    group = fresh_group()

    class Kind(Extension, ABC, group=group):
        @abstractmethod
        def run(self) -> None: ...

    class Half(Kind, name="x"): ...

    class Whole(Half, name="x"):
        def run(self) -> None: ...

    assert isinstance(Host("tabletop")[group]["x"], Whole)


def test_a_name_needs_a_group() -> None:
    """That of the nearest base which says one."""
    with pytest.raises(plugbay.ExtensionError, match="X is named 'x', and none of its bases"):
        type("X", (Extension,), {}, name="x")
    one, two = fresh_group(), fresh_group()
    type("Y", (type("Kind", (kind(one),), {}, group=two),), {}, name="y")
    assert ([], ["y"]) == (list(Host("tabletop")[one]), list(Host("tabletop")[two]))


def test_duplicates_name_both_places() -> None:
    """With module, file and line."""
    base = kind(fresh_group())

    class First(base, name="x"): ...

    line = sys._getframe().f_lineno - 2
    words = rf"Second of {__name__} \(.*, line {line + 6}\) .*First of {__name__} .*line {line}\)"
    with pytest.raises(plugbay.PluginConflictError, match=words):

        class Second(base, name="x"): ...


def test_duplicates_of_abstract_kinds_are_found_too(site: Site) -> None:
    """The places are those of the classes, not that of the metaclass."""
    group = fresh_group()
    head = "from abc import ABC\nfrom plugbay import Extension\n"
    site.write("abc_kind.py", f"{head}class Kind(Extension, ABC, group={group!r}): ...\n")
    for each in ("one", "two"):
        body = "from abc_kind import Kind\nclass Mail(Kind, name='mail'): ...\n"
        site.write(f"abc_{each}.py", body)
    importlib.import_module("abc_one")
    with pytest.raises(plugbay.PluginConflictError, match=r"abc_two\.py.*abc_one\.py"):
        importlib.import_module("abc_two")


def test_a_module_may_be_executed_again(site: Site) -> None:
    """Its classes take the place of those of the same name that it defined before."""
    group = fresh_group()
    text = f"from plugbay import Extension\nclass Kind(Extension, group={group!r}): ...\n"
    site.write("again.py", f"{text}class X(Kind, name='x'): said = 1\n")
    module = importlib.import_module("again")
    assert 1 == Host("tabletop")[group]["x"].said
    site.write("again.py", f"{text}\n\nclass X(Kind, name='x'): said = 'two'\n")
    importlib.reload(module)
    plugins = Host("tabletop")[group]
    assert (["x"], "two") == (list(plugins), plugins["x"].said)


def test_a_host_follows_what_is_defined() -> None:
    """Classes come to groups that were looked at before, once each."""
    group = fresh_group()
    base, plugins = kind(group), Host("tabletop")[group]
    found = [list(plugins)]
    for name in "ba":
        type(name, (base,), {}, name=name)
        found.append(list(plugins))
    assert [[], ["b"], ["a", "b"]] == found


@pytest.mark.parametrize("way", ["group", "discover"])
def test_a_host_starts_the_classes_of_its_groups(way: str) -> None:
    """Whether or not anybody has looked into them."""
    group = fresh_group()
    type("X", (kind(group),), {}, name="x")
    host = Host("tabletop")
    getattr(host, way)(group)
    with host:
        assert {"x": "active"} == states(host)


def test_what_was_unloaded_stays_away() -> None:
    """Whatever is defined after it."""
    group = fresh_group()
    base, host = kind(group), Host("tabletop")
    type("X", (base,), {}, name="x")
    assert ["x"] == list(host[group])
    host.unload("x", group=group)
    type("Y", (base,), {}, name="y")
    assert ["y"] == list(host[group])


def test_options_are_those_of_register() -> None:
    """Which takes any iterable of names."""
    group = fresh_group()
    base = kind(group)
    type("X", (base,), {}, name="x", depends_on=("y",))
    type("Y", (base,), {}, name="y", before=("z",))
    assert ["x", "y"] == list(Host("tabletop")[group])


def work(count: int) -> int:
    """How many functions are called to define that many classes, and to enrol them in a host."""
    group, calls = fresh_group(), 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    base, host = kind(group), Host("tabletop")
    list(host[group])
    sys.setprofile(called)
    try:
        for number in range(count):
            type(f"C{number}", (base,), {}, name=f"c{number}")
        found = len(host[group])
    finally:
        sys.setprofile(None)
    assert count == found
    return calls


def test_the_work_for_a_thousand_classes_is_proportional_to_their_number() -> None:
    """Counted in calls: ten times as many take no more than ten times the calls, and few each."""
    work(10)
    few, many = work(100), work(1000)
    assert many <= 10.5 * few
    assert many / 1000 < 500


def test_arguments_that_nobody_takes_are_errors() -> None:
    """As for any class that has no constructor."""
    with pytest.raises(TypeError):
        kind(fresh_group())("one", colour="red")


def test_a_plugin_may_be_a_kind_of_number() -> None:
    """What the other bases of a class are made of reaches them."""
    assert 3 == type("Three", (kind(fresh_group()), int), {})(3)


class Trims:
    def clean(self, text: str) -> str:
        return text.strip()


class Lowers:
    def clean(self, text: str) -> str:
        return text.lower()


class Passes:
    def clean(self, text: str) -> str:
        return super().clean(text.strip())  # type: ignore[misc,no-any-return]  # of a mixin's next


def test_a_mixin_that_hides_another_ones_method_is_an_error() -> None:
    """It names the classes and the method, and says both ways out; each of these works."""
    kind = type("Kind", (Extension,), {"clean": lambda self, text: text}, group="tabletop.mixed")
    with pytest.raises(
        plugbay.ExtensionError,
        match=r"Both has clean\(\) of Trims, which does not call that of Lowers; define it in Both",
    ):
        type("Both", (Trims, Lowers, kind), {})
    assert " A " == type("Own", (Trims, Lowers, kind), {"clean": lambda _, text: text})().clean(
        " A "
    )
    assert "a" == type("Chain", (Passes, Lowers, kind), {})().clean(" A ")
    assert "A" == type("One", (Trims, kind), {})().clean(" A ")


def test_a_class_that_is_made_anew_takes_its_own_place() -> None:
    """As `dataclass(slots=True)` makes it; a kind keeps its group and its tracking."""

    @dataclass(slots=True)
    class Kind(Extension, group="tabletop.slotted", tracked=True):
        size: int = 1

    @dataclass(slots=True)
    class Small(Kind, name="small"):
        size: int = 2

    host = Host("tabletop")
    made = host.group("tabletop.slotted")["small"]
    assert (True, 2, [made]) == (isinstance(made, Small), made.size, host.instances(Kind))
