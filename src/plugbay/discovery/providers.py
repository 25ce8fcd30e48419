"""Foreign providers: when something else than the stock finder answers for this process.

A custom finder, a patched one, or the `importlib_metadata` backport (which takes the stock
finder's place when it is imported) decides what `importlib.metadata` says. Then nothing is
scanned here; the whole question is passed on.
"""

import os

from plugbay.discovery.distributions import Distribution, EntryPoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    import importlib.metadata
    from collections.abc import Iterator
    from typing import Any

    import importlib_metadata

    from plugbay.discovery import Report, Source, Winners

__all__ = ["ForeignDistribution", "delegated_entry_points", "foreign_scan", "is_unpatched"]

# What a program might replace in importlib.metadata to change its answers.
_SEAMS = (
    "entry_points",
    "distributions",
    "Distribution.discover",
    "Distribution.entry_points.fget",
    "MetadataPathFinder.find_distributions",
    "PathDistribution.read_text",
)


def is_unpatched(metadata: object) -> bool:
    """Whether nothing was replaced of what decides the answers of `importlib.metadata`."""
    for seam in _SEAMS:
        function: object = metadata
        for attribute in seam.split("."):
            function = getattr(function, attribute, None)
        # A wrapper copies names from what it wraps; its globals are those of where it was written.
        if getattr(function, "__globals__", None) is not vars(metadata):
            return False
    return True


def delegated_entry_points(params: dict[str, object]) -> "Iterator[EntryPoint]":
    """What `importlib.metadata.entry_points(**params)` says, as plugbay's records."""
    import importlib.metadata

    answer: Any = importlib.metadata.entry_points(**params)
    if isinstance(answer, dict):  # Python 3.11 gives a dict of groups when nothing is selected
        answer = [each for entry_points in dict.values(answer) for each in entry_points]
    for each in answer:
        distribution = None if each.dist is None else ForeignDistribution(each.dist)
        yield EntryPoint(each.name, each.value, each.group, distribution)


def foreign_scan(winners: "Winners", report: "Report") -> "Iterator[tuple[Source, Any, bytes]]":
    """As `scan`, over the distributions that `importlib.metadata` lists."""
    for each in _listed(report):
        distribution = ForeignDistribution(each)
        try:
            # The attribute by which importlib.metadata itself tells distributions apart.
            name: str = each._normalized_name  # type: ignore[attr-defined]
            if not winners.admit(name, _Provider, each):
                continue
            text = each.read_text("entry_points.txt")
        except Exception as error:  # noqa: BLE001 - a provider may raise anything
            report(distribution, "entry_points.txt", error)
            continue
        if text is not None:
            yield _Provider, each, text.encode(errors="surrogateescape")


def _listed(report: "Report") -> "Iterator[importlib.metadata.Distribution]":
    """What the providers list, up to the first error, which is reported."""
    import importlib.metadata

    try:
        yield from importlib.metadata.distributions()
    except Exception as error:  # noqa: BLE001 - a provider may raise anything
        report(None, "sys.meta_path", error)


class ForeignDistribution(Distribution):
    """A distribution that another provider knows."""

    __slots__ = ("_source",)

    def __init__(self, source: "importlib.metadata.Distribution") -> None:
        place = str(getattr(source, "_path", "") or f"<{type(source).__name__}>")
        super().__init__(os.path.dirname(place), os.path.basename(place))
        self._source = source

    def read_bytes(self, filename: str, end: bytes | None = None) -> bytes | None:
        text = self._source.read_text(filename)
        return None if text is None else text.encode(errors="surrogateescape")

    def has(self, filename: str) -> bool:
        try:
            return self.read_bytes(filename) is not None
        except Exception:  # noqa: BLE001 - there is something, and whoever reads it will say what
            return True

    def facts(self) -> "importlib_metadata.Distribution":
        return self._source  # type: ignore[return-value]  # the same interface, by its contract

    def standard(self) -> "importlib.metadata.Distribution":
        return self._source

    def _field(self, name: str) -> str | None:
        # A provider may make up its metadata without any text to read it from.
        try:
            value: str | None = self._source.metadata.get(name)  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001 - as for any distribution, see there
            return None
        return value


class _Provider:
    """Another provider as a source of distributions, whose children are its own records."""

    @staticmethod
    def distribution(child: "importlib.metadata.Distribution") -> Distribution:
        return ForeignDistribution(child)

    @staticmethod
    def reached(children: "list[Any]", filename: str) -> "list[Any]":
        return children  # only reading tells
