"""The application and all sample plugins, really built and really installed together."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# What builds and installs the samples is shared with scripts/demo.
sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import _samples

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from test_samples import Golden, Run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what is known when the tests in this folder are asked for by name."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the commands say now into tests/samples/golden",
    )


@pytest.fixture(scope="session")
def environment() -> Path:
    """The environment with everything installed, and two of the distributions damaged."""
    return _samples.installed()


@pytest.fixture(scope="session")
def run(environment: Path) -> Run:
    """Runs a program of the environment; the same command is run once only."""

    @cache
    def cached(
        *command: str, folder: Path | None = None, **variables: str
    ) -> CompletedProcess[str]:
        # As in a pipe on anybody's machine: no colours, no width of a terminal.
        plain = {"NO_COLOR": "1", "LC_ALL": "C.UTF-8", "FORCE_COLOR": "", "COLUMNS": ""}
        return _samples.call(environment, *command, folder=folder, **plain, **variables)

    return cached


@pytest.fixture
def golden(environment: Path, pytestconfig: pytest.Config) -> Golden:
    """Compares what was said, by the name of its file, with what ought to be said."""
    site_packages = str(_samples.site_packages(environment))

    def compare(name: str, said: str) -> None:
        # Without what differs from machine to machine and from run to run.
        text = said.replace(site_packages, "<site-packages>")
        text = re.sub(r"\b[0-9.]+ ms\b", "<time> ms", text)
        file = Path(__file__).with_name("golden") / f"{name}.txt"
        if pytestconfig.getoption("--update-golden", default=False):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8")

    return compare
