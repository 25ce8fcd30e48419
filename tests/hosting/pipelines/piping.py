"""Pipelines for tests: plugins installed where other processes find them, and who carries them."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pythons import SOURCE
from sites import Site

from plugbay import Host

__all__ = [
    "GROUP",
    "HERE",
    "SOURCE",
    "Programs",
    "add_step",
    "discovered",
    "environment",
    "letters",
    "looks_at",
    "of_functions",
    "on_path",
]

GROUP = "tabletop.transforms"
HERE = str(Path(__file__).resolve().parent)

_CARRIED = """
import pickle, sys
function, args, kwargs = pickle.load(sys.stdin.buffer)
try:
    came = True, function(*args, **kwargs)
except BaseException as error:
    came = False, error
sys.stdout.buffer.write(pickle.dumps(came))
"""


def add_step(
    site: Site,
    name: str,
    given: str = "rows",
    *,
    body: str = "",
    group: str = GROUP,
    distribution: str = "",
    version: str = "1.0",
    info: dict[str, str] | None = None,
    **more: Any,
) -> None:
    """Install a distribution with one plugin, which is named after it and alone in its module.

    It is a function of `rows` that gives this, or what the body of the module calls `step`. `info`
    has further files of the metadata.
    """
    distribution = distribution or f"tabletop-{name}"
    module = f"steps_{name}"
    folder = f"{distribution.replace('-', '_')}-{version}.dist-info"
    files = {f"{folder}/{file}": text for file, text in (info or {}).items()}
    files[f"{module}.py"] = body or f"def step(rows, **options):\n    return {given}\n"
    site.add(
        distribution, {name: f"{module}:step"}, version=version, group=group, files=files, **more
    )


@contextmanager
def on_path(root: Path) -> Iterator[Site]:
    """A site on `sys.path`, for tests that share one; what was imported from it is forgotten."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        site = Site(root)
        patch.syspath_prepend(root)
        yield site
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(root)):
            del sys.modules[name]


def environment(*path: object) -> dict[str, str]:
    """The environment of a process that finds modules in `path`, and plugbay."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, path), SOURCE])}


def discovered(*groups: str, **options: Any) -> Host:
    """A host with the installed plugins of these groups."""
    host = Host("tabletop", **options)
    for group in groups or (GROUP,):
        host.discover(group)
    return host


def of_functions(*steps: Any, **named: Any) -> Host:
    """A host with these plugins from code, named as the functions are."""
    host = Host("tabletop")
    for name, step in ({each.__name__: each for each in steps} | named).items():
        host.register(name, step, group=GROUP)
    return host


def letters(count: int) -> Iterator[list[str]]:
    """Batches of one row each."""
    return ([chr(ord("a") + number)] for number in range(count))


def looks_at(*path: str) -> None:
    """Have this process look for modules and distributions in other places first."""
    sys.path[:] = [*path, SOURCE, *(each for each in sys.path if not each.endswith("site"))]


class Programs(Executor):
    """An executor of its own: it starts a program for each call, with its PYTHONPATH.

    `sent` has what was sent to them. `warnings` says what becomes of theirs.
    """

    def __init__(self, *path: object, warnings: str = "ignore") -> None:
        self._path = path
        self._warnings = warnings
        self.sent: list[bytes] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sent.append(pickle.dumps((fn, args, kwargs)))
        done = subprocess.run(
            [sys.executable, "-B", "-W", self._warnings, "-c", _CARRIED],
            input=self.sent[-1],
            stdout=subprocess.PIPE,
            env=environment(*self._path),
            timeout=60,
            check=True,
        )
        future: Future[Any] = Future()
        is_good, came = pickle.loads(done.stdout)  # noqa: S301 - it is of the program above
        (future.set_result if is_good else future.set_exception)(came)
        return future
