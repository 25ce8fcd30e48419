"""Origins: where a plugin comes from that no installed distribution brings.

A plugin from code goes the same way as one that pip installed: policy, gate, load, expectations.
These two records answer what is asked on that way of an entry point and of a distribution.
"""

import sys

from plugbay.attributes import written
from plugbay.compatibility.declarations import compatible
from plugbay.discovery import normalized
from plugbay.discovery.distributions import EntryPoint
from plugbay.discovery.metadata import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["CodeEntryPoint", "Origin", "is_from_code", "said_by"]


_BETWEEN = ("plugbay", "abc", "types")


class Origin:
    """The module and the line that registered a plugin, in the place of a distribution.

    `name` is that of the module's top-level package, which policies know it by; `version` is what
    the plugin says of itself, or empty.
    """

    __slots__ = ("line", "metadata", "module", "name", "path", "version")

    def __init__(self, module: str, path: str, line: int, version: str) -> None:
        self.module = module
        self.path = path
        self.line = line
        self.name = module.partition(".")[0]
        self.version = version
        self.metadata = ""

    @classmethod
    def of_caller(cls, found: "Any") -> "Origin":
        """The place of the program that called into plugbay to register this."""
        frame = sys._getframe(1)
        # A class may be made by a metaclass, and those of abstract classes are in abc.
        while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _BETWEEN:
            frame = frame.f_back
        module = str(frame.f_globals.get("__name__", "?"))
        version = said_by(found).get("version", "")
        return cls(module, frame.f_code.co_filename, frame.f_lineno, version)

    @property
    def location(self) -> str:
        """Where it is, as a distribution is in a directory: the file."""
        return self.path

    @property
    def normalized_name(self) -> str:
        """The name as distributions are compared by it."""
        return normalized(self.name)

    def headers(self) -> Headers:
        """No header fields: what it declares is said where it is registered."""
        return Headers.parse(b"")

    def __str__(self) -> str:
        return f"{self.module} ({self.path}, line {self.line})"

    def __repr__(self) -> str:
        return f"<Origin {self}>"


class CodeEntryPoint(EntryPoint):
    """An entry point whose object is at hand already."""

    __slots__ = ("object",)

    object: "Any"

    def __init__(self, name: str, group: str, found: "Any", origin: Origin) -> None:
        word = getattr(found, "__qualname__", type(found).__qualname__)
        super().__init__(name, f"{origin.module}:{word}", group, origin)  # type: ignore[arg-type]  # duck-typed
        object.__setattr__(self, "object", found)

    def load(self) -> "Any":
        """The object."""
        return self.object


def is_from_code(entry_point: EntryPoint) -> bool:
    """Whether no installed distribution brings it."""
    return isinstance(entry_point.dist, Origin)


def said_by(found: "Any") -> "dict[str, Any]":
    """What a plugin says of itself by its attributes, in the words of a manifest.

    `api_version` is a specifier, `min_api_version` the oldest version of the same major one, and
    `version` the plugin's own. Nothing of the plugin is run to read them.
    """
    said: dict[str, Any] = {}
    for word in ("depends_on", "before", "after"):
        names = written(found, word)
        if isinstance(names, (str, list, tuple, set, frozenset)):
            said[word.replace("_", "-")] = [names] if isinstance(names, str) else list(names)
    texts = {word: written(found, word) for word in ("api_version", "min_api_version", "version")}
    version = texts.pop("version")
    if isinstance(version, str):
        said["version"] = version
    specifiers = [compatible(text) for text in texts.values() if isinstance(text, str) and text]
    if specifiers:
        said["api"] = ",".join(specifiers)
    priority = written(found, "priority")
    if type(priority) in (int, float):
        said["priority"] = priority
    return said
