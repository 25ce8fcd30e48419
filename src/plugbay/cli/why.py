"""`plugbay why NAME`: the way of a plugin from installed to usable, and where it ends."""

from plugbay.cli.exit_codes import FINDINGS, FINE
from plugbay.cli.lookup import inventory_for, not_found, plugins_named
from plugbay.cli.options import (
    directory_option,
    host_options,
    json_option,
    load_option,
    name_argument,
)
from plugbay.cli.render import emphasise, show_json
from plugbay.reporting.records import SCHEMA, in_a_file, plugin_record
from plugbay.reporting.trace import Step, trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from plugbay.plugins import Plugin

__all__ = ["arguments", "run"]

_STYLES = {"yes": "good", "no": "bad", "unknown": "doubt"}


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    name_argument(parser)
    host_options(parser)
    directory_option(parser)
    json_option(parser)
    load_option(parser)


def run(options: "argparse.Namespace") -> int:
    """Show the trace of every plugin of that name."""
    inventory = inventory_for(options)
    plugins = plugins_named(inventory, options.name, options.group)
    if not plugins:
        return not_found(inventory, options.name, options.group)
    traces = [(plugin, trace(plugin, inventory, load=options.load)) for plugin in plugins]
    if options.json:
        records = [
            {**plugin_record(plugin), "steps": [step.record() for step in steps]}
            for plugin, steps in traces
        ]
        show_json({"schema": SCHEMA, "plugins": records})
    else:
        print("\n\n".join(_told(plugin, steps, options.load) for plugin, steps in traces))
    found = any(
        plugin.has_reservation or steps[-1].answer == "no" or inventory.problems_of(plugin)
        for plugin, steps in traces
    )
    return FINDINGS if found else FINE


def _told(plugin: "Plugin[Any]", steps: list[Step], load: bool) -> str:
    distribution = plugin.distribution
    whose = f"{plugin.name} of {distribution.name} {distribution.version}"
    lines = [emphasise(f"{whose} ({plugin.group})", "strong")]
    for step in steps:
        answer = emphasise(step.answer.ljust(7), _STYLES[step.answer])
        lines.append(f"  {answer}  {step.question.ljust(13)}  {step.detail}".rstrip())
    usable = steps[-1].answer != "no"
    is_tried = load and not in_a_file(plugin)
    limit = "" if is_tried or not usable else ", as far as can be told without importing it"
    lines.append(f"{whose} {'can' if usable else 'cannot'} be used{limit}.")
    label = "advice" if usable else "what to do"
    decisive = steps if usable else steps[-1:]
    lines += [f"  {label}: {step.remedy}" for step in decisive if step.remedy]
    return "\n".join(lines)
