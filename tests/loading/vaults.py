"""Vaults for tests: sealed modules in a site, and the keys that they are made and opened with."""

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sites import Site

from plugbay.loading.sealed import SealedModules, seal

__all__ = ["KEY", "KEY_ID", "MARKER", "SIGN", "VERIFY", "lock", "opened", "sealed"]

KEY, SIGN = os.urandom(32), os.urandom(32)
VERIFY = Ed25519PrivateKey.from_private_bytes(SIGN).public_key().public_bytes_raw()
KEY_ID = "2026-a"

# What a secret source has in it, and nothing on a disk or in a message may have.
MARKER = "xyzzy-the-secret"


def sealed(source: str | bytes, name: str, **options: object) -> bytes:
    """The blob of a source with the keys of the tests, unless others are given."""
    data = source if isinstance(source, bytes) else source.encode()
    chosen = {"key_id": KEY_ID, "key": KEY, "signing_key": SIGN, **options}
    return seal(data, name, **chosen)  # type: ignore[arg-type]  # as for seal


def lock(site: Site, path: str, source: str | bytes, **options: object) -> Path:
    """Put a sealed module into a site, as `pack/__init__` or `pack/module`."""
    is_package = path.endswith("/__init__")
    name = path.removesuffix("/__init__").replace("/", ".")
    return site.write(f"{path}.sealed", sealed(source, name, is_package=is_package, **options))


def opened(key: Callable[[str], bytes] = {KEY_ID: KEY}.__getitem__) -> SealedModules:
    """What finds the sealed modules of the tests."""
    return SealedModules(key=key, verify_key=VERIFY)
