"""Configuration: what users set for plugins, from code, a TOML file and the environment.

A plugin names a model: a class of pydantic, or a dataclass. Its values are those of the code of the
host, over which those of the file count (`[plugins.NAME]`), and over those the environment's
(`HOST_PLUGINS__NAME__FIELD`). pydantic is imported when the first model is used.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from plugbay.errors import ConfigurationError, did_you_mean
from plugbay.hosting.models import adapter, as_made_by, errors_within, faults_by, field_names
from plugbay.loading.failures import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from plugbay.hosting.components import Component

__all__ = ["Configuration", "Fault"]


class Fault:
    """One thing that is wrong: of which `plugin`, at which `path` in its values, and why.

    `place` is where the value was set, or empty where it was not. No fault has a value in it,
    since that may be a secret.
    """

    __slots__ = ("path", "place", "plugin", "reason")

    def __init__(self, plugin: str, path: str, reason: str, place: str = "") -> None:
        self.plugin = plugin
        self.path = path
        self.reason = reason
        self.place = place

    def __str__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        return f"{self.plugin}{'.' * bool(self.path)}{self.path}: {self.reason}{place}"

    def __repr__(self) -> str:
        return f"<Fault {self}>"


class Configuration:
    """The values that were set for the plugins of a host.

    Raises ConfigurationError for a file that cannot be read, and for values that are no tables.
    """

    def __init__(
        self,
        host: str,
        values: "Mapping[str, Mapping[str, Any]] | None" = None,
        file: "str | os.PathLike[str] | None" = None,
    ) -> None:
        for name, those in (values or {}).items():
            if not isinstance(those, Mapping):
                raise ConfigurationError(
                    f"config[{name!r}] is {type(those).__name__}, and not a dict of values"
                )
        self._code = {name: dict(those) for name, those in (values or {}).items()}
        self._path = None if file is None else Path(file)
        self._text = ""
        self._file: dict[str, Any] = {}
        self._tables: list[str] = []
        if self._path is not None:
            self._text, self._file, self._tables = _read(self._path)
        self._prefix = f"{_variable(host)}_PLUGINS__"
        self._near = f"{_variable(host)}_PLUGIN"
        # Those of a table come before those of what is in it.
        self._environ = {
            name: os.environ[name] for name in sorted(os.environ) if name.startswith(self._prefix)
        }

    def values(self, plugin: str, names: "Iterable[str]" = ()) -> "dict[str, Any]":
        """Everything that was set for a plugin, as it was set; `names` are those of its fields."""
        mine = _merged(self._code.get(plugin, {}), self._file.get(plugin, {}))
        known = {_variable(name): name for name in names}
        prefix = f"{self._prefix}{_variable(plugin)}__"
        for variable, text in self._environ.items():
            if variable.startswith(prefix):
                first, *rest = variable.removeprefix(prefix).split("__")
                path = [known.get(first, first.lower()), *(each.lower() for each in rest)]
                _set(mine, path, _value(text))
        return mine

    def made(self, plugin: str, model: "Any") -> "tuple[Any, list[Fault]]":
        """The values of a plugin as its model has them, or None and what is wrong with them.

        None also where there is no model, which is a fault of values that are set all the same.
        """
        if model is None:
            words = "it has no configuration"
            return None, [
                Fault(plugin, path, words, self._of(plugin, [path])) for path in self.values(plugin)
            ]
        try:
            from pydantic import ValidationError
        except ModuleNotFoundError:
            words = "its configuration has a model, which needs pydantic; install plugbay[config]"
            return None, [Fault(plugin, "", words)]
        names: list[str] = []
        try:
            names = field_names(model)
            validator = adapter(model)
        except Exception as error:  # noqa: BLE001 - it is plugin code
            return None, [Fault(plugin, "", f"its model cannot be used: {told(error)}")]
        made = None
        try:
            values = self.values(plugin, names)
            made = validator.validate_python(values)
            found = errors_within(made, values)
        except ValidationError as error:
            found = list(map(dict, error.errors(include_url=False, include_context=False)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a model may raise anything
            kind = type(error).__name__  # what it says may have a value in it
            return None, [Fault(plugin, "", f"its model raises {kind}")]
        if found:
            return None, [self._fault(plugin, each, names) for each in found]
        return as_made_by(model, made), []

    def checked(self, plugin: str, schema: "Mapping[str, Any]") -> "list[Fault]":
        """What is wrong with the values of a plugin by the JSON Schema that its manifest has."""
        try:
            found = sorted(faults_by(schema, self.values(plugin, schema.get("properties", ()))))
        except ModuleNotFoundError:
            words = (
                "its configuration has a schema, which needs jsonschema; install plugbay[config]"
            )
            return [Fault(plugin, "", words)]
        except ConfigurationError as error:
            return [Fault(plugin, "", f"its manifest has a wrong schema: {error}")]
        return [Fault(plugin, ".".join(path), why, self._of(plugin, path)) for path, why in found]

    def faults(self, components: "list[Component]") -> "list[Fault]":
        """What is wrong with the values of these, by their models or schemas, and with others."""
        found = self.unknown(each.name for each in components)
        for each in components:
            if each.model is not None:
                found += self.made(each.name, each.model)[1]
            elif each.facts and each.facts.config:
                found += self.checked(each.name, each.facts.config)
        return found

    def unknown(self, plugins: "Iterable[str]") -> "list[Fault]":
        """What was set for plugins that are not there."""
        known = sorted(plugins)
        names = dict.fromkeys([*self._code, *self._file])
        found = [
            Fault(name, "", f"there is no such plugin; {did_you_mean(name, known)}", self._of(name))
            for name in names
            if name not in known
        ]
        if "plugins" not in self._tables:
            for name in get_close_matches("plugins", self._tables, n=1):
                words = "there are no values for plugins; did you mean 'plugins'?"
                found.append(Fault(name, "", words, str(self._path)))
        prefixes = tuple(f"{self._prefix}{_variable(name)}__" for name in known)
        for variable in sorted(os.environ):
            if variable.startswith(self._near) and not variable.startswith(self._prefix):
                words = f"it is for nobody; write it as {self._prefix}NAME__FIELD"
                found.append(Fault(variable, "", words))
        return found + [
            Fault(variable, "", "this variable is for no plugin that is there")
            for variable in self._environ
            if not variable.startswith(prefixes)
        ]

    def _fault(self, plugin: str, error: "Any", names: "Iterable[str]") -> Fault:
        path = [str(each) for each in error["loc"]]
        reason = error["msg"]
        if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            hint = f"; {did_you_mean(path[-1], names)}" if len(path) == 1 else ""
            reason = f"it is not known{hint}"
        elif error["type"] == "missing":
            reason = "it is required, and not set"
        elif any(len(each) > 2 and each in reason for each in _texts(error["input"])):
            reason = "it is not valid"  # the words have the value in them
        return Fault(plugin, ".".join(path), reason, self._of(plugin, path))

    def _of(self, plugin: str, path: "Iterable[str]" = ()) -> str:
        """Where a value was set, as far as that is known."""
        path = list(path)
        for end in range(len(path), 0, -1):
            words = [_variable(each) for each in (plugin, *path[:end])]
            if (variable := self._prefix + "__".join(words)) in self._environ:
                return variable
        line = _line_of(self._text, [plugin, *path])
        if line is not None:
            return f"{self._path}, line {line}"
        return "in the host's code" if _has(self._code.get(plugin), path) else ""


def _texts(value: "Any") -> "Iterator[str]":
    """Everything that is in a value, as text."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple, set)):
        for each in value:
            yield from _texts(each)
    else:
        yield str(value)


