"""Reloading plugins from code: functions, classes, and modules that register while imported."""

import sys
from typing import Any

import pytest
from generations import CLASS, GROUP, PLUGINS, component, modules, program
from parts import QUIET
from sites import Site

import plugbay
from plugbay import Host, ReloadError


def imported(name: str) -> Any:
    """A module as it is now."""
    __import__(name)
    return sys.modules[name]


def test_a_function_and_a_class_are_replaced(site: Site) -> None:
    """By what has their name in their module now."""
    for word in ("function", "class"):
        body = f"{CLASS}\ndef function(): return WORD\n"
        site.write(f"box_{word}.py", f"WORD = 1\n{body}")
        module = imported(f"box_{word}")
        host = Host("tabletop")
        host.register("tool", module.Tool if word == "class" else module.function)
        with host:
            assert 1 == host[PLUGINS]["tool"]()
            site.write(f"box_{word}.py", f"WORD = 2\n{body}")
            done = host.reload("tool")
            assert (2, 2, "") == (host[PLUGINS]["tool"](), done.generation, done.version)
            assert module is not sys.modules[f"box_{word}"]
            host.rollback("tool")
            assert (1, module) == (host[PLUGINS]["tool"](), sys.modules[f"box_{word}"])


def test_a_class_within_a_class_is_found_again(site: Site) -> None:
    """By its qualified name."""
    body = "class Outer:\n    class Tool:\n        def __call__(self): return WORD\n"
    site.write("box.py", f"WORD = 1\n{body}")
    host = Host("tabletop")
    host.register("tool", imported("box").Outer.Tool)
    assert 1 == host[PLUGINS]["tool"]()
    site.write("box.py", f"WORD = 2\n{body}")
    host.reload("tool")
    assert 2 == host[PLUGINS]["tool"]()


def test_what_was_said_where_it_was_registered_holds(site: Site) -> None:
    """And what the class says of itself is what the new class says."""
    site.write("box.py", f"WORD = 1\n{CLASS}Tool.version = '1.0'\n")
    host = Host("tabletop", api_version="1.0")
    host.register("near", print)
    host.register("tool", imported("box").Tool, depends_on="near", priority=3, summary="It is one")
    site.write("box.py", f"WORD = 2\n{CLASS}Tool.version = '2.0'\nTool.priority = 1\n")
    with host:
        assert "2.0" == host.reload("tool").version
        found = component(host)
        assert found.facts is not None
        assert (3, "It is one", ["near"]) == (
            found.plugin.priority,
            found.facts.summary,
            [each.name for each in found.needs],
        )
        site.write("box.py", f"WORD = 3\n{CLASS}Tool.api_version = '>=2'\n")
        with pytest.raises(ReloadError, match=">=2"):
            host.reload("tool")
        assert 2 == host[PLUGINS]["tool"]()


REGISTERING = """
from stage import host

@host.register("tool", summary=SUMMARY)
def say(): return WORD
"""


