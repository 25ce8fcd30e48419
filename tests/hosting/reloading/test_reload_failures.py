"""Reloading, failures: whatever goes wrong, the old one goes on as if nothing had been tried."""

import sys
from typing import Any

import pytest
from generations import CLASS, GROUP, component, install, modules, one_module, rewrite, uninstall
from parts import observed, states
from sites import Site

import plugbay
from plugbay import Host, ReloadError

OLD = f"WORD = 1\nfrom . import near\n{CLASS}"
GONE_WRONG = {
    "syntax": ("retrun 1\n", SyntaxError, "SyntaxError: invalid syntax"),
    "import": ("import not_there_at_all\n", ModuleNotFoundError, "not_there_at_all"),
    "body": ("1 / 0\n", ZeroDivisionError, "ZeroDivisionError: division by zero"),
    "exit": ("raise SystemExit(3)\n", SystemExit, "SystemExit: 3"),
    "missing": ("del Tool\n", AttributeError, "has no attribute 'Tool'"),
    "expected": ("Tool = 3\n", None, "UnexpectedPluginError"),
    "api": ("Tool.api_version = '>=9'\n", None, "PluginRefusedError"),
    "needs": ("Tool.depends_on = ['nobody']\n", None, "it depends on 'nobody', which is not there"),
    "init": ("def fail(self): 1 / 0\nTool.__init__ = fail\n", ZeroDivisionError, "instantiated"),
    "start": ("def fail(self): 1 / 0\nTool.initialize = fail\n", ZeroDivisionError, "be started"),
    "says no": ("Tool.on_load = lambda self: False\n", RuntimeError, "on_load() returned False"),
    "waits": (
        "async def late(self): pass\nTool.initialize = late\n",
        Exception,
        "is asynchronous; start the host with `async with`",
    ),
    "config": (
        "class Model:\n    __annotations__ = {'size': int}\nTool.config_model = Model\n",
        None,
        "ConfigurationError",
    ),
    "import state": (
        "def fail(self, state): raise KeyError(state)\nTool.import_state = fail\n",
        KeyError,
        "KeyError: 'kept'",
    ),
    "import state exits": (
        "def leave(self, state): raise SystemExit(4)\nTool.import_state = leave\n",
        SystemExit,
        "SystemExit: 4",
    ),
}


def started(site: Site) -> Host:
    """A started host with the plugin `tool` of a package, and everything imported that it has."""
    exporting = "Tool.export_state = lambda self: 'kept'\n"
    files = {"tool/__init__.py": OLD + exporting, "tool/near.py": "", "tool/late.py": ""}
    install(site, files, "tool:Tool")
    host = Host("tabletop", api_version="1.0", config={"tool": {"size": "wide"}})
    host.discover(GROUP, expect=type)
    with pytest.warns(plugbay.PluginWarning, match="size"):  # which the old one has no use for
        host.start()
    __import__("tool.late")
    return host


