"""Components: the plugins of a host, each with its state, its instance and what starts it.

A plugin starts by whichever of these it has, in this order, and stops by the counterparts in
reverse: `on_load()` and `on_unload()`, `initialize(context)` and `shutdown()`, and the context
manager's `__enter__` and `__exit__` or their asynchronous forms. Each may be asynchronous where
the host is, and takes the context if it has a parameter for it.
"""

from _thread import allocate_lock
from contextlib import AsyncExitStack

from plugbay.attributes import namespace, written
from plugbay.errors import (
    InvalidVersionError,
    PluginLoadError,
    PluginRefusedError,
    PluginStartError,
    PluginUnavailableError,
)
from plugbay.hooks.signatures import Signature
from plugbay.hosting.dependencies import Dependency
from plugbay.instances import Instance
from plugbay.loading.failures import Terminated, told
from plugbay.loading.files import FileEntryPoint, forget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from plugbay.discovery.manifests import PluginFacts
    from plugbay.hosting.context import Context
    from plugbay.plugins import Plugin

    # Hears of each transition: the component, and the state that it was in before.
    Observer = Callable[["Component", str], object]

__all__ = ["Component", "method_of"]

# Held only to publish an instance, never while plugin code runs.
_publishing = allocate_lock()
_PAIRS = (("on_load", "on_unload"), ("initialize", "shutdown"))


