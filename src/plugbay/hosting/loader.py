"""Loader: plugins in files that are loaded, replaced and unloaded one by one, by their ids."""

from contextlib import suppress

from plugbay.errors import HostError, ManifestError, PluginLoadError, PluginNotFoundError
from plugbay.hosting.host import Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any, Self

    from plugbay.hosting.components import Component
    from plugbay.hosting.replacing import Replacement

__all__ = ["PluginLoader"]

_LOADED = ("loaded", "active", "stopped")


class PluginLoader:
    """Plugins in files by their ids: a face of a host for programs that name each file.

    Within `with PluginLoader() as loader:`, or where the host is started, plugins are started when
    they are loaded. All that a host does is done, too: the gate, dependencies, configuration; and
    `host` is at hand for it. Without one it makes one of its own, without an API to check against.
    """

    def __init__(self, host: Host | None = None, *, group: str | None = None) -> None:
        self.host = Host("plugins") if host is None else host
        self.group = group or f"{self.host.name}.plugins"

    def load_plugin(self, path: "str | PathLike[str]") -> "Any":
        """What the plugin in a file, or in the package of a directory, gives.

        A plugin that is loaded already is given again. Raises PluginLoadError for a file that is no
        plugin or fails, PluginRefusedError, and PluginStartError; the plugin is unloaded then, so
        that it can be mended and loaded again.
        """
        known = set(self.host.group(self.group).components)
        try:
            component = self.host.add_file(path, group=self.group)
        except ManifestError as error:
            raise PluginLoadError(str(error)) from error
        try:
            component.instance()
            if self.host.is_running and component.state != "active":
                self.host.start(only=[component.name])
            return component.instance()
        except BaseException:
            if component.name not in known:
                with suppress(HostError, PluginNotFoundError):
                    self.unload_plugin(component.name)
            raise

    def unload_plugin(self, plugin_id: str, *, dependents: bool = False) -> None:
        """Stop a plugin and have it and its modules loaded no longer; see `Host.unload`."""
        self.host.unload(plugin_id, group=self.group, dependents=dependents)

    def reload_plugin(self, plugin_id: str) -> "Replacement":
        """Put what the file of a plugin is now in its place; see `Host.reload`."""
        return self.host.reload(plugin_id, group=self.group)

    def get_plugin(self, plugin_id: str) -> "Any":
        """What a plugin gives that is loaded, or None."""
        return self._loaded()[plugin_id].instance() if self.is_loaded(plugin_id) else None

    def is_loaded(self, plugin_id: str) -> bool:
        """Whether a plugin of that id is loaded."""
        return plugin_id in self._loaded()

    @property
    def loaded(self) -> "dict[str, Any]":
        """What each plugin gives that is loaded, by id."""
        return {name: each.instance() for name, each in self._loaded().items()}

    def _loaded(self) -> "dict[str, Component]":
        known = self.host.group(self.group).components
        return {name: each for name, each in known.items() if each.state in _LOADED}

    def __enter__(self) -> "Self":
        self.host.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.host.stop()
