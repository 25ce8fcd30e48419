"""Validation: whether what a plugin implements fits the hooks, and what does not."""

from types import FunctionType

from plugbay.attributes import namespace
from plugbay.errors import did_you_mean
from plugbay.hooks.implementations import is_marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from plugbay.hooks.dispatch import Dispatcher
    from plugbay.hooks.implementations import Implementation
    from plugbay.hooks.members import Member

__all__ = ["disagreements", "faults", "unmarked", "unnamed"]


def faults(
    plugin: str,
    implementations: "Mapping[str, list[Implementation]]",
    hooks: "Mapping[str, Dispatcher]",
) -> "Iterator[str]":
    """What is wrong with the implementations of a plugin, a sentence each.

    `implementations` has those of each hook that it names.
    """
    for name, those in implementations.items():
        hook = hooks.get(name)
        for each in those:
            if hook is not None:
                for fault in _misfits(each, hook):
                    yield f"{plugin} in the hook {name!r}: {fault}"
            elif not each.options.is_optional:
                yield f"{plugin} implements {name!r}, which is no hook; {did_you_mean(name, hooks)}"
    for name, hook in hooks.items():
        if hook.is_required and name not in implementations:
            yield f"{plugin} does not implement {name!r}, which every plugin must"


def unnamed(
    plugin: str, declared: "Mapping[str, Any] | None", hooks: "Mapping[str, Dispatcher]"
) -> "Iterator[str]":
    """What is wrong with the hooks that a manifest names, where it names any."""
    for name, hook in hooks.items():
        if declared is not None and hook.is_required and name not in declared:
            yield f"the manifest of {plugin} does not name {name!r}, which every plugin must"


def unmarked(member: "Member", hooks: "Mapping[str, Dispatcher]", project: str) -> "Iterator[str]":
    """What a loaded plugin has that is named like a hook and not marked as its implementation."""
    said = namespace(member.owner)
    for name in sorted(hooks.keys() & said.keys() - member.implementations.keys()):
        found = said[name]
        if (
            isinstance(found, (FunctionType, staticmethod, classmethod))
            and found is not hooks[name].function
            and not is_marked(found, project)
        ):
            yield (
                f"{member} has {name!r}, which is the name of a hook, and does not implement it; "
                f"mark it with @hooks.impl, or rename it"
            )


def disagreements(member: "Member") -> "Iterator[str]":
    """Where the manifest of a plugin and the code behind it disagree, in one sentence."""
    if member.declared is None or member.fault:
        return
    words = []
    for name in sorted(member.declared.keys() | member.implementations.keys()):
        told, found = member.declared.get(name), member.implementations.get(name, [])
        facts = [each.options.facts() for each in found]
        if not found:
            words.append(f"names the hook {name!r}, which its code does not implement")
        elif told is None:
            words.append(f"does not name the hook {name!r}, which its code implements")
        elif told and told not in facts:
            words.append(f"says {told} of the hook {name!r}, and its code {facts[0]}")
    if words:
        yield f"the manifest of {member} {'; it '.join(words)}; make it anew from the code"


def _misfits(implementation: "Implementation", hook: "Dispatcher") -> "Iterator[str]":
    mine, given = implementation.signature, hook.signature
    if mine.rest:
        yield f"it takes *{mine.rest}; name the parameters that it needs"
    for name in mine.names:
        if name not in given.names:
            yield f"it takes {name!r}, which the hook has not; {did_you_mean(name, given.names)}"
    for name in mine.positional[: mine.only_positional]:
        if name in given.keyword_only:
            yield f"it takes {name!r} by position only, and the hook by keyword only"
    for name in mine.keyword_only:
        if name in given.positional[: given.only_positional]:
            yield f"it takes {name!r} by keyword only, and the hook by position only"
    if implementation.options.is_wrapper:
        yield from _unfit_as_wrapper(implementation, hook)
    else:
        if mine.is_async_generator or (mine.is_async and not hook.is_async):
            kind = "an asynchronous generator" if mine.is_async_generator else "asynchronous"
            yield f"it is {kind}, and the hook is {'' if hook.is_async else 'not '}awaited"
        yield from _unlike(implementation, hook)


def _unfit_as_wrapper(implementation: "Implementation", hook: "Dispatcher") -> "Iterator[str]":
    if not implementation.signature.is_generator:
        yield "it is a wrapper without a yield; a wrapper is a generator function with one"
    if hook.is_historic:
        yield "it is a wrapper, and a historic hook has none: its calls come to plugins one by one"


def _unlike(implementation: "Implementation", hook: "Dispatcher") -> "Iterator[str]":
    """Annotations that contradict each other: a parameter takes less, or a result is more."""
    theirs = hook.annotations
    mine = _annotations(implementation.raw)
    for name in mine:
        if name not in theirs or mine[name] == theirs[name]:
            continue
        from plugbay.hooks.annotations import awaited, fits, resolved

        said = resolved(implementation.raw, name)
        asked = hook.resolved(name)
        if name == "return" and hook.is_async and not implementation.signature.is_async:
            said = awaited(said)
        if name == "return" and not fits(asked, said):
            yield f"it returns {_shown(said)}, and the hook gives {_shown(asked)}"
        elif name != "return" and not fits(said, asked):
            yield f"its {name!r} is {_shown(said)}, and the hook's is {_shown(asked)}"


def _annotations(raw: "Any") -> "dict[str, Any]":
    function = raw.__func__ if isinstance(raw, (staticmethod, classmethod)) else raw
    function = getattr(function, "__wrapped__", function)
    # Those of an object that can be called are not of its call.
    return function.__annotations__ if isinstance(function, FunctionType) else {}


def _shown(annotation: "Any") -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
