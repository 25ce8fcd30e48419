"""References: whether a target is there is told from the text, and nothing is imported."""

import importlib
import subprocess
import sys

import pytest
from sites import Site

from plugbay.discovery.modules import ModuleFile
from plugbay.loading.references import ImportPath, look_up

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
        ("ref_plain:each", False),  # there is none
        ("ref_plain:Class.method", None),
        ("ref_plain:absent", False),
        ("ref_plain:absent.below", False),
        ("ref_plain:__doc__", True),
        ("ref_plain:__cached__", None),
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


# What stands in the modules of a package, a target in it, the answer, and a word of the reason.
TAKEN = [
    ({"": "from .inner import thing", "inner": "thing = 1"}, "", True, "inner.py defines thing"),
    ({"": "from .inner import other", "inner": "thing = 1"}, "", False, "does not define thing"),
    ({"": "from .inner import a as thing", "inner": "a = 1"}, "", True, "defines a"),
    ({"": "from .inner import thing", "inner": "other = 1"}, "", False, "takes thing from ref_kit"),
    ({"": "from .inner import thing", "inner": "thong = 1"}, "", False, "did you mean 'thong'?"),
    ({"": "from .inner import thing", "inner": "thing: int"}, "", False, "does not define thing"),
    ({"": "from .gone import thing"}, "", False, "there is no module 'ref_kit.gone'"),
    ({"": "from ref_kit.inner import thing", "inner": "thing = 1"}, "", True, "inner.py defines"),
    ({"": "from ref_kit.inner import thing", "inner": ""}, "", False, "does not define thing"),
    ({"": "from elsewhere_entirely import thing"}, "", True, "defines thing"),
    ({"": "from .inner import *", "inner": "thing = 1"}, "", None, "imports * from .inner"),
    ({"": "from .inner import thing", "inner": "from os import *"}, "", None, "imports * from os"),
    ({"": "from .inner import thing", "inner": "def __getattr__(n): ..."}, "", None, "__getattr__"),
    ({"": "from .inner import thing", "inner": "from . import thing"}, "", None, "each other"),
    ({"": "from . import inner as thing", "inner": ""}, "", True, "defines thing"),
    ({"": "from . import thing", "thing": ""}, "", True, "defines thing"),
    ({"": "", "thing": ""}, "", None, "which ref_kit may import"),
    ({"": "try:\n from .inner import thing\nexcept ImportError:\n thing = 1"}, "", True, ""),
    ({"": "try:\n from .inner import thing\nexcept ImportError:\n pass"}, "", None, "may define"),
    ({"": "", "inner": "from .deep import thing", "deep": "thing = 1"}, ".inner", True, "deep.py"),
    ({"": "thing = 1", "inner": "from . import thing"}, ".inner", True, "defines thing"),
    ({"": "", "inner": "from . import thing"}, ".inner", False, "does not define thing"),
    ({"": "thing = 1\ndel thing"}, "", False, "does not define thing"),
    ({"": "from .inner import thing", "inner": "def thing(:"}, "", False, "cannot be read"),
]


@pytest.mark.parametrize(("modules", "below", "exists", "word"), TAKEN)
def test_what_a_package_takes_from_its_modules_is_looked_up_there(
    site: Site, modules: dict[str, str], below: str, exists: bool | None, word: str
) -> None:
    """As far as the texts go; what the import of a package that works gives, agrees."""
    for name, text in modules.items():
        site.write(f"ref_kit/{name or '__init__'}.py", text)
    found = look_up(f"ref_kit{below}:thing")
    assert exists is found.exists, found.reason
    assert word in f"{found.reason}; {found.hint}"
    assert not any(name.startswith("ref_") for name in sys.modules)
    if found.exists is not None and "elsewhere" not in modules[""]:
        assert _can_be_imported(f"ref_kit{below}") is exists


def _can_be_imported(module: str) -> bool:
    importlib.invalidate_caches()
    try:
        return hasattr(importlib.import_module(module), "thing")
    except (ImportError, SyntaxError):
        return False


def test_a_module_may_be_looked_up_elsewhere(site: Site) -> None:
    """Where an import path knows of files that are on no disk."""

    class Shelf(ImportPath):
        name = "on the shelf"

        def find(self, module: str) -> ModuleFile | None:
            return ModuleFile("shelf/one.py", True) if module == "one" else None

        def read(self, path: str) -> bytes:
            return {"shelf/one.py": b"\n\ndef thing(): pass\nprint(also := 1)"}[path]

    found = look_up("one:thing", Shelf())
    assert (found.exists, found.path, found.line, found.fault) == (True, "shelf/one.py", 3, "")
    assert look_up("one:also", Shelf()).line == 4
    found = look_up("two:thing", Shelf())
    assert (found.exists, found.fault) == (False, "module")
    assert found.reason == "there is no module 'two' on the shelf"
    assert look_up("one:none", Shelf()).fault == "attribute"
    assert look_up("two-three", Shelf()).fault == "reference"


def test_looking_up_what_is_plainly_there_imports_no_ast() -> None:
    """Which would be most of the time of a short command."""
    code = (
        "import sys; from plugbay.loading.references import look_up\n"
        "print(look_up('plugbay.cli.exit_codes:FINE').exists, 'ast' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "True False", done.stderr
