"""Plugins in files, each loaded, looked up, replaced and unloaded by its id."""

import tempfile
from pathlib import Path

import plugbay

SOURCE = """
PLUGIN_METADATA = {"id": "com.example.greeter", "version": "1.0"}

class Greeter:
    def initialize(self, context):
        print(f"{context.name} starts")

    def shutdown(self):
        print("it stops")

    def greet(self, name):
        return f"Hello {name}"
"""

with tempfile.TemporaryDirectory() as folder, plugbay.PluginLoader() as loader:
    file = Path(folder, "greeter.py")
    file.write_text(SOURCE)

    plugin = loader.load_plugin(file)
    print(plugin.greet("World"))
    print(f"loaded: {list(loader.loaded)}")
    print(f"the same one: {loader.get_plugin('com.example.greeter') is plugin}")

    file.write_text(SOURCE.replace("Hello", "Good morning"))
    print(f"generation {loader.reload_plugin('com.example.greeter').generation}")
    print(loader.get_plugin("com.example.greeter").greet("World"))

    loader.unload_plugin("com.example.greeter")
    print(f"is loaded: {loader.is_loaded('com.example.greeter')}")

# Prints:
# com.example.greeter starts
# Hello World
# loaded: ['com.example.greeter']
# the same one: True
# com.example.greeter starts
# it stops
# generation 2
# Good morning World
# it stops
# is loaded: False
