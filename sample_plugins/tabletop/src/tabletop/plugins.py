"""The plugin groups of tabletop and the version of the API they are written for."""

from functools import cache

from plugbay import Group, HostApi, load_group
from tabletop.contracts import Exporter, Transform, Validator
from tabletop.hooks import hooks

API = HostApi("tabletop", "1.3", compatible_since="1.0")


def exporters() -> Group[Exporter]:
    """The installed exporters by name; each is imported when it is first looked up."""
    return load_group("tabletop.exporters", api=API, expect=Exporter)


def validators() -> Group[Validator]:
    """The installed validators by name; each is imported when it is first looked up."""
    return load_group("tabletop.validators", api=API, expect=Validator)


def transforms() -> Group[Transform]:
    """The installed transforms by name; each is imported when it is first looked up."""
    return load_group("tabletop.transforms", api=API, expect=Transform)


@cache
def answering_hooks() -> Group[object]:
    """The installed plugins that answer hooks, found once in a process.

    Each is imported by the first call of a hook that its manifest names.
    """
    return hooks.discover("tabletop.plugins", api=API)
