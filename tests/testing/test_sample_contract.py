"""The contract that tabletop publishes, and the sample plugins that are to keep it."""

from pathlib import Path

import pytest
from children import outcomes, run_pytest

from plugbay.testing.projects import Wheels, wheel_files

SAMPLES = Path(__file__).parents[2] / "sample_plugins"
OTHERS = """
    from pathlib import Path
    from tabletop.testing import ExporterContract

    class TestJson(ExporterContract):
        plugin = Path({folder!r}, "working", "tabletop-json")

    class TestNewer(ExporterContract):
        plugin = Path({folder!r}, "broken", "tabletop-newer")
"""


@pytest.fixture(scope="module")
def tabletop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory with tabletop and tabletop-csv installed."""
    folder = tmp_path_factory.mktemp("tabletop")
    for project in ("tabletop", "working/tabletop-csv"):
        for path, data in wheel_files(Wheels(folder / "wheels").of(SAMPLES / project)).items():
            (folder / "site" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "site" / path).write_bytes(data)
    return str(folder / "site")


def test_tabletop_csv_keeps_the_contract(tabletop: str, tmp_path: Path) -> None:
    """Its own tests, as its author runs them, with tabletop and itself installed."""
    [file] = (SAMPLES / "working" / "tabletop-csv" / "tests").glob("test_*.py")
    output = run_pytest(tmp_path, {file.name: file.read_text("utf-8")}, path=(tabletop,))
    assert {"passed": 10} == outcomes(output), output


def test_the_contract_tells_a_working_plugin_from_a_broken_one(
    tabletop: str, tmp_path: Path
) -> None:
    """A plugin in another backend's wheel passes, and one for a later tabletop does not."""
    files = {"test_others.py": OTHERS.format(folder=str(SAMPLES))}
    output = run_pytest(tmp_path, files, path=(tabletop,))
    assert {"passed": 10, "failed": 4, "error": 4} == outcomes(output), output
    assert "TestJson" not in output
    assert "plugin 'newer' of tabletop-newer" in output
