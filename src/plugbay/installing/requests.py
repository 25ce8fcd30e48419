"""Requests: what is to be installed, upgraded or uninstalled, in the words that installers take."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from plugbay.discovery import normalized

__all__ = ["VERBS", "Request", "RequestError", "Wanted", "request"]

VERBS = ("install", "uninstall", "upgrade")
_ARCHIVES = (".whl", ".tar.gz", ".zip")


class RequestError(ValueError):
    """What was asked for cannot be asked of an installer."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the things named: `text` as installers are given it.

    `name` is the normalised name of the distribution, empty where only the installer can tell (a
    directory, an address). `extras` are those asked for, and `plain` tells that nothing but a name
    and extras is there.
    """

    text: str
    name: str = ""
    extras: tuple[str, ...] = ()
    plain: bool = False

    @property
    def published(self) -> str:
        """The name as installers write it."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Request:
    """What to do, with what, and which distributions have to stay at which version meanwhile."""

    verb: str
    wanted: tuple[Wanted, ...]
    pins: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """What was named, as installers are given it."""
        return [each.text for each in self.wanted]

    @property
    def names(self) -> list[str]:
        """The normalised names of the distributions, as far as they are known beforehand."""
        return [each.name for each in self.wanted if each.name]

    @property
    def pinned(self) -> list[str]:
        """The pins as requirements."""
        return [f"{name}=={version}" for name, version in self.pins.items()]


def request(verb: str, texts: Sequence[str], pins: Mapping[str, str] | None = None) -> Request:
    """The request for these names, requirements, paths and addresses.

    A distribution that is itself named is never pinned. Raises RequestError, whose message has a
    sentence for each text that cannot be meant.
    """
    wanted: list[Wanted] = []
    faults = []
    for text in texts:
        try:
            wanted.append(_wanted(verb, text.strip()))
        except RequestError as error:
            faults.append(str(error))
    if faults:
        raise RequestError("; ".join(faults))
    named = {each.name for each in wanted}
    kept = {name: each for name, each in (pins or {}).items() if normalized(name) not in named}
    return Request(verb, tuple(wanted), kept)


def _wanted(verb: str, text: str) -> Wanted:
    if not text or text.startswith("-"):
        # Installers would take it for an option, such as one that names another index.
        raise RequestError(
            f"{text!r} is no name of a distribution: options of installers are not passed on"
        )
    found = Wanted(text, _name_of_archive(text)) if _is_place(text) else _requirement(text)
    if verb == "uninstall" and not found.plain:
        raise RequestError(f"{text!r} is more than a name, and that is all it takes to uninstall")
    if verb == "upgrade" and not found.name:
        raise RequestError(f"{text!r} has no name to look for newer releases of; install it")
    return found


def _is_place(text: str) -> bool:
    """Whether it is a path or an address; a requirement `name @ address` is none of them."""
    head = text.partition(" @ ")[0]
    return "/" in head or os.sep in head or head.startswith(".") or head.endswith(_ARCHIVES)


def _name_of_archive(text: str) -> str:
    file = os.path.basename(text.partition("#")[0])
    try:
        found = parse_wheel_filename(file)[0]
    except InvalidWheelFilename:
        try:
            found = parse_sdist_filename(file)[0]
        except InvalidSdistFilename:
            return ""
    return normalized(found)


def _requirement(text: str) -> Wanted:
    try:
        found = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise RequestError(
            f"{text!r} is no requirement: {reason}; write it as NAME, NAME==VERSION, a path with "
            f"a / in it, or an address"
        ) from error
    plain = not (found.specifier or found.url or found.marker)
    return Wanted(text, normalized(found.name), tuple(sorted(found.extras)), plain)
