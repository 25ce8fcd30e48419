"""Modules that register plugins while they are imported; a broken one costs only itself."""

import sys
import tempfile
import warnings
from pathlib import Path

import plugbay

host = plugbay.Host("shop")
sys.modules["shop"] = sys.modules["__main__"]  # as the application that the modules import

FILES = {
    "csv_plugin": "from shop import host\nhost.register('csv', lambda rows: ','.join(rows))\n",
    "json_plugin": "from shop import host\nhost.register('json', str)\n",
    "poor_plugin": "import nothing_of_that_name\n",
}

with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
    warnings.simplefilter("ignore", plugbay.PluginWarning)  # what is told below
    for name, text in FILES.items():
        Path(folder, f"{name}.py").write_text(text, encoding="utf-8")
    sys.path.insert(0, folder)
    problems = host.load_modules(FILES)

plugins = host["shop.plugins"]
print(f"Available: {sorted(plugins)}")
print(plugins["csv"](["a", "b"]))
print(*problems, sep="\n")

# Prints:
# Available: ['csv', 'json']
# a,b
# the module 'poor_plugin' could not be imported: ModuleNotFoundError: No module named 'nothing_of_that_name'
