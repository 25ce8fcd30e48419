"""Modules and a plugin whose files are in memory: imported, shown, changed, and gone again."""

import importlib
import importlib.resources
import inspect
import sys

import plugbay

FILES = {
    "virtual_math.py": "def square(number):\n    return number * number\n",
    "shapes/__init__.py": "from .circle import area\n",
    "shapes/circle.py": "from math import pi\ndef area(radius):\n    return pi * radius**2\n",
    "shapes/units.txt": "cm\n",
    # What `pip install` leaves behind of a distribution with a plugin.
    "shouter-1.0.dist-info/METADATA": "Name: shouter\nVersion: 1.0\n",
    "shouter-1.0.dist-info/entry_points.txt": "[demo.plugins]\nshout = shouter:shout\n",
    "shouter.py": "def shout(text):\n    return text.upper() + '!'\n",
}

with plugbay.MemoryModules(FILES) as modules:
    virtual_math = importlib.import_module("virtual_math")
    print(f"square(7) = {virtual_math.square(7)}")
    print(inspect.getsource(virtual_math.square).strip())

    modules.files["virtual_math.py"] = "def square(number):\n    return number**2.0\n"
    print(f"after a reload: {importlib.reload(virtual_math).square(7)}")

    shapes = importlib.import_module("shapes")
    unit = importlib.resources.files(shapes).joinpath("units.txt").read_text().strip()
    print(f"area(1 {unit}) = {shapes.area(1):.2f} square {unit}")

    plugins = plugbay.load_group("demo.plugins")
    print(plugins["shout"]("hello"), "from", plugins.plugins["shout"].distribution)

print(f"still imported: {sorted({'virtual_math', 'shapes', 'shouter'} & set(sys.modules))}")

# Prints:
# square(7) = 49
# def square(number):
#     return number * number
# after a reload: 49.0
# area(1 cm) = 3.14 square cm
# HELLO! from shouter 1.0
# still imported: []
