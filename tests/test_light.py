"""The fast path is light: before the first plugin is loaded, only plugbay itself is imported."""

import json

import pytest
from pythons import INTERPRETERS, run
from sites import GROUP, HOST, Site

# A bare interpreter has run `site`, which `-S` leaves out for the sake of `.pth` files.
WATCHED = """
import site
bare = set(sys.modules)
import plugbay
load = plugbay.load_group
%s
added = sorted(set(sys.modules) - bare)
import json
print(json.dumps([added, told]))
"""
PYTHONS = pytest.mark.parametrize("python", INTERPRETERS.values(), ids=INTERPRETERS.keys())


@pytest.fixture
def plugins(site: Site) -> Site:
    """A host with its version, and plugins that declare plain ranges in every spelling."""
    site.add(HOST, version="1.3")
    site.add("nobody", requires=["else"])
    for name, requires in (
        ("plain", f"{HOST}<2,>=1.2"),
        ("compatible", f"{HOST}~=1.2"),
        ("wild", f"{HOST}==1.*,!=1.2.7"),
        ("older-backend", f"{HOST} (>=1.2)"),
        ("peer", f'{HOST}>=1.0; extra == "{HOST}-api"'),
        ("undeclared", "else>=1"),
    ):
        site.add_module(name, requires=[requires], headers=["Requires-Python: >=3.8"])
    return site


def _added(plugins: Site, python: str, code: str) -> tuple[list[str], object]:
    added, told = json.loads(run(WATCHED % code, python=python, path=(str(plugins.root),)))
    return added, told


@PYTHONS
@pytest.mark.parametrize(
    "options",
    [
        "",
        "api_version='1.3'",
        "on_conflict='all', expect=str",
        "strict=True",
        f"api=plugbay.HostApi({HOST!r}, '1.3', '1.0'), policy=plugbay.Policy(deny=['x'])",
    ],
)
def test_finding_and_checking_imports_nothing_but_plugbay(
    plugins: Site, python: str, options: str
) -> None:
    """Beyond the bare interpreter there are plugbay's own modules, whatever the host asks for."""
    code = f"group = load({GROUP!r}, {options})\ntold = [len(group), 'plain' in group, *group]"
    added, told = _added(plugins, python, code)
    assert [] == [each for each in added if each.partition(".")[0] != "plugbay"]
    names = ["compatible", "older-backend", "peer", "plain", "undeclared", "wild"]
    assert [6, True, *names] == told


@PYTHONS
def test_listing_entry_points_imports_nothing_but_plugbay(plugins: Site, python: str) -> None:
    """The strict face is as light as the lenient one."""
    added, told = _added(plugins, python, f"told = len(plugbay.entry_points(group={GROUP!r}))")
    assert [] == [each for each in added if each.partition(".")[0] != "plugbay"]
    assert 6 == told


@PYTHONS
def test_importing_plugbay_imports_next_to_nothing(plugins: Site, python: str) -> None:
    """Nothing of plugbay is imported before it is asked for, but what sees to that."""
    added, _ = _added(
        plugins,
        python,
        "del load, sys.modules['plugbay']\n"
        "for each in [*sys.modules]:\n"
        "    if each.startswith('plugbay.'): del sys.modules[each]\n"
        "import plugbay\ntold = plugbay.__version__",
    )
    assert ["plugbay", "plugbay.lazy_modules"] == added


@PYTHONS
def test_names_alone_take_four_modules(site: Site, python: str) -> None:
    """Where nothing is checked and nobody has a manifest, names are told without handles."""
    for name in ("plain", "other"):
        site.add_module(name)
    added, told = _added(
        site, python, f"group = load({GROUP!r})\ntold = [len(group), 'plain' in group, *group]"
    )
    assert ["plugbay", "plugbay.discovery", "plugbay.groups", "plugbay.lazy_modules"] == added
    assert [2, True, "other", "plain"] == told


@PYTHONS
def test_what_is_in_order_needs_no_errors(plugins: Site, python: str) -> None:
    """The errors, and what makes them of failures, are imported for a plugin that needs them."""
    added, told = _added(plugins, python, f"told = load({GROUP!r})['plain']")
    assert "plain" == told
    assert {"plugbay.errors", "plugbay.loading"}.isdisjoint(added)
    code = f"try: load({GROUP!r})['absent']\nexcept KeyError as error: told = type(error).__name__"
    added, told = _added(plugins, python, code)
    assert "PluginNotFoundError" == told
    assert "plugbay.errors" in added


@PYTHONS
def test_loading_a_plugin_imports_that_plugin(plugins: Site, python: str) -> None:
    """Using one imports its module, and nothing that checks types or versions comes along."""
    added, told = _added(plugins, python, f"told = load({GROUP!r})['plain']")
    foreign = {each for each in added if each.partition(".")[0] != "plugbay"}
    assert "plain" == told
    assert foreign >= {"plain"}
    assert foreign.isdisjoint(
        {
            "typing",
            "dataclasses",
            "re",
            "packaging",
            "importlib.metadata",
            "json",
            "inspect",
            "logging",
            "pathlib",
            "compatible",
            "wild",
        }
    )
