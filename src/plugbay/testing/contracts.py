"""PluginContract: tests that a host's author writes once, and authors of plugins inherit."""

import asyncio
import contextlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from plugbay.compatibility.versions import bounds
from plugbay.errors import (
    PluginNotFoundError,
    PluginWarning,
    UnexpectedPluginError,
)
from plugbay.testing.finding import declarations_of, find_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plugbay.compatibility.host_api import HostApi
    from plugbay.hosting.host import Host
    from plugbay.plugins import Plugin
    from plugbay.testing.hosts import HostMaker

__all__ = ["PluginContract"]

_NOT_SAID: Any = object()
_OF_OBJECTS = "plugin-under-test"


class PluginContract:
    """What every plugin of a group has to do, as tests.

    The author of a host derives from it, says `group` and, as to `load_group`, `api` (or
    `api_version`) and `expect`, and adds tests, which have the fixtures `plugin`, what
    `load_group(...)[name]` gives, and `running_plugin`, what a started host has of it. `config` is
    what plugins are configured with, and `asynchronous` says that the host awaits their start.

    The author of a plugin derives from that, says `plugin`, and has all tests: the name of an
    installed plugin, the `Path` of a project, which is built and installed, or the object itself,
    which is tried without a declaration. `plugin_name` is its name where that is not said by it.

    A test that does not apply is taken out by setting it to None.
    """

    group: ClassVar[str] = ""
    api: "ClassVar[HostApi | None]" = None
    api_version: ClassVar[str | None] = None
    expect: ClassVar[Any] = None
    config: "ClassVar[Mapping[str, Any] | None]" = None
    asynchronous: ClassVar[bool] = False
    plugin_name: ClassVar[str] = ""

    _subject: ClassVar[Any] = _NOT_SAID

    def __init_subclass__(cls) -> None:
        # What stands there would hide the fixture of that name from pytest, and bind functions.
        said = vars(cls).get("plugin", _NOT_SAID)
        if said is not _NOT_SAID and not _is_fixture(said):
            cls._subject = staticmethod(said) if callable(said) else said
            del cls.plugin

    if TYPE_CHECKING:
        plugin: ClassVar[Any]
    else:

        @pytest.fixture
        def plugin(self, plugin_handle):
            """What the host's `load_group(...)[name]` gives."""
            return plugin_handle.load()

    @pytest.fixture
    def plugin_handle(
        self,
        make_distribution: "Callable[..., Any]",
        installed_plugin: "Callable[..., Plugin[Any]]",
    ) -> "Plugin[Any]":
        """The plugin as it was found: its `verdict`, `state`, `explain()` and so on."""
        subject, said = self._subject, self._said()
        if isinstance(subject, Path):
            return installed_plugin(subject, self.group, self.plugin_name or None, **said)
        name = subject
        if not isinstance(subject, str):
            name = self.plugin_name or _name_of(subject)
            make_distribution(_OF_OBJECTS, plugins={self.group: {name: subject}})
        try:
            return find_plugin(self.group, name, **said)
        except PluginNotFoundError as error:
            missing = str(error)
        pytest.fail(missing, pytrace=False)

    @pytest.fixture
    def running_plugin(self, plugin_handle: "Plugin[Any]", plugin_host: "HostMaker") -> Any:
        """What a host that was started with it gives: the object, or of a class the instance."""
        host = self._host(plugin_handle, plugin_host)
        with _quiet():
            host.start(only=[plugin_handle.name])
        return _instance(host, plugin_handle)

    def make_host(self, plugin_host: "HostMaker", **options: Any) -> "Host":
        """The host that plugins are started in, which has found the group.

        The author of a host whose plugins need more of it, such as other groups, overrides this;
        `options` are more ones for the host.
        """
        name = self.group.partition(".")[0]
        host = plugin_host(name, api=self.api, api_version=self.api_version, **options)
        host.discover(self.group, expect=type(self).expect)
        return host

    def test_plugin_is_admitted(self, plugin_handle: "Plugin[Any]") -> None:
        """It is found by its entry point, is the one that counts, and may run in this host."""
        if plugin_handle.state in ("refused", "shadowed"):
            pytest.fail(plugin_handle.explain(), pytrace=False)
        if plugin_handle.verdict.status == "unchecked":
            pytest.skip(plugin_handle.verdict.reason)

    def test_plugin_loads(self, plugin_handle: "Plugin[Any]") -> None:
        """It can be imported."""
        # Not caught otherwise: the error says all, and has the traceback of the plugin's own.
        with contextlib.suppress(UnexpectedPluginError):  # which is the next test's to tell
            plugin_handle.load()

    def test_plugin_is_as_expected(self, plugin_handle: "Plugin[Any]") -> None:
        """It is what the host expects in this group."""
        if self.expect is None:
            pytest.skip(f"{type(self).__name__} says nothing of what to expect")
        plugin_handle.load()

    def test_declaration_is_bounded(self, plugin_handle: "Plugin[Any]") -> None:
        """It says from which version of the host on it works, and up to which."""
        if plugin_handle.distribution.name == _OF_OBJECTS:
            pytest.skip("an object has no distribution that declares anything")
        host = self.api.name if self.api else self.group.partition(".")[0]
        missing = _missing_bounds(plugin_handle, host)
        if missing:
            pytest.fail(
                f"{plugin_handle} does not say {missing}; "
                f"depend on a range, such as '{host}>=1.0,<2'",
                pytrace=False,
            )

    def test_plugin_starts_and_stops(
        self, plugin_handle: "Plugin[Any]", plugin_host: "HostMaker"
    ) -> None:
        """A host can start it and stop it, and then none of its threads is left."""
        host = self._host(plugin_handle, plugin_host)
        with _quiet():
            if self.asynchronous:
                asyncio.run(_started_and_stopped(host, plugin_handle))
            else:
                host.start(only=[plugin_handle.name])
                _instance(host, plugin_handle)
                host.stop()
        if left := plugin_host.leftovers():
            pytest.fail(
                f"{plugin_handle} was stopped, and a thread of it goes on: {'; '.join(left)}; "
                f"it has to end what it starts, in on_unload(), shutdown() or __exit__()",
                pytrace=False,
            )

    def _said(self) -> "dict[str, Any]":
        """What the host says, as for `load_group`; fails where something is not said."""
        name = type(self).__name__
        if not self.group:
            pytest.fail(f"{name} does not say its group; write group = '...'", pytrace=False)
        if self._subject is _NOT_SAID:
            pytest.fail(
                f"{name} does not say which plugin it is about; write plugin = 'name' of an "
                f"installed one, Path(...) of a project, or the object",
                pytrace=False,
            )
        return {"api": self.api, "api_version": self.api_version, "expect": type(self).expect}

    def _host(self, plugin: "Plugin[Any]", maker: "HostMaker") -> "Host":
        """A host in which the plugin can be started."""
        if plugin.state in ("refused", "shadowed"):
            pytest.fail(plugin.explain(), pytrace=False)
        config = None if self.config is None else {plugin.name: self.config}
        with _quiet():
            return self.make_host(maker, config=config)


