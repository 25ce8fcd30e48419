"""The strict face of discovery: `importlib.metadata`'s answers, and its exceptions."""

import sys

from plugbay.discovery import Winners, is_stock, parse, scan
from plugbay.discovery.distributions import EntryPoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.discovery.distributions import Distribution

__all__ = ["EntryPoints", "all_entry_points"]


class EntryPoints(tuple[EntryPoint, ...]):
    """An immutable sequence of entry points that can be selected from."""

    __slots__ = ()

    def __getitem__(self, name: str) -> EntryPoint:  # type: ignore[override]  # as the standard library's
        """The first entry point of that name; raises KeyError when there is none."""
        for entry_point in self:
            if entry_point.name == name:
                return entry_point
        raise KeyError(name)

    def select(self, **params: object) -> "EntryPoints":
        """Those that match every given attribute."""
        return EntryPoints(each for each in self if each.matches(**params))

    @property
    def names(self) -> set[str]:
        """The names of all."""
        return {each.name for each in self}

    @property
    def groups(self) -> set[str]:
        """The groups of all."""
        return {each.group for each in self}

    def __repr__(self) -> str:
        return f"EntryPoints({tuple(self)!r})"


def all_entry_points(params: dict[str, object]) -> EntryPoints:
    """Every entry point, or those of the parameters where `importlib.metadata` has to be asked."""
    if not is_stock():
        from plugbay.discovery.providers import delegated_entry_points

        return EntryPoints(delegated_entry_points(params))
    found = []
    for source, child, data in scan(sys.path, Winners(), _raise):
        distribution = source.distribution(child)
        for number, group, name, value in parse(data.decode()):
            if value is None:
                from plugbay.errors import MalformedMetadataError

                raise MalformedMetadataError(
                    f"line {number} of {distribution.path}/entry_points.txt has no '=': "
                    f"{name!r}; mend the line, or pip install --ignore-installed --no-deps "
                    f"{distribution.name}"
                )
            found.append(EntryPoint(name, value, group, distribution))
    if sys.version_info < (3, 12):
        found.sort(key=lambda each: each.group)
    return EntryPoints(found)


def _raise(distribution: "Distribution | None", file: str, error: Exception) -> None:
    # To the standard library a file that may not be read, or is a directory, is absent.
    if not isinstance(error, (PermissionError, IsADirectoryError)):
        raise error
