"""What the tests of hosts share."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def _turns() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)