def on_stage(monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host that modules can import from `stage`."""
    host = Host("tabletop")
    monkeypatch.setitem(sys.modules, "stage", type("Stage", (), {"host": host}))
    return host


def test_modules_that_register_themselves_do_so_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they say now counts; there is one plugin of the name, as before."""
    host = on_stage(monkeypatch)
    site.write("box/__init__.py", "")
    site.write("box/tools.py", f"WORD, SUMMARY = 1, 'the first'\n{REGISTERING}")
    assert [] == host.load_modules(["box.tools"])
    site.write("box/tools.py", f"WORD, SUMMARY = 2, 'the second'\n{REGISTERING}")
    with host:
        host.reload("tool")
        (found,) = host.components
        assert found.facts is not None
        assert (2, "the second") == (host[PLUGINS]["tool"](), found.facts.summary)
        site.write("box/tools.py", f"WORD, SUMMARY = 3, 'the third'\n{REGISTERING}1 / 0\n")
        with pytest.raises(ReloadError, match="ZeroDivisionError"):
            host.reload("tool")
        assert (2, [found]) == (host[PLUGINS]["tool"](), host.components)
        host.rollback("tool")
        assert 1 == host[PLUGINS]["tool"]()
    with pytest.raises(plugbay.PluginConflictError):  # from anywhere else
        host.register("tool", len)


def test_what_a_failed_generation_registers_is_gone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is seen."""
    host = on_stage(monkeypatch)
    site.write("box.py", f"WORD, SUMMARY = 1, ''\n{REGISTERING}")
    host.load_modules(["box"])
    more = "host.register('more', say)\n"
    site.write("box.py", f"WORD, SUMMARY = 2, ''\n{REGISTERING}{more}1 / 0\n")
    with pytest.raises(ReloadError):
        host.reload("tool")
    assert ["tool"] == list(host[PLUGINS])


def test_what_else_a_module_registers_is_added(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """New names; those that there were go on as they are, until they are reloaded."""
    host = on_stage(monkeypatch)
    other = "\n@host.register('other')\ndef other(): return WORD\n"
    site.write("box.py", f"WORD, SUMMARY = 1, ''\n{REGISTERING}{other}")
    host.load_modules(["box"])
    more = "host.register('more', say)\n"
    site.write("box.py", f"WORD, SUMMARY = 2, ''\n{REGISTERING}{other}{more}")
    host.reload("tool")
    assert {"tool": 2, "other": 1, "more": 2} == {
        name: each() for name, each in host[PLUGINS].items()
    }


def test_two_plugins_of_one_module_are_reloaded_one_after_the_other(site: Site) -> None:
    """Each when it is asked for."""
    body = "def one(): return WORD\ndef two(): return WORD\n"
    site.write("box.py", f"WORD = 1\n{body}")
    host = Host("tabletop")
    host.register("one", imported("box").one)
    host.register("two", imported("box").two)
    site.write("box.py", f"WORD = 2\n{body}")
    for name in ("one", "two"):
        host.reload(name)
        assert 2 == host[PLUGINS][name]()


def test_a_module_of_an_application_is_imported_anew_alone(site: Site) -> None:
    """With what is below it, and not the whole application around it."""
    site.write("app/__init__.py", "import app.main\n")
    site.write("app/main.py", "state = []\n")
    site.write("app/tool/__init__.py", "from .part import WORD\ndef say(): return WORD\n")
    site.write("app/tool/part.py", "WORD = 1\n")
    host = Host("tabletop")
    host.register("tool", imported("app.tool").say)
    before = modules("app")
    site.write("app/tool/part.py", "WORD = 2\n")
    host.reload("tool")
    assert 2 == host[PLUGINS]["tool"]()
    same = {name for name, each in modules("app").items() if each is before[name]}
    assert {"app", "app.main"} == same


KIND = """
from plugbay import Extension
class Kind(Extension, group="tabletop.kinds_of_reload"):
    pass
"""
KINDS = "tabletop.kinds_of_reload"
EXTENSION = "from kind_of_reload import Kind\n"


def extended(site: Site, options: str = "", name: str = "box") -> Host:
    """A host with an extension that is defined in a module."""
    site.write("kind_of_reload.py", KIND)
    site.write(f"{name}.py", said(1, options))
    imported(name)
    host = Host("tabletop")
    assert 1 == host[KINDS]["tool"].word
    return host


def said(word: int, options: str = "") -> str:
    """A module with an extension that says a word."""
    return f"{EXTENSION}class Tool(Kind, name='tool'{options}):\n    word = {word}\n"


@pytest.fixture
def _kinds_are_forgotten() -> Any:
    """No other test has classes of the group."""
    from plugbay.hosting import extensions

    yield
    extensions._declared.pop(KINDS, None)


@pytest.mark.usefixtures("_kinds_are_forgotten")
def test_an_extension_is_replaced(site: Site) -> None:
    """By the class of its name; another host that begins now finds that one too."""
    host = extended(site)
    site.write("box.py", said(2))
    with host:
        host.reload("tool")
        assert 2 == host[KINDS]["tool"].word
        assert isinstance(host[KINDS]["tool"], sys.modules["kind_of_reload"].Kind)
        assert ["tool"] == list(host[KINDS])
        assert 2 == Host("other")[KINDS]["tool"].word
        host.rollback("tool")
        assert 1 == host[KINDS]["tool"].word


@pytest.mark.usefixtures("_kinds_are_forgotten")
def test_an_extension_of_a_failed_generation_is_not_found(site: Site) -> None:
    """A host that begins afterwards has the one that goes on."""
    host = extended(site)
    site.write("box.py", said(2) + "1 / 0\n")
    with pytest.raises(ReloadError):
        host.reload("tool")
    assert 1 == host[KINDS]["tool"].word
    assert 1 == Host("other")[KINDS]["tool"].word


@pytest.mark.usefixtures("_kinds_are_forgotten")
def test_an_extension_says_anew_what_it_is(site: Site) -> None:
    """By the options of its class."""
    host = extended(site, ", summary='the first'")
    site.write("box.py", said(2, ", summary='the second'"))
    host.reload("tool")
    assert "the second" == component(host).facts.summary


@pytest.mark.parametrize(
    "found",
    [object(), lambda: 1, type("Nowhere", (), {}), [1]],
    ids=["object", "lambda", "class", "list"],
)
def test_what_is_no_attribute_of_a_module_is_refused(site: Site, found: object) -> None:
    """With a reason; it goes on."""
    assert not list(site.root.iterdir())
    host = Host("tabletop")
    host.register("tool", found)
    with host:
        before = host[PLUGINS]["tool"]
        with pytest.raises(ReloadError, match=r"'tool'.* it is no attribute of a module"):
            host.reload("tool")
        assert (before, "active") == (host[PLUGINS]["tool"], component(host).state)


def test_what_the_program_itself_defines_is_refused() -> None:
    """It would have to run the program again."""
    code = """
import plugbay
host = plugbay.Host("tabletop")
@host.register("tool")
def say(): return 1
try:
    host.reload("tool")
except plugbay.ReloadError as error:
    print(error)
print(host["tabletop.plugins"]["tool"]())
"""
    told, word = program(code)
    assert "'tool' of __main__" in told
    assert "it is defined in the program itself; move it to a module that can be imported" in told
    assert "1" == word


@QUIET
def test_what_is_gone_from_its_module_goes_on(site: Site) -> None:
    """And so does what is gone with its module."""
    site.write("box.py", "def say(): return 1\n")
    host = Host("tabletop")
    host.register("tool", imported("box").say)
    before = modules("box")
    site.write("box.py", "")
    with pytest.raises(ReloadError, match="has no attribute 'say'"):
        host.reload("tool")
    (site.root / "box.py").unlink()
    with pytest.raises(ReloadError, match="No module named 'box'") as raised:
        host.reload("tool")
    assert isinstance(raised.value.__cause__, ModuleNotFoundError)
    assert (before, 1) == (modules("box"), host[PLUGINS]["tool"]())
    assert GROUP not in {each.plugin.group for each in host.components}
