"""Generations for tests: plugins of several modules, installed, and written anew."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pythons import SOURCE
from sites import Site

from plugbay import Host

__all__ = [
    "CLASS",
    "GROUP",
    "PLUGINS",
    "Busy",
    "component",
    "install",
    "installed",
    "modules",
    "one_module",
    "program",
    "rewrite",
    "uninstall",
    "unseen",
    "upgrade",
    "whole",
]

GROUP = "tabletop.tools"
PLUGINS = "tabletop.plugins"

# A plugin of one class that notes in `log` what is done with it; `WORD` is what it says.
CLASS = """
log = []

class Tool:
    def __init__(self):
        log.append('init')

    def initialize(self, context):
        self.context = context
        log.append('initialize')

    def shutdown(self):
        log.append('shutdown')

    def __call__(self):
        return WORD
"""


def whole(word: object, package: str = "toolbox") -> dict[str, str]:
    """The modules of a package of which each says the same word, and `say` what all of them say.

    They import each other in every way that there is.
    """
    say = (
        "def say():\n"
        "    from .lazy import WORD as late\n"
        f"    from {package}.deep import latest\n"
        "    return WORD, near.WORD, far(), deep.WORD, deep.inner.WORD, late, latest.WORD\n"
    )
    return {
        f"{package}/__init__.py": f"from {package}.main import say\nWORD = {word!r}\n",
        f"{package}/main.py": (
            f"from . import deep, near\nfrom {package}.far import far\nWORD = {word!r}\n{say}"
        ),
        f"{package}/near.py": f"WORD = {word!r}\n",
        f"{package}/far.py": f"import {package}.near\ndef far(): return {package}.near.WORD\n",
        f"{package}/lazy.py": f"WORD = {word!r}\n",
        f"{package}/deep/__init__.py": f"from . import inner\nWORD = {word!r}\n",
        f"{package}/deep/inner.py": f"from ..near import WORD as NEAR\nWORD = {word!r}\n",
        f"{package}/deep/latest.py": f"from .. import near\nWORD = near.WORD and {word!r}\n",
    }


def install(
    site: Site,
    files: Mapping[str, str],
    target: str = "toolbox:say",
    *,
    name: str = "tool",
    version: str = "1.0",
    **more: Any,
) -> None:
    """Install a distribution with one plugin and these files; it is named after the plugin."""
    site.add(f"tabletop-{name}", {name: target}, group=GROUP, files=files, version=version, **more)


def installed(site: Site, files: Mapping[str, str], target: str = "toolbox:say") -> Host:
    """A host that has found one plugin, `tool`, of these files."""
    install(site, files, target)
    host = Host("tabletop")
    host.discover(GROUP)
    return host


def one_module(site: Site, body: str, *, name: str = "tool", **more: Any) -> None:
    """Install, or write anew, a plugin of one module that is named after it, with CLASS in it."""
    install(site, {f"{name}.py": body + CLASS}, f"{name}:Tool", name=name, **more)


def rewrite(site: Site, files: Mapping[str, str]) -> None:
    """Have these files instead of those that there are of their package."""
    for top in {Path(path).parts[0] for path in files if "/" in path}:
        shutil.rmtree(site.root / top, ignore_errors=True)
    for path, text in files.items():
        site.write(path, text)


def unseen(site: Site, path: str, text: str) -> None:
    """Write a file anew with the size and the times that it had."""
    file = site.root / path
    before = file.stat()
    assert len(text.encode()) == before.st_size
    file.write_text(text, "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def uninstall(site: Site, name: str = "tool") -> None:
    """Take away what says that the distribution of a plugin is installed."""
    for info in site.root.glob(f"tabletop_{name}-*.dist-info"):
        shutil.rmtree(info)


def upgrade(
    site: Site, files: Mapping[str, str], target: str, *, name: str = "tool", **more: Any
) -> None:
    """Install another version of the distribution of a plugin in the place of the one there is."""
    uninstall(site, name)
    rewrite(site, files)
    install(site, files, target, name=name, **more)


def component(host: Host, name: str = "tool") -> Any:
    """The component of that name."""
    (found,) = (each for each in host.components if each.name == name)
    return found


def modules(package: str) -> dict[str, Any]:
    """The modules of a package that are imported, by name."""
    return {
        name: each
        for name, each in sys.modules.items()
        if name == package or name.startswith(f"{package}.")
    }


def program(code: str, *path: object) -> list[str]:
    """The lines that a program prints in a process that writes `.pyc` files as Python does."""
    start = f"import sys; sys.path[:0] = {[*map(str, path), SOURCE]!r}\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", start + code],
        capture_output=True,
        text=True,
        timeout=60,
        env={key: word for key, word in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


class Busy:
    """Threads that call again and again, and note each result and whatever was raised."""

    def __init__(self, call: Callable[[], Any], threads: int = 4) -> None:
        self.results: set[Any] = set()
        self.errors: list[BaseException] = []
        self._call = call
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self.results.add(self._call())
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is shown
                self.errors.append(error)
                return

    @contextmanager
    def at_it(self) -> Iterator["Busy"]:
        """While the block runs; raises the first error of a call."""
        for each in self._threads:
            each.start()
        try:
            yield self
        finally:
            self._end.set()
            for each in self._threads:
                each.join(60)
        if self.errors:
            raise self.errors[0]
