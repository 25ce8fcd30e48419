"""Names that the name of a metadata directory does not tell, or oddly, and who wins then."""

import os

from plugbay.discovery import SUFFIXES, normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.discovery import Folder, Report, Winners
    from plugbay.discovery.archives import Archive
    from plugbay.discovery.distributions import Distribution

__all__ = ["name_in_metadata", "name_in_stem", "one_by_one"]


def one_by_one(
    folder: "Folder | Archive",
    infos: dict[str, str],
    namesakes: dict[str, list[str]],
    eggs: list[str],
    winners: "Winners",
    report: "Report",
) -> "Iterator[str]":
    """The children of a folder that win, where it is not all of them under the names they show.

    `infos` and `namesakes` have the first and the further children of each name. An egg's name is
    in its metadata alone.
    """
    children = [
        (child, _name(folder, child, name))
        for name, first in infos.items()
        for child in (first, *namesakes.get(name, ()))
    ]
    for child, name in [*children, *((each, "") for each in eggs)]:
        try:
            known = name or name_in_metadata(folder.distribution(child))
            if winners.admit(known, folder, child):
                yield child
        except Exception as error:  # noqa: BLE001 - an archive may raise anything
            report(folder.distribution(child), "entry_points.txt", error)


def _name(folder: "Folder | Archive", child: str, name: str) -> str:
    """The name that the child is compared by; that in its own name, in all but odd cases."""
    if folder.names_tell and child.endswith(SUFFIXES) and child[0] != "." and child.isascii():
        return name
    return name_in_stem(folder.file_name(child))


def name_in_stem(file_name: str) -> str:
    """The normalised name before the first dash; empty where only the metadata can tell it.

    The suffix has to be lower-case, and what splitext takes for a hidden file has none.
    """
    stem, suffix = os.path.splitext(file_name)
    return normalized(stem.partition("-")[0]) if suffix in SUFFIXES else ""


def name_in_metadata(distribution: "Distribution") -> str:
    """The normalised name that the metadata states.

    Raises MalformedMetadataError when it states none and UnicodeDecodeError when it is not UTF-8.
    """
    # So few distributions need this that the standard library may read the header in its own way.
    metadata: Any = distribution.standard().metadata
    name = metadata.get("Name")
    if name is None:
        from plugbay.errors import MalformedMetadataError

        raise MalformedMetadataError(
            f"neither the name of {distribution.path!r} nor a METADATA file in it says which "
            f"distribution this is; reinstall it, or delete what is left of it"
        )
    return normalized(name)
