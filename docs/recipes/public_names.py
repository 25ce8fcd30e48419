"""What `__all__` says, for star imports and for those who look up names."""

import importlib
import inspect

import plugbay

FILES = {
    "shapes/__init__.py": (
        "from plugbay import lazy_exports\n"
        "lazy_exports(__name__, {'Circle': '.circle:Circle', 'area': '.circle:area'})\n"
    ),
    "shapes/circle.py": "class Circle: ...\ndef area(circle): ...\ndef _helper(): ...\n",
}

with plugbay.MemoryModules(FILES):
    shapes = importlib.import_module("shapes")
    names = {}
    exec("from shapes import *", names)  # noqa: S102 - as a module would do it
    print(f"said to be public: {shapes.__all__}")
    print(f"by a star: {sorted(names.keys() - {'__builtins__'})}")
    print(
        f"still to be had: {inspect.isfunction(importlib.import_module('shapes.circle')._helper)}"
    )

# Prints:
# said to be public: ['Circle', 'area']
# by a star: ['Circle', 'area']
# still to be had: True
