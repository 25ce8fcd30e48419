"""Sandboxes that tests share: what one call does is not to be felt by the next."""

import tempfile
from collections.abc import Iterator

import pytest
from watching import children, eventually

from plugbay import Sandbox


@pytest.fixture(scope="module")
def _nothing_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No processes and no temporary folders are there when all tests of a module are done."""
    folder, before, usual = tmp_path_factory.mktemp("temporary"), children(), tempfile.tempdir
    tempfile.tempdir = str(folder)
    yield
    tempfile.tempdir = usual
    assert eventually(lambda: children() <= before, 2)
    assert [] == list(folder.iterdir())


@pytest.fixture(scope="module")
def sandbox(_nothing_left: None) -> Iterator[Sandbox]:
    """Worker processes with a deadline that no call of these tests comes to."""
    with Sandbox("process", timeout=30) as patient:
        yield patient


@pytest.fixture(scope="module")
def hasty(_nothing_left: None) -> Iterator[Sandbox]:
    """Worker processes with a deadline that hostile code comes to soon."""
    with Sandbox("process", timeout=0.3) as impatient:
        yield impatient
