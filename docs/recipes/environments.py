"""Snippets of a plugin in a namespace of their own, with what the host offers there."""

import plugbay


class Journal:
    """A resource that a plugin opens and the host closes."""

    def write(self, text):
        print(f"journal: {text}")

    def close(self):
        print("the journal is closed")


with plugbay.Environment("com.example.notes", {"journal": Journal()}, imports=["math"]) as notes:
    notes.keep(notes.namespace["journal"])
    notes.execute("from math import sqrt\ndef length(x, y):\n    return sqrt(x * x + y * y)")
    print(notes.execute("journal.write('measuring')\nlength(3, 4)"))
    for snippet in ("open('/etc/passwd')", "import os", "points = []\npoints[0]"):
        try:
            notes.execute(snippet)
        except plugbay.PluginExecutionError as error:
            print(error)

# Prints:
# journal: measuring
# 5.0
# 'com.example.notes': line 1 of its code failed: NameError: name 'open' is not defined
# 'com.example.notes': line 1 of its code failed: ImportError: the host does not offer the module 'os'; there are math
# 'com.example.notes': line 2 of its code failed: IndexError: list index out of range
# the journal is closed
