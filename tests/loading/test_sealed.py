"""Sealed modules: imported as any others, from files that nobody can read without the key."""

import copy
import importlib
import importlib.resources
import inspect
import os
import pickle
import pkgutil
import sys
import threading
import traceback

import pytest
from sites import Site
from vaults import KEY, KEY_ID, MARKER, VERIFY, lock, opened

from plugbay.discovery import is_stock
from plugbay.discovery.modules import find_module, own_package
from plugbay.errors import SealedModuleError
from plugbay.loading.references import look_up
from plugbay.loading.sealed import SealedModules


def test_a_sealed_module_is_imported_as_any_other(site: Site) -> None:
    """Its name, file and spec are those of a module, and it leaves nothing in `__pycache__`."""
    file = lock(site, "vault", f"'''Help.'''\nWORD = {MARKER!r}\ndef say(): return WORD\n")
    with opened():
        vault = importlib.import_module("vault")
    assert (vault.say(), vault.__doc__, vault.__file__) == (MARKER, "Help.", str(file))
    assert (vault.__spec__.origin, vault.__spec__.cached) == (str(file), None)
    assert not hasattr(vault, "__cached__")
    assert os.listdir(site.root) == ["vault.sealed"]


def test_plain_and_sealed_modules_are_mixed(site: Site) -> None:
    """In one package, each way round, in a namespace, and with relative imports between them."""
    lock(site, "locked/__init__", "from .plain import WORD\nfrom . import inner\n")
    site.write("locked/plain.py", "from .inner import WORD\n")
    lock(site, "locked/inner", f"WORD = {MARKER!r}\n")
    site.write("free/__init__.py", "from .inner import deep\n")
    lock(site, "free/inner/__init__", "from . import deep\n")
    lock(site, "free/inner/deep", f"WORD = {MARKER!r}\n")
    lock(site, "space/inner", f"WORD = {MARKER!r}\n")
    with opened():
        assert importlib.import_module("locked").WORD == MARKER
        assert importlib.import_module("free").deep.WORD == MARKER
        assert importlib.import_module("space.inner").WORD == MARKER
        with pytest.raises(ModuleNotFoundError, match=r"No module named 'locked\.absent'"):
            importlib.import_module("locked.absent")


def test_resources_are_files_beside_it(site: Site) -> None:
    """For importlib.resources and pkgutil, in a package and below it."""
    lock(site, "vault/__init__", "")
    site.write("vault/data/words.txt", "a few words")
    with opened():
        files = importlib.resources.files("vault")
        assert pkgutil.get_data("vault", "data/words.txt") == b"a few words"
    assert (files / "data" / "words.txt").read_text() == "a few words"


def test_of_one_directory_the_sealed_one_counts(site: Site) -> None:
    """A source beside it is a leftover, and so is a folder; a package comes before a module."""
    lock(site, "vault", "WORD = 'sealed'\n")
    site.write("vault.py", "WORD = 'plain'\n")
    lock(site, "pack/__init__", "WORD = 'sealed'\n")
    site.write("pack/__init__.py", "WORD = 'plain'\n")
    lock(site, "pack", "WORD = 'module'\n")
    with opened():
        assert importlib.import_module("vault").WORD == "sealed"
        assert importlib.import_module("pack").WORD == "sealed"


def test_an_earlier_directory_comes_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain module or package there counts, and a folder that is only a namespace does not."""
    for name in ("vault", "pack", "space"):
        lock(site, name, "WORD = 'later'\n")
    early = Site(site.root.parent / "early")
    early.write("vault.py", "WORD = 'earlier'\n")
    early.write("pack/__init__.py", "WORD = 'earlier'\n")
    early.write("space/other.py", "")
    monkeypatch.syspath_prepend(early.root)
    with opened():
        words = [importlib.import_module(name).WORD for name in ("vault", "pack", "space")]
    assert words == ["earlier", "earlier", "later"]


def test_paths_may_be_anything_that_imports_allow(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working folder as "", which may be gone, a folder that is none, and what is no text."""
    file = lock(site, "vault", "WORD = 1\n")
    site.write("bystander.py", "")
    gone = site.root / "gone"
    gone.mkdir()
    monkeypatch.chdir(site.root)
    monkeypatch.setattr(sys, "path", [None, b"bytes", "/no/such/folder", "", *sys.path[1:]])
    with opened():
        vault = importlib.import_module("vault")
        assert (vault.__file__, vault.__loader__.path) == (str(file), str(file))
        monkeypatch.chdir(gone)
        gone.rmdir()
        sys.path.append(str(site.root))
        assert importlib.import_module("bystander")


