"""Problems: errors of the scan as records, in the words of someone who has to mend them."""

import os

from plugbay.discovery import read_file
from plugbay.discovery.distributions import Distribution
from plugbay.errors import MalformedMetadataError, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.discovery import Source

__all__ = ["out_of_reach", "problem_of"]


def problem_of(distribution: Distribution | None, file: str, error: Exception) -> Problem:
    """The record of an error; a SyntaxError is about one line of a file that can be read."""
    if distribution is None:
        if file == "sys.meta_path":
            return Problem(None, file, None, f"a metadata provider failed: {error!r}")
        return Problem(None, file, None, f"this entry of sys.path is not a path: {error}")
    place = os.path.join(distribution.path, file)
    if isinstance(error, SyntaxError):
        return Problem(distribution.name, place, error.lineno, error.msg)
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        return Problem(distribution.name, place, line, f"byte 0x{byte:02x} is not UTF-8")
    if isinstance(error, MalformedMetadataError):
        return Problem(distribution.metadata, distribution.path, None, str(error))
    return Problem(distribution.name, place, None, f"the file cannot be read: {error}")


def out_of_reach(sifted: "dict[Source, tuple[list[str], list[str]]]") -> "Iterator[Problem]":
    """The records of files that the scan took for absent, and that may not be read."""
    for source, (children, reached) in sifted.items():
        were_read = set(reached)
        for child in children:
            if child in were_read:
                continue
            distribution = source.distribution(child)
            try:
                read_file(os.path.join(distribution.path, "entry_points.txt"))
            except OSError as error:
                yield problem_of(distribution, "entry_points.txt", error)
