"""Lazy modules: names that are imported when they are first asked for, and no sooner."""

import importlib
import sys
from types import ModuleType
from typing import Any

import pytest
from pythons import INTERPRETERS, run
from sites import RECORD, Site

PYTHONS = pytest.mark.parametrize("python", INTERPRETERS.values(), ids=INTERPRETERS.keys())
LAZY = "from plugbay.lazy_modules import lazy_exports\nlazy_exports(__name__, {})\n"


def package(site: Site, exports: dict[str, Any], before: str = "", **files: str) -> ModuleType:
    """A package that exports these names, imported; two underscores in a file are a slash."""
    site.write("lazypkg/__init__.py", before + LAZY.replace("{}", repr(exports)))
    for name, text in files.items():
        file = name.replace("__", "/").replace("/init", "/__init__")
        site.write(f"lazypkg/{file}.py", RECORD + text)
    importlib.invalidate_caches()
    return importlib.import_module("lazypkg")


def test_names_are_imported_on_first_access(site: Site) -> None:
    """Attributes, attributes of attributes and modules, relative or not; plain ones afterwards."""
    exports = {
        "Order": ".orders:Order",
        "make": ".orders:Order.make",
        "orders": ".orders",
        "same": "lazypkg.orders",
        "loads": "json:loads",
        "dom": "xml.dom",
    }
    shop: Any = package(site, exports, orders="class Order:\n  def make(): return 1\n")
    assert not set(exports) & set(vars(shop))
    assert "lazypkg.orders" not in sys.modules
    order = shop.Order
    assert order is sys.modules["lazypkg.orders"].Order is vars(shop)["Order"]
    assert shop.make() == 1
    assert shop.orders is shop.same is sys.modules["lazypkg.orders"]
    assert (shop.loads, shop.dom) == (sys.modules["json"].loads, sys.modules["xml.dom"])
    assert site.runs("lazypkg/orders") == 1


def test_every_way_to_import_works(site: Site) -> None:
    """From the package, of everything, and of a submodule as such."""
    package(site, {"Order": ".orders:Order", "tables": ".tables"}, orders="Order = 1", tables="")
    names: dict[str, Any] = {}
    exec("from lazypkg import *", names)  # noqa: S102  # a star cannot be in a function
    assert {"Order", "tables"} <= set(names)
    from lazypkg import Order, tables  # type: ignore[import-not-found]  # planted above

    assert (Order, tables) == (1, sys.modules["lazypkg.tables"])


def test_a_module_inside_a_package_exports_too(site: Site) -> None:
    """One dot is the package that it is in, two are the one above."""
    exports = {"one": ".near:one", "two": "..far:two"}
    body = LAZY.replace("{}", repr(exports))
    package(site, {}, inner__init="", inner__face=body, inner__near="one = 1", far="two = 2")
    face: Any = importlib.import_module("lazypkg.inner.face")
    assert (face.one, face.two) == (1, 2)
    assert face.__all__ == ["one", "two"]


def test_all_names_are_shown(site: Site) -> None:
    """By `dir` and `__all__`, and nothing is imported for it."""
    shop = package(site, {"b": ".orders:b", "a": ".orders:a"}, "own = 1\n", orders="")
    assert {"a", "b", "own", "__name__"} <= set(dir(shop))
    assert shop.__all__ == ["a", "b"]
    assert site.runs("lazypkg/orders") == 0


def test_an_own_list_of_names_is_kept(site: Site) -> None:
    """Whatever is in it."""
    shop = package(site, {"b": ".x:b", "c": ".x:c"}, "own = 1\n__all__ = ['own', 'b']\n")
    assert shop.__all__ == ["own", "b"]


def test_unknown_names_are_suggested_for(site: Site) -> None:
    """The error is that of any module, and Python knows what was meant."""
    shop: Any = package(site, {"tables": ".tables"})
    with pytest.raises(
        AttributeError, match=r"^module 'lazypkg' has no attribute 'table'$"
    ) as seen:
        shop.table  # noqa: B018
    assert (seen.value.name, seen.value.obj) == ("table", shop)
    with pytest.raises(ImportError, match="cannot import name 'table' from 'lazypkg'"):
        from lazypkg import table  # noqa: F401
    assert not hasattr(shop, "__wrapped__")
    told = run(
        "import lazypkg, sys\ntry: lazypkg.tabels\nexcept AttributeError as error:\n"
        "  sys.stderr = sys.stdout\n  sys.excepthook(AttributeError, error, None)",
        path=(str(site.root),),
    )
    assert "Did you mean: 'tables'?" in told


@pytest.mark.parametrize(
    ("body", "error"),
    [("1 / 0", ZeroDivisionError), ("import nowhere", ImportError), ("x.y", NameError)],
)
def test_a_failing_import_raises_as_it_is(site: Site, body: str, error: type[Exception]) -> None:
    """On every access, and not any more when it is mended."""
    shop: Any = package(site, {"it": ".bad:it"}, bad=body)
    for _ in range(2):
        with pytest.raises(error):
            hasattr(shop, "it")
    assert site.runs("lazypkg/bad") == 2
    site.write("lazypkg/bad.py", "it = 'mended, with a text of another length'")
    importlib.invalidate_caches()
    assert shop.it.startswith("mended")


