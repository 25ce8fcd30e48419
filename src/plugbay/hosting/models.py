"""Models: the classes that plugins describe their configuration by, of pydantic or dataclasses.

pydantic is imported when the first model is used, and jsonschema when values are checked by a
schema; both come with the extra plugbay[config].
"""

import json
import os
from contextlib import contextmanager, suppress
from functools import partial

from plugbay.errors import ConfigurationError, PluginUnavailableError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from plugbay.hosting.components import Component

__all__ = [
    "adapter",
    "as_made_by",
    "errors_within",
    "faults_by",
    "field_names",
    "schema_of",
    "schema_of_file",
    "schema_of_plugin",
]

_NO_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def field_names(model: "Any") -> "list[str]":
    """The names by which the values of a model are set."""
    return list(_names_of(model).values())


def adapter(model: "Any") -> "Any":
    """What validates values by a model: defaults too, and unknown keys are errors.

    Unless the model has rules of its own for these. For models within it see `errors_within`.
    """
    try:
        return _adapter(model)
    except TypeError:
        # pydantic looks for plugins of its own by importlib.metadata, which one malformed
        # distribution anywhere in the environment ends with this error.
        with _without_pydantic_plugins():
            return _adapter(model)


def _adapter(model: "Any") -> "Any":
    from pydantic import BaseModel, ConfigDict, TypeAdapter

    rules = ConfigDict(validate_default=True, extra="forbid", hide_input_in_errors=True)
    if issubclass(model, BaseModel):
        rules = {**rules, **model.model_config, "hide_input_in_errors": True}
        return TypeAdapter(
            type(model.__name__, (model,), {"__module__": model.__module__}, **rules)
        )
    rules = {**rules, **getattr(model, "__pydantic_config__", {}), "hide_input_in_errors": True}
    return TypeAdapter(type(model.__name__, (model,), {"__pydantic_config__": rules}))


@contextmanager
def _without_pydantic_plugins() -> "Iterator[None]":
    before = os.environ.get(_NO_PLUGINS)
    os.environ[_NO_PLUGINS] = "__all__"
    try:
        yield
    finally:
        del os.environ[_NO_PLUGINS]
        if before is not None:
            os.environ[_NO_PLUGINS] = before


def as_made_by(model: "Any", made: "Any") -> "Any":
    """An instance of a model, of one that was derived from it for its rules."""
    try:
        made.__class__ = model
    except TypeError:  # it has slots, so that its instances are made in another way
        copy = object.__new__(model)
        for name in model.__dataclass_fields__:
            object.__setattr__(copy, name, getattr(made, name))
        return copy
    return made


def errors_within(made: "Any", values: "Any") -> "list[dict[str, Any]]":
    """What is wrong with models of pydantic within one: unknown keys, and defaults.

    pydantic looks at neither where the inner model says nothing of it. `values` are what it was all
    made of. The errors are as `ValidationError.errors()` has them.
    """
    from pydantic import BaseModel

    return [
        error | {"loc": (*path, *error["loc"])}
        for path, inner, given in _parts(made, values, ())
        if path and isinstance(inner, BaseModel)
        for error in (*_unknown_keys(inner, given), *_wrong_defaults(inner))
    ]


def schema_of(model: "Any") -> "dict[str, Any]":
    """The JSON Schema of a model's values; raises ConfigurationError for one that has none."""
    from pydantic.errors import PydanticUserError

    try:
        schema: dict[str, Any] = adapter(model).json_schema()
    except (PydanticUserError, TypeError) as error:
        raise ConfigurationError(f"{model.__qualname__} has no JSON Schema: {error}") from error
    return schema


def schema_of_plugin(component: "Component") -> "dict[str, Any]":
    """The JSON Schema of a plugin's values, by its manifest or else by its model, if it has one."""
    if component.facts and component.facts.config:
        return component.facts.config
    with suppress(PluginUnavailableError):
        component.load()
    return schema_of(component.model) if component.model is not None else {}


