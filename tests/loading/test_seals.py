"""Seals: what was sealed comes out again, and of anything else not one byte."""

import os
import struct
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaults import KEY, KEY_ID, MARKER, SIGN, VERIFY, sealed

from plugbay.errors import SealedModuleError
from plugbay.loading.seals import seal, unseal

SOURCE = f"WORD = '{MARKER}'\n".encode()
NAMES = st.from_regex(r"[a-zéλ_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", fullmatch=True)


def unsealed(blob: bytes, name: str = "vault", **options: Any) -> bytes:
    """What is in a blob, opened with the keys of the tests unless others are given."""
    chosen = {"key": lambda _: KEY, "verify_key": VERIFY, "path": "/site/vault.sealed", **options}
    return unseal(blob, name, **chosen)


def refusal(blob: bytes, name: str = "vault", **options: Any) -> str:
    """The words by which a blob is refused, which name its module and its file."""
    with pytest.raises(SealedModuleError) as caught:
        unsealed(blob, name, **options)
    assert (caught.value.name, caught.value.path) == (name, "/site/vault.sealed")
    start = f"the sealed module {name!r} (/site/vault.sealed) cannot be opened: "
    words = str(caught.value)
    assert words.startswith(start)
    assert MARKER not in words
    cause, _, remedy = words.removeprefix(start).partition("; ")
    assert remedy
    return cause


@given(st.binary(), NAMES, st.text(st.characters(codec="utf-8"), min_size=1), st.booleans())
def test_what_was_sealed_comes_out_again(
    source: bytes, name: str, key_id: str, is_package: bool
) -> None:
    """Whatever the bytes, the name and the id of the key, which is what the host is asked for."""
    asked: list[str] = []

    def key(of: str) -> bytes:
        asked.append(of)
        return KEY

    blob = sealed(source, name, is_package=is_package, key_id=key_id)
    assert unsealed(blob, name, is_package=is_package, key=key) == source
    assert asked == [key_id]


def test_no_two_blobs_are_alike() -> None:
    """The nonce is a new one each time, of the same source and key; the source is in none."""
    blobs = {sealed(SOURCE, "vault") for _ in range(20)}
    assert len(blobs) == 20
    assert not [blob for blob in blobs if MARKER.encode() in blob]


def test_every_changed_byte_is_noticed() -> None:
    """Wherever it is, the key is not asked for, and the words are those of its place."""
    blob = sealed(SOURCE, "vault")

    def never(key_id: str) -> bytes:
        raise AssertionError(f"asked for {key_id}")

    causes = set()
    for place in range(len(blob)):
        for flip in (1, 0x80, 0xFF):
            changed = bytearray(blob)
            changed[place] ^= flip
            causes.add(refusal(bytes(changed), key=never).partition(",")[0].partition(":")[0])
    told = "its signature does not hold", "it is truncated", "its format", "the file is no sealed"
    assert all(any(each.startswith(one) for each in causes) for one in told)
    assert not any("not the one" in each for each in causes)


def test_truncation_is_told_from_tampering() -> None:
    """At every length, with how much there is."""
    blob = sealed(SOURCE, "vault")
    for length in range(1, len(blob)):
        assert refusal(blob[:length]).startswith(f"it is truncated, {length} of ")
    assert refusal(blob[:-1]).endswith(f"{len(blob) - 1} of {len(blob)} bytes are there")
    assert refusal(blob + b"more") == "it is 4 bytes longer than it says"


@pytest.mark.parametrize(
    ("blob", "cause"),
    [
        (b"", "the file is empty"),
        (b"print('plain')\n", "the file is no sealed module"),
        (b"\x89", "it is truncated, 1 of more than 1 bytes are there"),
    ],
)
def test_what_was_never_sealed_is_told(blob: bytes, cause: str) -> None:
    """Nothing, a source, and the first byte of a blob."""
    assert refusal(blob) == cause


@pytest.mark.parametrize(("version", "age"), [(0, "older"), (2, "newer"), (65535, "newer")])
def test_another_format_is_told(version: int, age: str) -> None:
    """Before anything else of it is read, since it may be of another form."""
    blob = sealed(SOURCE, "vault")
    other = blob[:8] + struct.pack(">H", version)
    expected = f"its format, {version}, is {age} than 1, which this plugbay opens"
    assert refusal(other) == refusal(other + blob[10:]) == expected


def test_another_signature_is_told() -> None:
    """One by a key that is not the author's, however right all else is."""
    blob = sealed(SOURCE, "vault", signing_key=os.urandom(32))
    assert refusal(blob) == (
        "its signature does not hold: it was changed, or signed by another key"
    )
    assert "signature" in refusal(sealed(SOURCE, "vault"), verify_key=os.urandom(32))


