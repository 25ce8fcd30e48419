"""The plugin of pytest costs nothing where it is not used, told by what is imported."""

import subprocess
import sys
from pathlib import Path

from children import outcomes, run_pytest

BARE = ["plugbay", "plugbay.lazy_modules", "plugbay.testing"]
ADDED = """
import pytest, sys
before = set(sys.modules)
import plugbay.testing.plugin
print(*sorted(set(sys.modules) - before))
"""
NOT_USED = """
    import sys

    def test_nothing_of_it():
        ours = sorted(each for each in sys.modules if each.partition(".")[0] == "plugbay")
        assert ours == {names}

    def test_its_fixture(plugin_host):
        assert "plugbay.hosting" in sys.modules
"""


def test_the_plugin_imports_nothing_but_pytest() -> None:
    """Beside pytest it imports its own package, and what `import plugbay` brings."""
    done = subprocess.run([sys.executable, "-c", ADDED], capture_output=True, text=True, check=True)
    assert [*BARE, "plugbay.testing.plugin"] == done.stdout.split()


def test_a_run_without_its_fixtures_imports_no_more(tmp_path: Path) -> None:
    """Until a test asks for a fixture, a whole run of pytest has imported nothing else of it."""
    expected = [*BARE, "plugbay.testing.plugin"]
    output = run_pytest(tmp_path, {"test_unused.py": NOT_USED.format(names=expected)})
    assert {"passed": 2} == outcomes(output), output
