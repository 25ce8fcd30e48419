"""A module that is imported from a directory which is on `sys.path` only for that."""

import importlib
import sys
import tempfile
from pathlib import Path

import plugbay

before = list(sys.path)
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "myconfig.py").write_text("SETTING = 'production'\nDEBUG = False\n")
    with plugbay.temporary_sys_path(folder) as entry:
        print("first on the path:", sys.path[0] == entry)
        config = importlib.import_module("myconfig")
        sys.path.append("what somebody leaves behind")
    print("as it was:", sys.path == before)
    print(f"SETTING: {config.SETTING}, still imported: {'myconfig' in sys.modules}")

    try:
        with plugbay.temporary_sys_path(folder):
            importlib.import_module("no_such_config")
    except ModuleNotFoundError as error:
        print(error)
    print("as it was:", sys.path == before)

try:
    with plugbay.temporary_sys_path("plugins-that-are-not-there"):
        pass
except FileNotFoundError as error:
    print(type(error).__name__)

# Prints:
# first on the path: True
# as it was: True
# SETTING: production, still imported: True
# No module named 'no_such_config'
# as it was: True
# FileNotFoundError
