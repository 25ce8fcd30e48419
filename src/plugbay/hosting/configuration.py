"""Configuration: what users set for plugins, from code, a TOML file and the environment.

A plugin names a model: a class of pydantic, or a dataclass. Its values are those of the code of the
host, over which those of the file count (`[plugins.NAME]`), and over those the environment's
(`HOST_PLUGINS__NAME__FIELD`). pydantic is imported when the first model is used.
"""

import os
import re
import tomllib
from pathlib import Path

from plugbay.errors import ConfigurationError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

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

    Raises ConfigurationError for a file that cannot be read.
    """

    def __init__(
        self,
        host: str,
        values: "Mapping[str, Mapping[str, Any]] | None" = None,
        file: "str | os.PathLike[str] | None" = None,
    ) -> None:
        self._code = {name: dict(those) for name, those in (values or {}).items()}
        self._path = None if file is None else Path(file)
        self._text = ""
        self._file: dict[str, Any] = {}
        if self._path is not None:
            self._text, self._file = _read(self._path)
        self._prefix = f"{_variable(host)}_PLUGINS__"
        self._environ = {
            name: value for name, value in os.environ.items() if name.startswith(self._prefix)
        }

    def values(self, plugin: str) -> "dict[str, Any]":
        """Everything that was set for a plugin, as it was set."""
        mine = _merged(self._code.get(plugin, {}), self._file.get(plugin, {}))
        prefix = f"{self._prefix}{_variable(plugin)}__"
        for name, text in self._environ.items():
            if name.startswith(prefix):
                _set(mine, name.removeprefix(prefix).lower().split("__"), _value(text))
        return mine

    def made(self, plugin: str, model: "Any") -> "tuple[Any, list[Fault]]":
        """The values of a plugin as its model has them, or None and what is wrong with them.

        None also where there is no model.
        """
        if model is None:
            return None, []
        from pydantic import ValidationError

        adapter = _adapter(model)
        try:
            return adapter.validate_python(self.values(plugin)), []
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            return None, [self._fault(plugin, each, model) for each in found]

    def unknown(self, plugins: "Iterable[str]") -> "list[Fault]":
        """What was set for plugins that are not there."""
        known = sorted(plugins)
        names = dict.fromkeys([*self._code, *self._file])
        return [
            Fault(name, "", f"there is no such plugin; {did_you_mean(name, known)}", self._of(name))
            for name in names
            if name not in known
        ]

    def _fault(self, plugin: str, error: "Any", model: "Any") -> Fault:
        path = [str(each) for each in error["loc"]]
        reason = error["msg"]
        if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            fields = getattr(model, "model_fields", None) or model.__dataclass_fields__
            known = fields if len(path) == 1 else ()
            reason = f"it is not known; {did_you_mean(path[-1], known)}" if known else "not known"
        elif error["type"] == "missing":
            reason = "it is required, and not set"
        return Fault(plugin, ".".join(path), reason, self._of(plugin, path))

    def _of(self, plugin: str, path: "Iterable[str]" = ()) -> str:
        """Where a value was set, as far as that is known."""
        path = list(path)
        variable = "__".join([f"{self._prefix}{_variable(plugin)}", *map(str.upper, path)])
        if variable in self._environ:
            return variable
        line = _line_of(self._text, [plugin, *path])
        if line is not None:
            return f"{self._path}, line {line}"
        return "in the host's code" if _has(self._code.get(plugin), path) else ""


def _adapter(model: "Any") -> "Any":
    """What validates values by a model; defaults too, and unknown keys are errors."""
    from pydantic import BaseModel, ConfigDict, TypeAdapter

    rules = ConfigDict(validate_default=True, hide_input_in_errors=True)
    if issubclass(model, BaseModel):
        rules["extra"] = model.model_config.get("extra", "forbid")
        return TypeAdapter(type(model.__name__, (model,), {"__module__": __name__}, **rules))
    rules["extra"] = "forbid"
    return TypeAdapter(type(model.__name__, (model,), {"__pydantic_config__": rules}))


def _read(path: Path) -> "tuple[str, dict[str, Any]]":
    try:
        text = path.read_text("utf-8")
        found = tomllib.loads(text).get("plugins", {})
    except (OSError, ValueError) as error:  # what tomllib raises is one of the latter
        raise ConfigurationError(f"the configuration {path} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        raise ConfigurationError(f"in {path}, plugins is no table of tables; write [plugins.NAME]")
    return text, found


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
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return values is not None


def _value(text: str) -> "Any":
    """What a variable stands for: lists and tables are written as JSON, all else is a text."""
    if text[:1] in ("[", "{"):
        import json

        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name).upper()


def _line_of(text: str, path: "list[str]") -> int | None:
    """The line in which a TOML file sets `plugins.<path>`, where it does so in a plain way."""
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("[") and not bare.startswith("[["):
            table = _keys(bare.partition("]")[0].lstrip("["))
            if table == ["plugins", *path]:
                return number
        elif "=" in bare and [*table, *_keys(bare.partition("=")[0])] == ["plugins", *path]:
            return number
    return None


def _keys(dotted: str) -> "list[str]":
    return [each.strip().strip("\"'") for each in dotted.split(".")]