def test_an_encoding_cookie_is_respected(site: Site) -> None:
    """The bytes are compiled as those of a file are."""
    lock(site, "vault", "# coding: latin-1\nWORD = 'café'\n".encode("latin-1"))
    lock(site, "marked", b"\xef\xbb\xbfWORD = 'caf\xc3\xa9'\n")
    with opened():
        words = {importlib.import_module(name).WORD for name in ("vault", "marked")}
    assert words == {"café"}


def test_nothing_is_opened_to_find_it(site: Site) -> None:
    """Neither by imports nor by the static look-up, for which it is there, and no source."""
    scanned = is_stock()
    file = site.write("vault.sealed", b"no blob")
    inner = site.write("pack/__init__.sealed", b"").parent / "inner.sealed"
    inner.write_bytes(b"")
    for finder in (None, opened(key=lambda _: pytest.fail("asked"))):
        with finder or pytest.MonkeyPatch.context():
            for name, path in {"vault": file, "pack.inner": inner}.items():
                found = find_module(name)
                assert found is not None
                assert (found.path, found.is_source) == (str(path), False)
                assert look_up(f"{name}:WORD").exists is None
            assert own_package("pack.inner") == "pack"
            assert is_stock() == scanned
    assert look_up("vault_of_nobody:WORD").exists is False


def test_a_traceback_shows_no_source(site: Site) -> None:
    """Nor does `inspect`, though names and lines are there."""
    lock(site, "vault", f"def fail():\n    raise RuntimeError('it')  # {MARKER}\n")
    with opened():
        vault = importlib.import_module("vault")
        with pytest.raises(RuntimeError) as caught:
            vault.fail()
        assert vault.__loader__.get_source("vault") is None
    told = "".join(traceback.format_exception(caught.value))
    assert 'File "<sealed vault>", line 2, in fail' in told
    assert MARKER not in told
    for each in (vault, vault.fail):
        with pytest.raises(OSError, match=r"could not get source|source code not available"):
            inspect.getsource(each)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"WORD = 1\nWORD = = '{MARKER}'\n".encode(), "invalid syntax, line 2"),
        (f"WORD = '{MARKER}\n".encode(), "unterminated string literal"),
        (b"WORD = 1\0" + MARKER.encode(), "null bytes"),
        (b"# coding: nonsense\n" + MARKER.encode(), "unknown encoding: nonsense"),
        (b"WORD = '\xff'  # " + MARKER.encode(), "codec can't decode byte 0xff"),
    ],
)
def test_a_source_that_does_not_compile_is_told_without_it(
    site: Site, source: bytes, reason: str
) -> None:
    """The cause is a SyntaxError with its line's number; nowhere is there a word of the source."""
    lock(site, "vault", source)
    with opened(), pytest.raises(SealedModuleError, match="its source does not compile") as caught:
        importlib.import_module("vault")
    assert reason in str(caught.value)
    cause = caught.value.__cause__
    assert isinstance(cause, SyntaxError)
    assert (cause.text, cause.filename) == (None, "<sealed vault>")
    assert MARKER not in "".join(traceback.format_exception(caught.value))
    mine = [each for each, _ in traceback.walk_tb(caught.value.__traceback__)][1:]
    assert mine
    assert not [each.f_code.co_name for each in mine if MARKER in repr(each.f_locals)]
    assert (cause.__context__, cause.__cause__, caught.value.__context__) == (None, None, None)
    assert "vault" not in sys.modules


def test_what_is_too_much_for_the_compiler_leaves_no_source_behind(site: Site) -> None:
    """What it raises then comes through as with any module."""
    lock(site, "vault", f"WORD = '{MARKER}', {'-' * 200_000}1\n")
    with opened(), pytest.raises((RecursionError, MemoryError)) as caught:
        importlib.import_module("vault")
    frames = [each for each, _ in traceback.walk_tb(caught.value.__traceback__)][1:]
    assert not [each.f_code.co_name for each in frames if MARKER in repr(each.f_locals)]


