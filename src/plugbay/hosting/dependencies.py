"""Dependencies: what plugins need of each other."""

from plugbay.compatibility.versions import Version, clauses
from plugbay.errors import InvalidVersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.compatibility.versions import Clause

__all__ = ["Dependency"]

_ENDS_NAME = "<>=!~? "


class Dependency:
    """One plugin that another one needs: `filter`, `filter>=1.2,<2`, or with `?` an optional one.

    An optional dependency comes first where it is there, and has to be of a fitting version then.
    The name may be qualified by its group, as `tabletop.transforms:filter`. Versions are those of
    the specification "Version specifiers". Raises InvalidVersionError.
    """

    __slots__ = ("_clauses", "is_optional", "name", "specifier", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        bare = self.text.removesuffix("?")
        self.is_optional = bare != self.text
        end = next((at for at, each in enumerate(bare) if each in _ENDS_NAME), len(bare))
        self.name = bare[:end]
        self.specifier = bare[end:].strip()
        if not self.name:
            raise InvalidVersionError(
                f"the dependency {text!r} names no plugin; write 'name', 'name>=1.2' or 'name?'"
            )
        self._clauses: list[Clause] = clauses(self.specifier) if self.specifier else []

    def admits(self, version: str) -> bool:
        """Whether a plugin of that version, empty where it has none, will do."""
        if not self._clauses:
            return True
        try:
            known = Version(version)
        except InvalidVersionError:
            return False
        return all(each.admits(known) for each in self._clauses)

    def __repr__(self) -> str:
        return f"<Dependency {self.text!r}>"
