"""Facts about a distribution beyond its name and version, for a report on one plugin."""

from plugbay.discovery.distributions import Distribution
from plugbay.discovery.metadata import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["distribution_record"]


def distribution_record(distribution: Distribution) -> "dict[str, Any]":
    """Summary, licence, requirements and origin of a distribution, as plain data.

    Reads with `importlib-metadata`; where that fails, what can be known without it is given.
    """
    try:
        headers = distribution.headers()
    except Exception:  # noqa: BLE001 - a report on broken metadata must not break on it
        headers = Headers()
    record: dict[str, Any] = {
        "summary": headers.first("summary"),
        "license": headers.first("license-expression") or headers.first("license"),
        "requires_python": headers.first("requires-python"),
        "requires": headers.get("requires-dist", []),
        "urls": headers.get("project-url", []),
        "editable": None,
        "files": None,
    }
    try:
        facts = distribution.facts()
        origin = facts.origin
        record["editable"] = bool(getattr(getattr(origin, "dir_info", None), "editable", False))
        record["files"] = len(facts.files or ())
    except Exception as error:  # noqa: BLE001 - a report on broken metadata must not break on it
        record["unreadable"] = f"{type(error).__name__}: {error}"
    return record
