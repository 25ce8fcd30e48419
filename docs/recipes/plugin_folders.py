"""Plugins in folders, found by the text of their files; none of them is run for it."""

import tempfile
import warnings
from pathlib import Path

import plugbay

FILES = {
    "csv.py": 'PLUGIN_METADATA = {"id": "com.example.csv", "version": "1.2"}\nprint("csv runs")\n',
    "tools/json.py": "class Json:\n    def get_metadata(self):\n        return {'id': 'com.example.json'}\n",
    "tools/xml_plugin.py": "def create_plugin():\n    return 'xml'\n",
    "notes.py": "TEXT = 'no plugin'\n",
    "wrong.py": 'PLUGIN_METADATA = {"id": 7}\n',
}

with tempfile.TemporaryDirectory() as folder:
    for name, text in FILES.items():
        file = Path(folder, name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    host = plugbay.Host("demo")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", plugbay.PluginWarning)  # of what is printed below
        problems = host.add_directory(folder, pattern="*_plugin.py")
    print(f"Found {len(host.components)} plugins:")
    for each in host.components:
        print(f"  {each.name} {each.version}".rstrip(), Path(each.plugin.target).name)
    for problem in problems:
        print(f"  {Path(problem.file).name}: {problem.reason}")
    print(host["demo.plugins"]["xml"])

# Prints:
# Found 3 plugins:
#   com.example.csv 1.2 csv.py
#   com.example.json json.py
#   xml xml_plugin.py
#   notes.py: it is no plugin: it has neither PLUGIN_METADATA nor a class with get_metadata
#   wrong.py: its field 'id' is not a text
# xml