class Component:
    """One plugin of a host.

    `state` is "found", "refused", "loaded", "active", "failed" or "stopped", and `reason` says why
    it is refused or failed. `fault` says why it is refused for good, and is empty for others.
    `needs` are its dependencies. `name` is that of the plugin, qualified where another one has it.
    `model` is what its configuration is made of, as the attribute `config_model` of what is loaded
    says, or None. What the code says of itself is judged by `check` when it is loaded, which gives
    the reason to refuse it or nothing.
    """

    __slots__ = (
        "_check",
        "_error",
        "_instance",
        "_observers",
        "_stack",
        "fault",
        "model",
        "name",
        "needs",
        "plugin",
        "reason",
        "state",
    )

    def __init__(
        self,
        plugin: "Plugin[Any]",
        observers: "list[Observer]",
        check: "Callable[[Component, Any], str]",
        name: str = "",
    ) -> None:
        self.name = name or plugin.name
        self.plugin = plugin
        self.needs: list[Dependency] = []
        self.fault = "" if plugin.is_admitted else plugin.reason
        try:
            self.needs += map(Dependency, plugin.facts.depends_on if plugin.facts else ())
        except InvalidVersionError as error:
            self.fault = str(error)
        self._check = check
        self._error: PluginStartError | None = None
        self.state = "refused" if self.fault else "found"
        self.reason = self.fault
        self._observers = observers
        self.model: Any = None
        self._instance: Instance | None = None
        self._stack: AsyncExitStack | None = None

    @property
    def version(self) -> str:
        """Its version: that of what brings it; empty where that has none."""
        return self.plugin.distribution.version

    @property
    def facts(self) -> "PluginFacts | None":
        """What its manifest says about it."""
        return self.plugin.facts

    def refuse(self, reason: str) -> None:
        """Refuse it for good."""
        self.fault = reason
        self.moves("refused", reason)

    def moves(self, state: str, reason: str = "") -> None:
        """Take on a state, and tell the observers of it."""
        before, self.state, self.reason = self.state, state, reason
        self._tell(before)

    def _tell(self, before: str) -> None:
        for observer in list(self._observers):
            observer(self, before)

    def instance(self) -> "Any":
        """What it gives: the object, or of a class the one instance, made on first use.

        Raises PluginRefusedError, and whatever loading and instantiating raise.
        """
        if self._error is not None:
            raise PluginStartError(str(self._error)) from self._error.__cause__
        instance = self.load()
        try:
            return instance.get()
        except (PluginUnavailableError, Terminated):
            raise
        except (Exception, SystemExit) as error:
            raise self._failed("instantiated", told(error), error) from error

    @property
    def is_usable(self) -> bool:
        """Whether it gives something, as far as known."""
        return self.state not in ("refused", "failed")

    @property
    def has_to_start(self) -> bool:
        """Whether it is of use only when it is started; known once it has an instance."""
        made = self.instance()
        begins = any(method_of(made, begin) for begin, _ in _PAIRS)
        enters = hasattr(type(made), "__enter__") or hasattr(type(made), "__aenter__")
        return self.model is not None or begins or enters

    async def start(self, context: "Context", *, waits: bool) -> None:
        """Start it; what it had started is undone, in reverse, when that fails.

        Raises PluginStartError, whose cause is what the plugin raised.
        """
        instance = self.instance()
        try:
            self._stack = await self._started(instance, context, waits=waits)
        except Terminated:
            raise
        except (Exception, SystemExit) as error:
            reason = error.args[0] if isinstance(error, _AsynchronousError) else told(error)
            raise self._failed("started", reason, error) from error
        self.moves("active")

    async def stop(self) -> None:
        """Stop it; raises what the plugin raised, once all of it has been stopped."""
        stack, self._stack = self._stack, None
        try:
            if stack is not None:
                await stack.aclose()
        finally:
            self.moves("stopped")

    def recover(self) -> None:
        """Forget that it could not be started, so that it is tried again."""
        if self._error is not None:
            self._error = None
            self.moves("stopped" if self._instance is not None else "found")

    def forget(self) -> None:
        """Have the module of a plugin in a file imported no longer."""
        entry_point = self.plugin.entry_point
        if isinstance(entry_point, FileEntryPoint) and entry_point.module_name:
            forget(entry_point.module_name)

    def load(self) -> Instance:
        """Load it, and judge what its code says of itself; gives what its instance comes from.

        Raises PluginRefusedError, and PluginLoadError as `Plugin.load` does.
        """
        if self.state == "refused":
            raise PluginRefusedError(f"{self.plugin} is refused: {self.reason}")
        if self._instance is not None:
            return self._instance
        try:
            found = self.plugin.load()
        except PluginLoadError as error:
            if self.state != "failed":
                self.moves("failed", error.reason)
            raise
        if reason := self._check(self, found):
            self.moves("refused", reason)
            raise PluginRefusedError(f"{self.plugin} is refused: {reason}")
        self.model = written(found, "config_model")
        # Of several threads the first one's counts.
        with _publishing:
            is_first = self._instance is None and self.state == "found"
            instance = self._instance = self._instance or Instance(found, self.plugin)
            if is_first:
                self.state = "loaded"
        if is_first:
            self._tell("found")
        return instance

    def _failed(self, word: str, reason: str, cause: BaseException) -> PluginStartError:
        self._error = PluginStartError(f"{self.plugin} could not be {word}: {reason}")
        self._error.__cause__ = cause
        self.moves("failed", reason)
        return self._error

    async def _started(self, instance: "Any", context: "Context", *, waits: bool) -> AsyncExitStack:
        async with AsyncExitStack() as stack:
            for begin, end in _PAIRS:
                starts, stops = method_of(instance, begin), method_of(instance, end)
                for name, method in ((begin, starts), (end, stops)):
                    if method and Signature.of(method).is_async and not waits:
                        raise _AsynchronousError(f"{name}()")
                if starts and await _called(starts, context, waits=waits) is False:
                    raise RuntimeError(f"its {begin}() returned False")
                if stops:
                    stack.push_async_callback(_called, stops, context, waits=waits)
            if waits and hasattr(type(instance), "__aenter__"):
                await stack.enter_async_context(instance)
            elif hasattr(type(instance), "__enter__"):
                stack.enter_context(instance)
            elif hasattr(type(instance), "__aenter__"):
                raise _AsynchronousError("__aenter__")
            return stack.pop_all()

    def __repr__(self) -> str:
        return f"<Component {self.name!r} of {self.plugin.group!r}: {self.state}>"


class _AsynchronousError(Exception):
    """A plugin that has to be awaited, in a host that is not."""

    def __init__(self, method: str) -> None:
        super().__init__(f"its {method} is asynchronous; start the host with `async with`")


def method_of(instance: "Any", name: str) -> "Callable[..., Any] | None":
    """A method that is written in the plugin; objects that have every attribute have none."""
    found = getattr(instance, name) if name in namespace(instance) else None
    return found if callable(found) else None


async def _called(method: "Callable[..., Any]", context: "Context", *, waits: bool) -> "Any":
    """What a method gives, with the context if it takes one."""
    signature = Signature.of(method)
    parameters = signature.positional
    optional = len(getattr(method, "__defaults__", None) or ())
    if "context" in parameters[:1] or len(parameters) > optional:
        result = method(context)
    else:
        result = method(context=context) if "context" in signature.keyword_only else method()
    if not hasattr(result, "__await__"):
        return result
    if waits:
        return await result
    if hasattr(result, "close"):
        result.close()
    raise _AsynchronousError(f"{method.__name__}()")
