"""Context: what a host gives a plugin that it starts."""

import logging
from pathlib import Path
from urllib.parse import quote

from plugbay.errors import PluginNotFoundError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from plugbay.hosting.components import Component

__all__ = ["Context"]


class Context:
    """What a plugin gets when it is started: `host` is the host's name, `name` its own.

    `config` is an instance of the plugin's model, None where it names none. `logger` is named
    "<host>.<name>". `data_dir` and `cache_dir` are folders of its own, made when
    they are first asked for.
    """

    __slots__ = ("_needs", "_place", "config", "host", "logger", "name")

    def __init__(
        self,
        host: str,
        component: "Component",
        needs: "dict[str, Component]",
        config: "Any" = None,
    ) -> None:
        self.host = host
        self.name = component.name
        self.logger = logging.getLogger(f"{host}.{component.name}")
        self.config = config
        self._needs = needs
        self._place = component.plugin.group, component.name

    def plugin(self, name: str) -> "Any":
        """What a plugin gives that this one depends on, started already.

        Raises PluginNotFoundError for one that it does not depend on, or that is optional and
        not there.
        """
        if name not in self._needs:
            raise PluginNotFoundError(
                f"{name!r} is optional and not there, or {self.name!r} does not depend on it; what "
                f"it depends on has to be in depends_on ({did_you_mean(name, self._needs)})"
            )
        return self._needs[name].instance()

    @property
    def data_dir(self) -> Path:
        """The folder for what it has to keep, of this user; needs the extra plugbay[dirs]."""
        return self._folder("user_data_path")

    @property
    def cache_dir(self) -> Path:
        """The folder for what it can make again, of this user; needs the extra plugbay[dirs]."""
        return self._folder("user_cache_path")

    def _folder(self, kind: str) -> Path:
        try:
            import platformdirs
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "folders of plugins need platformdirs; install plugbay[dirs]", name=error.name
            ) from None
        parent: Path = getattr(platformdirs, kind)(self.host, appauthor=False)
        folder = parent.joinpath(*map(_file_name, self._place))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def __repr__(self) -> str:
        return f"<Context of {self.name!r} in {self.host!r}>"


def _file_name(name: str) -> str:
    """A name that a file can have for any name, another one for each."""
    quoted = quote(name, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")
