"""Checks e-mail addresses."""

import re

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def is_email(value: str, /) -> bool:
    """Whether the value is an address one can write to on the internet: ``local@domain``.

    The local part is unquoted, the domain has at least two labels, both are ASCII, and the length
    limits of RFC 5321 hold. Whether anybody reads the mail is not asked.
    """
    local, at, domain = value.rpartition("@")
    return (
        bool(at)
        and len(value) <= 254
        and len(local) <= 64
        and _LOCAL.fullmatch(local) is not None
        and _is_domain(domain)
    )


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )
