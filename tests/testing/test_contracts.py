"""A contract that a host's author has written finds what is wrong with a plugin, and says it."""

from pathlib import Path

import pytest
from children import outcomes, run_pytest
from shops import HOST_TESTS, PLUGINS, TESTS
from sites import Site


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of all of them, in one run."""
    folder = tmp_path_factory.mktemp("contracts")
    site = Site(folder / "site")
    for name, requires in {
        **dict.fromkeys(("good", "wrong", "leaking", "failing", "stuck", "stranger"), ">=1.0,<2"),
        "missing": ">=1.0,<2",
        "newer": ">=2.0,<3",
        "open": ">=1.0",
        "endless": "<2",
        "undeclared": "",
    }.items():
        attribute = name.capitalize() if name in PLUGINS.lower() or name == "missing" else "Good"
        target = "shop_gone:Good" if name == "missing" else f"shop_plugins:{attribute}"
        declared = [f"shop{requires}"] if requires else []
        site.add(f"shop-{name}", {name: target}, group="shop.exporters", requires=declared)
    rewriting = "import pytest; pytest.register_assert_rewrite('shop_tests')"
    files = {
        "conftest.py": rewriting,
        "site/shop_tests.py": HOST_TESTS,
        "site/shop_plugins.py": PLUGINS,
    }
    return run_pytest(folder, files | {"test_shop.py": TESTS}, "-v", path=(str(site.root),))


def _of(said: str, name: str) -> dict[str, str]:
    """The outcome of each test of one class."""
    found = {}
    for line in said.splitlines():
        test, _, outcome = line.partition(" ")
        if f"::Test{name}::" in test and outcome.split()[0].isupper():
            found[test.rpartition("::")[2].removeprefix("test_")] = outcome.split()[0]
    return found


def _wrong(said: str, name: str) -> set[str]:
    return {test for test, outcome in _of(said, name).items() if outcome in ("FAILED", "ERROR")}


def test_a_good_plugin_passes_every_test(said: str) -> None:
    """All inherited tests are run, those of the host's author as well."""
    tests = {
        "plugin_is_admitted",
        "plugin_loads",
        "plugin_is_as_expected",
        "declaration_is_bounded",
        "plugin_starts_and_stops",
        "no_rows_are_no_text",
        "it_is_the_class",
    }
    assert dict.fromkeys(tests, "PASSED") == _of(said, "Good"), said
    assert _of(said, "Good") == _of(said, "Derived")


def test_an_object_is_tried_without_a_declaration(said: str) -> None:
    """A class that is not installed passes the same tests, but for what only metadata can say."""
    outcomes_of = _of(said, "Object")
    assert "SKIPPED" == outcomes_of.pop("declaration_is_bounded")
    assert {"PASSED"} == set(outcomes_of.values())
    assert 7 == len(outcomes_of) + 1


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("Wrong", {"no_rows_are_no_text"}, "assert 'none' == ''"),
        (
            "Leaking",
            {"plugin_starts_and_stops", "no_rows_are_no_text"},
            "stopped, and a thread of it goes on: 'a-leak', which runs threading.Event.wait; it",
        ),
        (
            "Failing",
            {"plugin_starts_and_stops", "no_rows_are_no_text"},
            "plugin 'failing' of shop-failing 1.0 could not be started: OSError: the disk is full",
        ),
        (
            "Stuck",
            {"plugin_starts_and_stops", "no_rows_are_no_text"},
            "raised by plugin 'stuck' of shop-stuck 1.0 while it was stopped",
        ),
        (
            "Stranger",
            {
                "plugin_is_as_expected",
                "plugin_starts_and_stops",
                "no_rows_are_no_text",
                "it_is_the_class",
            },
            "plugin 'stranger' of shop-stranger 1.0",
        ),
        (
            "Missing",
            {
                "plugin_loads",
                "plugin_is_as_expected",
                "plugin_starts_and_stops",
                "no_rows_are_no_text",
                "it_is_the_class",
            },
            "No module named 'shop_gone'",
        ),
        (
            "Open",
            {"declaration_is_bounded"},
            "plugin 'open' of shop-open 1.0 does not say up to which version of shop it works; ",
        ),
        (
            "Endless",
            {"declaration_is_bounded"},
            "shop-endless 1.0 does not say since which version of shop it works; ",
        ),
        (
            "Needy",
            {"plugin_starts_and_stops", "no_rows_are_no_text"},
            "plugin 'Needy' of plugin-under-test 1.0 is refused: it depends on 'wax', which is not",
        ),
        (
            "Undeclared",
            {"declaration_is_bounded"},
            "does not say which versions of shop it works with; depend on a range",
        ),
        ("AwaitedByMistake", {"plugin_starts_and_stops"}, "start the host with `async with`"),
    ],
)
def test_what_is_wrong_fails_its_test(said: str, name: str, wrong: set[str], message: str) -> None:
    """The tests that are about it, and no others, with plugin, distribution, reason and remedy."""
    assert wrong == _wrong(said, name), said
    assert message in said


