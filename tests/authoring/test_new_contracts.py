"""What is read of an installed host: its versions, groups and contracts, and the code for these."""

import ast
from pathlib import Path

import pytest
from sites import Site

from plugbay.authoring.scaffolds.hosts import HostFacts, read_contract_of, read_host
from plugbay.authoring.scaffolds.stubs import stub

CONTRACTS = '''
import abc
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal, Protocol

from .tables import Table, Cell as Value

_Private = int

class Reader(Protocol):
    def __call__(self, path: PurePath, /, *, strict: bool = True, at: "Table" = Table()) -> Table:
        """Reads a "table"."""

class Store(abc.ABC):
    kind: str

    def __init__(self, place: str) -> None: ...

    @property
    @abc.abstractmethod
    def names(self) -> Sequence[str]: ...

    @abc.abstractmethod
    async def fetch(self, name: str, *more: Value, **options: Literal["a"]) -> Mapping[str, Table]:
        """Gets it."""

    @abc.abstractmethod
    def secret(self, key: _Private): ...

    def done(self) -> None:
        print("nothing to do")

class Writer:
    def write(self, table: Table) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """Ends it."""
'''
CODE = """
import desk.contracts
import desk.contracts as dc
import re
from pathlib import PurePath
from plugbay import HostApi, load_group, Hooks
from desk import contracts as those
from desk.contracts import Reader
import plugbay

READERS = "desk.readers"
API = HostApi("Desk", "2.4", compatible_since="2.0")
OTHER = HostApi("chair", "9.9")

def readers():
    return load_group(READERS, api=API, expect=Reader)

def stores(host):
    return host.discover("desk.stores", expect=desk.contracts.Store)

def keepers(host):
    return host.discover("desk.keepers", expect=dc.Store), host.discover("desk.x", expect=dc.No)

def outside():
    return load_group("desk.paths", expect=PurePath), load_group("desk.fine", expect=is_fine)

def is_fine(each): ...

def writers(host):
    return host.group("desk.writers", expect=those.Writer), re.match("x", "y").group("y")

def checked():
    return plugbay.load_group("elsewhere.things", expect=lambda each: True)

def old():
    from importlib.metadata import entry_points
    return entry_points(group="desk.old")

class Kind(plugbay.Extension, group="desk.kinds"):
    def run(self):
        raise NotImplementedError
"""


@pytest.fixture
def desk(site: Site) -> HostFacts:
    """What is read of a host; its modules would raise if they were imported."""
    site.add("desk", version="2.4.1", headers=["Requires-Python: >=3.12"])
    site.write("desk/__init__.py", "raise SystemExit\nfrom desk.contracts import Store as Store")
    site.write("desk/contracts.py", CONTRACTS)
    site.write("desk/tables.py", "class Table: ...\nclass Cell: ...")
    site.write("desk/code.py", CODE)
    site.write("desk/broken.py", "this is no Python")
    site.add("desk-lamp", {"lamp": "lamp:x"}, group="desk.lamps")
    site.add("sofa", {"sofa": "sofa:x"}, group="sofas.desk")
    facts = read_host("Desk")
    assert facts is not None
    return facts


def text_of(facts: HostFacts, group: str, plugin: str) -> str:
    """The code of a plugin, which has to be Python without names that are bound nowhere."""
    made = stub(plugin, facts.groups[group])
    compile(made.text, "plugin", "exec")
    names = {each.name for each in ast.parse(made.text).body if hasattr(each, "name")}
    assert names == {made.name}
    return made.text


def test_a_host_is_read_without_importing_it(desk: HostFacts) -> None:
    """Versions, and the groups that its code reads or that plugins fill."""
    assert (desk.name, desk.version, desk.api_version, desk.python) == (
        "desk",
        "2.4.1",
        "2.4",
        ">=3.12",
    )
    known = {name: each and f"{each.module}:{each.name}" for name, each in desk.groups.items()}
    assert known == {
        "desk.readers": "desk.contracts:Reader",
        "desk.stores": "desk:Store",  # from where it is exported
        "desk.keepers": "desk:Store",
        "desk.x": None,
        "desk.paths": "pathlib:PurePath",
        "desk.fine": None,  # a predicate
        "desk.writers": "desk.contracts:Writer",
        "desk.kinds": "desk.code:Kind",
        "desk.lamps": None,
        "desk.old": None,
        "elsewhere.things": None,
    }


