"""Hosts: what an installed host says to authors - its versions, its groups, its contracts."""

import ast
from dataclasses import dataclass, field

from plugbay.authoring.checks.surroundings import is_plugin_group
from plugbay.authoring.scaffolds.contracts import Contract, read_contract
from plugbay.authoring.scaffolds.texts import Texts
from plugbay.discovery import find, normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HostFacts", "read_contract_of", "read_host"]


@dataclass
class HostFacts:
    """An installed host; nothing of it was imported.

    `version` is that of the distribution, and `api_version` that of its API, which is the same
    unless its code has a `HostApi` of its name. `python` is its Requires-Python. `groups` are those
    that its code reads, or that plugins of it fill, each with the contract if the code has one.
    """

    name: str
    version: str
    api_version: str
    python: str
    groups: dict[str, Contract | None] = field(default_factory=dict)


def read_host(name: str) -> HostFacts | None:
    """What is known of a host; None where it is not installed."""
    findings = find()
    distribution = findings.distributions.get(normalized(name))
    if distribution is None:
        return None
    python = distribution.headers().first("requires-python") or ""
    facts = HostFacts(distribution.name, distribution.version, distribution.version, python)
    texts = Texts(distribution)
    for module, tree in texts.trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                _take_call(facts, texts, module, node)
            elif isinstance(node, ast.ClassDef):
                _take_class(facts, texts, module, node)
    for each in findings.entry_points:
        if is_plugin_group(each.group) and _is_of(facts, each.group):
            facts.groups.setdefault(each.group, None)
    return facts


def read_contract_of(module: str, name: str) -> Contract:
    """The contract that somebody names, with what can be read of it where it is installed."""
    top = normalized(module.partition(".")[0])
    distribution = find().distributions.get(top)
    contract = Contract(module, name)
    return read_contract(Texts(distribution), module, name) if distribution else contract


def _take_call(facts: HostFacts, texts: Texts, module: str, node: ast.Call) -> None:
    called = ast.unparse(node.func).rpartition(".")[2]
    for each in _keyword(node, "group") if called in ("entry_points", "load_group") else ():
        group = _text(texts, module, each)
        if group and _is_of(facts, group):
            facts.groups.setdefault(group, None)
    first, *others = [*(_text(texts, module, each) for each in node.args), None]
    if first is None:
        return
    if called == "HostApi" and normalized(first) == normalized(facts.name):
        stated = [_text(texts, module, each) for each in _keyword(node, "version")]
        facts.api_version = next((each for each in (*others, *stated) if each), facts.api_version)
    # A method called `discover` or `group` is many things, such as that of a match of `re`.
    elif called == "load_group" or (called in ("discover", "group") and _is_of(facts, first)):
        contract = None
        for each in _keyword(node, "expect"):
            contract = _contract(texts, module, each)
        facts.groups[first] = contract or facts.groups.get(first)


def _take_class(facts: HostFacts, texts: Texts, module: str, node: ast.ClassDef) -> None:
    """A class whose subclasses are the plugins of a group."""
    for each in _keyword(node, "group"):
        group = _text(texts, module, each)
        if group and _is_of(facts, group):
            facts.groups[group] = read_contract(texts, module, node.name)


def _contract(texts: Texts, module: str, node: ast.expr) -> Contract | None:
    """The class that an expression stands for; None for what is none, as a predicate."""
    *package, name = ast.unparse(node).split(".")
    if package:
        module = _module(texts, module, package)
    if not name.isidentifier() or module not in texts.trees:
        return None
    home, own, bound = texts.follow(module, name)
    is_elsewhere = home not in texts.trees and own[:1].isupper()
    return (
        read_contract(texts, home, own) if isinstance(bound, ast.ClassDef) or is_elsewhere else None
    )


def _module(texts: Texts, module: str, names: list[str]) -> str:
    """The module that dotted names in a module lead to."""
    first, *others = names
    home, own, node = texts.follow(module, first)
    if isinstance(node, ast.Import):
        first = next(each.name for each in node.names if each.asname == own)
    elif f"{home}.{own}" in texts.trees:
        first = f"{home}.{own}"
    return ".".join([first, *others])


def _text(texts: Texts, module: str, node: ast.expr) -> str | None:
    """The text that an expression stands for, as far as that can be told."""
    if isinstance(node, ast.Name):
        _, _, bound = texts.follow(module, node.id)
        value = bound.value if isinstance(bound, (ast.Assign, ast.AnnAssign)) else None
        node = value or node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _keyword(node: ast.Call | ast.ClassDef, name: str) -> "Iterator[ast.expr]":
    return (each.value for each in node.keywords if each.arg == name)


def _is_of(facts: HostFacts, group: str) -> bool:
    first, dot, _ = group.partition(".")
    return bool(dot) and normalized(first) == normalized(facts.name)
