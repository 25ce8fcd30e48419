"""Contents: what a fake distribution has to say, and the files that an installer makes of it."""

import base64
import hashlib
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from plugbay.discovery import MANIFEST_FILE, normalized
from plugbay.testing.objects import keep

__all__ = ["Contents", "top_level"]

_IMPORT = "from plugbay.testing.objects import given"
_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE)


@dataclass(frozen=True)
class Contents:
    """What `make_distribution` is told, which says what each field means."""

    name: str
    version: str
    plugins: Mapping[str, Any] = field(default_factory=dict)
    requires: str | Sequence[str] = ()
    api: str | Mapping[str, str] | None = None
    manifest: Any = None
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    headers: str | Sequence[str] = ()

    @property
    def info(self) -> str:
        """The name of the metadata directory."""
        return f"{normalized(self.name)}-{self.version}.dist-info"

    def check(self) -> None:
        """Raise ValueError for all that cannot be written as it is meant."""
        wrong = [*self._wrong_names(), *self._wrong_plugins()]
        for path in self.files:
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                wrong.append(f"the file {path!r} is not below the environment")
        if self.api is not None and not (self.manifest is None or isinstance(self.manifest, dict)):
            wrong.append("api= is written into the manifest, which is no dict here; say it there")
        if wrong:
            raise ValueError(f"{self.name!r} cannot be made: {'; '.join(wrong)}")

    def _wrong_names(self) -> list[str]:
        wrong = []
        if not _NAME.fullmatch(self.name):
            wrong.append("the name of a distribution is letters, digits, and -._ between them")
        if not re.fullmatch(r"[\w.+!]+", self.version):
            wrong.append(f"{self.version!r} is no version")
        lines = [*_listed(self.requires), *_listed(self.headers)]
        wrong += [f"{each!r} is more than a line" for each in lines if len(each.splitlines()) > 1]
        return wrong

    def _wrong_plugins(self) -> list[str]:
        wrong = []
        for group, plugins in self.plugins.items():
            if not isinstance(plugins, Mapping):
                wrong.append(f"plugins={{{group!r}: ...}} is not {{group: {{name: target}}}}")
                continue
            targets = [target for target in plugins.values() if isinstance(target, str)]
            for text in (group, *plugins, *targets):
                if not text.isprintable() or text != text.strip() or not text:
                    wrong.append(f"{text!r} cannot stand in entry_points.txt")
            for name in plugins:
                if "=" in name or name.startswith(("[", "#")):
                    wrong.append(f"{name!r} cannot be the name of a plugin")
        return wrong

    def written(self, keys: list[int]) -> dict[str, bytes]:
        """The files by path, as an installer leaves them; `files` count before all others.

        Objects that are plugins are kept; their keys are added to `keys`.
        """
        texts: dict[str, str | bytes] = {
            f"{self.info}/METADATA": self._metadata(),
            f"{self.info}/INSTALLER": "plugbay.testing\n",
        }
        if self.plugins:
            texts |= self._entry_points(keys)
        manifest = self._manifest()
        if manifest is not None:
            texts[f"{self.info}/{MANIFEST_FILE}"] = manifest
        texts |= {path: _dedented(text) for path, text in self.files.items()}
        files = {path: _encoded(text) for path, text in texts.items()}
        record = f"{self.info}/RECORD"
        rows = [f"{path},{_digest(data)},{len(data)}\n" for path, data in files.items()]
        return {record: f"{''.join(rows)}{record},,\n".encode(), **files}

    def _metadata(self) -> str:
        fields = ["Metadata-Version: 2.4", f"Name: {self.name}", f"Version: {self.version}"]
        fields += _listed(self.headers)
        fields += [f"Requires-Dist: {each}" for each in _listed(self.requires)]
        return "\n".join(fields) + "\n\nMade by a test.\n"

    def _entry_points(self, keys: list[int]) -> dict[str, str | bytes]:
        """The file of the entry points, and the module of those that are objects."""
        module = f"given_by_test_{normalized(self.name)}"
        lines: list[str] = []
        body: list[str] = []
        for group, plugins in self.plugins.items():
            lines.append(f"[{group}]")
            for name, target in plugins.items():
                if not isinstance(target, str):
                    keys.append(keep(target))
                    body.append(f"plugin_{len(body) + 1} = given({keys[-1]})")
                    target = f"{module}:plugin_{len(body)}"
                lines.append(f"{name} = {target}")
        files: dict[str, str | bytes] = {f"{self.info}/entry_points.txt": "\n".join([*lines, ""])}
        if body:
            head = ('"""Plugins that are objects of a test."""', "", _IMPORT, "")
            files[f"{module}.py"] = "\n".join([*head, *body, ""])
        return files

    def _manifest(self) -> str | bytes | None:
        if isinstance(self.manifest, (str, bytes)):
            return self.manifest
        content = self.manifest
        if self.api is not None:
            content = {**(self.manifest or {}), "api": self.api}
        return None if content is None else json.dumps(content)


def top_level(paths: "Mapping[str, bytes]") -> list[str]:
    """The modules and packages that files make; a directory that may be a namespace is none."""
    found = set()
    for path in paths:
        first, *rest = PurePosixPath(path).parts
        if not rest and first.endswith(".py"):
            found.add(first.removesuffix(".py"))
        elif rest and rest[0].startswith("__init__."):
            found.add(first)
    return sorted(found)


def _listed(lines: str | Sequence[str]) -> list[str]:
    return [lines] if isinstance(lines, str) else list(lines)


def _dedented(text: str | bytes) -> str | bytes:
    return text if isinstance(text, bytes) else textwrap.dedent(text).removeprefix("\n")


def _encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"sha256={digest}"