def test_an_attribute_that_is_not_there_is_an_import_error(site: Site) -> None:
    """It says where it was looked for, and `hasattr` does not hide it."""
    shop: Any = package(site, {"it": ".good:It.there"}, good="class It: ...")
    words = "cannot import name 'It.there' from 'lazypkg.good', as which 'lazypkg' exports 'it'"
    with pytest.raises(ImportError, match=words) as seen:
        hasattr(shop, "it")
    assert seen.value.name == "lazypkg.good"
    with pytest.raises(ImportError, match="as which 'lazypkg' exports"):
        from lazypkg import it  # noqa: F401


def test_what_may_still_fail_is_not_kept(site: Site) -> None:
    """A module that asks for its own name while it is imported, and then raises."""
    bad = "value = 1\nimport lazypkg\nassert lazypkg.value == 1\nassert lazypkg.bad.value\n1 / 0"
    shop: Any = package(site, {"value": ".bad:value", "bad": ".bad"}, bad=bad)
    with pytest.raises(ZeroDivisionError):
        shop.value  # noqa: B018
    assert not {"value", "bad"} & set(vars(shop))


@pytest.mark.parametrize(
    "target",
    [
        *("", ".", ":it", ".:it", "x:", "x::it", "x:it:it", "x..y:it", "x.:it", "1x:it"),
        *("x y", "x:1", "x/y:it", ".x.:it"),
    ],
)
def test_a_malformed_target_is_an_import_error(site: Site, target: str) -> None:
    """That names the entry; the others are not affected."""
    shop: Any = package(site, {"fine": ".x:fine", "it": target}, x="fine = 1")
    with pytest.raises(ImportError) as seen:
        shop.it  # noqa: B018
    words = "as which 'lazypkg' exports 'it', is neither 'module' nor 'module:attr'"
    assert str(seen.value) == f"{target!r}, {words}"
    assert shop.fine == 1


def test_a_name_of_its_own_submodule(site: Site) -> None:
    """What is exported counts over the submodule that is imported for it."""
    shop: Any = package(site, {"it": ".it:it"}, it="it = 'meant'")
    assert (shop.it, shop.it) == ("meant", "meant")


def test_calls_add_to_each_other(site: Site) -> None:
    """Also when a module is executed again, and a `__getattr__` of its own goes on to be asked."""
    own = "def __getattr__(name):\n  if name == 'old': return 'old'\n  raise AttributeError(name)\n"
    shop: Any = package(site, {"a": ".x:a"}, own + LAZY.replace("{}", "{'b': '.x:b'}"), x="a=b=1")
    for _ in range(2):
        assert (shop.a, shop.b, shop.old, shop.__all__) == (1, 1, "old", ["a", "b"])
        assert {"a", "b"} <= set(dir(shop))
        with pytest.raises(AttributeError, match=r"^other$"):
            shop.other  # noqa: B018
        importlib.reload(shop)
    site.write("lazypkg/__init__.py", LAZY.replace("{}", "{'a': '.x:a', 'c': '.x:c'}"))
    importlib.reload(shop)
    assert shop.__all__ == ["a", "b", "c"]


def test_half_made_packages_say_so(site: Site) -> None:
    """A name that is not exported may come later: the words are Python's for that."""
    with pytest.raises(AttributeError, match="partially initialized module 'lazypkg' has no attr"):
        package(site, {}, "import sys\n" + LAZY + "sys.modules[__name__].later\n")


@PYTHONS
def test_many_threads_get_the_same_object(site: Site, python: str) -> None:
    """A module that is slow to import is imported once, and other imports go on meanwhile."""
    site.write("lazypkg/__init__.py", LAZY.replace("{}", "{'it': '.slow:it', 'sub': '.slow'}"))
    site.write("lazypkg/slow.py", RECORD + "import time; time.sleep(0.1)\nit = object()\n")
    code = """
import threading, lazypkg
barrier, found = threading.Barrier(8), []
def ask(number):
    barrier.wait(10)
    found.append(lazypkg.it if number % 2 else lazypkg.sub.it)
threads = [threading.Thread(target=ask, args=(each,), daemon=True) for each in range(8)]
for each in threads: each.start()
for each in threads: each.join(20)
print(len(found), len(set(map(id, found))))
"""
    assert run(code, python=python, path=(str(site.root),)) == "8 1\n"
    assert site.runs("lazypkg/slow") == 1


@PYTHONS
def test_two_packages_that_need_each_other_do_not_deadlock(site: Site, python: str) -> None:
    """Each is resolved by a thread while its module asks for the other."""
    for one, other in ("ab", "ba"):
        site.write(f"{one}/__init__.py", LAZY.replace("{}", "{'it': '.slow:it'}"))
        site.write(f"{one}/slow.py", f"import time; time.sleep(0.05)\nimport {other}\nit = 1\n")
    code = """
import threading, a, b
threads = [threading.Thread(target=lambda m=m: m.it, daemon=True) for m in (a, b)]
for each in threads: each.start()
for each in threads: each.join(20)
print(any(each.is_alive() for each in threads), a.it, b.it)
"""
    assert run(code, python=python, path=(str(site.root),)) == "False 1 1\n"


def test_exporting_imports_nothing(site: Site) -> None:
    """Not even of the standard library: it is the first thing that lazy packages import."""
    code = "import sys\nbefore = set(sys.modules)\n"
    code += "import plugbay.lazy_modules\nprint(sorted(set(sys.modules) - before))"
    assert run(code) == "['plugbay', 'plugbay.lazy_modules']\n"
