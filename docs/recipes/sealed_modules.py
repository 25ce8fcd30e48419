"""A module that is encrypted and signed: imported as any other, and refused once it was changed."""

import importlib
import sys
import tempfile
from pathlib import Path

import plugbay
from plugbay.authoring.keys import generate, read
from plugbay.authoring.sealing import seal_files

SOURCE = """
def multiply(a, b):
    return a * b

def power(base, exponent):
    return base ** exponent

ANSWER = 42
"""

with tempfile.TemporaryDirectory() as folder:
    files = generate(f"{folder}/keys", "2026")
    source = Path(folder, "secret_math.py")
    source.write_text(SOURCE, encoding="utf-8")
    [sealed] = seal_files(
        source, f"{folder}/site", read(files["key"], "key"), read(files["sign"], "sign")
    )
    source.unlink()
    print(f"on the disk: {sealed.path.name}, in the clear: {b'ANSWER' in sealed.path.read_bytes()}")

    sys.path.insert(0, f"{folder}/site")
    with plugbay.SealedModules(
        key=lambda key_id: read(files["key"].with_name(f"{key_id}.key"), "key").content,
        verify_key=read(files["verify"], "verify").content,
    ):
        import secret_math

        print(f"multiply(6, 7) = {secret_math.multiply(6, 7)}")
        print(f"power(2, 10) = {secret_math.power(2, 10)}")
        print(f"ANSWER = {secret_math.ANSWER}")
        print(f"In sys.modules: {'secret_math' in sys.modules}")

        blob = bytearray(sealed.path.read_bytes())
        blob[-100] ^= 1
        sealed.path.write_bytes(blob)
        try:
            importlib.reload(secret_math)
        except plugbay.SealedModuleError as error:
            print(str(error).partition("cannot be opened: ")[2])
    print(f"In sys.modules: {'secret_math' in sys.modules}")

# Prints:
# on the disk: secret_math.sealed, in the clear: False
# multiply(6, 7) = 42
# power(2, 10) = 1024
# ANSWER = 42
# In sys.modules: True
# its signature does not hold: it was changed, or signed by another key; install it again, or have the host know its author's verify key
# In sys.modules: False
