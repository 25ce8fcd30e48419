"""The process of a proof: loads plugins where they were installed, as their host would.

Another Python runs this file by its path, where plugbay may not be installed. So it uses the
standard library only, and plugbay as far as it is there.
"""

import json
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["main"]


def main(question: str) -> None:
    """Load each plugin that the question names, and write how that went to the file it names."""
    asked = json.loads(question)
    answer = {
        "versions": {name: _version(name) for name in asked["distributions"]},
        "plugins": [_answer(asked, *each) for each in asked["plugins"]],
    }
    with open(asked["answer"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


def _version(name: str) -> "str | None":
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _answer(asked: "dict[str, Any]", group: str, name: str) -> "dict[str, Any]":
    own = asked["distributions"][0]
    try:
        plugbay = import_module("plugbay")
    except ImportError:
        plugbay = None
    how = f"by plugbay {plugbay.__version__}" if plugbay else "without plugbay, which is not there"
    try:
        found = _admitted(plugbay, asked, group, name) if plugbay else _loaded(own, group, name)
    except BaseException as error:  # noqa: BLE001 - whatever the plugin raises, SystemExit too
        is_told = plugbay and isinstance(error, plugbay.PlugbayError)
        return {"loaded": False, "reason": str(error) if is_told else repr(error)}
    return {"loaded": True, "how": how, "kind": type(found).__name__}


def _admitted(plugbay: "Any", asked: "dict[str, Any]", group: str, name: str) -> object:
    """The plugin as its host gets it; raises PlugbayError where it does not."""
    host = group.partition(".")[0]
    stated = asked["apis"].get(plugbay.HostApi(host, "").normalized_name)
    api = plugbay.HostApi(host, stated) if stated else None
    plugins = plugbay.load_group(group, api=api)
    found = plugins[name]
    winner, own = plugins.plugins[name].distribution, asked["distributions"][0]
    if winner.normalized_name != plugbay.HostApi(own, "").normalized_name:
        raise plugbay.PluginConflictError(f"{winner} has a plugin of that name, which comes first")
    return found


def _loaded(own: str, group: str, name: str) -> object:
    """The plugin as it was installed, whether a host would want it or not."""
    for each in distribution(own).entry_points:
        if (each.group, each.name) == (group, name):
            return each.load()
    raise LookupError(f"{own} was installed without this entry point")


if __name__ == "__main__":
    main(sys.argv[1])
