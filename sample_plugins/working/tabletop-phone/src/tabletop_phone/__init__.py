"""Checks international telephone numbers."""

import re

_WRITTEN = re.compile(
    r"(?:\+|00)[0-9]+"
    r"(?:[ .-]?\([0-9]+\)[ .-]?[0-9]+)?"  # an area code in parentheses
    r"(?:[ .-][0-9]+)*"
)
_SEPARATOR = re.compile(r"[ .()-]")
_E164 = re.compile(r"(?:\+|00)[1-9][0-9]{6,14}")


def is_phone(value: str, /) -> bool:
    """Whether the value is a number of E.164, such as ``+44 (20) 7946-0123``.

    It begins with ``+`` or ``00`` and a country code, has 7 to 15 digits, and may be grouped by
    single spaces, dots or hyphens. A national number is not valid: it does not say whose it is.
    """
    digits = _SEPARATOR.sub("", value)
    return bool(_WRITTEN.fullmatch(value) and _E164.fullmatch(digits))
