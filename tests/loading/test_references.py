"""References: whether a target is there is told from the text, and nothing is imported."""

import sys

import pytest
from sites import Site

from plugbay.loading.references import look_up

SOURCE = """
raise SystemExit("imported")
from typing import TYPE_CHECKING
import os.path
if TYPE_CHECKING:
    from nowhere import only_for_checkers
made: int = 3
annotated: int
for each in (): pass
def function(): pass
class Class: pass
"""


@pytest.mark.parametrize(
    ("target", "exists"),
    [
        ("ref_plain", True),
        ("ref_plain:function", True),
        ("ref_plain:Class", True),
        ("ref_plain:made", True),
        ("ref_plain:os", True),
        ("ref_plain:each", True),
        ("ref_plain:Class.method", None),
        ("ref_plain:absent", False),
        ("ref_plain:absent.below", False),
        ("ref_plain:only_for_checkers", False),
        ("ref_pack.inner:function", True),
        ("ref_pack.absent:function", False),
        ("ref_absent:function", False),
        ("ref_dynamic:anything", None),
        ("ref_star:anything", None),
        ("ref_broken:function", False),
        ("no reference", False),
        ("sys:path", None),
    ],
)
def test_a_target_is_looked_up_in_the_text(
    site: Site,
    target: str,
    exists: bool | None,
) -> None:
    """The answer is yes, no, or that the text cannot tell; each has a reason."""
    site.write("ref_plain.py", SOURCE)
    site.write("ref_pack/__init__.py", "raise SystemExit")
    site.write("ref_pack/inner.py", SOURCE)
    site.write("ref_dynamic.py", "def __getattr__(name): return name")
    site.write("ref_star.py", "from os import *")
    site.write("ref_broken.py", "def function(:")
    found = look_up(target)
    assert exists is found.exists
    assert found.reason
    assert not any(name.startswith("ref_") for name in sys.modules)
