"""Records: the report as plain data, which both the text and the JSON of a command show."""

import os

from plugbay.loading.references import look_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.errors import Problem
    from plugbay.plugins import Plugin

__all__ = ["SCHEMA", "in_a_file", "plugin_record", "problem_record", "remedy_for_missing"]

SCHEMA = "plugbay/1"


def plugin_record(plugin: "Plugin[Any]", *, load: bool = False) -> "dict[str, Any]":
    """One plugin: what it is, whether it can be used, and why not.

    `finding` tells whether somebody should look into it. A usable plugin is also looked up in the
    text of its module and, with `load`, loaded by a probe, whose answer is then in `load`.
    """
    verdict = plugin.verdict
    record: dict[str, Any] = {
        "name": plugin.name,
        "group": plugin.group,
        "target": plugin.target,
        "summary": plugin.facts.summary if plugin.facts else "",
        "distribution": {
            "name": plugin.distribution.name,
            "version": plugin.distribution.version,
            "location": os.path.normpath(plugin.distribution.location),
        },
        "state": plugin.state,
        "status": "shadowed" if plugin.shadowed_by else verdict.status,
        "host": verdict.host,
        "clause": verdict.clause,
        "source": verdict.source,
        "reason": plugin.reason,
        "remedy": plugin.remedy,
        "finding": plugin.state != "found" or plugin.has_reservation,
        "load": None,
    }
    if plugin.state != "found" or in_a_file(plugin):
        return record
    sighting = look_up(plugin.target)
    if sighting.exists is False:
        record |= _finding("missing-target", sighting.reason, remedy_for_missing(plugin))
    elif load:
        from plugbay.reporting.probe import probe  # starting processes is slow to import

        result = record["load"] = probe(plugin)
        record["status"] = "loaded"
        record["reason"] = "; ".join(filter(None, (result["told"], record["reason"])))
        if not result["loaded"]:
            record |= _finding("failed", result["reason"], result["remedy"])
    return record


def in_a_file(plugin: "Plugin[Any]") -> bool:
    """Whether it is no installed one, but a file, which was read to find it."""
    return type(plugin.entry_point).__name__ == "FileEntryPoint"


def _finding(status: str, reason: str, remedy: str) -> "dict[str, Any]":
    return {"status": status, "reason": reason, "remedy": remedy, "finding": True}


def remedy_for_missing(plugin: "Plugin[Any]") -> str:
    """What to do about a plugin whose target is not there."""
    name = plugin.distribution.name
    return f"upgrade {name}, or report it to its author"


def problem_record(problem: "Problem") -> "dict[str, Any]":
    """One problem of an installed distribution."""
    return {
        "distribution": problem.distribution,
        "file": problem.file,
        "line": problem.line,
        "reason": problem.reason,
    }
