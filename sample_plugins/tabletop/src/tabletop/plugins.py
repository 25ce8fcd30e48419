"""The plugin groups of tabletop and the version of the API they are written for."""

from functools import cache
from pathlib import Path

from plugbay import Group, Host, HostApi, Sandbox, load_group
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


def application(config_file: Path | None = None) -> Host:
    """A host that has the installed transforms, none of which is started yet.

    They may depend on each other, and have configuration, which the file has values for.
    """
    host = Host("tabletop", api=API, config_file=config_file, on_start_failure="stop")
    host.discover("tabletop.transforms", expect=Transform)
    return host


def untrusted(seconds: float) -> Sandbox:
    """Where transforms run that their user does not trust: so long, and with 1 GB of memory."""
    codec = "tabletop.tables:codec"
    return Sandbox("process", timeout=seconds, memory=1_000_000_000, codec=codec)


@cache
def answering_hooks() -> Group[object]:
    """The installed plugins that answer hooks, found once in a process.

    Each is imported by the first call of a hook that its manifest names.
    """
    return hooks.discover("tabletop.plugins", api=API)
