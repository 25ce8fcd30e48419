"""Sealing: packages as they are shipped, and the files of the keys for it."""

import importlib
import os
import stat
import sys
from pathlib import Path

import pytest
from sites import Site

from plugbay.authoring.keys import Key, generate, read
from plugbay.authoring.sealing import seal_files
from plugbay.loading.sealed import SealedModules


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Path]:
    """The files of a fresh set of keys."""
    return generate(str(tmp_path / "keys"), "2026-a")


def both(keys: dict[str, Path]) -> tuple[Key, Key]:
    """What it takes to seal."""
    return read(keys["key"], "key"), read(keys["sign"], "sign")


def written(root: Path) -> list[str]:
    """The files below a folder."""
    return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


def test_a_package_is_sealed_as_it_is_imported(
    site: Site, tmp_path: Path, keys: dict[str, Path]
) -> None:
    """Its names begin with that of its folder, wherever that is; what is no source is copied."""
    package = tmp_path / "src" / "coffer"
    for path, text in {
        "__init__.py": "from .deep.inner import WORD\n",
        "deep/__init__.py": "",
        "deep/inner.py": "WORD = 'xyzzy'\n",
        "space/module.py": "",
        "window.pyw": "",
        "data/words.txt": "a few",
        "py.typed": "",
        "__pycache__/__init__.cpython-311.pyc": "xyzzy",
        "__pycache__/__init__.cpython-311.pyc.1406": "xyzzy",  # as is there while it is written
        "old.pyc": "xyzzy",
    }.items():
        Path(package, path).parent.mkdir(parents=True, exist_ok=True)
        Path(package, path).write_text(text)
    (package / "data" / "words.txt").chmod(0o750)
    done = seal_files(package, site.root, *both(keys))
    assert written(site.root) == sorted(str(each.path.relative_to(site.root)) for each in done)
    assert {str(each.path.relative_to(site.root)): each.module for each in done} == {
        "coffer/__init__.sealed": "coffer",
        "coffer/data/words.txt": "",
        "coffer/deep/__init__.sealed": "coffer.deep",
        "coffer/deep/inner.sealed": "coffer.deep.inner",
        "coffer/py.typed": "",
        "coffer/space/module.sealed": "coffer.space.module",
        "coffer/window.sealed": "coffer.window",
    }
    assert not [each for each in done if b"xyzzy" in each.path.read_bytes()]
    assert stat.S_IMODE(Path(site.root, "coffer/data/words.txt").stat().st_mode) == 0o750
    verify_key = read(keys["verify"], "verify").content
    with SealedModules(key={"2026-a": both(keys)[0].content}.__getitem__, verify_key=verify_key):
        assert importlib.import_module("coffer").WORD == "xyzzy"
        for each in done:
            if each.module:
                importlib.import_module(each.module)
        assert {each.module for each in done} - {""} <= set(sys.modules)


