"""Pins: which hosts have to stay as they are while their plugins are changed."""

from plugbay.compatibility.versions import Version
from plugbay.discovery import normalized
from plugbay.errors import InvalidVersionError, did_you_mean
from plugbay.reporting.inventory import Inventory

__all__ = ["HostMissingError", "hosts_of", "pins"]


class HostMissingError(LookupError):
    """The host that was named is not installed."""


def hosts_of(inventory: Inventory) -> dict[str, str]:
    """The installed hosts that others have plugins for: each name with its version."""
    found = {}
    for group in inventory.groups:
        host = inventory.findings.distributions.get(normalized(group.partition(".")[0]))
        brought = {each.distribution.normalized_name for each in inventory.plugins(group)}
        if host is not None and brought != {host.normalized_name}:
            found[host.name] = host.version
    return found


def pins(inventory: Inventory, host: str = "", application: str = "") -> dict[str, str]:
    """The distributions to pin, each with its version.

    They are the `application` that the environment was made for, and `host` if it is given, else
    all of `hosts_of`. One whose version cannot be written in a requirement is left out. Raises
    HostMissingError for a `host` that is not installed.
    """
    distributions = inventory.findings.distributions
    made_for = distributions.get(normalized(application)) if application else None
    found = {made_for.name: made_for.version} if made_for else {}
    if not host:
        return _readable(found | hosts_of(inventory))
    named = distributions.get(normalized(host))
    if named is None:
        known = did_you_mean(host, hosts_of(inventory))
        raise HostMissingError(f"the host {host!r} is not installed here; {known}")
    return _readable(found | {named.name: named.version})


def _readable(versions: dict[str, str]) -> dict[str, str]:
    return {name: version for name, version in versions.items() if _is_version(version)}


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersionError:
        return False
    return True
