"""A method for each column of each table, made when it is first called instead of for all."""

from collections.abc import Callable
from functools import partial
from typing import Any

import plugbay

Row = dict[str, Any]


class Table(plugbay.Extension, group="store.tables"):
    """Rows, with a method `get_by_<column>` for each field of the class."""

    made = 0

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def __getattr__(self, name: str) -> Callable[[Any], list[Row]]:
        column = name.removeprefix("get_by_")
        if column == name or column not in plugbay.fields(type(self)):
            known = [f"get_by_{each}" for each in plugbay.fields(type(self))]
            raise AttributeError(f"{type(self).__name__} has no {name!r}, only {', '.join(known)}")
        Table.made += 1
        method = self.__dict__[name] = partial(self._get, column)  # found by itself from now on
        return method

    def _get(self, column: str, value: Any) -> list[Row]:
        return [row for row in self.rows if row[column] == value]


class Birds(Table, name="birds"):
    species: str
    island: str


birds = plugbay.Host("store").group("store.tables", expect=Table)["birds"]
birds.rows += [{"species": "Gentoo", "island": "Biscoe"}, {"species": "Adelie", "island": "Dream"}]
print(birds.get_by_island("Dream"), birds.get_by_island("Biscoe"))
print("methods made:", Table.made)
try:
    birds.get_by_colour("blue")
except AttributeError as error:
    print(error)

# Prints:
# [{'species': 'Adelie', 'island': 'Dream'}] [{'species': 'Gentoo', 'island': 'Biscoe'}]
# methods made: 1
# Birds has no 'get_by_colour', only get_by_species, get_by_island
