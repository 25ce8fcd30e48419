"""PluginEnvironment: a place for distributions that are installed only while a test runs."""

import os
import shutil
import sys
from dataclasses import replace
from importlib import invalidate_caches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from plugbay.discovery import MANIFEST_GROUP, find, normalized
from plugbay.errors import PlugbayError
from plugbay.testing.contents import Contents, top_level
from plugbay.testing.isolation import ModulesOnly, has_distributions
from plugbay.testing.objects import forget
from plugbay.testing.surroundings import Surroundings, refresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Self

__all__ = ["MadeDistribution", "PluginEnvironment"]


class PluginEnvironment:
    """A directory that is first on `sys.path`, with distributions in it; a context manager.

    What is in it are files as an installer leaves them, so whatever finds installed distributions
    finds these, as it finds what is really installed. Of two of one name the one in here counts.
    `path` is the directory, which is empty at first.

    On leaving, the directory is gone, and `sys.path`, `sys.modules`, the caches of imports and the
    variables PLUGBAY_* are as they were; within it there are none of the latter.
    """

    path: Path

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._made: list[MadeDistribution] = []

    def __enter__(self) -> "Self":
        if self._folder is not None:
            raise PlugbayError("this environment was entered already; make another one")
        folder = TemporaryDirectory(prefix="plugbay-", ignore_cleanup_errors=True)
        self._folder = folder
        # As the import system will see it, to tell its modules from others by their place.
        self._root = Path(folder.name).resolve()
        self._surroundings = Surroundings()
        self.path = self._root / "site"
        self.path.mkdir()
        self._surroundings.first(str(self.path))
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._folder is not None
        self._surroundings.put_back(str(self._root))
        for each in self._made:
            each.let_go()
        self._folder.cleanup()

    def make_distribution(
        self,
        name: str,
        version: str = "1.0",
        *,
        plugins: "Mapping[str, Mapping[str, Any]] | None" = None,
        requires: "str | Sequence[str]" = (),
        api: "str | Mapping[str, str] | None" = None,
        manifest: "Any" = None,
        files: "Mapping[str, str | bytes] | None" = None,
        headers: "str | Sequence[str]" = (),
    ) -> "MadeDistribution":
        """Install a distribution, as pip would leave it.

        `plugins` maps groups to plugins, each a target ("module:attr") or the object itself, which
        a module that is made for it then has. `requires` are requirements, of which one on the host
        declares what the plugins work with, and `api` is that declaration in the manifest: a
        specifier, or one for each host. `manifest` is the content of its plugbay.json, as data, or
        as text that is written as it is. `files` maps paths in the environment to text, of which
        common indentation is taken away, or to bytes; they count before what is written otherwise,
        so that metadata can be broken on purpose. `headers` are more lines for METADATA.

        Modules that are imported already, and are in `files`, are imported anew until the
        environment is left. Raises ValueError for what cannot be written, and PlugbayError when a
        distribution of that name is in the environment, or it brings a module that pytest needs.
        """
        given = Contents(
            name, version, plugins or {}, requires, api, manifest, files or {}, headers
        )
        made = MadeDistribution(self, given)
        self._made.append(made)
        return made

    def isolate(self, *, keep: "Iterable[str]" = ()) -> None:
        """Hide all that is really installed, apart from the distributions to keep.

        Their modules can be imported as before. Entries of `sys.path` with distributions leave it,
        so that other processes, such as those of a sandbox, do not import from there. Raises
        PlugbayError for a name to keep that is not installed.
        """
        self._check_open()
        kept = self._root / "kept"
        kept.mkdir(exist_ok=True)
        for name in keep:
            _copy_metadata(name, kept)
        own = (str(self.path), str(kept))
        hidden = [each for each in sys.path if each not in own and has_distributions(each)]
        sys.path[:] = [*own, *(each for each in sys.path if each not in (*own, *hidden))]
        self._surroundings.add_finder(ModulesOnly(hidden))
        invalidate_caches()

    def install(self, files: "Mapping[str, bytes]") -> None:
        """Write files below `path`; modules among them that are imported are imported anew.

        Raises PlugbayError as `make_distribution` does.
        """
        self._check_open()
        infos = {Path(each).parts[0] for each in files if ".dist-info/" in each}
        for info in infos:
            self._check_free(info.partition("-")[0])
        self._surroundings.give_way(top_level(files), str(self._root))
        for path, data in files.items():
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        refresh(str(self.path / path) for path in files)

    def uninstall(self, paths: "Iterable[str]") -> None:
        """Remove files below `path`, and the directories that are empty then."""
        files = [self.path / path for path in paths]
        refresh(map(str, files))
        for file in files:
            file.unlink(missing_ok=True)
        for folder, *_ in os.walk(self.path, topdown=False):
            if Path(folder) != self.path and not os.listdir(folder):
                os.rmdir(folder)

    def _check_open(self) -> None:
        if self._folder is None or not self._root.exists():
            raise PlugbayError("this environment is not entered: use it as `with ... as name:`")

    def _check_free(self, name: str) -> None:
        for other in self.path.glob("*.dist-info"):
            if normalized(other.name.partition("-")[0]) == normalized(name):
                raise PlugbayError(
                    f"{other.name.removesuffix('.dist-info')} is in the environment already; "
                    f"upgrade() or remove() what make_distribution() gave for it"
                )

    def __repr__(self) -> str:
        return f"<PluginEnvironment of {', '.join(map(str, self._made)) or 'nothing'}>"


class MadeDistribution:
    """A distribution that `make_distribution` has installed.

    `name` and `version` are those that it was given, and `path` is its metadata directory.
    """

    def __init__(self, environment: PluginEnvironment, contents: Contents) -> None:
        self._environment = environment
        self._keys: list[int] = []
        self._files: list[str] = []
        self._put(contents)

    @property
    def name(self) -> str:
        return self._contents.name

    @property
    def version(self) -> str:
        return self._contents.version

    @property
    def path(self) -> Path:
        """Its metadata directory, as a test that damages it needs it."""
        return self._environment.path / self._contents.info

    def upgrade(self, version: str, **changes: "Any") -> "Self":
        """Put another version in its place, as pip does it; gives this again.

        What is not among the changes, which are those of `make_distribution`, is as it was. What
        was imported of it stays imported, until a host reloads it.
        """
        contents = replace(self._contents, version=version, **changes)
        contents.check()
        self.remove()
        self._put(contents)
        return self

    def remove(self) -> None:
        """Uninstall it; once it is, this has no effect."""
        self._environment.uninstall(self._files)
        self._files = []

    def let_go(self) -> None:
        """Keep the objects no longer that are its plugins."""
        forget(self._keys)

    def _put(self, contents: Contents) -> None:
        contents.check()
        self._contents = contents
        files = contents.written(self._keys)
        self._environment.install(files)
        self._files = list(files)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def __repr__(self) -> str:
        return f"<MadeDistribution {self}>"


def _copy_metadata(name: str, folder: Path) -> None:
    """Copy what an installed distribution says of itself; its modules stay where they are."""
    found = find(MANIFEST_GROUP).distributions.get(normalized(name))
    if found is None or not os.path.exists(found.path):
        raise PlugbayError(f"{name!r} cannot be kept, since no such distribution is installed")
    if os.path.isdir(found.path):
        shutil.copytree(found.path, folder / found.metadata, dirs_exist_ok=True)
    else:
        shutil.copy(found.path, folder / found.metadata)
