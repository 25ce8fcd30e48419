"""The application and all sample plugins, really built and really installed together."""

from __future__ import annotations

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

    from test_samples import Run


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
    def cached(*command: str) -> CompletedProcess[str]:
        # As in a pipe on anybody's machine: no colours, no width of a terminal.
        plain = {"NO_COLOR": "1", "LC_ALL": "C.UTF-8", "FORCE_COLOR": "", "COLUMNS": ""}
        return _samples.call(environment, *command, **plain)

    return cached


@pytest.fixture(scope="session")
def site_packages(environment: Path) -> Path:
    """The folder that the distributions are installed in."""
    return _samples.site_packages(environment)
