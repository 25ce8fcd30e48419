"""A file as a module, by its path alone: no entry of `sys.path`, and no name that it could take."""

import sys
import tempfile
from pathlib import Path

import plugbay

SOURCE = """
VERSION = "1.0.0"

def greet(name):
    return f"Hello, {name}!"

class Config:
    debug = False
"""

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "settings.py")
    file.write_text(SOURCE)

    loader = plugbay.PluginLoader()
    module = loader.load_plugin(file)
    print(f"VERSION: {module.VERSION}")
    print(module.greet("World"))
    print(f"Config.debug: {module.Config.debug}")
    print(
        f"is a module: {sys.modules[module.__name__] is module}, from {Path(module.__file__).name}"
    )
    print(f"takes no name: {'settings' not in sys.modules}, no path: {folder not in sys.path}")

    loader.unload_plugin("settings")
    print(f"is there still: {module.__name__ in sys.modules}")

# Prints:
# VERSION: 1.0.0
# Hello, World!
# Config.debug: False
# is a module: True, from settings.py
# takes no name: True, no path: True
# is there still: False
