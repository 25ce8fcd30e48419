"""Models that are checked when they are defined: once for those that are defined alike."""

from collections.abc import Iterator, Mapping

import plugbay

calls = 0


def check(fields: Mapping[str, plugbay.Field]) -> Iterator[str]:
    """What is wrong with the fields of a model."""
    global calls
    calls += 1
    for name, field in fields.items():
        if field.annotation not in (int, str):
            yield f"{name!r} is neither int nor str"
        if name != name.lower():
            yield f"{name!r} is not lower case"


class Table(plugbay.Extension, group="schema.tables", check=check):
    """What is checked."""


for number in range(100):
    type(
        f"Log{number}", (Table,), {"__annotations__": {"id": int, "text": str}}, name=f"log{number}"
    )
print(f"100 tables, {calls} check")

try:

    class Order(Table, name="order"):
        Id: int
        total: complex

except plugbay.ExtensionError as error:
    print(error)

# Prints:
# 100 tables, 1 check
# Order is not defined as it should: 'Id' is not lower case; 'total' is neither int nor str