def test_a_file_is_sealed_by_its_name(
    site: Site, tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that is named from within its folder, and a folder as `.`."""
    folder = tmp_path / "lone"
    folder.mkdir()
    (folder / "lone_vault.py").write_text("")
    monkeypatch.chdir(folder)
    (done,) = seal_files("lone_vault.py", site.root, *both(keys))
    assert (done.module, done.path) == ("lone_vault", site.root / "lone_vault.sealed")
    (done,) = seal_files(".", site.root, *both(keys))
    assert (done.module, done.path) == (
        "lone.lone_vault",
        site.root / "lone" / "lone_vault.sealed",
    )


def test_nothing_is_overwritten(tmp_path: Path, keys: dict[str, Path]) -> None:
    """Not even what was sealed before; with one file in the way, none is written."""
    package = tmp_path / "coffer"
    package.mkdir()
    for name in ("__init__.py", "a.py", "b.txt"):
        (package / name).write_text("")
    output = tmp_path / "out"
    (output / "coffer").mkdir(parents=True)
    (output / "coffer" / "b.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"b\.txt exists already, and is not overwritten") as told:
        seal_files(package, output, *both(keys))
    assert written(output) == ["coffer/b.txt"]
    assert "a.sealed" not in str(told.value)
    seal_files(package / "a.py", output, *both(keys))
    before = (output / "a.sealed").read_bytes()
    with pytest.raises(ValueError, match=r"a\.sealed exists already"):
        seal_files(package / "a.py", output, *both(keys))
    assert (output / "a.sealed").read_bytes() == before
    with pytest.raises(ValueError, match=r"b\.txt exists already"):
        seal_files(package, tmp_path, *both(keys))  # where it is
    assert written(package) == ["__init__.py", "a.py", "b.txt"]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, keys: dict[str, Path]) -> None:
    """Names that no import could have, links to folders, secret keys, and two for one file."""
    package = tmp_path / "coffer"
    package.mkdir()
    for name in ("__init__.py", "not-a-name.py", "v1.2.py", "a.py", "a.sealed"):
        (package / name).write_text("")
    (package / "oops.txt").write_bytes(keys["sign"].read_bytes())
    (package / "2026-a.key").write_bytes(keys["key"].read_bytes())
    (package / "public").write_bytes(keys["verify"].read_bytes())
    (package / "link").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="is not sealed:\n- ") as caught:
        seal_files(package, tmp_path / "out", *both(keys))
    lines = str(caught.value).splitlines()[1:]
    for name, told in {
        "not-a-name.py": "has a name that no import could have",
        "v1.2.py": "has a name that no import could have",
        "oops.txt": "is a secret key, which would be shipped",
        "2026-a.key": "is a secret key, which would be shipped",
        "link": "is no file, or a link to a folder",
        "out/coffer/a.sealed": "would be made twice",
    }.items():
        assert [line for line in lines if f"/{name} {told}" in line], name
    assert len(lines) == 6
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["absent.py", "absent", "words.txt", "__init__.py", "empty"])
def test_what_is_no_source_is_not_sealed(tmp_path: Path, keys: dict[str, Path], name: str) -> None:
    """Nor an `__init__.py` by itself, which has no name of its own."""
    for each in ("words.txt", "__init__.py"):
        (tmp_path / each).write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"has no source to seal; name a \.py file or a package's"):
        seal_files(tmp_path / name, tmp_path / "out", *both(keys))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_read_is_not_left_out(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a package is none."""
    package = tmp_path / "coffer"
    (package / "shut").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    listing = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", path)  # which root never gets
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(PermissionError):
        seal_files(package, tmp_path / "out", *both(keys))
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_secret_keys_are_their_owner_s_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the start, whatever the umask; no file is there with another mode for a while."""
    modes: list[tuple[str, int, int]] = []
    opening = os.open

    def noted(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        modes.append((Path(path).suffix, mode, flags & os.O_EXCL))
        return opening(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", noted)
    before = os.umask(0)
    try:
        files = generate(str(tmp_path / "keys"), "k")
    finally:
        os.umask(before)
    assert modes == [(".key", 0o600, os.O_EXCL), (".sign", 0o600, os.O_EXCL),
                     (".verify", 0o644, os.O_EXCL)]  # fmt: skip
    assert {kind: stat.S_IMODE(file.stat().st_mode) for kind, file in files.items()} == {
        "key": 0o600,
        "sign": 0o600,
        "verify": 0o644,
    }
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_no_key_is_overwritten(tmp_path: Path, keys: dict[str, Path]) -> None:
    """Not one of the three, and none is made beside one, nor through a link that leads nowhere."""
    before = {kind: file.read_bytes() for kind, file in keys.items()}
    with pytest.raises(FileExistsError, match=r"2026-a\.verify exist already, and no key is"):
        generate(str(tmp_path / "keys"), "2026-a")
    assert before == {kind: file.read_bytes() for kind, file in keys.items()}
    (tmp_path / "keys" / "b.sign").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError, match=r"b\.sign exist already"):
        generate(str(tmp_path / "keys"), "b")
    assert not (tmp_path / "keys" / "b.key").exists()


def test_keys_are_new_each_time(tmp_path: Path) -> None:
    """Of 32 bytes each, with an id, and not in any repr."""
    sets = [generate(str(tmp_path), f"key{number}") for number in range(3)]
    found = [read(file, kind) for files in sets for kind, file in files.items()]
    assert len({each.content for each in found}) == 9
    assert {len(each.content) for each in found} == {32}
    assert {each.id for each in found} == {"key0", "key1", "key2"}
    assert repr(found[0]) == "Key(kind='key', id='key0')"


@pytest.mark.parametrize("key_id", ["", ".", "..", "-x", "a/b", "a b", "é", "a\n", ".hidden"])
def test_the_id_of_a_key_makes_a_name_of_a_file(tmp_path: Path, key_id: str) -> None:
    """Anything else is a ValueError, and makes nothing."""
    with pytest.raises(ValueError, match="is no id of a key"):
        generate(str(tmp_path / "keys"), key_id)
    assert not (tmp_path / "keys").exists()


def test_what_is_no_such_key_is_told(tmp_path: Path, keys: dict[str, Path]) -> None:
    """A key of another kind by its kind, what is damaged as that, and never what is in it."""
    line = keys["key"].read_text()
    file = tmp_path / "other"
    for text, told in {
        keys["sign"].read_text(): "is a signing key, not an encryption key, which is in ID.key",
        keys["verify"].read_text(): "is a verify key, not an encryption key",
        "": "is no key; plugbay keygen makes an encryption key, ID.key",
        "x" * 32: "is no key",
        " ".join(line.split()[:2]): "is no key",
        line.replace("=", ""): "is damaged: it has not the 32 bytes of a key",
        line[:-9] + "\n": "is damaged",
        line.replace("=", "\u00e9"): "is damaged",
    }.items():
        file.write_text(text)
        with pytest.raises(ValueError, match=told) as caught:
            read(file, "key")
        assert line.split()[2][:10] not in str(caught.value)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "absent", "key")
