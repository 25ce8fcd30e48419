"""Resource modules: a resource that a program shares, behind a module, created on first use."""

import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest
from pythons import INTERPRETERS, run
from sites import Site

from plugbay.loading.resource_modules import ResourceModule, resource_module

NAME = "plugbay_test_db"


class Connection:
    """What is shared: it knows how often it was made and closed."""

    made = 0

    def __init__(self) -> None:
        Connection.made += 1
        self.url = "db://localhost"
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    Connection.made = 0
    yield
    sys.modules.pop(NAME, None)


def in_threads(count: int, ask: Callable[[int], object]) -> list[object]:
    """What each thread got or raised, all having begun at once."""
    barrier, found = threading.Barrier(count), []

    def run_one(number: int) -> None:
        barrier.wait(10)
        try:
            found.append(ask(number))
        except Exception as error:  # noqa: BLE001 - to be looked at
            found.append(error)

    threads = [threading.Thread(target=run_one, args=(n,), daemon=True) for n in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert not any(each.is_alive() for each in threads)
    return found


def test_it_is_created_once_by_whoever_uses_it_first() -> None:
    """Every import gives the same module, and its attributes are the resource's."""
    module = resource_module(NAME, Connection)
    import plugbay_test_db as first  # type: ignore[import-not-found]  # it has just been made

    assert Connection.made == 0
    assert first is module is importlib.import_module(NAME)
    assert isinstance(first, ModuleType)
    assert (first.url, Connection.made) == ("db://localhost", 1)
    from plugbay_test_db import url

    assert (url, first.url, Connection.made) == (url, url, 1)
    with pytest.raises(AttributeError, match="'Connection' object has no attribute 'host'"):
        first.host  # noqa: B018


def test_looking_at_it_does_not_create_it() -> None:
    """What the import system and tools ask all modules for, `dir` and `repr`."""
    module = resource_module(NAME, Connection)
    for name in (
        "__path__",
        "__file__",
        "__wrapped__",
        "__version__",
        "__all__",
        "__warningregistry__",
    ):
        assert not hasattr(module, name)
    inspect.getmodule(Connection)
    assert importlib.util.find_spec(NAME) is module.__spec__
    assert NAME in repr(module)
    assert "close" in dir(module)
    assert "url" not in dir(module)
    exec(f"from {NAME} import *", {})  # noqa: S102  # a star cannot be in a function
    assert Connection.made == 0
    assert module.url
    assert {"close", "url", "__name__"} <= set(dir(module))


def test_attributes_are_set_and_deleted_in_the_resource() -> None:
    """Not in the module, where the resource would not know of them."""
    resource = Connection()
    module = resource_module(NAME, lambda: resource)
    module.url = "other"
    assert resource.url == module.url == "other"
    del module.url
    assert not hasattr(resource, "url")
    module.__file__ = "here"
    assert vars(module)["__file__"] == "here"
    del module.__file__


def test_eight_threads_create_one() -> None:
    """And none of them sees it half made."""

    def slowly() -> Connection:
        threading.Event().wait(0.05)
        return Connection()

    module = resource_module(NAME, slowly)
    found = in_threads(8, lambda number: (importlib.import_module(NAME), module.url)[1])
    assert (found, Connection.made) == (["db://localhost"] * 8, 1)


def test_a_failing_create_is_tried_again() -> None:
    """By the next access, and by each thread that was waiting."""
    fail = [True]

    def create() -> Connection:
        connection = Connection()
        if fail[0]:
            raise OSError("no connection")
        return connection

    module = resource_module(NAME, create)
    found = in_threads(3, lambda number: module.url)
    assert [str(each) for each in found] == ["no connection"] * 3
    fail.clear()
    fail.append(False)
    assert (module.url, Connection.made) == ("db://localhost", 4)


def test_asking_for_itself_is_an_error() -> None:
    """Directly, by closing it, or by another resource that needs this one; it is tried anew."""
    ways: list[Callable[[], object]] = [
        lambda: importlib.import_module(NAME).url,
        lambda: importlib.import_module(NAME).close(),
        lambda: other.thing,
        Connection,
    ]
    module = resource_module(NAME, lambda: ways.pop(0)())
    with resource_module("plugbay_test_other", lambda: module.url) as other:
        for _ in range(3):
            with pytest.raises(RuntimeError, match=f"module '{NAME}' is asked for while it is bei"):
                module.url  # noqa: B018
        assert module.url == "db://localhost"


def test_two_that_need_each_other_do_not_wait_for_ever() -> None:
    """Each being created by a thread: one of them is told, and names both."""
    barrier = threading.Barrier(2)

    def create(needed: str) -> object:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)  # at the first time for the other one; it is alone afterwards
        return importlib.import_module(needed).thing

    with (
        resource_module("plugbay_test_a", lambda: create("plugbay_test_b")) as a,
        resource_module("plugbay_test_b", lambda: create("plugbay_test_a")) as b,
    ):
        found = in_threads(2, lambda number: (a, b)[number].thing)
    assert all(isinstance(each, RuntimeError) for each in found)
    circles = (
        "plugbay_test_a -> plugbay_test_b -> plug",
        "plugbay_test_b -> plugbay_test_a -> plug",
    )
    assert any(circle in str(each) for circle in circles for each in found)


