"""Modules that are named by a text: one that is there, one that may be, and one of a plugin."""

import importlib
import sys
import warnings

import plugbay

named = importlib.import_module("json.decoder")
print(f"by its name: {named is sys.modules['json.decoder']}")

host = plugbay.Host("demo")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", plugbay.PluginWarning)  # of what is printed here
    for problem in host.load_modules(["string", "no_such_module"]):
        print(problem)

FILES = {
    "shout.py": "def shout(text):\n    return text.upper()\n",
    "shout-1.0.dist-info/METADATA": "Name: shout\nVersion: 1.0\n",
    "shout-1.0.dist-info/entry_points.txt": "[demo.tools]\nshout = shout:shout\n",
}
with plugbay.MemoryModules(FILES):
    tools = plugbay.load_group("demo.tools")
    print(f"found: {list(tools)}, imported: {'shout' in sys.modules}")
    print(tools["shout"]("on first use"), "shout" in sys.modules)

# Prints:
# by its name: True
# the module 'no_such_module' could not be imported: ModuleNotFoundError: No module named 'no_such_module'
# found: ['shout'], imported: False
# ON FIRST USE True