def test_a_refused_plugin_says_reason_and_remedy(said: str) -> None:
    """The sentence is that of the gate."""
    assert {"declaration_is_bounded"} == _of(said, "Newer").keys() - _wrong(said, "Newer")
    line = next(
        each for each in said.splitlines() if "TestNewer::test_plugin_is_admitted -" in each
    )
    assert "plugin 'newer' of shop-newer 1.0 is refused: it needs shop>=2.0,<3" in line
    assert "upgrade shop to 2.0 or later" in line


def test_a_plugin_that_is_hidden_says_by_what(said: str) -> None:
    """Another plugin of its name counts, so it is not the one that users would have."""
    assert {"plugin_is_admitted", "plugin_starts_and_stops", "no_rows_are_no_text"} <= _wrong(
        said, "Shadowed"
    )
    assert "it has the same name as that of aaa 1.0, which comes first" in said


def test_what_is_not_there_or_not_said_is_told(said: str) -> None:
    """A name that is not installed, and a class without one, are errors that say what to do."""
    assert {"ERROR"} == set(_of(said, "Absent").values())
    assert "no plugin 'god' is installed in the group 'shop.exporters'; install the project" in said
    assert "did you mean 'good'?" in said
    assert "TestNothing does not say which plugin it is about; write plugin = 'name'" in said


def test_a_host_may_await_its_plugins(said: str) -> None:
    """`asynchronous` has the start and the stop awaited; None takes a test out."""
    found = _of(said, "Awaited")
    assert "PASSED" == found["plugin_starts_and_stops"]
    assert "no_rows_are_no_text" not in found
    assert {"passed", "failed", "error", "skipped"} <= outcomes(said).keys()


def test_functions_and_configured_plugins_are_tried_too(said: str) -> None:
    """A function stays one, config= reaches the plugin; what cannot be checked is not passed."""
    function = _of(said, "Function")
    assert ("PASSED", "PASSED") == (function["it_greets"], function["plugin_starts_and_stops"])
    assert "SKIPPED" == function["plugin_is_admitted"] == function["plugin_is_as_expected"]
    assert "the version of the host's API is not known here" in said
    assert set() == _wrong(said, "Configured")
    assert "PASSED" == _of(said, "Configured")["it_has_them"]


def test_the_project_itself_can_be_the_plugin(tmp_path: Path) -> None:
    """A path is built and installed, and what its wheel has is what is tried."""
    files = {
        "project/pyproject.toml": """
            [build-system]
            requires = ["hatchling"]
            build-backend = "hatchling.build"
            [project]
            name = "shop-plain"
            version = "1.0"
            dependencies = ["shop>=1.0,<2"]
            [project.entry-points."shop.exporters"]
            plain = "shop_plain:Plain"
            """,
        "project/shop_plain.py": """
            from shop_tests import Exporter
            class Plain(Exporter):
                def export(self, rows): return ""
            """,
        "site/shop_tests.py": HOST_TESTS,
        "test_shop_plain.py": """
            from pathlib import Path
            from shop_tests import ExporterContract
            class TestPlain(ExporterContract):
                plugin = Path(__file__).parent / "project"
            """,
    }
    output = run_pytest(tmp_path, files, path=(str(tmp_path / "site"),))
    assert {"passed": 7} == outcomes(output), output
