"""entry_points.txt: its text, and the records it stands for.

The format is the packaging specification "Entry points"; where the specification is silent the
rules are those of `importlib.metadata`, which is what every Python program answers by.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.discovery.distributions import Distribution

__all__ = ["EntryPoint"]


class EntryPoint:
    """One line of entry_points.txt: `name = value` in a group, and the distribution it is of.

    Immutable. Equal to any entry point, also `importlib.metadata`'s, that has the same name,
    group and value.
    """

    __slots__ = ("dist", "group", "name", "value")

    name: str
    value: str
    group: str
    dist: "Distribution | None"

    def __init__(
        self, name: str, value: str, group: str, dist: "Distribution | None" = None
    ) -> None:
        fill = object.__setattr__
        fill(self, "name", name)
        fill(self, "value", value)
        fill(self, "group", group)
        fill(self, "dist", dist)

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"EntryPoint objects are immutable: {attribute!r} cannot be set")

    # Copying and unpickling would set the attributes.
    def __reduce__(self) -> "tuple[Any, ...]":
        return EntryPoint, (self.name, self.value, self.group, self.dist)

    @property
    def module(self) -> str:
        """The dotted module name of the value.

        Raises InvalidReferenceError, as `attr` and `extras` do.
        """
        return self._reference()[0]

    @property
    def attr(self) -> "str | None":
        """The dotted attribute of the value, or None where the module itself is meant."""
        return self._reference()[1]

    @property
    def extras(self) -> "list[str]":
        """The extras in brackets behind the value."""
        return self._reference()[2]

    def load(self) -> "Any":
        """Import the module and return what the value refers to.

        Raises InvalidReferenceError, or whatever importing and getting the attribute raise.
        """
        from importlib import import_module

        module, attr, _ = self._reference()
        found: Any = import_module(module)
        for name in filter(None, (attr or "").split(".")):
            found = getattr(found, name)
        return found

    def _reference(self) -> "tuple[str, str | None, list[str]]":
        from plugbay.discovery.object_reference import parse_reference

        return parse_reference(self.value)

    def matches(self, **params: object) -> bool:
        """Whether every given attribute has the given value.

        Raises AttributeError for an attribute that entry points do not have.
        """
        return all(getattr(self, attribute) == value for attribute, value in params.items())

    # importlib.metadata compares entry points by calling this name on both sides.
    def _key(self) -> "tuple[str, str, str]":
        return self.name, self.value, self.group

    def __eq__(self, other: object) -> bool:
        try:
            return bool(self._key() == other._key())  # type: ignore[attr-defined]  # duck-typed, see above
        except AttributeError:
            return NotImplemented

    def __lt__(self, other: "EntryPoint") -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"EntryPoint(name={self.name!r}, value={self.value!r}, group={self.group!r})"
