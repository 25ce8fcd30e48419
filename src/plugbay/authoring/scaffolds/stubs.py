"""Stubs: the first code of a plugin, which meets its contract and does nothing yet."""

from dataclasses import dataclass, replace

from plugbay.authoring.scaffolds.contracts import Contract, Method
from plugbay.authoring.scaffolds.imports import arranged, bound_by
from plugbay.authoring.scaffolds.naming import class_name, function_name

__all__ = ["Stub", "stub"]

_WIDTH = 88
_QUOTES = '"""'
_ENDS = '"\\'  # before the quotes they would belong to these
_ANY = Method(
    "__call__", "def", "", "*args: object, **options: object", " -> object", ("args", "options")
)


@dataclass(frozen=True)
class Stub:
    """The text of a module without its docstring, and the name of the plugin in it."""

    name: str
    text: str


def stub(plugin: str, contract: Contract | None) -> Stub:
    """A function where one is enough, else a class that is derived from the contract."""
    if contract is None or contract.call is not None:
        return _function(plugin, _ANY if contract is None else contract.call or _ANY)
    return _class(plugin, contract)


def _function(plugin: str, method: Method) -> Stub:
    name = function_name(plugin, {*method.names, *map(bound_by, method.imports)})
    whole = replace(method, name=name, arguments=method.given, decorators=())
    lines = _definition(whole, f"What {plugin} is for")
    return Stub(name, "\n".join([*_for_annotations([*method.imports]), *lines]))


def _class(plugin: str, contract: Contract) -> Stub:
    imports = list(dict.fromkeys(each for of in contract.methods for each in of.imports))
    own = f"from {contract.module} import {contract.name}"
    needed = [each for each in imports if bound_by(each) != contract.name]
    name = class_name(plugin, {contract.name, *map(bound_by, needed)})
    head, first = _for_annotations(needed, own), f"class {name}({contract.name}):"
    lines = [*head, first, f'    """What {plugin} is for."""']
    for method in contract.methods:
        lines += ["", *(f"    {each}".rstrip() for each in _definition(method, method.name))]
    return Stub(name, "\n".join(lines))


def _definition(method: Method, otherwise: str) -> list[str]:
    """The lines of a function, with another docstring where the contract has none."""
    head = f"{method.word} {method.name}({method.arguments}){method.returns}:"
    summary = method.summary or f"{otherwise}."
    # A raw docstring, as the text is that of somebody else.
    prefix = "r" if "\\" in summary else ""
    docstring = f'    {prefix}"""{summary.replace(_QUOTES, "").rstrip(_ENDS)}"""'
    return [*method.decorators, *_wrapped(head, method), docstring, "    raise NotImplementedError"]


def _wrapped(head: str, method: Method) -> list[str]:
    """The head of a function, with its arguments on a line of their own where it is long."""
    if len(head) + 4 <= _WIDTH:
        return [head]
    return [
        f"{method.word} {method.name}(",
        f"    {method.arguments}",
        f"){method.returns}:",
    ]


def _for_annotations(needed: list[str], *others: str) -> list[str]:
    """The imports; of those for annotations none is carried out when the plugin is imported."""
    if not needed:
        return [*others, "", ""] if others else []
    lines = ["from __future__ import annotations", "", "from typing import TYPE_CHECKING", ""]
    lines += [*others, *([""] if others else []), "if TYPE_CHECKING:"]
    return [*lines, *(f"    {each}".rstrip() for each in arranged(needed)), "", ""]