def chain(error: BaseException | None) -> list[BaseException]:
    """An error and what caused it, and so on."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__
    return found


def goes_on(host: Host, old: Any, before: dict[str, Any]) -> None:
    """The old one serves, with its modules, and is stopped with the host only."""
    assert old is host[GROUP]["tool"]
    assert (1, "active") == (old(), component(host).state)
    assert before == modules("tool")
    assert all(each is before[name] for name, each in modules("tool").items())
    assert before["tool"].near is before["tool.near"]
    assert [] == host.history("tool")
    log = before["tool"].log
    assert "shutdown" not in log
    host.stop()
    assert "shutdown" == log[-1]


@pytest.mark.parametrize("wrong", GONE_WRONG)
def test_the_old_one_goes_on(site: Site, wrong: str) -> None:
    """A ReloadError says whose replacement failed, and why, with what was raised as a cause."""
    added, cause, words = GONE_WRONG[wrong]
    host = started(site)
    old, before = host[GROUP]["tool"], modules("tool")
    site.write("tool/__init__.py", f"WORD = 2\nfrom . import near, new\n{CLASS}{added}")
    site.write("tool/new.py", "")
    finders = list(sys.meta_path)
    with pytest.raises(ReloadError) as raised:
        host.reload("tool")
    assert words in str(raised.value)
    causes = chain(raised.value)
    assert cause is None or any(type(each) is cause or isinstance(each, cause) for each in causes)
    assert finders == sys.meta_path
    goes_on(host, old, before)


@pytest.mark.parametrize("wrong", GONE_WRONG)
def test_it_is_said_whose_replacement_failed(site: Site, wrong: str) -> None:
    """And that it goes on."""
    host = started(site)
    site.write("tool/__init__.py", f"WORD = 2\n{CLASS}{GONE_WRONG[wrong][0]}")
    with pytest.raises(ReloadError, match=r"plugin 'tool' of tabletop-tool 1\.0.* goes on as it"):
        host.reload("tool")
    host.stop()


def test_what_was_started_of_the_new_one_is_undone(site: Site) -> None:
    """Though it had been started whole when the state was refused."""
    host = started(site)
    added, _, _ = GONE_WRONG["import state"]
    keep = "import sys\nsys.path_hooks_of_test = log\n"
    site.write("tool/__init__.py", f"WORD = 2\n{CLASS}{added}{keep}")
    try:
        with pytest.raises(ReloadError):
            host.reload("tool")
        log = sys.path_hooks_of_test  # type: ignore[attr-defined]
    finally:
        del sys.path_hooks_of_test  # type: ignore[attr-defined]
    assert ["init", "initialize", "shutdown"] == log
    host.stop()
    assert ["init", "initialize", "shutdown"] == log


def test_a_stop_that_fails_too_is_a_note(site: Site) -> None:
    """The first error is the one that counts."""
    host = started(site)
    added, _, _ = GONE_WRONG["import state"]
    more = "def worse(self): raise OSError('worse')\nTool.shutdown = worse\n"
    old, before = host[GROUP]["tool"], modules("tool")
    site.write("tool/__init__.py", f"WORD = 2\n{CLASS}{added}{more}")
    with pytest.raises(ReloadError, match="KeyError") as raised:
        host.reload("tool")
    (notes,) = [each.__notes__ for each in chain(raised.value) if hasattr(each, "__notes__")]
    assert "OSError('worse')" in notes[0]
    goes_on(host, old, before)


def test_an_export_that_fails_ends_it(site: Site) -> None:
    """Before the new one is started."""
    host = started(site)
    old, before = host[GROUP]["tool"], modules("tool")

    def fail(self: object) -> None:
        raise LookupError("nothing to give")

    type(old).export_state = fail
    site.write("tool/__init__.py", f"{CLASS}Tool.import_state = print\nTool.on_load = exit\n")
    with pytest.raises(ReloadError, match="LookupError: nothing to give") as raised:
        host.reload("tool")
    assert isinstance(raised.value.__cause__, LookupError)
    goes_on(host, old, before)


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
@pytest.mark.parametrize("place", ["import", "init", "start", "state"])
def test_an_interrupt_passes(site: Site, error: type[BaseException], place: str) -> None:
    """It is nobody's failure, and leaves things as they were all the same."""
    host = started(site)
    old, before = host[GROUP]["tool"], modules("tool")
    stop = f"def stop(*_): raise {error.__name__}\n"
    added = {
        "import": "stop()\n",
        "init": "Tool.__init__ = stop\n",
        "start": "Tool.initialize = stop\n",
        "state": "Tool.import_state = stop\n",
    }[place]
    site.write("tool/__init__.py", f"WORD = 2\n{CLASS}{stop}{added}")
    if error is GeneratorExit and place == "import":
        error = ReloadError  # as a load has it
    with pytest.raises(error):
        host.reload("tool")
    goes_on(host, old, before)


def test_what_is_mended_is_reloaded(site: Site) -> None:
    """A failure is not kept; the number is the next one of those that were in place."""
    host = started(site)
    site.write("tool/__init__.py", "1 / 0\n")
    for _ in range(2):
        with pytest.raises(ReloadError):
            host.reload("tool")
    site.write("tool/__init__.py", f"WORD = 2\n{CLASS}")
    assert 2 == host.reload("tool").generation
    assert 2 == host[GROUP]["tool"]()
    host.stop()


def test_what_is_not_installed_any_more_goes_on(site: Site) -> None:
    """Its modules can still be imported, but nobody brings it."""
    host = started(site)
    old, before = host[GROUP]["tool"], modules("tool")
    uninstall(site)
    with pytest.raises(ReloadError, match=r"'tool' of .* is not installed any more") as raised:
        host.reload("tool")
    assert isinstance(raised.value.__cause__, plugbay.HostError)
    goes_on(host, old, before)


def test_an_unknown_name_is_not_found(site: Site) -> None:
    """With a guess at what was meant; and of two groups one has to be named."""
    host = started(site)
    for method in (host.reload, host.rollback, host.history):
        with pytest.raises(plugbay.PluginNotFoundError, match="'tol'; did you mean 'tool'"):
            method("tol")
    host.register("tool", len)
    with pytest.raises(plugbay.PluginNotFoundError, match="say of which group"):
        host.reload("tool")
    site.write("tool/__init__.py", f"WORD = 2\n{CLASS}")
    assert "tool" == host.reload("tool", group=GROUP).name
    assert 2 == host[GROUP]["tool"]()
    assert ([2], []) == (
        [each.generation for each in host.history("tool", group=GROUP)],
        host.history("tool", group="tabletop.plugins"),
    )
    host.stop()


def test_the_others_are_not_touched(site: Site) -> None:
    """By a reload that goes well or ill."""
    one_module(site, "WORD = 5\n", name="other")
    host = started(site)
    seen, module = observed(host), sys.modules["other"]
    host.reload("tool")
    rewrite(site, {"tool/__init__.py": "retrun\n"})
    with pytest.raises(ReloadError):
        host.reload("tool")
    assert not [each for each in seen if each.startswith("other")]
    assert (module, ["init", "initialize"]) == (sys.modules["other"], module.log)
    assert {"tool": "active", "other": "active"} == states(host)
    host.stop()
