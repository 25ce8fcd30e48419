"""What `sys.modules` keeps, and why plugins in files have modules of their own there."""

import json
import sys
import tempfile
from pathlib import Path

import plugbay

print(f"imported once: {sys.modules['json'] is json}")
del sys.modules["json"]
import json as another  # noqa: E402 - that is the point

print(f"taken out and imported again: {another is json}")
sys.modules["json"] = json

with tempfile.TemporaryDirectory() as folder:
    loader = plugbay.PluginLoader()
    for name in ("a", "b"):
        file = Path(folder, name, "plugin.py")
        file.parent.mkdir()
        file.write_text(f"PLUGIN_METADATA = {{'id': {name!r}}}\nWORD = {name!r}\n")
        loader.load_plugin(file)
    a, b = loader.loaded.values()
    print(f"two files of one name: {a.WORD}, {b.WORD}")
    print(f"both are there: {sys.modules[a.__name__] is a and sys.modules[b.__name__] is b}")
    loader.unload_plugin("a")
    print(f"unloaded: {a.__name__ not in sys.modules}")

# Prints:
# imported once: True
# taken out and imported again: False
# two files of one name: a, b
# both are there: True
# unloaded: True