def test_the_signature_is_checked_before_anything_is_decrypted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a signature that does not hold, nothing is decrypted, nor a key asked for."""
    done: list[str] = []
    ciphers = "cryptography.hazmat.primitives.ciphers.aead"

    class Cipher:
        def __init__(self, key: bytes) -> None: ...

        def decrypt(self, *_: bytes) -> bytes:
            done.append("decrypted")
            return SOURCE

    def key(key_id: str) -> bytes:
        done.append("asked")
        return KEY

    blob, forged = sealed(SOURCE, "vault"), sealed(SOURCE, "vault", signing_key=KEY)
    monkeypatch.setattr(sys.modules[ciphers], "AESGCM", Cipher)
    refusal(forged, key=key)
    assert done == []
    unsealed(blob, key=key)
    assert done == ["asked", "decrypted"]


@pytest.mark.parametrize(
    ("name", "is_package", "told"),
    [
        ("other", False, "the module 'vault', and stands in the place of the module 'other'"),
        ("vault", True, "the module 'vault', and stands in the place of the package 'vault'"),
    ],
)
def test_a_swapped_module_is_told(name: str, is_package: bool, told: str) -> None:
    """Its signature holds, and still it is not what is imported; the key is not asked for."""
    blob = sealed(SOURCE, "vault")
    assert refusal(blob, name, is_package=is_package, key=None) == f"it is sealed as {told}"


@pytest.mark.parametrize("forged", ["vault", "other"])
def test_the_header_belongs_to_what_is_encrypted(forged: str) -> None:
    """A blob that its own author put together of two does not open, but for the same name."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    mine, theirs = sealed(SOURCE, "vault"), sealed(SOURCE, forged)
    end = mine.index(KEY_ID.encode()) + len(KEY_ID)
    assert end == theirs.index(KEY_ID.encode()) + len(KEY_ID)
    signed = mine[:end] + theirs[end:-64]
    blob = signed + Ed25519PrivateKey.from_private_bytes(SIGN).sign(signed)
    if forged == "vault":
        assert unsealed(blob) == SOURCE
    else:
        assert "is not the one that it was sealed with" in refusal(blob)


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        (lambda _: os.urandom(32), f"the host's key {KEY_ID!r} is not the one that it was sealed"),
        ({}.__getitem__, f"the host has no key {KEY_ID!r}: KeyError: '{KEY_ID}'"),
        (lambda _: None, f"its key {KEY_ID!r} is a NoneType, not 32 bytes"),
        (lambda _: "k" * 32, f"its key {KEY_ID!r} is a str, not 32 bytes"),
        (lambda _: b"k" * 16, f"its key {KEY_ID!r} is 16 bytes, not 32 bytes"),
    ],
)
def test_a_key_that_does_not_do_is_told(key: Any, cause: str) -> None:
    """By its id: another one, none, and what is no key of AES-256."""
    assert refusal(sealed(SOURCE, "vault"), key=key).startswith(cause)


@pytest.mark.parametrize("length", [16, 32])
def test_no_error_has_a_key_in_its_frames(length: int) -> None:
    """What reports errors may show the variables of every frame."""
    wrong = os.urandom(length)
    with pytest.raises(SealedModuleError) as caught:
        unsealed(sealed(SOURCE, "vault"), key=lambda _: wrong)
    trace = caught.value.__traceback__
    values = []
    while trace is not None:
        if trace.tb_frame.f_code is not sys._getframe().f_code:
            values += trace.tb_frame.f_locals.values()
        trace = trace.tb_next
    assert values
    assert wrong not in [each for each in values if isinstance(each, bytes)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"key": b"short"}, "a key has 32 bytes, not 5"),
        ({"signing_key": bytes(64)}, "a signing key has 32 bytes, not 64"),
        ({"key_id": ""}, "a key has an id that is not empty"),
        ({"key_id": "k" * 70_000}, "less than 65536 bytes"),
        ({"name": "not-a.name"}, "'not-a.name' is no name of a module"),
        ({"name": ""}, "'' is no name of a module"),
    ],
)
def test_nothing_is_sealed_with_what_is_no_key_or_name(changed: dict[str, Any], told: str) -> None:
    """A ValueError says what is wrong."""
    options = {"name": "vault", "key_id": KEY_ID, "key": KEY, "signing_key": SIGN, **changed}
    with pytest.raises(ValueError, match=told):
        seal(SOURCE, **options)
