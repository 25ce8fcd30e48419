"""Records: the report as plain data, which both the text and the JSON of a command show."""

import os

from plugbay.reporting.probe import probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.errors import Problem
    from plugbay.plugins import Plugin

__all__ = ["SCHEMA", "plugin_record", "problem_record"]

SCHEMA = "plugbay/1"


def plugin_record(plugin: "Plugin[Any]", *, load: bool = False) -> "dict[str, Any]":
    """One plugin: what it is, whether it can be used, and why not.

    `finding` tells whether somebody should look into it. With `load`, `load` is what the probe of
    a usable plugin says, else it is None.
    """
    verdict = plugin.verdict
    usable = plugin.state == "found"
    loaded = probe(plugin) if load and usable else None
    failed = loaded is not None and not loaded["loaded"]
    return {
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
        "finding": not usable or plugin.has_reservation or failed,
        "load": loaded,
    }


def problem_record(problem: "Problem") -> "dict[str, Any]":
    """One problem of an installed distribution."""
    return {
        "distribution": problem.distribution,
        "file": problem.file,
        "line": problem.line,
        "reason": problem.reason,
    }