def _read(path: Path) -> "tuple[str, dict[str, Any], list[str]]":
    """The text of a file, its values for plugins, and the names of all its tables."""
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
        found = content.get("plugins", {})
    except (OSError, ValueError, RecursionError) as error:  # tomllib raises one of the latter
        raise ConfigurationError(f"the configuration {path} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise ConfigurationError(f"in {path}, plugins is no table of tables; write [plugins.NAME]")
    return text, found, list(content)


def _merged(first: "Mapping[str, Any]", second: "Mapping[str, Any]") -> "dict[str, Any]":
    """Both, of which the second counts more, table by table."""
    found = dict(first)
    for key, value in second.items():
        old = found.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        found[key] = _merged(old, value) if both else value  # type: ignore[arg-type]  # as asked
    return found


def _set(values: "dict[str, Any]", path: "list[str]", value: "Any") -> None:
    for key in path[:-1]:
        inner = values.get(key)
        values[key] = values = dict(inner) if isinstance(inner, dict) else {}
    values[path[-1]] = value


def _has(values: "Any", path: "list[str]") -> bool:
    for key in path:
        if isinstance(values, list) and key.isdigit() and int(key) < len(values):
            values = values[int(key)]
        elif isinstance(values, dict) and key in values:
            values = values[key]
        else:
            return False
    return values is not None


def _value(text: str) -> "Any":
    """What a variable stands for: lists and tables are written as JSON, all else is a text."""
    if text[:1] in ("[", "{"):
        import json

        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _variable(name: str) -> str:
    """A name as it is in a variable, where two underscores separate one from the next."""
    return re.sub(r"[\W_]+", "_", name).upper()


def _line_of(text: str, path: "list[str]") -> int | None:
    """The line in which a TOML file sets a value of `plugins`: where that statement begins."""
    path, lines = ["plugins", *path], text.replace("\r\n", "\n").split("\n")
    begins = 0
    for end in range(1, len(lines) + 1):
        try:
            found = tomllib.loads("\n".join(lines[:end]))
        except ValueError:
            continue  # amid a statement
        if _has(found, path):
            while not lines[begins].strip() or lines[begins].lstrip().startswith("#"):
                begins += 1
            return begins + 1
        begins = end
    return None
