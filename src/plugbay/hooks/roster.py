"""Roster: which plugins take part in the hooks of a host, loaded as far as a call needs them."""

import os
from _thread import RLock

from plugbay.errors import (
    CircularLoadError,
    HookError,
    HookSpecificationError,
    HookValidationError,
    PluginConflictError,
    PluginLoadError,
    PluginNotFoundError,
    PluginOrderError,
    did_you_mean,
)
from plugbay.hooks.members import Member, Offer
from plugbay.hooks.scopes import Scopes
from plugbay.hooks.validation import disagreements, faults, unmarked, unnamed
from plugbay.notices import warn
from plugbay.ordering import Place, ordered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from plugbay.errors import PlugbayError
    from plugbay.groups import Group
    from plugbay.hooks.dispatch import Arguments, Dispatcher
    from plugbay.hooks.failures import FailurePolicy
    from plugbay.hooks.implementations import Implementation
    from plugbay.hooks.monitoring import Observer
    from plugbay.hooks.scopes import Opening

    # Historic hooks, each with the arguments of its calls so far.
    _Missed = list[tuple[Dispatcher, list[Arguments]]]

__all__ = ["WORDS", "Roster", "order_from"]

# What is said of an order of hooks.
WORDS = {
    "remedy": "drop one of them, or set the order: Hooks(order=...) or PLUGBAY_HOOK_ORDER",
    "otherwise": "by registration and then by name",
}


