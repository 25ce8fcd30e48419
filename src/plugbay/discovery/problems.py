"""Problems: errors of the scan as records, in the words of someone who has to mend them."""

import os

from plugbay.discovery.distributions import Distribution
from plugbay.errors import MalformedMetadataError, Problem

__all__ = ["problem_of"]


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
