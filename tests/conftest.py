"""What tests in every room use: a site of their own, and an environment without an operator."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sites import Site

# A busy machine is no reason for a test to fail.
settings.register_profile("plugbay", deadline=None)
settings.load_profile("plugbay")


@pytest.fixture(autouse=True)
def _no_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody disables plugins by the environment, unless a test does."""
    for variable in [each for each in os.environ if each.startswith("PLUGBAY_")]:
        monkeypatch.delenv(variable)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A directory on `sys.path` for distributions; what was imported from it is forgotten."""
    planted = Site(tmp_path / "site")
    monkeypatch.syspath_prepend(planted.root)
    before = set(sys.modules)
    yield planted
    for name in set(sys.modules) - before:
        spec = getattr(sys.modules[name], "__spec__", None)
        places = [getattr(spec, "origin", None) or ""]
        places += getattr(spec, "submodule_search_locations", None) or ()
        if any(str(place).startswith(str(tmp_path)) for place in places):
            del sys.modules[name]
