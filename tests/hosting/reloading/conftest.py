"""What the tests of reloading share."""

import sys
from collections.abc import Iterator

import pytest
from sites import Site


@pytest.fixture(autouse=True)
def _forgets(site: Site) -> Iterator[None]:
    """What is in a namespace is forgotten before it, since its path is asked of its parent.

    So is who finds modules in a way of their own.
    """
    before, finders = set(sys.modules), list(sys.meta_path)
    yield
    sys.meta_path[:] = finders
    for name in sorted(set(sys.modules) - before, reverse=True):
        if not isinstance(getattr(sys.modules[name], "__path__", []), list):
            del sys.modules[name]