class Roster:
    """The hooks of a host and the plugins that take part in them: what a call path is made from.

    `version` counts the changes; who makes a call path looks at it before and after, and holds
    `lock` only to publish what was made. No plugin is imported and no class instantiated with it.
    """

    def __init__(
        self, name: str, order: "Mapping[str, Sequence[str]]", on_failure: "FailurePolicy"
    ) -> None:
        self.name = name
        self.on_failure = on_failure
        self.lock = RLock()
        self.version = 0
        self.scopes = Scopes(name)
        self.observers: tuple[tuple[Observer | None, Observer | None], ...] = ()
        self.problems: list[str] = []
        self.hooks: dict[str, Dispatcher] = {}
        self.members: dict[str, Member] = {}
        self.blocked: set[str] = set()
        asked = {**order, **order_from(os.environ)}
        self._order = {hook: tuple(dict.fromkeys(names)) for hook, names in asked.items()}
        self._batches = 0

    def implementations(self, hook: "Dispatcher") -> "tuple[list[Implementation], bool]":
        """The implementations of a hook in order, and whether those of all plugins are known.

        Loads the plugins that may implement it.
        """
        is_known = True
        for member in self.unknown(hook):
            is_known &= self._load(member)
        return [place.item for place in self.places(hook)], is_known

    def unknown(self, hook: "Dispatcher") -> "list[Member]":
        """The plugins that are still to be loaded before it is known whether they implement it."""
        with self.lock:
            members = [each for each in self.members.values() if each.name not in self.blocked]
        return [each for each in members if each.may_implement(hook.name)]

    def places(self, hook: "Dispatcher") -> "list[Place]":
        """The known implementations in the order in which they run, each with the reason why."""
        with self.lock:
            members = [
                member
                for member in self.members.values()
                if member.name not in self.blocked and hook.name not in member.disabled
            ]
        return self._ordered(hook, members)

    def absent(self, hook: "Dispatcher") -> "list[tuple[Member, str]]":
        """The plugins that do not run in a hook although they might, each with the reason."""
        found = []
        for member in list(self.members.values()):
            concerns = member.may_implement(hook.name) or hook.name in member.implementations
            if member.name in self.blocked and concerns:
                found.append((member, "it is blocked"))
            elif hook.name in member.disabled:
                found.append((member, f"it {member.record_of(hook.name)}"))
            elif member.fault and (member.declared is None or hook.name in member.declared):
                found.append((member, member.fault))
            elif member.may_implement(hook.name):
                found.append((member, "known when it is loaded, on the first call"))
        return found

    def _ordered(self, hook: "Dispatcher", members: "Iterable[Member]") -> "list[Place]":
        places = [
            Place.asked(
                each, member.name, each.options, member, batch=member.batch, index=member.index
            )
            for member in members
            for each in member.implementations.get(hook.name, ())
        ]
        return ordered(places, self._order.get(hook.name, ()), **WORDS)

    def changed(self) -> None:
        """Have every hook's call written anew before it is next made."""
        with self.lock:
            self.version += 1
            for hook in self.hooks.values():
                hook.stale()

    def add(self, hook: "Dispatcher") -> None:
        """Add a hook, which the plugins that implement it already have to fit."""
        while True:
            seen = self._owners()
            problems = [
                fault
                for member in seen
                if member.is_loaded
                for fault in faults(str(member), member.those_of(hook.name), {hook.name: hook})
            ]
            with self.lock:
                if hook.name in self.hooks:
                    raise HookSpecificationError(
                        f"the hook {hook.name!r} of {self.name!r} is specified twice, in "
                        f"{self.hooks[hook.name].place} and in {hook.place}; rename one"
                    )
                if seen != self._owners():
                    continue  # a plugin has come, gone or been loaded meanwhile
                if problems:
                    words = f"plugins do not fit the hook {hook.name!r}:"
                    raise HookValidationError(words, problems)
                self._ordered(hook, seen)
                self.hooks[hook.name] = hook
                self.version += 1
                return

    def _owners(self) -> "dict[Member, int]":
        """Who takes part, each with what it was loaded from, as far as it was."""
        with self.lock:
            return {each: id(each.owner) for each in self.members.values()}

    def enrol(
        self,
        plugins: "Iterable[tuple[str, object]]",
        on_failure: "FailurePolicy",
        *,
        group: "Group[Any] | None" = None,
    ) -> None:
        """Add the plugins, or none of them, as one batch; those of a group are ordered by name.

        Raises as `Hooks.register` does.
        """
        members = [
            Member(
                name,
                plugin,
                index=0 if group is not None else index,
                changed=self.changed,
                on_failure=on_failure,
                group=group,
            )
            for index, (name, plugin) in enumerate(plugins)
        ]
        # Looking into a plugin may run its code, so the lock is not held; what was specified
        # meanwhile has it done again.
        while True:
            hooks = dict(self.hooks)
            fit = self._fitting(members, hooks)
            with self.lock:
                if hooks == self.hooks:
                    due = self._admit(fit)
                    break
        try:
            for member, calls in due.items():
                self._catch_up(member, calls)
        except BaseException:
            with self.lock:
                for member in fit:
                    if self.members.get(member.name) is member:
                        del self.members[member.name]
                self.changed()
            raise

    def unblock(self, name: str) -> None:
        """Let a plugin in, which then gets what it missed if it never was."""
        with self.lock:
            self.blocked.discard(name)
            self.changed()
            member = self.members.get(name)
            if member is None:
                return
            member.forgive()
            due = self._due(member)
        self._catch_up(member, due)

    def remove(self, name: str) -> None:
        """Take a plugin off the roster."""
        with self.lock:
            self.known(name)
            del self.members[name]
            self.changed()

    def _fitting(
        self, members: "list[Member]", hooks: "Mapping[str, Dispatcher]"
    ) -> "list[Member]":
        """The members that fit the hooks, with what they implement as far as they are loaded.

        Raises HookValidationError with every fault of those that were given as they are.
        """
        problems: list[str] = []
        fit = []
        for member in members:
            if member.owner is not None:
                offer, wrong = self._offer(member, member.owner, hooks)
                member.settle(offer)
                problems += wrong
            elif wrong := list(unnamed(str(member), member.declared, hooks)):
                self._leave_out(member, HookValidationError(f"{member} is left out:", wrong))
                continue
            fit.append(member)
        if problems:
            raise HookValidationError("nothing was registered:", problems)
        for member in fit:
            self._tell(unmarked(member, hooks, self.name))
        return fit

    def _offer(
        self, member: Member, owner: object, hooks: "Mapping[str, Dispatcher]"
    ) -> "tuple[Offer, list[str]]":
        """What a module, class or object implements for a member, and its faults."""
        try:
            offer = Offer.of(owner, member, self.name)
        except (HookError, TypeError) as error:
            return Offer(owner), [f"{member}: {error}"]
        return offer, list(faults(str(member), offer.implementations, hooks))

    def _admit(self, members: "list[Member]") -> "dict[Member, _Missed]":
        """Add all the members, or none, and give the calls that each missed: the lock is held."""
        taken = dict(self.members)
        for member in members:
            if member.name in taken:
                raise PluginConflictError(
                    f"{member} cannot be registered with {self.name!r}: {taken[member.name]} "
                    f"has its name; register one of them with another one, name=..."
                )
            member.batch = self._batches
            taken[member.name] = member
        self._check_order(members, taken.values())
        self.members = taken
        self._batches += 1
        self.changed()
        return {member: self._due(member) for member in members}

    def _check_order(self, members: "Iterable[Member]", among: "Iterable[Member]") -> None:
        """Raise PluginOrderError unless each hook that the members implement has an order left.

        Only wishes contradict each other, and few plugins have any.
        """
        among = list(among)
        wished = self._order.keys() | {hook for each in among for hook in each.wished}
        for name in wished & {name for each in members for name in each.implementations}:
            if name in self.hooks:
                self._ordered(self.hooks[name], among)

    def _due(self, member: Member) -> "_Missed":
        """The calls that historic hooks had before a member came, given once: the lock is held."""
        if member.name in self.blocked or member.is_caught_up or not member.is_loaded:
            return []
        member.is_caught_up = True
        historic = [hook for hook in self.hooks.values() if hook.is_historic]
        return [(hook, hook.history()) for hook in historic if hook.history()]

    def _catch_up(self, member: Member, due: "_Missed") -> None:
        """Give a member the calls that are due, or load it if it may have missed some."""
        for hook, calls in due:
            places = [each for each in self.places(hook) if each.item.member is member]
            hook.replay([each.item for each in places], calls)
        historic = [hook for hook in self.hooks.values() if hook.is_historic and hook.history()]
        if member.name not in self.blocked and any(
            member.may_implement(hook.name) for hook in historic
        ):
            self._load(member)

    def _load(self, member: Member) -> bool:
        """Load a member, unless it fails; whether what it implements is known now.

        A plugin that calls hooks while it is imported is not known to those calls.
        """
        assert member.source is not None
        try:
            owner = member.source.load()
        except CircularLoadError:
            return False
        except ImportError as failure:
            self._leave_out(member, failure)
            return True
        while True:
            hooks = dict(self.hooks)
            offer, wrong = self._offer(member, owner, hooks)
            with self.lock:
                if member.is_loaded:
                    return True
                if hooks == self.hooks:
                    error = self._settled(member, offer, wrong)
                    due = self._due(member)
                    break
        if error is not None:
            self._leave_out(member, error)
        self._catch_up(member, due)
        self._tell([*disagreements(member), *unmarked(member, hooks, self.name)])
        return True

    def _settled(self, member: Member, offer: Offer, wrong: "list[str]") -> "PlugbayError | None":
        """Have a member offer what was found; the error of one that cannot: the lock is held."""
        error: PlugbayError | None = None
        if wrong:
            error = HookValidationError(f"{member} is left out:", wrong)
        else:
            member.settle(offer)
            try:
                self._check_order([member], self.members.values())
            except PluginOrderError as cycle:
                error = PluginOrderError(f"{member} is left out: {cycle}")
        if error is not None:
            # One that is to raise is looked at again by the next call, which raises as well.
            member.settle(Offer(None if member.is_strict else offer.owner))
        self.changed()
        return error

    def _leave_out(self, member: Member, error: Exception) -> None:
        """Go on without a plugin that cannot be used, as its group does; a strict one raises."""
        member.fault = error.reason if isinstance(error, PluginLoadError) else str(error)
        if member.is_strict:
            raise error
        assert member.group is not None  # else it is strict
        if str(error) not in self.problems:
            self.problems.append(str(error))
        member.group.tell_once(member.name, error)

    def _tell(self, words: "Iterable[str]") -> None:
        """Warn of problems with plugins that take part all the same, once."""
        for each in words:
            if each not in self.problems:
                self.problems.append(each)
                warn(each)

    def narrowed(self, **names: "tuple[str, ...]") -> "Opening":
        """A context manager for a scope with `only` or `without` these plugins."""
        for each in names.values():
            for name in each:
                self.known(name)
        with self.lock:
            if not self.scopes.are_used:
                self.scopes.are_used = True
                self.changed()
        return self.scopes.narrowed(**names)

    def known(self, name: str) -> None:
        """Raise PluginNotFoundError unless a plugin of that name takes part."""
        if name not in self.members:
            raise PluginNotFoundError(
                f"no plugin {name!r} is registered with {self.name!r}; "
                f"{did_you_mean(name, self.members)}"
            )


def order_from(environ: "Mapping[str, str]") -> "dict[str, tuple[str, ...]]":
    """What PLUGBAY_HOOK_ORDER asks for: plugins in order, by the name of the hook."""
    order = {}
    for part in environ.get("PLUGBAY_HOOK_ORDER", "").split(";"):
        hook, equals, names = part.partition("=")
        if equals:
            listed = [each.strip() for each in names.split(",") if each.strip()]
            order[hook.strip()] = tuple(dict.fromkeys(listed))
    return order
