"""The child process of a probe: `python -m plugbay.reporting.child QUESTION`."""

import json
import sys

from plugbay.attributes import written
from plugbay.discovery.distributions import Distribution, EntryPoint
from plugbay.errors import ConfigurationError, PluginLoadError
from plugbay.plugins import Plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["main"]


def main(question: str) -> None:
    """Load the plugin that the question names, and write how that went to the file it names."""
    asked = json.loads(question)
    sys.path[:] = asked["path"]
    distribution = Distribution(*asked["distribution"])
    name, value, group = asked["entry_point"]
    plugin: Plugin[Any] = Plugin(EntryPoint(name, value, group, distribution), distribution)
    answer: dict[str, Any] = {"loaded": True, "milliseconds": None, "kind": None, "schema": None}
    try:
        found = plugin.load()
        answer["kind"] = type(found).__name__
        answer["milliseconds"] = plugin.load_ms
        model = written(found, "config_model") if asked["schema"] else None
        if model is not None:
            from plugbay.hosting.models import schema_of

            answer["schema"] = schema_of(model)
    except PluginLoadError as error:
        answer.update(loaded=False, reason=error.reason, remedy=error.remedy)
    except ModuleNotFoundError as error:  # of plugbay, since those of a plugin are told as above
        answer.update(loaded=False, reason=str(error), remedy="install plugbay[config]")
    except ConfigurationError as error:
        answer.update(loaded=False, reason=str(error), remedy="report it to its author")
    with open(asked["answer"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


if __name__ == "__main__":
    main(sys.argv[1])
