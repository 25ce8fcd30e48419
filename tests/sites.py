"""Sites: directories on `sys.path` with distributions in them, as an installer leaves them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from plugbay.discovery.distributions import Distribution

__all__ = ["GROUP", "HOST", "RECORD", "Site"]

# No distribution of this name can be installed where the tests run.
HOST = "plugbay-test-host"
GROUP = "plugbay-test-host.shades"

# What a module has in its body to leave a mark each time the body runs.
RECORD = "with open(__file__ + '.runs', 'a') as record: record.write('x')\n"


class Site:
    """A directory of installed distributions."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def add(
        self,
        name: str,
        plugins: Mapping[str, str] | None = None,
        *,
        version: str = "1.0",
        group: str = GROUP,
        requires: Sequence[str] = (),
        headers: Sequence[str] = (),
        manifest: object = None,
        files: Mapping[str, str] | None = None,
    ) -> Distribution:
        """Install a distribution: its metadata, its entry points in one group, and its files.

        `plugins` maps names to targets, `manifest` is written as the JSON that it stands for (a
        string or bytes as they are), and `files` maps paths below the site to their text.
        """
        info = f"{name.replace('-', '_')}-{version}.dist-info"
        fields = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *headers]
        fields += [f"Requires-Dist: {each}" for each in requires]
        self.write(f"{info}/METADATA", "\n".join(fields) + "\n\nWhat it is for.\n")
        if plugins is not None:
            lines = [f"[{group}]", *(f"{each} = {target}" for each, target in plugins.items())]
            self.write(f"{info}/entry_points.txt", "\n".join(lines) + "\n")
        if manifest is not None:
            raw = isinstance(manifest, (str, bytes))
            self.write(
                f"{info}/extra_metadata/plugbay.json", manifest if raw else json.dumps(manifest)
            )  # type: ignore[arg-type]
        for path, text in (files or {}).items():
            self.write(path, text)
        return Distribution(str(self.root), info)

    def add_module(self, name: str, body: str = "", *, module: str = "", **more: object) -> None:
        """Install a distribution with one plugin, `thing`, of one module that records each run."""
        module = module or name.replace("-", "_")
        self.add(
            name,
            {name: f"{module}:thing"},
            files={f"{module}.py": f"{RECORD}{body or f'thing = {name!r}'}\n"},
            **more,  # type: ignore[arg-type]  # as for add
        )

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file below the site, with the directories that it needs."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def runs(self, module: str) -> int:
        """How often the body of a module that has RECORD in it was run."""
        record = self.root / f"{module}.py.runs"
        return len(record.read_text()) if record.exists() else 0
