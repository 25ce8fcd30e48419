"""Group: the plugins of one entry-point group, found, checked and loaded behind one mapping."""

import os

from plugbay.discovery import MANIFEST_GROUP, Findings, find, normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
    from typing import Any, Literal, overload

    from plugbay.compatibility.gate import Gate
    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy
    from plugbay.errors import PluginNotFoundError, Problem
    from plugbay.plugins import Plugin, T
    from plugbay.selection import Selection

    Conflict = Literal["first", "error", "all"]
else:
    # The interpreter has imported this module already; collections.abc would bring more along.
    from _collections_abc import Mapping

    T = object


__all__ = ["Group", "gate_for", "load_group"]


class Group(Mapping[str, T]):
    """The plugins of a group by name. Listing imports nothing; `group[name]` imports on first use.

    The mapping holds what can be used. `plugins` has a handle for each of those, `refused` for
    those that the gate or a policy turned away, `failed` for those whose code could not be loaded
    (each a dict of name to `Plugin`), `shadowed` is the tuple of those that another plugin of
    their name hides, and `problems` the tuple of what is wrong with installed distributions.

    A plugin that fails while it is used or iterated over leaves the mapping, with one warning.
    Asking for any plugin that is not in the mapping raises a PluginUnavailableError, which is a
    KeyError, and says why. The order is by priority, then by name.
    """

    def __init__(
        self,
        name: str,
        findings: Findings,
        gate: "Gate | None" = None,
        expect: "type[T] | Callable[[Any], bool] | None" = None,
        on_conflict: "Conflict" = "first",
        *,
        strict: bool = False,
    ) -> None:
        self.name = name
        self.is_strict = strict
        self._findings = findings
        self._terms = gate, expect, on_conflict
        self._told: set[str] = set()
        names = findings.names(name)
        self._names = dict.fromkeys(sorted(names))
        # Where nothing but the names can matter to a host at first, it starts sooner without the
        # handles and their modules.
        self._is_plain = not gate and not findings.has_manifests and len(self._names) == len(names)
        if not self._is_plain:
            self._select()

    def _select(self) -> "Selection[T]":
        from plugbay.selection import select

        made: Selection[T] = select(self._findings, self.name, *self._terms)
        # Threads that come here at the same time all get what the first one made.
        selected: Selection[T] = vars(self).setdefault("_selected", made)
        return selected

    @property
    def _selection(self) -> "Selection[T]":
        return vars(self).get("_selected") or self._select()

    @property
    def _admitted(self) -> "dict[str, Plugin[T]]":
        return self._selection[0]

    @property
    def refused(self) -> "dict[str, Plugin[T]]":
        """The handles of what the gate or a policy turned away, by name."""
        return self._selection[1]

    @property
    def shadowed(self) -> "tuple[Plugin[T], ...]":
        """The handles of what another plugin of its name hides."""
        return self._selection[2]

    @property
    def plugins(self) -> "dict[str, Plugin[T]]":
        """The handles of what the mapping holds, by name and in order."""
        return {name: each for name, each in self._admitted.items() if each.error is None}

    @property
    def failed(self) -> "dict[str, Plugin[T]]":
        """The handles of what could not be loaded; one that is retried with success comes back."""
        return {name: each for name, each in self._admitted.items() if each.error is not None}

    @property
    def problems(self) -> "tuple[Problem, ...]":
        """What is wrong with installed distributions, whether they are of this group or not."""
        return tuple(self._findings.problems)

    def _usable(self) -> "Mapping[str, object]":
        return self.plugins if "_selected" in vars(self) else self._names

    def __getitem__(self, name: str) -> T:
        plugin = self._admitted.get(name) or self.refused.get(name)
        if plugin is None:
            raise self._not_found(name)
        try:
            return plugin.load()
        except ImportError as failure:
            if plugin.error is not None and not self.is_strict:
                self.tell_once(name, failure)
            raise

    def __contains__(self, name: object) -> bool:
        if "_selected" not in vars(self):
            return name in self._names
        plugin = self._admitted.get(name)  # type: ignore[call-overload]  # any key may be asked for
        return plugin is not None and plugin.error is None

    def __iter__(self) -> "Iterator[str]":
        # A snapshot: a plugin that fails on the way leaves the mapping without ending the loop.
        return iter(self._usable())

    def __len__(self) -> int:
        return len(self._usable())

    def values(self) -> "ValuesView[T]":
        """The objects of all plugins, imported one by one; failing ones are left out."""
        from plugbay.views import GroupValues

        return GroupValues(self)

    def items(self) -> "ItemsView[str, T]":
        """As `values`, with their names."""
        from plugbay.views import GroupItems

        return GroupItems(self)

    def tell_once(self, name: str, failure: Exception) -> None:
        """Warn of the first failure of a plugin."""
        if name not in self._told:
            from plugbay.notices import warn

            self._told.add(name)
            warn(str(failure))

    def _not_found(self, name: str) -> "PluginNotFoundError":
        from plugbay.errors import PluginNotFoundError, did_you_mean

        known = {**self.refused, **self._admitted}
        return PluginNotFoundError(
            f"no plugin {name!r} is installed in the group {self.name!r}; "
            f"{did_you_mean(name, known, shown=self.plugins)}"
        )

    def __repr__(self) -> str:
        out = [f"{len(getattr(self, word))} {word}" for word in ("refused", "failed", "shadowed")]
        return f"<Group {self.name!r}: {len(self)} usable, {', '.join(out)}>"