def schema_of_file(schemas: "Mapping[str, Mapping[str, Any]]") -> "dict[str, Any]":
    """The JSON Schema of a configuration file, of those of plugins by name."""
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for name, schema in schemas.items():
        moved = partial(_moved, name)
        mine = json.loads(json.dumps(schema), object_hook=moved)
        definitions |= {f"{name}.{key}": each for key, each in mine.pop("$defs", {}).items()}
        properties[name] = mine
    plugins = {"type": "object", "properties": properties, "additionalProperties": False}
    found = {"$schema": _DIALECT, "type": "object", "properties": {"plugins": plugins}}
    return found | ({"$defs": definitions} if definitions else {})


def faults_by(
    schema: "Mapping[str, Any]", values: "Mapping[str, Any]"
) -> "Iterator[tuple[list[str], str]]":
    """What is wrong with values by a JSON Schema: the path of each, and why, without its value.

    Texts count as what they stand for, as variables of the environment and pydantic have it. Raises
    ConfigurationError for what is no schema.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        raise ConfigurationError(f"it is no JSON Schema: {wrong.message}") from None
    for error in Draft202012Validator(schema).iter_errors(values):
        path = [str(each) for each in error.absolute_path]
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for name in sorted(error.instance.keys() - known):
                yield [*path, name], f"it is not known; {did_you_mean(name, known)}"
        elif error.validator == "required":
            for name in error.validator_value:
                if name not in error.instance:
                    yield [*path, name], "it is required, and not set"
        elif not _stands_for(error.instance, error.schema):
            yield path, f"it does not have {error.validator} {json.dumps(error.validator_value)}"


def _stands_for(value: object, schema: "Mapping[str, Any]") -> bool:
    """Whether a text is that of something that a schema takes."""
    from jsonschema import Draft202012Validator

    try:
        return isinstance(value, str) and Draft202012Validator(schema).is_valid(json.loads(value))
    except (ValueError, RecursionError):
        return False


def _moved(name: str, schema: "dict[str, Any]") -> "dict[str, Any]":
    """A part of a schema whose definitions are moved to others of the same names."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        schema["$ref"] = f"#/$defs/{name}.{reference.removeprefix('#/$defs/')}"
    return schema


def _parts(
    made: "Any", given: "Any", path: "tuple[str | int, ...]"
) -> "Iterator[tuple[tuple[str | int, ...], Any, Any]]":
    """A value and all that is in it, each with its path and with what it was made of."""
    yield path, made, given
    names = _names_of(type(made))
    inner: dict[Any, Any] = made if isinstance(made, dict) else {}
    if names:
        inner = {alias: getattr(made, name) for name, alias in names.items()}
    elif isinstance(made, (list, tuple)):
        inner = dict(enumerate(made))
    found = dict(enumerate(given)) if isinstance(given, (list, tuple)) else given
    for key, value in inner.items():
        there = found.get(key) if isinstance(found, dict) else None
        yield from _parts(value, there, (*path, key))


def _names_of(model: type) -> "dict[str, str]":
    """The attributes of a model, and the names by which their values are set."""
    fields = getattr(model, "model_fields", None)
    if fields is not None:
        return {name: field.alias or name for name, field in fields.items()}
    return {name: name for name in getattr(model, "__dataclass_fields__", ())}


def _unknown_keys(model: "Any", given: "Any") -> "Iterator[dict[str, Any]]":
    if isinstance(given, dict) and "extra" not in model.model_config:
        names = _names_of(type(model))
        for key in given.keys() - {*names, *names.values()}:
            yield {"type": "extra_forbidden", "loc": (key,), "msg": "", "input": None}


def _wrong_defaults(model: "Any") -> "Iterator[dict[str, Any]]":
    """What is wrong with the values of a model that nobody has set."""
    from pydantic import ValidationError

    if "validate_default" in model.model_config:
        return
    for name, alias in _names_of(type(model)).items():
        if name in model.model_fields_set:
            continue
        try:
            value = getattr(model, name)
            model.__pydantic_validator__.validate_assignment(model.model_copy(), name, value)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False):
                if each["loc"][:1] == (name,) and not each["type"].startswith("frozen"):
                    yield dict(each) | {"loc": (alias, *each["loc"][1:])}
