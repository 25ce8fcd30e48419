"""Receipts: what uv-receipt.toml has of a tool, as the arguments that make uv install it anew."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from plugbay.discovery import normalized
from plugbay.installing.requests import Request, Wanted

__all__ = ["ReceiptError", "reissued"]

# What is taken from files only, and the file is not in the receipt.
_FROM_FILES = ("constraints", "overrides", "excludes", "build-constraints")
_KNOWN = {"requirements", "python", "entrypoints", "options", *_FROM_FILES}
_INDEX = {"name", "url", "default", "explicit", "format", "authenticate"}
_SOURCES = {"name", "extras", "specifier", "marker", "url", "git", "path", "directory", "editable"}


class ReceiptError(ValueError):
    """The receipt has something that no argument repeats."""


def reissued(
    uv: str, receipt: Mapping[str, Any], request: Request
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`uv tool install` with all that the receipt and the request ask for.

    Twice: with the pins and with what is to be upgraded, and without both, as it is to be kept.
    Raises ReceiptError where something of the receipt would be lost.
    """
    unknown = [*sorted(set(receipt) - _KNOWN), *(each for each in _FROM_FILES if receipt.get(each))]
    if unknown:
        raise ReceiptError(f"uv-receipt.toml has {', '.join(unknown)}, which cannot be repeated")
    if not receipt.get("requirements"):
        raise ReceiptError("uv-receipt.toml has no requirements")
    main, *others = _wished(receipt, request)
    start = [uv, "tool", "install", *_python(receipt), *_options(receipt.get("options", {}))]
    with_programs = {
        normalized(each.get("from") or "") for each in receipt.get("entrypoints", [])
    } - {normalized(_name(main))}
    lasting = [*start, *_as_main(main)]
    for each in others:
        lasting += _as_addition(each, programs=normalized(_name(each)) in with_programs)
    once = [part for each in _upgraded(request) for part in ("--upgrade-package", each)]
    once += [part for each in request.pinned for part in ("--with", each)]
    return (*lasting, *once), tuple(lasting)


def _wished(receipt: Mapping[str, Any], request: Request) -> list[Mapping[str, Any] | Wanted]:
    """The requirements of the receipt, changed as requested; that of the tool comes first."""
    tool, *rest = receipt["requirements"]
    # The name of the tool again is a pin that an interrupted run has left behind.
    kept: dict[str, Mapping[str, Any] | Wanted] = {
        normalized(each["name"]): each for each in (*rest, tool)
    }
    main = kept.pop(normalized(tool["name"]))
    for each in request.wanted:
        if each.name == normalized(tool["name"]):
            main = (
                main
                if each.plain and request.verb == "install"
                else _renewed(main, each, request.verb)
            )
        elif request.verb == "uninstall":
            kept.pop(each.name, None)
        else:
            key = each.name or each.text
            kept[key] = _renewed(kept.get(key), each, request.verb)
    return [main, *kept.values()]


def _renewed(old: Mapping[str, Any] | Wanted | None, new: Wanted, verb: str) -> Any:
    """What is asked for, unless that is a mere name of what comes from somewhere else."""
    if verb == "install" or not isinstance(old, Mapping) or not new.plain:
        return new
    if old.keys() - {"name", "extras", "specifier", "marker"}:
        return old
    return {key: value for key, value in old.items() if key != "specifier"}


def _upgraded(request: Request) -> list[str]:
    return [each.published for each in request.wanted if request.verb == "upgrade"]


def _name(requirement: Mapping[str, Any] | Wanted) -> str:
    return requirement.name if isinstance(requirement, Wanted) else str(requirement["name"])


def _as_main(requirement: Mapping[str, Any] | Wanted) -> list[str]:
    if isinstance(requirement, Mapping) and "editable" in requirement:
        return ["--editable", requirement["editable"]]
    return [_text(requirement)]


def _as_addition(requirement: Mapping[str, Any] | Wanted, *, programs: bool) -> list[str]:
    if isinstance(requirement, Mapping) and "editable" in requirement:
        return ["--with-editable", requirement["editable"]]
    return ["--with-executables-from" if programs else "--with", _text(requirement)]


def _text(requirement: Mapping[str, Any] | Wanted) -> str:
    """A requirement of a receipt as text."""
    if isinstance(requirement, Wanted):
        return requirement.text
    unknown = requirement.keys() - _SOURCES
    if unknown:
        told = f"{', '.join(sorted(unknown))} of {requirement['name']}"
        raise ReceiptError(f"uv-receipt.toml has {told}, which cannot be repeated")
    extras = ",".join(requirement.get("extras", ()))
    text = f"{requirement['name']}{f'[{extras}]' if extras else ''}"
    text += requirement.get("specifier", "").replace(" ", "")
    if source := _source(requirement):
        text += f" @ {source}"
    return f"{text} ; {requirement['marker']}" if "marker" in requirement else text


def _source(requirement: Mapping[str, Any]) -> str:
    if "git" in requirement:
        return _git(requirement["git"])
    for key in ("path", "directory"):
        if key in requirement:
            return Path(requirement[key]).absolute().as_uri()
    return str(requirement.get("url", ""))


def _git(address: str) -> str:
    """`https://host/x?rev=main&subdirectory=y`, as uv writes it, in the form that it reads."""
    parts = urlsplit(address)
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    folder = asked.pop("subdirectory", "")
    revision = next(iter(asked.values()), "")
    plain = parts._replace(query="", fragment="").geturl()
    text = f"{plain if plain.startswith('git+') else f'git+{plain}'}"
    text += f"@{revision}" if revision else ""
    return f"{text}#subdirectory={folder}" if folder else text


def _python(receipt: Mapping[str, Any]) -> list[str]:
    return ["--python", receipt["python"]] if receipt.get("python") else []


def _options(options: Mapping[str, Any]) -> Iterator[str]:
    """The options of a receipt, which have the names of those on the command line."""
    for key, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            if each is True:
                yield f"--{key}"
            elif isinstance(each, str):
                yield from (f"--{key}", each)
            elif isinstance(each, Mapping) and key == "index" and _is_repeatable(each):
                yield "--default-index" if each.get("default") else "--index"
                yield f"{each['name']}={each['url']}" if each.get("name") else each["url"]
            elif each is not False:
                raise ReceiptError(
                    f"uv-receipt.toml has {key} = {each!r}, which cannot be repeated"
                )


def _is_repeatable(index: Mapping[str, Any]) -> bool:
    """Whether an argument can say all of it; one that is for some packages only is in files."""
    return not (index.keys() - _INDEX or index.get("explicit"))
