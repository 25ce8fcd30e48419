"""Plugins that take too long or fail, of which each becomes a result."""

import sys
import tempfile
from pathlib import Path

import plugbay

PLUGINS = """
import time

def fast_plugin():
    return 42

def slow_plugin():
    time.sleep(60)

def crash_plugin():
    return 1 / 0
"""

with tempfile.TemporaryDirectory() as folder:
    Path(folder, "untrusted.py").write_text(PLUGINS)
    sys.path.insert(0, folder)
    names = ["fast_plugin", "slow_plugin", "crash_plugin"]
    with plugbay.Sandbox("process", timeout=0.5) as sandbox:
        for name in names:
            result = sandbox.run(f"untrusted:{name}")
            if result.success:
                print(f"{name}: success, result={result.value}")
            elif isinstance(result.error, plugbay.SandboxTimeoutError):
                print(f"{name}: timeout, {result.error}")
            elif result.error is not None:
                print(f"{name}: error={result.error.message} ({result.error.type})")
    print(f"All {len(names)} plugins attempted")

# Prints:
# fast_plugin: success, result=42
# slow_plugin: timeout, it took more than 0.5 s
# crash_plugin: error=division by zero (ZeroDivisionError)
# All 3 plugins attempted
