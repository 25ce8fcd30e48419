"""Sealed plugins: a distribution of sealed modules is found, gated and loaded as any other."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pythons import SOURCE
from sites import GROUP, HOST, Site
from vaults import KEY, KEY_ID, MARKER, VERIFY, lock, opened

import plugbay
from plugbay import Host, ReloadError

CHILD = """
import sys, traceback
sys.path[:0] = [{site!r}, {source!r}]
sys.dont_write_bytecode = False
from plugbay.loading.sealed import SealedModules
with SealedModules(key=lambda key_id: bytes.fromhex({key!r}), verify_key=bytes.fromhex({verify!r})):
    from vault import inner, plain
    print(inner.WORD, plain.__cached__)
    import broken
"""


def add(
    site: Site, name: str = "vault", body: str = "def thing(): return 1\n", **more: Any
) -> Path:
    """Install a distribution with one plugin in a package that is sealed; gives the file of it."""
    site.add(name, {name: f"{name}.inner:thing"}, **more)
    lock(site, f"{name}/__init__", "")
    return lock(site, f"{name}/inner", body)


def test_a_host_opens_nothing_before_it_uses_a_plugin(site: Site) -> None:
    """It is found, and gated by its metadata; the key is asked for when it is loaded."""
    asked: list[str] = []

    def key(key_id: str) -> bytes:
        asked.append(key_id)
        return KEY

    add(site, "vault", requires=[f"{HOST}>=1,<2"])
    add(site, "future", requires=[f"{HOST}>=2"])
    with opened(key):
        with pytest.warns(plugbay.PluginWarning, match="future"):
            group = plugbay.load_group(GROUP, api_version="1.5")
        assert list(group) == ["vault"]
        assert asked == []
        assert not {"vault", "future"} & set(sys.modules)
        assert group["vault"]() == 1
    assert asked == [KEY_ID, KEY_ID]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda blob: blob[:-1], "it is truncated"),
        (lambda blob: blob[:-1] + bytes([blob[-1] ^ 1]), "its signature does not hold"),
        (lambda _: b"", "the file is empty"),
    ],
)
def test_a_plugin_that_cannot_be_opened_has_failed(site: Site, change: Any, told: str) -> None:
    """`explain` says which module and why; the neighbours go on."""
    file = add(site)
    file.write_bytes(change(file.read_bytes()))
    add(site, "other")
    with opened():
        group = plugbay.load_group(GROUP, api_version="1.5")
        with pytest.warns(plugbay.PluginWarning, match="could not be loaded"):
            assert group.get("vault") is None
        assert group["other"]() == 1
    words = group.failed["vault"].explain()
    assert f"the sealed module 'vault.inner' ({file}) cannot be opened: {told}" in words
    assert MARKER not in words


def test_reloading_opens_the_file_as_it_is_then(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be opened leaves the plugin as it is, and the next one is a generation."""
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])  # where reloading leaves a finder
    file = add(site)
    host = Host(HOST)
    with opened():
        host.discover(GROUP)
        host.start()
        assert host[GROUP]["vault"]() == 1
        blob = file.read_bytes()
        file.write_bytes(blob[:-1] + bytes([blob[-1] ^ 1]))
        with pytest.raises(ReloadError, match="its signature does not hold"):
            host.reload("vault")
        assert host[GROUP]["vault"]() == 1
        lock(site, "vault/inner", "def thing(): return 2\n")
        host.reload("vault")
        assert host[GROUP]["vault"]() == 2
        host.rollback("vault")
        assert host[GROUP]["vault"]() == 1
        host.stop()
    assert not {"vault", "vault.inner"} & set(sys.modules)


def test_nothing_of_it_is_written(site: Site) -> None:
    """In a process that writes byte-code, of plain modules, there is no trace of a sealed one."""
    lock(site, "vault/__init__", f"WORD = {MARKER!r}\n")
    lock(site, "vault/inner", f"WORD = {MARKER!r}[:5]\n")
    site.write("vault/plain.py", "")
    lock(site, "broken", f"raise ValueError  # {MARKER}\n")
    scratch = site.root.parent / "scratch"
    scratch.mkdir()
    code = CHILD.format(site=str(site.root), source=SOURCE, key=KEY.hex(), verify=VERIFY.hex())
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    environment = {name: word for name, word in os.environ.items() if name not in left_out}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=scratch,
        env={**environment, "TMPDIR": str(scratch), "HOME": str(scratch)},
        check=False,
    )
    word, cached = done.stdout.split()
    assert (word, done.returncode) == (MARKER[:5], 1)
    assert 'File "<sealed broken>", line 1, in <module>' in done.stderr
    files = [each for each in site.root.parent.rglob("*") if each.is_file()]
    assert [str(each) for each in files if each.suffix == ".pyc"] == [cached]
    assert not [each for each in files if MARKER.encode() in each.read_bytes()]
    assert not [each for each in files if KEY in each.read_bytes()]
    assert MARKER not in done.stderr


def test_without_cryptography_it_says_what_to_install(site: Site) -> None:
    """The modules of plugbay can be imported; what needs it names the extra."""
    lock(site, "vault", "")
    code = (
        f"import sys; sys.path[:0] = [{str(site.root)!r}, {SOURCE!r}]\n"
        f"sys.modules['cryptography'] = None\n"
        f"from plugbay.loading.sealed import SealedModules, seal\n"
        f"import plugbay.authoring.sealing\n"
        f"for use in (lambda: SealedModules(key=None, verify_key=bytes(32)),\n"
        f"            lambda: seal(b'', 'x', key_id='k', key=bytes(32), signing_key=bytes(32))):\n"
        f"    try: use()\n"
        f"    except ModuleNotFoundError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    line = "sealed modules need cryptography; pip install 'plugbay[sealed]'\n"
    assert (done.stdout, done.stderr) == (line * 2, "")
