"""Hooks: who implements which hook of a group, and in which order, as far as manifests tell."""

from plugbay.errors import PluginOrderError
from plugbay.hooks.implementations import Options
from plugbay.hooks.roster import WORDS, order_from
from plugbay.ordering import Place, ordered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from plugbay.plugins import Plugin

__all__ = ["hook_records"]


def hook_records(
    plugins: "Iterable[Plugin[Any]]", environ: "Mapping[str, str]"
) -> "list[dict[str, Any]]":
    """One record for each hook that the manifest of a usable plugin names, by name.

    `runs` are its plugins in the order in which they run, wrappers first, each with the reason;
    `error` says why there is no order, and `unknown` names the plugins whose manifest names no
    hooks, which are imported on the first call of any.
    """
    usable = [each for each in plugins if each.state == "found"]
    told = {
        each: {name: Options(**said) for name, said in each.facts.hooks.items()}
        for each in usable
        if each.facts and each.facts.hooks is not None
    }
    unknown = sorted(each.name for each in usable if each not in told)
    override = order_from(environ)
    records = []
    for hook in sorted({name for hooks in told.values() for name in hooks}):
        places = [
            Place.asked(each, each.name, hooks[hook], each.facts)
            for each, hooks in told.items()
            if hook in hooks and each.facts
        ]
        record: dict[str, Any] = {"hook": hook, "runs": [], "error": None, "unknown": unknown}
        try:
            found = ordered(places, override.get(hook, ()), **WORDS)
        except PluginOrderError as error:
            record["error"] = str(error)
        else:
            runs = [_run(place, told[place.item][hook]) for place in found]
            record["runs"] = sorted(runs, key=lambda each: not each["wrapper"])
        records.append(record)
    return records


def _run(place: Place, options: Options) -> "dict[str, Any]":
    distribution = place.item.distribution
    return {
        "plugin": place.plugin,
        "distribution": {"name": distribution.name, "version": distribution.version},
        "wrapper": options.is_wrapper,
        "why": place.why,
    }
