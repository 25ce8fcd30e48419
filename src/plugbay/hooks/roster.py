"""Roster: which plugins take part in the hooks of a host, loaded as far as a call needs them."""

import os
from _thread import RLock
from types import FunctionType

from plugbay.errors import (
    CircularLoadError,
    HookError,
    HookSpecificationError,
    HookValidationError,
    PluginConflictError,
    PluginNotFoundError,
    PluginOrderError,
    did_you_mean,
)
from plugbay.hooks.implementations import is_marked, namespace
from plugbay.hooks.members import Member
from plugbay.hooks.scopes import Scopes
from plugbay.hooks.validation import faults
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

__all__ = ["Roster", "order_from"]


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
        self._order = {**order, **order_from(os.environ)}
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
            if member.name in self.blocked:
                why = "it is blocked"
            elif hook.name in member.disabled:
                why = f"it {member.record_of(hook.name)}"
            elif member.source is not None and member.source.error is not None:
                why = member.source.error.reason
            else:
                why = "known when it is loaded, on the first call"
            is_left_out = member.name in self.blocked or hook.name in member.disabled
            if member.may_implement(hook.name) or (is_left_out and member.those_of(hook.name)):
                found.append((member, why))
        return found

    def _ordered(self, hook: "Dispatcher", members: "Iterable[Member]") -> "list[Place]":
        places = [
            Place.asked(
                each, member.name, each.options, member, batch=member.batch, index=member.index
            )
            for member in members
            for each in member.implementations.get(hook.name, ())
        ]
        return ordered(places, self._order.get(hook.name, ()))

    def changed(self) -> None:
        """Have every hook's call written anew before it is next made."""
        with self.lock:
            self.version += 1
            for hook in self.hooks.values():
                hook.stale()

    def add(self, hook: "Dispatcher") -> None:
        """Add a hook, which the plugins that implement it already have to fit."""
        with self.lock:
            if hook.name in self.hooks:
                raise HookSpecificationError(
                    f"the hook {hook.name!r} of {self.name!r} is specified twice, in "
                    f"{self.hooks[hook.name].place} and in {hook.place}; rename one"
                )
            problems = [
                fault
                for member in self.members.values()
                if member.is_loaded
                for fault in faults(str(member), member.those_of(hook.name), {hook.name: hook})
            ]
            if problems:
                raise HookValidationError(f"plugins do not fit the hook {hook.name!r}:", problems)
            self._ordered(hook, self.members.values())
            self.hooks[hook.name] = hook
            self.version += 1

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
        with self.lock:
            members = [
                Member(
                    name,
                    plugin,
                    batch=self._batches,
                    index=0 if group is not None else index,
                    changed=self.changed,
                    on_failure=on_failure,
                    group=group,
                )
                for index, (name, plugin) in enumerate(plugins)
            ]
            self._admit(members)
            missed = {member: self._missed(member) for member in members}
        try:
            for member, calls in missed.items():
                self._catch_up(member, calls)
        except BaseException:
            with self.lock:
                for member in members:
                    self.members.pop(member.name, None)
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
            missed = self._missed(member) if member.is_kept_out else []
            member.is_kept_out = False
        self._catch_up(member, missed)

    def remove(self, name: str) -> None:
        """Take a plugin off the roster."""
        with self.lock:
            self.known(name)
            del self.members[name]
            self.changed()

    def _admit(self, members: "list[Member]") -> None:
        """Add all the members, or none: the lock is held."""
        taken = dict(self.members)
        problems: list[str] = []
        for member in members:
            if member.name in taken:
                raise PluginConflictError(
                    f"{member} cannot be registered with {self.name!r}: {taken[member.name]} "
                    f"has its name; register one of them with another one, name=..."
                )
            taken[member.name] = member
            if member.owner is not None:
                problems += self._adopt(member, member.owner)
        if problems:
            raise HookValidationError("nothing was registered:", problems)
        self._check_order(members, taken.values())
        self.members = taken
        self._batches += 1
        self.changed()

    def _adopt(self, member: Member, owner: object) -> "list[str]":
        """Take what a module, class or object implements for a member's, and give its faults."""
        try:
            found = member.adopt(owner, self.name)
        except (HookError, TypeError) as error:
            return [f"{member}: {error}"]
        member.implementations = found
        self._tell_unmarked(member, owner)
        return list(faults(str(member), found, self.hooks))

    def _tell_unmarked(self, member: Member, owner: object) -> None:
        """Warn of what is named like a hook and not marked as an implementation of it."""
        said = namespace(owner)
        for name in self.hooks.keys() & said.keys() - member.implementations.keys():
            found = said[name]
            if isinstance(found, (FunctionType, staticmethod, classmethod)) and (
                found is not self.hooks[name].function and not is_marked(found, self.name)
            ):
                problem = (
                    f"{member} has {name!r}, which is the name of a hook, and does not implement "
                    f"it; mark it with @hooks.impl, or rename it"
                )
                self.problems.append(problem)
                warn(problem)

    def _check_order(self, members: "Iterable[Member]", among: "Iterable[Member]") -> None:
        """Raise PluginOrderError unless each hook that the members implement has an order left.

        Only wishes contradict each other, and few plugins have any.
        """
        among = list(among)
        wished = self._order.keys() | {hook for each in among for hook in each.wished}
        for name in wished & {name for each in members for name in each.implementations}:
            if name in self.hooks:
                self._ordered(self.hooks[name], among)

    def _missed(self, member: Member) -> "_Missed":
        """The calls that historic hooks had before a member came: the lock is held."""
        if member.name in self.blocked:
            member.is_kept_out = True
            return []
        historic = [hook for hook in self.hooks.values() if hook.is_historic]
        return [(hook, hook.history()) for hook in historic if hook.history()]

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
        with self.lock:
            if member.is_loaded:
                return True
            error = self._unfit(member, owner)
            if error is None:
                self._compare(member)
            else:
                member.implementations = {}
            missed = self._missed(member)
            self.changed()
        if error is not None:
            self._leave_out(member, error)
        self._replay(member, missed)
        return True

    def _catch_up(self, member: Member, missed: "_Missed") -> None:
        """Give a member the calls that it missed, and load it first where that needs it."""
        if any(member.may_implement(hook.name) for hook, _ in missed):
            self._load(member)
        else:
            self._replay(member, missed)

    def _replay(self, member: Member, missed: "_Missed") -> None:
        for hook, calls in missed:
            places = [each for each in self.places(hook) if each.item.member is member]
            hook.replay([each.item for each in places], calls)

    def _unfit(self, member: Member, owner: object) -> "PlugbayError | None":
        """Adopt what was loaded; the error of a member that cannot take part."""
        problems = self._adopt(member, owner)
        if problems:
            return HookValidationError(f"{member} is left out:", problems)
        try:
            self._check_order([member], self.members.values())
        except PluginOrderError as error:
            return PluginOrderError(f"{member} is left out: {error}")
        return None

    def _leave_out(self, member: Member, error: Exception) -> None:
        """Go on without a plugin that cannot be used, as its group does; a strict one raises."""
        if str(error) not in self.problems:
            self.problems.append(str(error))
        if member.group is None or member.group.is_strict:
            member.owner = None  # so that the next call raises as well
            raise error
        member.group.tell_once(member.name, error)

    def _compare(self, member: Member) -> None:
        """Tell where a manifest and the code behind it disagree."""
        if member.declared is None:
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
            problem = f"the manifest of {member} {'; it '.join(words)}; make it anew from the code"
            self.problems.append(problem)
            warn(problem)

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
            order[hook.strip()] = tuple(each.strip() for each in names.split(",") if each.strip())
    return order
