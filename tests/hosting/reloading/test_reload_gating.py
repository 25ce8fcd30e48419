"""Reloading, gating: the next generation goes the way of the first one, and may be refused."""

import sys
from typing import Any

import pytest
from generations import CLASS, GROUP, component, install, modules, one_module, uninstall, upgrade
from sites import Site

import plugbay
from plugbay import Host, ReloadError


def gated(site: Site, **more: object) -> Host:
    """A started host of version 1.5 with a plugin that was made for it."""
    one_module(site, "WORD = 1\n", requires=["tabletop>=1,<2"])
    host = Host("tabletop", api_version="1.5", **more)  # type: ignore[arg-type]
    host.discover(GROUP)
    host.start()
    return host


def test_the_version_is_that_of_now(site: Site) -> None:
    """Of the replacement, and of the component that is in place."""
    host = gated(site)
    upgrade(site, {"tool.py": f"WORD = 2\n{CLASS}"}, "tool:Tool", version="3.1")
    done = host.reload("tool")
    assert ("3.1", "3.1", 2) == (done.version, component(host).version, host[GROUP]["tool"]())
    assert "plugin 'tool' of tabletop-tool 3.1" == str(component(host).plugin)
    host.stop()


@pytest.mark.parametrize("way", ["requires", "manifest"])
def test_a_version_that_is_not_made_for_the_host_is_refused(site: Site, way: str) -> None:
    """By what it declares now, before anything of it is run."""
    host = gated(site)
    before = modules("tool")
    says: dict[str, Any] = {
        "requires": {"requires": ["tabletop>=2"]},
        "manifest": {"manifest": {"api": ">=2"}},
    }
    files = {"tool.py": f"open(__file__ + '.run', 'w').close()\n{CLASS}"}
    upgrade(site, files, "tool:Tool", version="2.0", **says[way])
    with pytest.raises(ReloadError, match=r"goes on as it is: PluginRefusedError: .*>=2") as raised:
        host.reload("tool")
    assert isinstance(raised.value.__cause__, plugbay.PluginRefusedError)
    assert not (site.root / "tool.py.run").exists()
    assert (before, 1, "1.0") == (
        modules("tool"),
        host[GROUP]["tool"](),
        component(host).version,
    )
    upgrade(site, {"tool.py": f"WORD = 3\n{CLASS}"}, "tool:Tool", version="2.1")
    assert "2.1" == host.reload("tool").version
    host.stop()


def test_a_manifest_that_an_entry_point_leads_to_is_read_again(site: Site) -> None:
    """As it is when the plugin is found first."""
    info = "tabletop_tool-1.0.dist-info"
    site.write(f"{info}/METADATA", "Name: tabletop-tool\nVersion: 1.0\n")
    site.write(
        f"{info}/entry_points.txt",
        f"[plugbay.manifest]\na = paint:plugbay.json\n[{GROUP}]\ntool = paint:Tool\n",
    )
    site.write("paint/__init__.py", f"WORD = 1\n{CLASS}")
    site.write("paint/plugbay.json", '{"api": ">=1"}')
    host = Host("tabletop", api_version="1.5")
    host.discover(GROUP)
    with host:
        host.reload("tool")
        site.write("paint/plugbay.json", '{"api": ">=2"}')
        with pytest.raises(ReloadError, match="tabletop>=2"):
            host.reload("tool")
        assert 1 == len(host.history("tool"))


def test_an_operator_has_a_say(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is disabled meanwhile is not reloaded; it goes on until the host stops."""
    one_module(site, "WORD = 1\n")
    host = Host("tabletop", policy=plugbay.Policy(disable=["nothing"]))
    host.discover(GROUP)
    with host:
        host.reload("tool")
        monkeypatch.setenv("PLUGBAY_DISABLE", "tool")
        with pytest.raises(ReloadError, match="PLUGBAY_DISABLE"):
            host.reload("tool")
        assert (1, 1) == (host[GROUP]["tool"](), len(host.history("tool")))


def test_expectations_hold_for_each_generation(site: Site) -> None:
    """A type, or a predicate, is asked of what the new one is."""
    one_module(site, "WORD = 1\n")
    asked = []

    def has_word(found: object) -> bool:
        asked.append(found)
        return hasattr(found, "initialize")

    host = Host("tabletop")
    host.discover(GROUP, expect=has_word)
    with host:
        site.write("tool.py", "class Tool: pass\n")
        with pytest.raises(ReloadError) as raised:
            host.reload("tool")
        assert isinstance(raised.value.__cause__, plugbay.UnexpectedPluginError)
        one_module(site, "WORD = 3\n")
        host.reload("tool")
        assert asked[-1] is sys.modules["tool"].Tool
        assert 3 == len(asked)


def test_what_another_distribution_brings_is_taken(site: Site) -> None:
    """When it has the name now, with the code that is there."""
    host = gated(site)
    uninstall(site)
    site.add(
        "tabletop-successor",
        {"tool": "tool:Tool"},
        group=GROUP,
        version="7.0",
        files={"tool.py": f"WORD = 7\n{CLASS}"},
    )
    assert "7.0" == host.reload("tool").version
    assert (7, "tabletop-successor") == (
        host[GROUP]["tool"](),
        component(host).plugin.distribution.name,
    )
    host.stop()


def test_configuration_is_made_of_the_new_model(site: Site) -> None:
    """With the values that there are; and a rollback has what it had."""
    model = "from dataclasses import dataclass\n@dataclass\nclass Model:\n    size: {}\n"
    config = "Tool.config_model = Model\n"
    kept = "class Tool(Tool):\n    def initialize(self, context): self.size = context.config.size\n"

    def body(kind: str) -> str:
        return f"WORD = 1\n{CLASS}{model.format(kind)}{kept}{config}"

    install(site, {"tool.py": body("int")}, "tool:Tool")
    host = Host("tabletop", config={"tool": {"size": 3}})
    host.discover(GROUP)
    with host:
        assert 3 == host[GROUP]["tool"].size
        site.write("tool.py", body("int = 0\n    name: str = 'plain'"))
        host.reload("tool")
        assert 3 == host[GROUP]["tool"].size
        site.write("tool.py", body("list[str]"))
        with pytest.raises(ReloadError, match="configuration of 'tool' is wrong") as raised:
            host.reload("tool")
        assert isinstance(raised.value.__cause__, plugbay.ConfigurationError)
        assert "size" in str(raised.value.__cause__.faults[0])
        host.rollback("tool")
        assert 3 == host[GROUP]["tool"].size


def test_names_stay_as_they_were_settled(site: Site) -> None:
    """Of two distributions with one name each goes on under its own."""
    one_module(site, "WORD = 1\n")
    site.add(
        "tabletop-other",
        {"tool": "other:Tool"},
        group=GROUP,
        files={"other.py": f"WORD = 10\n{CLASS}"},
    )
    host = Host("tabletop")
    host.discover(GROUP, on_conflict="all")
    names = {"tool@tabletop-tool": "tool.py", "tool@tabletop-other": "other.py"}
    for number, (name, file) in enumerate(names.items(), 2):
        assert host[GROUP][name]() in (1, 10)
        site.write(file, f"WORD = {number}\n{CLASS}")
        assert name == host.reload(name).name
        assert number == host[GROUP][name]()
