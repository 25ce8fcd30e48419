"""Keys: the files that modules are sealed and opened with, each a line that says what it is.

`plugbay-KIND ID` and 32 bytes in base64. The kinds are "key" of AES-256, "sign" and "verify", the
private and the public one of Ed25519; only the last one may be shown to everybody.
"""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path

from plugbay.loading.seals import KEY_BYTES, check_installed

__all__ = ["Key", "generate", "is_secret", "read"]

_KINDS = {"key": "an encryption key", "sign": "a signing key", "verify": "a verify key"}


@dataclass(frozen=True, slots=True)
class Key:
    """What is in the file of a key: its kind, its id and its 32 bytes, which no repr shows."""

    kind: str
    id: str
    content: bytes = field(repr=False)


def generate(directory: str, key_id: str) -> dict[str, Path]:
    """Make the files ID.key, ID.sign and ID.verify in a directory; gives them by kind.

    The secret ones can be read by their owner only, from the start. The directory is made if need
    be. Raises ValueError for an id that makes no name of a file, FileExistsError, with nothing
    made, if one of the files is there, and ModuleNotFoundError without cryptography.
    """
    check_installed()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    safe = key_id.replace("-", "").replace("_", "").replace(".", "")
    if not (safe.isascii() and safe.isalnum() and key_id[0] not in "-."):
        raise ValueError(
            f"{key_id!r} is no id of a key; it has letters and digits of ASCII, and . _ - within"
        )
    files = {kind: Path(directory, f"{key_id}.{kind}") for kind in _KINDS}
    there = [str(file) for file in files.values() if os.path.lexists(file)]
    if there:
        raise FileExistsError(f"{' and '.join(there)} exist already, and no key is overwritten")
    Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    _write(files["key"], "key", key_id, os.urandom(KEY_BYTES))
    _write(files["sign"], "sign", key_id, private.private_bytes_raw())
    _write(files["verify"], "verify", key_id, private.public_key().public_bytes_raw())
    return files


def read(path: "str | os.PathLike[str]", kind: str) -> Key:
    """The key of a file, which has to be of that kind.

    Raises OSError for a file that cannot be read, and ValueError, which says what is wrong without
    showing it, for one that is no such key.
    """
    with open(path, "rb") as stream:
        words = stream.read(4096).decode("ascii", "replace").split()
    found = words[0].removeprefix("plugbay-") if words else ""
    if found not in _KINDS or len(words) != 3:
        raise ValueError(f"{path} is no key; plugbay keygen makes {_KINDS[kind]}, ID.{kind}")
    if found != kind:
        raise ValueError(f"{path} is {_KINDS[found]}, not {_KINDS[kind]}, which is in ID.{kind}")
    try:
        content = b64decode(words[2], validate=True)
    except ValueError:
        content = b""
    if len(content) != KEY_BYTES:
        raise ValueError(f"{path} is damaged: it has not the {KEY_BYTES} bytes of a key in base64")
    return Key(kind, words[1], content)


def is_secret(path: "str | os.PathLike[str]") -> bool:
    """Whether a file is a key that has to be kept secret."""
    with open(path, "rb") as stream:
        return stream.read(16).startswith((b"plugbay-key ", b"plugbay-sign "))


def _write(file: Path, kind: str, key_id: str, content: bytes) -> None:
    mode = 0o644 if kind == "verify" else 0o600
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "w", encoding="ascii") as stream:
        stream.write(f"plugbay-{kind} {key_id} {b64encode(content).decode()}\n")
