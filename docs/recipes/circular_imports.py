"""Two modules that import each other: what Python says, where the circle is, and its way out."""

import importlib
import tempfile
from pathlib import Path

import plugbay

with tempfile.TemporaryDirectory() as folder, plugbay.temporary_sys_path(folder):
    Path(folder, "module_a.py").write_text("from module_b import B\n\nclass A: ...\n")
    Path(folder, "module_b.py").write_text("from module_a import A\n\nclass B: ...\n")
    try:
        importlib.import_module("module_a")
    except ImportError as error:
        circle = plugbay.circular_import(error)

    print(" -> ".join(circle.modules))
    for step in circle.steps:
        print(f"{step.importer} imports {step.imported} in {step.place}: {step.code}")
    print(f"{circle.missing!r} is not there yet. You can")
    for remedy in circle.remedies:
        print("-", remedy)

    # The last of them: the module is there by the time that the function is called.
    Path(folder, "module_b.py").write_text(
        "import module_a\n\nclass B:\n    def make(self):\n        return module_a.A()\n"
    )
    importlib.invalidate_caches()
    print(type(importlib.import_module("module_a").B().make()).__name__)

# Prints:
# module_a -> module_b -> module_a
# module_a imports module_b in module_a.py, line 1: from module_b import B
# module_b imports module_a in module_b.py, line 1: from module_a import A
# 'A' is not there yet. You can
# - move what they need of each other into a third module, which imports none of them
# - import inside the function that needs it, which runs when all of them are there
# - import the module module_a and not 'A' of it, and look that up inside functions
# A
