"""Plugins for tests that note what is done with them, and hosts that are watched."""

import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from pythons import SOURCE

from plugbay import Extension, Host

__all__ = ["BEGIN", "END", "QUIET", "child", "fresh_group", "kind", "noting", "observed", "states"]

# What a test does not look at may be warned of.
QUIET = pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
BEGIN, END = ["on_load", "initialize", "__enter__"], ["__exit__", "shutdown", "on_unload"]

_numbers = count()


def fresh_group() -> str:
    """A group that no other test has defined classes for."""
    return f"tabletop.kinds{next(_numbers)}"


def kind(group: str, **options: Any) -> Any:
    """A kind of plugins of a group."""
    return type("Kind", (Extension,), {}, group=group, **options)


def noting(
    log: list[str],
    name: str,
    *methods: str,
    failing: Sequence[str] = (),
    error: type[BaseException] = ValueError,
    **more: Any,
) -> type:
    """A class whose methods note that they ran; those that are to fail do so afterwards."""

    def method(word: str) -> Any:
        def run(self: object, *_: object) -> None:
            log.append(f"{name}.{word}")
            if word in failing:
                raise error(f"{word} of {name}")

        return run

    return type(name, (), {word: method(word) for word in methods or BEGIN + END} | more)


def states(host: Host) -> dict[str, str]:
    """The state of each plugin of a host."""
    return {each.name: each.state for each in host.components}


def observed(host: Host) -> list[str]:
    """A list to which each transition of a plugin is added from now on."""
    seen: list[str] = []
    host.observe(
        lambda component, before: seen.append(f"{component.name} {before}>{component.state}")
    )
    return seen


def child(code: str, *path: str) -> tuple[int, list[str]]:
    """How a process that runs this program ended, and the lines that it printed.

    The process sees the standard library, plugbay and `path` only.
    """
    start = f"import sys; sys.path[:0] = {[*path, SOURCE]!r}\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", start + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()
