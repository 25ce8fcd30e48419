"""Foreign providers: when something else than the stock finder answers for this process.

A custom finder, a patched one, or the `importlib_metadata` backport (which takes the stock
finder's place when it is imported) decides what `importlib.metadata` says. Then nothing is
scanned here; the whole question is passed on.
"""

import sys

from plugbay.discovery.distributions import Distribution
from plugbay.discovery.entry_points import EntryPoint, EntryPoints

TYPE_CHECKING = False
if TYPE_CHECKING:
    import importlib.metadata
    from collections.abc import Iterable, Iterator

    import importlib_metadata

    from plugbay.discovery.scan import Report, Winners

__all__ = ["ForeignDistribution", "delegated_entry_points", "foreign_scan", "is_stock"]

# What a program might replace in importlib.metadata to change its answers.
_SEAMS = (
    "entry_points",
    "distributions",
    "Distribution.discover",
    "MetadataPathFinder.find_distributions",
    "PathDistribution.read_text",
)


def is_stock() -> bool:
    """Whether the only metadata finder of this process is the unpatched one of the import system."""
    bootstrap = sys.modules["_frozen_importlib_external"]
    stock = bootstrap.PathFinder  # type: ignore[attr-defined]  # it is there in every CPython
    providers = [each for each in sys.meta_path if getattr(each, "find_distributions", None)]
    return (
        providers == [stock]
        and _is_at_home(stock.find_distributions, bootstrap)
        and _is_unpatched(sys.modules.get("importlib.metadata"))
    )


def _is_unpatched(metadata: object) -> bool:
    """Whether importlib.metadata is not imported, or none of its seams was replaced."""
    if metadata is None:
        return True
    for seam in _SEAMS:
        function = metadata
        for attribute in seam.split("."):
            function = getattr(function, attribute, None)
        if not _is_at_home(function, metadata):
            return False
    return True


def _is_at_home(function: object, module: object) -> bool:
    # A wrapper copies names from what it wraps, but its globals are those of where it was written.
    return getattr(function, "__globals__", None) is vars(module)


def delegated_entry_points(params: dict[str, object]) -> EntryPoints:
    """What `importlib.metadata.entry_points(**params)` says, as plugbay's records."""
    import importlib.metadata

    answer = importlib.metadata.entry_points(**params)
    if isinstance(answer, dict):  # Python 3.11 gives a dict of groups when nothing is selected
        answer = [each for entry_points in dict.values(answer) for each in entry_points]
    return EntryPoints(
        EntryPoint(
            each.name,
            each.value,
            each.group,
            None if each.dist is None else ForeignDistribution(each.dist),
        )
        for each in answer
    )


def foreign_scan(
    path: "Iterable[str]", winners: "Winners", report: "Report"
) -> "Iterator[tuple[Distribution, bytes]]":
    """As `scan.scan`, over the distributions that `importlib.metadata` lists whatever the path."""
    import importlib.metadata

    for each in importlib.metadata.distributions():
        distribution = ForeignDistribution(each)
        try:
            if not winners.admit(distribution.normalized_name, distribution):
                continue
            text = each.read_text("entry_points.txt")
        except Exception as error:  # a provider may raise anything; it costs its distribution
            report(distribution, "entry_points.txt", error)
            continue
        if text is not None:
            yield distribution, text.encode(errors="surrogateescape")


class ForeignDistribution(Distribution):
    """A distribution that another provider knows."""

    __slots__ = ("_source",)

    def __init__(self, source: "importlib.metadata.Distribution") -> None:
        place = str(getattr(source, "_path", "") or f"<{type(source).__name__}>")
        super().__init__(place, place)
        self._source = source

    def read_bytes(self, filename: str, end: bytes | None = None) -> bytes | None:
        text = self._source.read_text(filename)
        return None if text is None else text.encode(errors="surrogateescape")

    def has(self, filename: str) -> bool:
        return self.read_bytes(filename) is not None

    def facts(self) -> "importlib_metadata.Distribution":
        return self._source  # type: ignore[return-value]  # the same interface, by its contract
