"""The examples of the page on testing are what pytest runs, and they pass or fail as it says."""

import re
from pathlib import Path

import pytest
from children import outcomes, run_pytest

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the files that the page shows, each under the name in its first line."""
    folder = tmp_path_factory.mktemp("page")
    files = {}
    for language, source in BLOCKS:
        if language != "text":
            head, _, body = source.partition("\n")
            files[head.removeprefix("# ")] = body
    assert len(files) + 1 == len(BLOCKS)
    return run_pytest(folder, files, path=(str(folder),))


def test_the_examples_of_tests_do_what_the_page_says(written: str) -> None:
    """All pass, apart from the one that is shown to fail."""
    assert {"passed": 15, "failed": 1, "skipped": 1} == outcomes(written), written
    [shown] = [source for language, source in BLOCKS if language == "text"]
    assert shown.rstrip() in written


def test_the_page_names_every_test_of_a_contract() -> None:
    """Its table has each inherited test, and those of the fixtures each fixture."""
    from plugbay.testing import PluginContract, plugin

    tests = {name for name in dir(PluginContract) if name.startswith("test_")}
    assert tests == set(re.findall(r"^\| `(test_\w+)` \|", PAGE, re.MULTILINE))
    assert (
        set(plugin.__all__)
        == set(re.findall(r"^\| `([a-z_]+)[(`].* \|", PAGE, re.MULTILINE)) - tests
    )
