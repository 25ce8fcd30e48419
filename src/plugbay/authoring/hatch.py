"""The build hook of hatchling: checks the project, and puts the manifest into the wheel.

`[tool.hatch.build.hooks.plugbay]` asks for it, with plugbay among the requirements of the build
system. It adds no dependencies to what is built.
"""

import json
import os
import sys
import tempfile

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ManifestHook", "hatch_register_build_hook"]


class ManifestHook(BuildHookInterface):  # type: ignore[type-arg]  # whatever the builder is
    """Checks the project, and makes `plugbay.json` of `[tool.plugbay]` and what the code says."""

    PLUGIN_NAME = "plugbay"

    def initialize(self, version: str, build_data: "dict[str, Any]") -> None:
        """Check and make the manifest; ends the build with one line where something is wrong."""
        if self.target_name != "wheel":
            return
        from plugbay.authoring.checks.checking import errors_of
        from plugbay.authoring.manifests import manifest_of
        from plugbay.errors import ManifestError

        config = self.metadata.config
        table = config.get("tool", {}).get("plugbay", {})
        errors = [f"{each.code} {each.place}: {each.message}" for each in errors_of(self.root)]
        if errors:
            sys.exit(f"plugbay: {'; '.join(errors)}")
        try:
            manifest, untold = manifest_of(config.get("project", {}), table, self.root)
        except ManifestError as error:
            sys.exit(f"plugbay: {error}")
        for each in untold:
            self.app.display_warning(
                f"plugbay: not in the manifest is {each}; add what it imports to the requirements "
                f"of the build system, or build with --no-isolation"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="plugbay-")
        path = os.path.join(self._folder.name, "plugbay.json")
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(manifest, stream, indent=2, sort_keys=True)
        build_data["extra_metadata"][path] = "plugbay.json"

    def finalize(self, version: str, build_data: "dict[str, Any]", artifact_path: str) -> None:
        """Remove what was only needed for the build."""
        if self.target_name == "wheel":
            self._folder.cleanup()


@hookimpl
def hatch_register_build_hook() -> "type[ManifestHook]":
    """What hatchling asks for."""
    return ManifestHook
