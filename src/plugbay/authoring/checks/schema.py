"""The JSON Schema of `[tool.plugbay]`, which is that of a manifest.

validate-pyproject asks for it by an entry point in the group `validate_pyproject.tool_schema`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["tool_schema"]

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_NUMBER = {"type": "number"}
_FLAG = {"type": "boolean"}


def tool_schema(_name: str = "plugbay") -> "dict[str, Any]":
    """The schema, in the draft that validate-pyproject reads; each time a new one."""
    hook = _object(
        {
            "first": {**_FLAG, "description": "run before all others"},
            "last": {**_FLAG, "description": "run after all others"},
            "wrapper": {**_FLAG, "description": "run around the others"},
            "before": {**_TEXTS, "description": "plugins that run later"},
            "after": {**_TEXTS, "description": "plugins that run earlier"},
            "priority": {
                "description": "the higher runs first; with a batch as the second of two",
                "anyOf": [
                    _NUMBER,
                    {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2},
                ],
            },
        }
    )
    # It cannot be both, of which a manifest says that neither counts.
    hook["not"] = {
        "required": ["first", "last"],
        "properties": {"first": {"const": True}, "last": {"const": True}},
    }
    plugin = _object(
        {
            "summary": {**_TEXT, "description": "what the plugin does, in a line"},
            "depends-on": {**_TEXTS, "description": "plugins that it needs, with specifiers"},
            "before": {**_TEXTS, "description": "plugins that come later"},
            "after": {**_TEXTS, "description": "plugins that come earlier"},
            "priority": {**_NUMBER, "description": "the higher comes first"},
            "hooks": {
                "description": "the hooks that it answers, alone or with their options",
                "anyOf": [_TEXTS, {"type": "object", "additionalProperties": hook}],
            },
            "config": {"type": "object", "description": "the JSON Schema of its configuration"},
        }
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:plugbay:tool",
        "title": "The table [tool.plugbay]: facts about plugins, read without importing them",
        **_object(
            {
                "api": {
                    "description": "the versions of the host, or of each host by its name",
                    "anyOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}],
                },
                "needs": {**_TEXTS, "description": "capabilities without which nothing works"},
                "optional": {
                    **_TEXTS,
                    "description": "capabilities that are used if they are there",
                },
                "plugins": {
                    "description": "facts about plugins, by group and name",
                    "type": "object",
                    "additionalProperties": {"type": "object", "additionalProperties": plugin},
                },
            }
        ),
    }


def _object(properties: "dict[str, Any]") -> "dict[str, Any]":
    """An object with these keys and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}
