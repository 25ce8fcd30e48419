"""Seals: the form in which the source of a module is kept, encrypted and signed.

A blob is, numbers in network order: magic, format version (2 bytes), kind (1), module name and key
id (each after its length, 2), nonce (12), length of what follows (8), the source under AES-256-GCM,
and the Ed25519 signature (64) over everything before it. What stands before the nonce is the
associated data, so that what is encrypted belongs to one module and one key.
"""

import os
import struct
from dataclasses import dataclass
from functools import partial

from plugbay.errors import SealedModuleError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Fault = Callable[[str, str], SealedModuleError]

__all__ = ["KEY_BYTES", "check_installed", "fault_of", "seal", "unseal"]

KEY_BYTES = 32  # of a key of AES-256, and of both keys of Ed25519

_MAGIC = b"\x89SEALED\n"
_FORMAT = 1
_NONCE_BYTES, _SIGNATURE_BYTES = 12, 64
_NUMBER, _LENGTH = struct.Struct(">H"), struct.Struct(">Q")
_KINDS = {0: "module", 1: "package"}


def seal(
    source: bytes,
    name: str,
    *,
    is_package: bool = False,
    key_id: str,
    key: bytes,
    signing_key: bytes,
) -> bytes:
    """The blob of a module's source, the text as it is in its file.

    `name` is the dotted name that it will be imported by, and `is_package` says whether the source
    is that of an `__init__`. `key` is one of AES-256 and `signing_key` a private one of Ed25519, 32
    bytes each; `key_id` is what the host asks for the key by. Raises ValueError for a name that is
    none, an empty key id and keys of another length, and ModuleNotFoundError without cryptography.
    """
    check_installed()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not all(each.isidentifier() for each in name.split(".")):
        raise ValueError(f"{name!r} is no name of a module")
    if not key_id:
        raise ValueError("a key has an id that is not empty")
    for what, each in (("key", key), ("signing key", signing_key)):
        if len(each) != KEY_BYTES:
            raise ValueError(f"a {what} has {KEY_BYTES} bytes, not {len(each)}")
    head = _MAGIC + _NUMBER.pack(_FORMAT) + bytes([is_package]) + _text(name) + _text(key_id)
    nonce = os.urandom(_NONCE_BYTES)
    content = AESGCM(key).encrypt(nonce, source, head)
    signed = head + nonce + _LENGTH.pack(len(content)) + content
    return signed + Ed25519PrivateKey.from_private_bytes(signing_key).sign(signed)


def unseal(
    blob: bytes,
    name: str,
    *,
    is_package: bool = False,
    key: "Callable[[str], bytes]",
    verify_key: bytes,
    path: str = "",
) -> bytes:
    """The source in a blob that is to be the module of that name; `path` is for messages.

    `verify_key` is the public key of who signed it. `key` is asked for the key of an id after the
    signature was found to hold and the blob to be of this module, and nothing of it is kept.
    Raises SealedModuleError, which says what is wrong and what to do, for anything else.
    """
    check_installed()
    fault = fault_of(name, path)
    parts = _parts_of(blob, fault)
    _check_signature(parts, verify_key, fault)
    _check_identity(parts, name, is_package, fault)
    return _decrypted(parts, key, fault)


def fault_of(name: str, path: str) -> "Fault":
    """What makes the error of a sealed module, of the cause and of what to do about it."""
    return partial(_fault, name, path)


def check_installed() -> None:
    """Raise a ModuleNotFoundError that says what to install, if cryptography is not."""
    try:
        import cryptography  # noqa: F401 - whether it is there is the question
    except ModuleNotFoundError as error:
        words = "sealed modules need cryptography; pip install 'plugbay[sealed]'"
        raise ModuleNotFoundError(words, name=error.name) from None


@dataclass(frozen=True, slots=True)
class _Parts:
    kind: str
    name: str
    key_id: str
    nonce: bytes
    content: bytes
    head: bytes
    signed: bytes
    signature: bytes


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) >= 1 << 16:
        raise ValueError("a name of a module or key has less than 65536 bytes")
    return _NUMBER.pack(len(data)) + data


