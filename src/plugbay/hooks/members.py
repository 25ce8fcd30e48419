"""Members: the plugins that take part in a host's hooks, and what each of them implements."""

from _thread import allocate_lock
from types import FunctionType, MethodType, ModuleType

from plugbay.attributes import written
from plugbay.hooks.implementations import (
    Implementation,
    checked_priority,
    marked,
    names_of,
)
from plugbay.instances import Instance
from plugbay.plugins import Plugin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from plugbay.groups import Group
    from plugbay.hooks.failures import FailurePolicy

__all__ = ["Member", "Offer", "name_of"]


# Held while failures are counted or forgotten, never while plugin code runs.
_counting = allocate_lock()


class Member:
    """One plugin of the hooks: a module, an object, a class, or a `Plugin` still to be loaded.

    `owner` is where its implementations are looked up, None before it is loaded; `source` is the
    handle that it is loaded by, and `group` the one that it was found in. `declared` are the hooks
    that its manifest names, with what it says about each; None where it says nothing of hooks.
    `fault` says why it is left out, if it is. `is_caught_up` says that it has had the calls which
    historic hooks had before it came. `wished` are the hooks in which it asks to run before or
    after others, as far as it is loaded.
    Setting `priority` (a number, or a pair of priority and batch; lower runs first) counts from
    the next call.
    """

    __slots__ = (
        "_changed",
        "_instance",
        "_priority",
        "after",
        "batch",
        "before",
        "declared",
        "depends_on",
        "disabled",
        "failures",
        "fault",
        "group",
        "implementations",
        "index",
        "is_caught_up",
        "name",
        "on_failure",
        "owner",
        "source",
        "wished",
    )

    def __init__(
        self,
        name: str,
        plugin: object,
        *,
        index: int,
        changed: "Callable[[], None]",
        on_failure: "FailurePolicy",
        group: "Group[Any] | None" = None,
    ) -> None:
        self.name = name
        self.source: Plugin[Any] | None = plugin if isinstance(plugin, Plugin) else None
        self.owner = None if self.source else plugin
        self.group = group
        self.batch = 0
        self.index = index
        self.on_failure = on_failure
        self.implementations: dict[str, list[Implementation]] = {}
        self.failures: dict[str, int] = {}
        self.disabled: set[str] = set()
        self.is_caught_up = False
        self.fault = ""
        self.wished: set[str] = set()
        self.declared: dict[str, dict[str, Any]] | None = None
        self.depends_on: tuple[str, ...] = ()
        self._priority: float | tuple[float, int] = 0
        self._changed = changed
        self._instance: Instance | None = None
        self.before: tuple[str, ...] = ()
        self.after: tuple[str, ...] = ()
        facts = self.source.facts if self.source is not None else None
        if facts is not None:
            self.declared = facts.hooks
            self.depends_on, self.before, self.after = facts.depends_on, facts.before, facts.after
            self._priority = facts.priority

    @property
    def priority(self) -> "float | tuple[float, int]":
        """Its place among others, lower first; an implementation's own priority counts more."""
        return self._priority

    @priority.setter
    def priority(self, priority: "float | tuple[float, int]") -> None:
        self._priority = checked_priority(priority) or 0
        self._changed()

    @property
    def is_loaded(self) -> bool:
        """Whether what it implements is known."""
        return self.owner is not None

    @property
    def is_strict(self) -> bool:
        """Whether its host is to hear of a fault as an error."""
        return self.group is None or self.group.is_strict

    def forgive(self) -> None:
        """Forget its failures, and let it into the hooks that they kept it out of."""
        with _counting:
            self.disabled.clear()
            self.failures.clear()

    def those_of(self, hook: str) -> "dict[str, list[Implementation]]":
        """What it implements of one hook, by its name."""
        found = self.implementations.get(hook)
        return {hook: found} if found else {}

    def record_of(self, hook: str) -> str:
        """How often it has failed in a hook, in words."""
        times = self.failures.get(hook, 0)
        return "has failed once" if times == 1 else f"has failed {times} times"

    def has_failed(self, hook: str, disable_after: int | None) -> bool:
        """Count a failure in a hook; whether it is left out of that from the next call on."""
        with _counting:
            times = self.failures[hook] = self.failures.get(hook, 0) + 1
            is_over = disable_after is not None and times >= disable_after
            if is_over:
                self.disabled.add(hook)
        if is_over:
            self._changed()
        return is_over

    def may_implement(self, hook: str) -> bool:
        """Whether it has to be loaded to know what it has to say about a hook."""
        return not self.is_loaded and (self.declared is None or hook in self.declared)

    def settle(self, offer: "Offer") -> None:
        """Take part with what was found in a module, class or object; None undoes that."""
        self.owner = offer.owner
        self.fault = ""
        self.implementations = offer.implementations
        self._instance = Instance(offer.owner, self)
        self.depends_on = offer.depends_on or self.depends_on
        if offer.priority is not None:
            self._priority = offer.priority
        asks = self.depends_on or self.before or self.after
        self.wished = {
            hook
            for hook, those in offer.implementations.items()
            if asks or any(each.options.before or each.options.after for each in those)
        }

    def instance(self) -> "Any":
        """The one instance of a class, made when it is first asked for.

        Raises CircularLoadError while the class is making it and asks for itself meanwhile.
        """
        assert self._instance is not None  # asked of what was adopted
        return self._instance.get()

    def __str__(self) -> str:
        return str(self.source) if self.source is not None else f"plugin {self.name!r}"

    def __repr__(self) -> str:
        return f"<Member {self.name!r}: {', '.join(self.implementations) or 'no hooks known'}>"


class Offer:
    """What was found in the `owner` of a member's implementations: these by hook, and its wishes.

    `depends_on` and `priority` are empty and None where it does not say.
    """

    __slots__ = ("depends_on", "implementations", "owner", "priority")

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.implementations: dict[str, list[Implementation]] = {}
        self.depends_on: tuple[str, ...] = ()
        self.priority: float | tuple[float, int] | None = None

    @classmethod
    def of(cls, owner: object, member: Member, project: str) -> "Offer":
        """Look into a module, class or object; nothing changes by that.

        Raises HookValidationError and TypeError for what cannot be understood.
        """
        offer = cls(owner)
        for attribute, options, raw in marked(owner, project):
            implementation = Implementation(member, owner, attribute, options, raw)
            offer.implementations.setdefault(implementation.hook, []).append(implementation)
        depends_on, priority = written(owner, "depends_on"), written(owner, "priority")
        if isinstance(depends_on, (str, list, tuple, set, frozenset)):
            offer.depends_on = names_of(depends_on)
        if isinstance(priority, (int, float, tuple, list)):
            offer.priority = checked_priority(priority)
        return offer


def name_of(plugin: "Any") -> str:
    """The name that a plugin goes by when it is given none."""
    if isinstance(plugin, Plugin):
        return plugin.name
    said = written(plugin, "name")
    if isinstance(said, str) and said:
        return said
    if isinstance(plugin, (type, ModuleType, FunctionType, MethodType)):
        return plugin.__name__
    wrapped = written(plugin, "__name__")  # as functools.wraps has it
    return wrapped if isinstance(wrapped, str) else type(plugin).__name__