def test_an_error_names_the_module_and_its_file(site: Site) -> None:
    """It is an ImportError; so is that of a file that is gone or that cannot be read."""
    file = lock(site, "vault", "")
    file.write_bytes(file.read_bytes()[:-1])
    with opened():
        with pytest.raises(ImportError, match="it is truncated") as caught:
            importlib.import_module("vault")
        assert (caught.value.name, caught.value.path) == ("vault", str(file))
        loader = importlib.util.find_spec("vault").loader  # type: ignore[union-attr]
        file.unlink()
        with pytest.raises(SealedModuleError, match="its file cannot be read: No such file"):
            loader.get_code("vault")  # type: ignore[union-attr]


def test_two_that_were_swapped_are_both_refused(site: Site) -> None:
    """Each says what it is sealed as."""
    one, two = lock(site, "one", "WORD = 1\n"), lock(site, "two", "WORD = 2\n")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with opened():
        for name, other in (("one", "two"), ("two", "one")):
            told = f"it is sealed as the module '{other}', and stands in the place of the module"
            with pytest.raises(SealedModuleError, match=told):
                importlib.import_module(name)


def test_the_key_is_asked_for_each_time_and_not_kept(site: Site) -> None:
    """Nothing holds it after the import."""
    freed: list[int] = []
    given: list[str] = []

    class Key(bytes):
        def __del__(self) -> None:
            freed.append(1)

    def key(key_id: str) -> bytes:
        given.append(key_id)
        return Key(KEY)

    lock(site, "vault", "WORD = 1\n")
    with opened(key) as found:
        vault = importlib.import_module("vault")
        assert (given, freed) == ([KEY_ID], [1])
        importlib.reload(vault)
        assert (given, freed) == ([KEY_ID] * 2, [1] * 2)
        assert KEY.hex() not in repr(found) + repr(vault.__spec__)
        for each in (found, vault.__loader__):
            for take in (pickle.dumps, copy.copy):
                with pytest.raises(TypeError, match="cannot be pickled or copied"):
                    take(each)


def test_the_body_runs_once_for_many_threads(site: Site) -> None:
    """The import system's lock is kept."""
    asked: list[str] = []
    lock(site, "vault", "import time\ntime.sleep(.05)\nWORD = 1\n")
    with opened(lambda key_id: asked.append(key_id) or KEY):  # type: ignore[func-returns-value]
        threads = [
            threading.Thread(target=importlib.import_module, args=("vault",)) for _ in "1234"
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert asked == [KEY_ID]


def test_after_the_block_there_are_no_sealed_modules(site: Site) -> None:
    """They and what is below them are imported no longer, and go on for those who hold them."""
    lock(site, "vault/__init__", "def later():\n    from . import other\n    return other\n")
    site.write("vault/plain.py", "")
    site.write("bystander.py", "")
    found, finders = opened(), list(sys.meta_path)
    with found:
        vault = importlib.import_module("vault.plain") and sys.modules["vault"]
        bystander = importlib.import_module("bystander")
        with pytest.raises(RuntimeError, match="found by imports already"), found:
            pass
    assert finders == sys.meta_path
    assert not {"vault", "vault.plain"} & set(sys.modules)
    assert sys.modules["bystander"] is bystander
    with pytest.raises(ImportError):
        vault.later()
    with found:  # again
        assert importlib.import_module("vault") is not vault
        with pytest.raises(ZeroDivisionError), opened() as another:
            raise ZeroDivisionError
        assert another not in sys.meta_path
        assert "vault" in sys.modules


@pytest.mark.parametrize("verify_key", [VERIFY.hex(), b"", VERIFY[1:], None])
def test_a_verify_key_is_32_bytes(verify_key: object) -> None:
    """Anything else is told at once."""
    with pytest.raises(ValueError, match="a verify key is 32 bytes"):
        SealedModules(key=lambda _: KEY, verify_key=verify_key)  # type: ignore[arg-type]