def _fault(name: str, path: str, cause: str, remedy: str) -> SealedModuleError:
    place = f" ({path})" if path else ""
    words = f"the sealed module {name!r}{place} cannot be opened: {cause}; {remedy}"
    return SealedModuleError(words, name=name, path=path or None)


def _parts_of(blob: bytes, fault: "Fault") -> _Parts:
    """What a blob consists of, as far as it is one; nothing of it has been verified."""
    at = len(_MAGIC)

    def take(count: int) -> bytes:
        nonlocal at
        if len(blob) < at + count:
            raise _truncated(len(blob), f"more than {len(blob)}", fault)
        at += count
        return blob[at - count : at]

    def text() -> str:
        return take(_NUMBER.unpack(take(_NUMBER.size))[0]).decode("utf-8", "backslashreplace")

    if not blob or not blob.startswith(_MAGIC[: len(blob)]):
        cause = "the file is no sealed module" if blob else "the file is empty"
        raise fault(cause, "seal its source by `plugbay seal`, or install it again")
    _check_format(_NUMBER.unpack(take(_NUMBER.size))[0], fault)
    kind, name, key_id = _KINDS.get(take(1)[0], "?"), text(), text()
    head = blob[:at]
    nonce = take(_NONCE_BYTES)
    end = _LENGTH.unpack(take(_LENGTH.size))[0] + at
    if len(blob) < end + _SIGNATURE_BYTES:
        raise _truncated(len(blob), str(end + _SIGNATURE_BYTES), fault)
    if len(blob) > end + _SIGNATURE_BYTES:
        more = len(blob) - end - _SIGNATURE_BYTES
        raise fault(f"it is {more} bytes longer than it says", "install it again")
    return _Parts(kind, name, key_id, nonce, blob[at:end], head, blob[:end], blob[end:])


def _truncated(there: int, of: str, fault: "Fault") -> SealedModuleError:
    return fault(f"it is truncated, {there} of {of} bytes are there", "install it again")


def _check_format(version: int, fault: "Fault") -> None:
    if version == _FORMAT:
        return
    age, remedy = "older", "ask its author to seal it with a newer release of plugbay"
    if version > _FORMAT:
        age, remedy = "newer", "upgrade plugbay"
    raise fault(f"its format, {version}, is {age} than {_FORMAT}, which this plugbay opens", remedy)


def _check_signature(parts: _Parts, verify_key: bytes, fault: "Fault") -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(verify_key).verify(parts.signature, parts.signed)
    except InvalidSignature:
        cause = "its signature does not hold: it was changed, or signed by another key"
        remedy = "install it again, or have the host know its author's verify key"
        raise fault(cause, remedy) from None


def _check_identity(parts: _Parts, name: str, is_package: bool, fault: "Fault") -> None:
    sealed = f"the {parts.kind} {parts.name!r}"
    expected = f"the {_KINDS[is_package]} {name!r}"
    if sealed != expected:
        cause = f"it is sealed as {sealed}, and stands in the place of {expected}"
        raise fault(cause, "put it back under its own name, or install it again")


def _decrypted(parts: _Parts, key: "Callable[[str], bytes]", fault: "Fault") -> bytes:
    # The key is in no variable: what reports errors may show those of every frame.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        cipher = AESGCM(_asked(key, parts.key_id, fault))
        return cipher.decrypt(parts.nonce, parts.content, parts.head)
    except InvalidTag:
        cause = f"the host's key {parts.key_id!r} is not the one that it was sealed with"
        raise fault(cause, "give the host the key that has this id") from None


def _asked(key: "Callable[[str], bytes]", key_id: str, fault: "Fault") -> bytes:
    from plugbay.loading.failures import told

    remedy = "have `key` of SealedModules return it"
    try:
        found = key(key_id)
    except Exception as error:
        raise fault(f"the host has no key {key_id!r}: {told(error)}", remedy) from error
    if isinstance(found, bytes) and len(found) == KEY_BYTES:
        return found
    wrong = f"{len(found)} bytes" if isinstance(found, bytes) else f"a {type(found).__name__}"
    del found
    raise fault(f"its key {key_id!r} is {wrong}, not {KEY_BYTES} bytes", remedy)
