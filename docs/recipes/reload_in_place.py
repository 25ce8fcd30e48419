"""What `importlib.reload` does to those who hold something, and what a host does instead."""

import importlib
import sys
import tempfile
from pathlib import Path

import plugbay

OLD = "class Counter:\n    step = 1\ndef create_plugin():\n    return Counter()\nGONE = 'later'\n"
NEW = "class Counter:\n    step = 10\ndef create_plugin():\n    return Counter()\n"

with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True  # else a save within the same second would not be noticed
    file = Path(folder, "counter_plugin.py")

    file.write_text(OLD)
    module = importlib.import_module("counter_plugin")
    held = module.Counter()
    file.write_text(NEW)
    print(f"the same module: {importlib.reload(module) is module}")
    print(f"held: {held.step}, new: {module.Counter.step}, {isinstance(held, module.Counter)}")
    print(f"what is gone is still there: {hasattr(module, 'GONE')}")

    file.write_text(OLD)
    loader = plugbay.PluginLoader()
    held = loader.load_plugin(file)
    file.write_text(NEW)
    loader.reload_plugin("counter_plugin")
    counter = loader.get_plugin("counter_plugin")
    print(f"held: {held.step}, new: {counter.step}")
    print(f"what is gone is gone: {not hasattr(sys.modules[type(counter).__module__], 'GONE')}")
    file.write_text("class Counter(:\n")
    try:
        loader.reload_plugin("counter_plugin")
    except plugbay.ReloadError:
        print(f"a broken one: the old one goes on, {loader.get_plugin('counter_plugin').step}")

# Prints:
# the same module: True
# held: 1, new: 10, False
# what is gone is still there: True
# held: 1, new: 10
# what is gone is gone: True
# a broken one: the old one goes on, 10
