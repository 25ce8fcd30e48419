"""Checks web addresses."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def is_url(value: str, /) -> bool:
    """Whether the value is an absolute ``http`` or ``https`` address with a well-formed host.

    The host is a name, international names included, or an IP address, IPv6 in brackets. Spaces
    and control characters are never valid; they have to be percent-encoded.
    """
    # Asked first, since urlsplit() drops tabs and line breaks without a word.
    if not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    is_web = parts.scheme in {"http", "https"} and port != 0
    return is_web and _is_host(parts.hostname or "", bracketed="[" in parts.netloc)


def _is_host(host: str, *, bracketed: bool) -> bool:
    try:
        return ip_address(host).version == (6 if bracketed else 4)
    except ValueError:
        return not bracketed and _is_name(host)


def _is_name(host: str) -> bool:
    try:
        labels = host.removesuffix(".").encode("idna").decode().split(".")
    except UnicodeError:
        return False
    # A name that ends in digits would be taken for an IPv4 address.
    return all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
