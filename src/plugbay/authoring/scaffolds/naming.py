"""Naming: what projects, packages, groups and plugins may be called."""

import builtins
import keyword
import re
import sys

from plugbay.errors import ProjectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "check_group",
    "check_name",
    "check_plugin",
    "class_name",
    "function_name",
    "package_name",
]

# Specification: names and normalization; core metadata, Name.
_NAME = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)
_GROUP = re.compile(r"\w+(?:\.\w+)*", re.ASCII)
_PLUGIN = re.compile(r"\w(?:[\w.-]*\w)?", re.ASCII)


def check_name(name: str) -> None:
    """Raise ProjectError for a name that no distribution can have."""
    if not _NAME.fullmatch(name):
        raise ProjectError(
            f"{name!r} cannot be the name of a distribution; "
            f"use letters and digits of ASCII, and . _ - within"
        )


def package_name(name: str) -> str:
    """The import package of a distribution; raises ProjectError where that could not be imported.

    Nor may it be called as a module of the standard library, one of which would hide the other.
    """
    check_name(name)
    package = re.sub(r"[-_.]+", "_", name).lower()
    if package == "plugbay":
        raise ProjectError(f"{name!r} would hide plugbay, which it needs; choose another name")
    if not package.isidentifier() or keyword.iskeyword(package):
        raise ProjectError(
            f"a project {name!r} would have the package {package!r}, which Python cannot import; "
            f"use a name that begins with a letter and is no word of the language"
        )
    if package in sys.stdlib_module_names:
        raise ProjectError(
            f"a project {name!r} would have the package {package!r}, which the standard library "
            f"has already; use another name, such as '{name}-plugin'"
        )
    return package


def check_group(group: str) -> None:
    """Raise ProjectError for a group that not every build backend takes."""
    if not _GROUP.fullmatch(group):
        raise ProjectError(
            f"{group!r} cannot be a group of entry points; use letters, digits and underscores "
            f"with dots between them, such as 'tabletop.exporters' (several build backends refuse "
            f"anything else)"
        )


def check_plugin(name: str) -> None:
    """Raise ProjectError for a name that no plugin can have."""
    if not _PLUGIN.fullmatch(name):
        raise ProjectError(
            f"{name!r} cannot be the name of a plugin; "
            f"use letters, digits and underscores, and . - within"
        )


def function_name(plugin: str, taken: "Collection[str]" = ()) -> str:
    """A name for a function that is a plugin, other than those that are taken."""
    name = "_".join(_words(plugin)).lower()
    is_fine = name.isidentifier() and not keyword.iskeyword(name) and not hasattr(builtins, name)
    return name if is_fine and name not in taken else f"plugin_{name}"


def class_name(words: str, taken: "Collection[str]" = ()) -> str:
    """A name for a class, made of words that are separated by anything."""
    name = "".join(each[0].upper() + each[1:] for each in _words(words))
    is_fine = name.isidentifier() and not keyword.iskeyword(name) and not hasattr(builtins, name)
    return name if is_fine and name not in taken else f"Plugin{name}"


def _words(text: str) -> list[str]:
    return [each for each in re.split(r"[\W_]+", text) if each]
