"""Names that a metadata directory's own name does not tell, or not in the usual way."""

import os

from plugbay.discovery.distributions import Distribution
from plugbay.discovery.scan import normalized
from plugbay.errors import MalformedMetadataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["name_in_metadata", "name_in_stem"]


def name_in_stem(file_name: str) -> str:
    """The normalised name before the first dash; empty where only the metadata can tell it.

    The suffix has to be lower-case, and what splitext takes for a hidden file has none.
    """
    stem, suffix = os.path.splitext(file_name)
    return normalized(stem.partition("-")[0]) if suffix in (".dist-info", ".egg-info") else ""


def name_in_metadata(distribution: Distribution) -> str:
    """The normalised name that the metadata states.

    Raises MalformedMetadataError when it states none and UnicodeDecodeError when it is not UTF-8.
    """
    # So few distributions need this that the standard library may read the header in its own way.
    metadata: Any = distribution.standard().metadata
    name = metadata.get("Name")
    if name is None:
        raise MalformedMetadataError(
            f"neither the name of {distribution.path!r} nor a METADATA file in it says which "
            f"distribution this is; reinstall it, or delete what is left of it"
        )
    return normalized(name)