if TYPE_CHECKING:

    @overload
    def load_group(
        group: str,
        *,
        api_version: "str | None" = None,
        api: "HostApi | None" = None,
        policy: "Policy | None" = None,
        expect: "Callable[[Any], bool] | None" = None,
        on_conflict: "Conflict" = "first",
        strict: bool = False,
    ) -> "Group[Any]": ...

    # type[T] alone would rule out a Protocol and an abstract class, which cannot be made.
    @overload
    def load_group(
        group: str,
        *,
        api_version: "str | None" = None,
        api: "HostApi | None" = None,
        policy: "Policy | None" = None,
        expect: "type[T] | Callable[[Any], bool]",
        on_conflict: "Conflict" = "first",
        strict: bool = False,
    ) -> "Group[T]": ...


def load_group(
    group: str,
    *,
    api_version: "str | None" = None,
    api: "HostApi | None" = None,
    policy: "Policy | None" = None,
    expect: "type[T] | Callable[[Any], bool] | None" = None,
    on_conflict: "Conflict" = "first",
    strict: bool = False,
) -> "Group[T]":
    """Find the installed plugins of an entry-point group and check them; import none of them.

    `api` is what the host offers; `api_version="1.3"` is short for a host API of that version
    named by the group's first dotted part; with neither, it is the installed distribution of that
    name, and with none installed the plugins are admitted as "unchecked". `policy` adds the
    host's rules to those of the environment (PLUGBAY_DISABLE, PLUGBAY_ALLOW, PLUGBAY_SAFE_MODE).
    `expect` (a class, a Protocol or a predicate) is what every plugin must be once loaded.

    Of plugins with one name the first by priority, then by distribution, wins and the others are
    shadowed; `on_conflict="error"` raises PluginConflictError instead, and "all" keeps each as
    `name@distribution`.

    What is refused or shadowed is recorded in the group and told as a PluginWarning; with
    `strict=True` a GroupError raises all of it. What is wrong with an installed distribution, of
    this group or not, is recorded in `problems` and never raised. Raises ValueError for wrong
    arguments.
    """
    _check_arguments(group, api, api_version, policy, expect, on_conflict)
    findings = find(group, MANIFEST_GROUP)
    gate = gate_for(group, findings, api=api, api_version=api_version, policy=policy)
    found: Group[T] = Group(group, findings, gate, expect, on_conflict, strict=strict)
    if found._is_plain:
        return found
    unavailable = [*found.refused.values(), *found.shadowed]
    reserved = [plugin for plugin in found.plugins.values() if plugin.has_reservation]
    if unavailable or reserved:
        from plugbay.notices import give_notice, raise_together

        if strict:
            raise_together(group, unavailable)
        give_notice([*reserved, *unavailable])
    return found


def _check_arguments(
    group: object, api: object, api_version: object, policy: object, expect: object, on: str
) -> None:
    """Raise ValueError for what a host can only have written by mistake."""
    if not isinstance(group, str):
        raise ValueError(f"group={group!r} is not the name of an entry-point group")
    if api is not None and api_version is not None:
        raise ValueError("give load_group either api or api_version, not both")
    if api is not None and not hasattr(api, "known_version"):
        raise ValueError(f"api={api!r} is not a HostApi; a version alone goes to api_version")
    if policy is not None and not hasattr(policy, "refusal"):
        raise ValueError(f"policy={policy!r} is not a Policy")
    if on not in ("first", "error", "all"):
        raise ValueError(f"on_conflict={on!r} is not one of first, error, all")
    # Aliases and unions of typing can be called as far as `callable` knows, and answer nothing.
    is_typing = type(expect).__module__ in ("typing", "types")
    if expect is not None and not isinstance(expect, type) and (is_typing or not callable(expect)):
        raise ValueError(f"expect={expect!r} is not a class, a Protocol or a predicate")


def gate_for(
    group: str,
    findings: Findings,
    *,
    api: "HostApi | None" = None,
    api_version: "str | None" = None,
    policy: "Policy | None" = None,
) -> "Gate | None":
    """The gate in front of a group; None when there is nothing to check its plugins against."""
    host = group.partition(".")[0]
    if api is None and api_version is None:
        installed = findings.distributions.get(normalized(host))
        api_version = installed.version if installed else None
    asked = any(name.startswith("PLUGBAY_") for name in os.environ)
    if api is None and api_version is None and policy is None and not asked:
        return None
    from plugbay.compatibility.gate import Gate
    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Policy

    if api is None and api_version is not None:
        api = HostApi(host, api_version)
    return Gate(api, policy or Policy(), Policy.from_environment(), host=host)
