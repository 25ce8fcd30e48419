"""Imports: statements in the order in which formatters want them."""

import sys

__all__ = ["arranged", "bound_by"]


def arranged(statements: "list[str]", own: str = "") -> list[str]:
    """The lines of some imports, each once: the standard library, others, and those of `own`.

    There is an empty line between the three, and what comes from one module is in one line.
    """
    sections: list[list[str]] = [[], [], []]
    for each in dict.fromkeys(statements):
        sections[_section(each, own)].append(each)
    return "\n\n".join("\n".join(_merged(each)) for each in sections if each).split("\n")


def bound_by(statement: str) -> str:
    """The name that an import statement of one name binds."""
    *_, name = statement.split()
    return name if " as " in statement else name.partition(".")[0]


def _section(statement: str, own: str) -> int:
    top = statement.split()[1].partition(".")[0]
    if top in sys.stdlib_module_names:
        return 0
    return 2 if top == own else 1


def _merged(statements: list[str]) -> list[str]:
    """Plain imports first, then the others by module, with their names in one line."""
    plain = sorted(each for each in statements if each.startswith("import "))
    names: dict[str, list[str]] = {}
    renamed = []
    for each in statements:
        _, _, rest = each.partition("from ")
        module, _, name = rest.partition(" import ")
        if " as " in name:
            renamed.append(each)
        elif rest:
            names.setdefault(module, []).append(name)
    merged = [
        f"from {module} import {', '.join(sorted(those, key=_rank))}"
        for module, those in names.items()
    ]
    return [*plain, *sorted([*merged, *renamed], key=str.lower)]


def _rank(name: str) -> "tuple[int, str]":
    """Constants before classes before the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name
