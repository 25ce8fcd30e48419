"""Trace: the way of a plugin from installed to usable, up to the first "no"."""

from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError
from plugbay.loading.references import look_up
from plugbay.reporting.records import in_a_file, remedy_for_missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from plugbay.plugins import Plugin
    from plugbay.reporting.inventory import Inventory

__all__ = ["Step", "trace"]


class Step:
    """One question on the way: `answer` is "yes", "no" or "unknown", `detail` what was seen.

    `remedy` is what to do about a "no"; a "yes" may have one too, where there is a reservation.
    """

    __slots__ = ("answer", "detail", "question", "remedy")

    def __init__(self, question: str, answer: str, detail: str = "", remedy: str = "") -> None:
        self.question = question
        self.answer = answer
        self.detail = detail
        self.remedy = remedy

    def record(self) -> "dict[str, str]":
        """The step as plain data."""
        return {name: getattr(self, name) for name in ("question", "answer", "detail", "remedy")}


def trace(plugin: "Plugin[Any]", inventory: "Inventory", *, load: bool = False) -> list[Step]:
    """The steps of one plugin, the last of which is the first "no" if there is one.

    With `load` the plugin is imported, in a process of its own.
    """
    steps = []
    for step in _steps(plugin, inventory, load):
        steps.append(step)
        if step.answer == "no":
            break
    return steps


def _steps(plugin: "Plugin[Any]", inventory: "Inventory", load: bool) -> "Iterator[Step]":
    distribution = plugin.distribution
    if in_a_file(plugin):
        yield Step("in a file", "yes", str(distribution))
        yield Step("in the group", "yes", f"{plugin.name} in {plugin.group}")
        yield from _admitted(plugin)
        return
    yield Step("installed", "yes", f"{distribution.name} {distribution.version}")
    yield _readable(plugin, inventory)
    yield Step("in the group", "yes", f"{plugin.name} in {plugin.group}")
    yield _valid_target(plugin)
    yield _not_shadowed(plugin)
    yield from _admitted(plugin)
    yield _target_exists(plugin)
    if load:
        yield _imported(plugin)


def _readable(plugin: "Plugin[Any]", inventory: "Inventory") -> Step:
    verdict = plugin.verdict
    if verdict.status == "invalid-declaration" and verdict.source == "METADATA":
        return Step("readable", "no", verdict.reason, verdict.remedy)
    problems = inventory.problems_of(plugin)
    if not problems:
        return Step("readable", "yes", "entry_points.txt")
    faults = "; ".join(
        each.reason if each.line is None else f"line {each.line}: {each.reason}"
        for each in problems
    )
    name = plugin.distribution.name
    return Step(
        "readable",
        "yes",
        f"{problems[0].file}, except {faults}",
        f"tell the author of {name}, or install it anew: "
        f"pip install --ignore-installed --no-deps {name}",
    )


def _valid_target(plugin: "Plugin[Any]") -> Step:
    try:
        parse_reference(plugin.target)
    except InvalidReferenceError as error:
        remedy = f"ask the author of {plugin.distribution.name} to mend the entry point"
        return Step("valid target", "no", str(error), remedy)
    return Step("valid target", "yes", plugin.target)


def _not_shadowed(plugin: "Plugin[Any]") -> Step:
    if plugin.shadowed_by:
        return Step("not shadowed", "no", plugin.reason, plugin.remedy)
    return Step("not shadowed", "yes")


def _admitted(plugin: "Plugin[Any]") -> "Iterator[Step]":
    verdict = plugin.verdict
    if verdict.status == "denied":
        yield Step("policy", "no", verdict.reason, verdict.remedy)
    yield Step("policy", "yes")
    told = verdict.reason or verdict.clause or "it comes with the host"
    detail = f"{verdict.status}: {told}"
    if verdict.source and verdict.source not in detail:
        detail += f" ({verdict.source})"
    yield Step("gate", "yes" if verdict.admitted else "no", detail, verdict.remedy)


def _target_exists(plugin: "Plugin[Any]") -> Step:
    sighting = look_up(plugin.target)
    answer = {True: "yes", False: "no", None: "unknown"}[sighting.exists]
    remedy = remedy_for_missing(plugin) if answer == "no" else ""
    return Step("target exists", answer, sighting.reason, remedy)


def _imported(plugin: "Plugin[Any]") -> Step:
    from plugbay.reporting.probe import probe  # starting processes is slow to import

    result = probe(plugin)
    if result["loaded"]:
        return Step("imported", "yes", result["told"])
    return Step("imported", "no", result["told"], result["remedy"])
