"""Plugin: one entry point, its verdict, its state and, once loaded, its object."""

from _thread import allocate_lock, get_ident
from time import perf_counter

import plugbay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Generic, TypeVar

    from plugbay.compatibility.verdict import Verdict
    from plugbay.discovery.distributions import Distribution, EntryPoint
    from plugbay.discovery.manifests import PluginFacts
    from plugbay.errors import PluginLoadError

    T = TypeVar("T")
else:
    # Importing typing costs more than finding every plugin does.
    T = object

    class Generic:
        __class_getitem__ = classmethod(lambda cls, parameters: cls)


__all__ = ["Plugin"]

# The plugins that each thread is loading right now, outermost first.
_loading: "dict[int, list[Plugin[Any]]]" = {}
# Held only to publish a result, never while plugin code runs.
_publishing = allocate_lock()


class Plugin(Generic[T]):
    """A handle on one plugin of a group. Nothing of it is imported before `load()`.

    `state` is "found", "loaded", "failed", "refused" or "shadowed". `error` is why it failed and
    `load_ms` how long loading took, in milliseconds; each is None while there is nothing to tell.
    `summary`, `priority` and the like are in `facts`, as the distribution's manifest gives them.
    """

    __slots__ = (
        "_expect",
        "_object",
        "_verdict",
        "distribution",
        "entry_point",
        "error",
        "facts",
        "load_ms",
        "name",
        "shadowed_by",
    )

    def __init__(
        self,
        entry_point: "EntryPoint",
        distribution: "Distribution",
        verdict: "Verdict | None" = None,
        facts: "PluginFacts | None" = None,
        expect: "type[T] | Callable[[Any], bool] | None" = None,
    ) -> None:
        self.name = entry_point.name
        self.entry_point = entry_point
        self.distribution = distribution
        self._verdict = verdict
        self.facts = facts
        self.error: PluginLoadError | None = None
        self.load_ms: float | None = None
        self.shadowed_by: Plugin[T] | None = None
        self._expect = expect

    @property
    def group(self) -> str:
        """The group that it is in."""
        return self.entry_point.group

    @property
    def target(self) -> str:
        """What it names, as `module:attr`."""
        return self.entry_point.value

    @property
    def verdict(self) -> "Verdict":
        """The gate's answer; "unchecked" where there was no gate to ask."""
        if self._verdict is None:
            from plugbay.compatibility.verdict import UNCHECKED

            self._verdict = UNCHECKED
        return self._verdict

    @property
    def is_admitted(self) -> bool:
        """Whether the gate and the policies let it in."""
        return self._verdict is None or self._verdict.admitted

    @property
    def has_reservation(self) -> bool:
        """Whether it is let in with something that the host should hear."""
        return self._verdict is not None and self._verdict.admitted and self._verdict.warns

    @property
    def priority(self) -> float:
        """Its place among others, lower first; 0 unless its manifest says otherwise."""
        return self.facts.priority if self.facts else 0

    @property
    def state(self) -> str:
        """Where it is on its way from found to loaded, or what stopped it."""
        if hasattr(self, "_object"):
            return "loaded"
        if self.error is not None:
            return "failed"
        if not self.is_admitted:
            return "refused"
        return "shadowed" if self.shadowed_by else "found"

    def load(self) -> T:
        """Import the plugin on first use and return its object, always the same one.

        Safe from many threads and from plugins that load other plugins while they are imported:
        no lock is held meanwhile, and the first result that is published wins. Raises
        PluginRefusedError when the gate said no, and PluginLoadError, with the original exception
        as its cause, for whatever plugin code raises (SystemExit too) except KeyboardInterrupt;
        the same failure is raised again, without importing, until `retry()`. A module's body runs
        once; one that raises runs once for each thread that was already waiting for it, since
        that is how Python imports.
        """
        try:
            return self._object
        except AttributeError:
            pass  # over before plugin code runs, whose errors would have this one as context
        return self._first_load()

    def retry(self) -> T:
        """Forget an earlier failure and load again."""
        self.error = None
        return self.load()

    @property
    def reason(self) -> str:
        """Why it is not available, or only with a reservation; empty where all is well."""
        if self.error is not None:
            return self.error.reason
        if winner := self.shadowed_by:
            other = winner.distribution
            return f"it has the same name as that of {other}, which comes first"
        return self.verdict.reason

    @property
    def remedy(self) -> str:
        """What to do about it; empty where there is nothing to do."""
        if self.error is not None:
            return self.error.remedy
        if self.shadowed_by:
            other = f"{self.entry_point.name}@{self.shadowed_by.distribution.name}"
            return f"disable the other to use this one: PLUGBAY_DISABLE={other}"
        return self.verdict.remedy

    def explain(self) -> str:
        """One sentence on its state: that it can be used, or why not and what to do about it."""
        if self.error is not None:
            return str(self.error)
        state = self.state
        if state in ("found", "loaded"):
            state = "admitted" if self.has_reservation else "ready"
        why = "; ".join(filter(None, (self.reason, self.remedy))) if state != "ready" else ""
        return f"{self} is {state}" + (f": {why}" if why else "")

    # What only a failure needs is imported then: for a plugin that is in order it would cost more
    # than all that is done here.

    def _first_load(self) -> T:
        if not self.is_admitted:
            raise plugbay.PluginRefusedError(self.explain())
        if self.error is not None:
            raise _again(self.error)
        chain = _loading.setdefault(get_ident(), [])
        if self in chain:
            from plugbay.loading.failures import circular

            raise circular(plugin.name for plugin in [*chain[chain.index(self) :], self])
        chain.append(self)
        try:
            return self._import(chain)
        finally:
            chain.pop()
            if not chain:
                del _loading[get_ident()]

    def _import(self, chain: "list[Plugin[Any]]") -> T:
        started = perf_counter()
        in_company = _is_in_company(chain)
        failure: PluginLoadError | None = None
        try:
            found: Any = self.entry_point.load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            from plugbay.loading.failures import Terminated, failure_of

            if isinstance(error, Terminated):
                raise
            failure = failure_of(self, error)
        else:
            if self._expect:
                from plugbay.loading.failures import unexpected

                failure = unexpected(self, found, self._expect)
            if failure is None:
                return self._publish(found, started)
        from plugbay.loading.failures import is_of_imports

        may_pass = (in_company or _is_in_company(chain)) and is_of_imports(failure)
        with _publishing:
            # Another thread may have come through meanwhile, or have failed before this one.
            if hasattr(self, "_object"):
                return self._object
            if self.error is None and not may_pass:
                self.error = failure
        raise _again(self.error or failure)

    def _publish(self, found: T, started: float) -> T:
        with _publishing:
            if not hasattr(self, "_object"):
                self._object = found
                self.load_ms = (perf_counter() - started) * 1000
                self.error = None
        return self._object

    def __str__(self) -> str:
        return f"plugin {self.name!r} of {self.distribution}"

    def __repr__(self) -> str:
        return f"<Plugin {self.name!r} of {self.group!r}: {self.state}>"


def _is_in_company(chain: "list[Plugin[Any]]") -> bool:
    """Whether another plugin is being loaded, by this thread or by another one."""
    return len(chain) > 1 or len(_loading) > 1


def _again(failure: "PluginLoadError") -> "PluginLoadError":
    from plugbay.loading.failures import again

    return again(failure)
