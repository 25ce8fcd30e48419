"""Notices: what a host hears about plugins that are not available, as warnings or as an error."""

import sys
import warnings

from plugbay.errors import GroupError, PluginConflictError, PluginRefusedError, PluginWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.errors import PlugbayError
    from plugbay.plugins import Plugin

__all__ = ["give_notice", "raise_together", "warn"]


def give_notice(plugins: "list[Plugin[Any]]") -> None:
    """Warn of each plugin that is refused, shadowed or admitted with a reservation."""
    for message in dict.fromkeys(plugin.explain() for plugin in plugins):
        warn(message)


def raise_together(group: str, plugins: "list[Plugin[Any]]") -> None:
    """Raise a GroupError of all those plugins, unless there is none."""
    errors: list[PlugbayError] = [
        (PluginConflictError if plugin.shadowed_by else PluginRefusedError)(plugin.explain())
        for plugin in plugins
    ]
    if errors:
        raise GroupError(f"plugins of {group!r} are not available", errors)


def warn(message: str) -> None:
    """Warn at the line of the program that called into plugbay."""
    depth, frame = 1, sys._getframe(1)
    # Mapping.get and the like stand between; collections is also what _collections_abc says it is.
    ours = ("plugbay", "collections", "_collections_abc")
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in ours:
        depth, frame = depth + 1, frame.f_back
    warnings.warn(message, PluginWarning, stacklevel=depth + 1)
