"""Paths: a directory on `sys.path` for a while, after which the path is what it was."""

import importlib
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugbay.loading import paths
from plugbay.loading.paths import temporary_sys_path


@pytest.fixture(autouse=True)
def _path_is_kept() -> Iterator[None]:
    """Whatever a test does within blocks, the same list has the same entries afterwards."""
    path, entries = sys.path, list(sys.path)
    yield
    assert sys.path is path
    assert sys.path == entries
    assert not paths._blocks


def test_a_module_is_found_in_the_block_only(tmp_path: Path) -> None:
    """Although it was written a moment ago; it stays imported."""
    importlib.invalidate_caches()
    (tmp_path / "plugbay_test_found.py").write_text("value = 1")
    with temporary_sys_path(tmp_path) as entry:
        assert entry == sys.path[0] == str(tmp_path)
        module = importlib.import_module("plugbay_test_found")
    assert sys.modules.pop("plugbay_test_found") is module
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("plugbay_test_found")


def test_finders_that_know_the_directory_look_again(tmp_path: Path) -> None:
    """A module that is written in the same instant in which they have looked."""
    with temporary_sys_path(tmp_path), pytest.raises(ModuleNotFoundError):
        importlib.import_module("plugbay_test_late")
    finder: Any = sys.path_importer_cache[str(tmp_path)]
    (tmp_path / "plugbay_test_late.py").write_text("")
    finder._path_mtime = tmp_path.stat().st_mtime  # as if it had been written in that instant
    with temporary_sys_path(tmp_path):
        assert importlib.import_module("plugbay_test_late")
    del sys.modules["plugbay_test_late"]


def test_it_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a text or a path; where the program goes meanwhile makes no difference."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path)
    for directory in ("inner", Path("inner")):
        with temporary_sys_path(directory) as entry:
            assert Path(entry) == tmp_path / "inner"


def test_what_is_no_directory_is_an_error(tmp_path: Path) -> None:
    """That says so, before anything is changed."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError, match=r"there is no directory '.*absent' to import from"):
        temporary_sys_path(tmp_path / "absent").__enter__()
    with pytest.raises(NotADirectoryError, match=r"there is no directory '.*file' to import from"):
        temporary_sys_path(str(tmp_path / "file")).__enter__()
    with pytest.raises(TypeError):
        temporary_sys_path(3).__enter__()  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_whatever_is_raised_the_path_is_back(tmp_path: Path, error: type[BaseException]) -> None:
    """And the error goes on."""
    with pytest.raises(error), temporary_sys_path(tmp_path):
        raise error


def test_whatever_is_done_to_it_the_path_is_back(tmp_path: Path) -> None:
    """Entries added and removed, also that of the block, and another list in its place."""
    with temporary_sys_path(tmp_path):
        sys.path.remove(str(tmp_path))
        sys.path.append("added")
        del sys.path[0]
    with temporary_sys_path(tmp_path):
        sys.path = ["another"]
    with temporary_sys_path(tmp_path):
        sys.path = ()  # type: ignore[assignment]  # somebody's mistake
    with temporary_sys_path(tmp_path), temporary_sys_path(tmp_path):
        assert sys.path[:2] == [str(tmp_path)] * 2


def test_a_failing_finder_leaves_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caches of all finders are emptied, which may run anybody's code."""

    class Broken:
        def invalidate_caches(self) -> None:
            raise RuntimeError("broken")

    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(RuntimeError, match="broken"), temporary_sys_path(tmp_path):
        pytest.fail("the block is not entered")


def test_a_block_that_ends_early_takes_out_its_own(tmp_path: Path) -> None:
    """Those that began later keep theirs, and never see it come back."""
    blocks = [_block(tmp_path, name) for name in "abc"]
    a, b, c = [each.__enter__() for each in blocks]
    assert sys.path[:3] == [c, b, a]
    blocks[0].__exit__(None, None, None)
    assert sys.path[:2] == [c, b]
    assert a not in sys.path
    blocks[2].__exit__(None, None, None)
    assert sys.path[0] == b
    assert a not in sys.path
    blocks[1].__exit__(None, None, None)


def _block(root: Path, name: str) -> AbstractContextManager[str]:
    (root / name).mkdir(exist_ok=True)
    return temporary_sys_path(root / name)


_DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.integers(0, 3)),
        st.tuples(st.just("leave"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["append", "remove", "rebind", "clear"]), st.integers(0, 9)),
    ),
    max_size=25,
)


@given(doings=_DOINGS, order=st.randoms())
def test_blocks_may_end_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, doings: list[tuple[str, int]], order: random.Random
) -> None:
    """Whatever was done in between, with no block open the path is what it was."""
    root = tmp_path_factory.getbasetemp()
    path, entries = sys.path, list(sys.path)
    blocks: list[AbstractContextManager[str]] = []
    for doing, number in doings:
        if doing == "enter":
            blocks.append(_block(root, f"d{number}"))
            blocks[-1].__enter__()
        elif doing == "leave" and blocks:
            blocks.pop(number % len(blocks)).__exit__(None, None, None)
        elif blocks:
            _meddle(doing, number)
        if not blocks:
            assert sys.path is path
            assert sys.path == entries
    order.shuffle(blocks)
    for each in blocks:
        each.__exit__(None, None, None)
    assert sys.path is path
    assert sys.path == entries


def _meddle(doing: str, number: int) -> None:
    if doing == "append":
        sys.path.append(f"added {number}")
    elif doing == "remove" and sys.path:
        del sys.path[number % len(sys.path)]
    elif doing == "rebind":
        sys.path = [*sys.path, "rebound"]
    elif doing == "clear":
        sys.path.clear()


@given(order=st.permutations(range(4)), kept=st.integers(0, 3))
def test_who_is_open_is_on_the_path(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], kept: int
) -> None:
    """Each open block has its directory there, the last one first; others have not."""
    root = tmp_path_factory.getbasetemp()
    blocks = {number: _block(root, f"e{number}") for number in range(4)}
    entries = {number: each.__enter__() for number, each in blocks.items()}
    for number in order:
        blocks.pop(number).__exit__(None, None, None)
        del entries[number]
        assert sys.path[: len(entries)] == list(entries.values())[::-1]
        assert not [each for each in sys.path[len(entries) :] if Path(each).parent == root]


def test_blocks_of_many_threads_leave_the_path(tmp_path: Path) -> None:
    """Each finds its own module meanwhile, and nobody waits for another's block."""
    errors: list[BaseException] = []
    inside = threading.Barrier(6)

    def import_own(number: int) -> None:
        name = f"plugbay_test_thread_{number}"
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / f"{name}.py").write_text("")
        try:
            for _ in range(20):
                with temporary_sys_path(tmp_path / str(number)):
                    assert str(tmp_path / str(number)) in list(sys.path)
            with temporary_sys_path(tmp_path / str(number)):
                inside.wait(20)
                importlib.import_module(name)
                inside.wait(20)
        except BaseException as error:  # noqa: BLE001 - to be looked at
            errors.append(error)
        sys.modules.pop(name, None)

    threads = [threading.Thread(target=import_own, args=(n,), daemon=True) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert errors == []