def test_a_resource_may_need_another_one() -> None:
    """Also one that another thread is creating, for which it waits."""

    def slowly() -> Connection:
        threading.Event().wait(0.05)
        return Connection()

    with (
        resource_module("plugbay_test_inner", slowly) as inner,
        resource_module("plugbay_test_outer", lambda: inner.__getattr__("url")) as outer,
    ):
        found = in_threads(6, lambda number: inner.url if number % 2 else outer.upper())
    assert sorted(map(str, found)) == ["DB://LOCALHOST"] * 3 + ["db://localhost"] * 3
    assert Connection.made == 1


@pytest.mark.parametrize("by", ["close()", "close"])
def test_closing_is_done_once(by: str) -> None:
    """By the function that was given, or by the resource's own; then the module is gone."""
    closed: list[object] = []
    with resource_module(NAME, Connection, closed.append if by == "close" else None) as module:
        assert isinstance(module, ResourceModule)
        connection = module.close.__self__.__shared__.get()
    module.close()
    assert (connection.closed, closed) == ((1, []) if by == "close()" else (0, [connection]))
    assert NAME not in sys.modules
    for use in (lambda: module.url, lambda: setattr(module, "url", "")):
        with pytest.raises(RuntimeError, match=f"the resource of module '{NAME}' is closed"):
            use()
    assert not hasattr(module, "__path__")
    assert "url" not in dir(module)
    with resource_module(NAME, Connection) as another:
        assert another.url


def test_closing_what_was_not_created_creates_nothing() -> None:
    """Nor does closing something that cannot be closed raise anything."""
    with resource_module(NAME, Connection, pytest.fail):
        pass
    assert Connection.made == 0
    with resource_module(NAME, lambda: "text") as module:
        assert module.upper() == "TEXT"


def test_an_error_while_closing_is_raised() -> None:
    """It is closed all the same, and is not closed again."""
    with pytest.raises(ZeroDivisionError), resource_module(NAME, Connection, lambda _: 1 / 0) as it:
        assert it.url
    assert NAME not in sys.modules
    it.close()


def test_eight_threads_close_once() -> None:
    """Whoever comes first."""
    closed: list[object] = []
    module = resource_module(NAME, Connection, closed.append)
    assert module.url
    assert in_threads(8, lambda number: module.close()) == [None] * 8
    assert len(closed) == 1


def test_a_module_name_that_is_taken_is_an_error() -> None:
    """Of a module, or of something in the package; what was there stays."""
    with pytest.raises(ValueError, match="there is a module 'json' already"):
        resource_module("json", Connection)
    with pytest.raises(ValueError, match="'json' has something named 'loads' already"):
        resource_module("json.loads", Connection)
    assert callable(sys.modules["json"].loads)
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        resource_module("plugbay_nowhere.db", Connection)


def test_it_can_be_in_a_package(site: Site) -> None:
    """Which has it as an attribute until it is closed."""
    site.write("shop/__init__.py", "")
    with resource_module("shop.db", Connection):
        import shop.db  # type: ignore[import-not-found]  # it has just been made

        assert shop.db.url == "db://localhost"
        package: Any = shop
    assert not hasattr(package, "db")


@pytest.mark.parametrize("python", INTERPRETERS.values(), ids=INTERPRETERS.keys())
def test_importing_goes_on_while_it_is_created(python: str) -> None:
    """In each Python: `import` waits for nobody, whatever thread creates the resource."""
    code = """
import threading
from plugbay.loading.resource_modules import resource_module
started, go_on = threading.Event(), threading.Event()
def create():
    started.set()
    return go_on.wait(10) and 'text'
module = resource_module('db', create)
thread = threading.Thread(target=lambda: module.upper(), daemon=True)
thread.start()
started.wait(10)
import db
go_on.set()
print(db is module, db.upper())
"""
    assert run(code, python=python) == "True TEXT\n"