def _is_fixture(found: object) -> bool:
    kind = type(found).__name__
    return kind == "FixtureFunctionDefinition" or hasattr(found, "_pytestfixturefunction")


def _name_of(subject: object) -> str:
    name = getattr(subject, "__name__", type(subject).__name__)
    return str(name).strip("<>")


def _quiet() -> "warnings.catch_warnings[None]":
    """Within the block plugbay does not warn: what is wrong is told by the test that fails."""
    return warnings.catch_warnings(action="ignore", category=PluginWarning)


def _instance(host: "Host", plugin: "Plugin[Any]") -> Any:
    """What a started host has of a plugin; raises PluginUnavailableError where it left it out."""
    return host.group(plugin.group).components[plugin.name].instance()


async def _started_and_stopped(host: "Host", plugin: "Plugin[Any]") -> None:
    await host.start_async(only=[plugin.name])
    try:
        _instance(host, plugin)
    finally:
        await host.stop_async()


def _missing_bounds(plugin: "Plugin[Any]", host: str) -> str:
    """What a plugin does not say of the versions that it works with, as a clause, or nothing."""
    declarations = declarations_of(plugin, host)
    if not declarations:
        return f"which versions of {host} it works with"
    left = bounds([clause for each in declarations for clause in each.clauses])
    since = "" if left.lower is not None else f"since which version of {host} it works"
    until = "" if left.upper is not None else f"up to which version of {host} it works"
    return " and ".join(filter(None, (since, until)))