def test_what_can_be_a_function_is_one(desk: HostFacts) -> None:
    """Of the signature of the contract, whose annotations import nothing when it is loaded."""
    assert text_of(desk, "desk.readers", "csv-fast") == (
        "from __future__ import annotations\n\n"
        "from typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n"
        "    from pathlib import PurePath\n\n"
        "    from desk.tables import Table\n\n\n"
        "def csv_fast(path: PurePath, /, *, strict: bool=True, at: Table=...) -> Table:\n"
        '    """Reads a "table"."""\n'
        "    raise NotImplementedError"
    )


def test_what_has_methods_is_a_class_with_those_that_are_missing(desk: HostFacts) -> None:
    """Those that the contract leaves open, with annotations as far as others can write them."""
    text = text_of(desk, "desk.stores", "store")
    assert "class PluginStore(Store):\n" in text  # the name of the contract is taken
    assert "from desk import Store\n" in text
    assert "from desk.tables import Cell as Value\n" in text
    assert "    @property\n    def names(self) -> Sequence[str]:\n" in text
    whole = "    async def fetch(self, name: str, *more: Value, **options) -> Mapping[str, Table]:"
    assert whole in text
    assert "    def secret(self, key):\n" in text
    assert "__init__" not in text
    assert "done" not in text
    writer = text_of(desk, "desk.writers", "plain")
    assert "class Plain(Writer):\n" in writer
    assert ("def write" in writer, "def end" in writer) == (True, False)


def test_without_a_contract_there_is_a_function_of_anything(desk: HostFacts) -> None:
    """Under a name that is no word of the language and hides nothing."""
    assert "def lamp(*args: object, **options: object)" in text_of(desk, "desk.lamps", "lamp")
    assert "def plugin_class(" in text_of(desk, "desk.lamps", "class")
    assert "def plugin_print(" in text_of(desk, "desk.lamps", "print")
    assert "def plugin_2nd(" in text_of(desk, "desk.lamps", "2nd")
    assert "def plugin_path(" in text_of(desk, "desk.readers", "path")


def test_a_contract_is_found_by_dotted_names(site: Site) -> None:
    """Where no other module has it."""
    site.add("bench", version="1.0")
    site.write("bench/__init__.py", "import bench.deep.kinds\n")
    site.write("bench/deep/__init__.py", "")
    site.write(
        "bench/deep/kinds.py", "class Kind:\n    def run(self):\n        raise NotImplementedError"
    )
    code = "import bench.deep.kinds\nload_group('bench.a', expect=bench.deep.kinds.Kind)\n"
    code += "from .deep import kinds\nload_group('bench.b', expect=kinds.Kind)\n"
    site.write("bench/code.py", code)
    facts = read_host("bench")
    assert facts is not None
    assert facts.groups["bench.a"] == facts.groups["bench.b"]
    assert "class X(Kind):" in text_of(facts, "bench.a", "x")
    assert "def run(self):" in text_of(facts, "bench.a", "x")


def test_a_contract_can_be_named(desk: HostFacts) -> None:
    """It is read where it is installed, else it is a class of which nothing is known."""
    assert read_contract_of("desk.contracts", "Reader") == desk.groups["desk.readers"]
    unknown = read_contract_of("nowhere.here", "Thing")
    assert stub("x", unknown).text.startswith("from nowhere.here import Thing\n\n\nclass X(Thing):")


def test_a_host_that_is_one_module_is_read_too(site: Site) -> None:
    """Also where its distribution has another name, as its RECORD tells."""
    site.add("tiny-host", version="1.0", files={"tiny.py": "load_group('tiny.parts')"})
    site.write("tiny_host-1.0.dist-info/RECORD", "tiny.py,,\ntiny_host-1.0.dist-info/RECORD,,\n")
    facts = read_host("tiny-host")
    assert facts is not None
    assert list(facts.groups) == ["tiny.parts"]
    assert read_host("not-installed-anywhere") is None


def test_names_that_lead_in_a_circle_are_followed_no_further(site: Site, tmp_path: Path) -> None:
    """Two modules that import a name from each other."""
    site.add("ring", version="1.0")
    site.write("ring/__init__.py", "from ring.one import X\nload_group('ring.a', expect=X)")
    site.write("ring/one.py", "from ring.two import X")
    site.write("ring/two.py", "from ring.one import X")
    facts = read_host("ring")
    assert facts is not None
    assert facts.groups == {"ring.a": None}
