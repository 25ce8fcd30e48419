"""Places: which kind of environment an interpreter is in, and so who may change it."""

import configparser
import json
import os
import shutil
import site
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

__all__ = ["KINDS", "Place", "this_place"]

# What each kind is called, in a sentence that begins with "this is".
KINDS = {
    "uv tool": "an environment of uv tool",
    "pipx": "an environment of pipx",
    "conda": "a conda environment",
    "venv": "a virtual environment",
    "managed": "a Python that the operating system manages",
    "python": "a Python of its own",
}
_PROGRAMS = ("uv", "pipx", "conda", "mamba", "micromamba", "pip", "pip3")


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of an environment, from which alone a plan is made.

    `receipt` is the table `tool` of uv-receipt.toml, `pipx` the content of pipx_metadata.json,
    `marker` the text of EXTERNALLY-MANAGED, each None where there is no such file. `fault` says
    why nothing can be done here at all. `writable` is about its site-packages, and `user_site`
    tells whether those of the user count too. `programs` are paths by name, of those that exist.
    `owners` has, by normalised name, what each distribution says in INSTALLER.
    """

    prefix: str
    base_prefix: str
    executable: str
    has_pip: bool = False
    writable: bool = True
    user_site: bool = False
    receipt: Mapping[str, Any] | None = None
    pipx: Mapping[str, Any] | None = None
    conda: bool = False
    marker: str | None = None
    fault: str = ""
    programs: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        if self.receipt is not None:
            return "uv tool"
        if self.pipx is not None:
            return "pipx"
        if self.conda:
            return "conda"
        if self.prefix != self.base_prefix:
            return "venv"
        return "python" if self.marker is None else "managed"

    @property
    def application(self) -> str:
        """The distribution that the environment was made for; empty where that is not told."""
        if self.receipt:
            found = self.receipt.get("requirements") or [{}]
            return str(found[0].get("name", ""))
        return str((self.pipx or {}).get("main_package", {}).get("package") or "")


def this_place(owners: Mapping[str, str] | None = None) -> Place:
    """The environment of the running interpreter."""
    faults: list[str] = []
    if getattr(sys, "frozen", False) or not sys.executable:
        # The executable is the application itself, which knows no `-m pip`.
        faults.append("this application brings its own Python, into which nothing can be installed")
    receipt = _read("uv-receipt.toml", tomllib.loads, faults)
    return Place(
        prefix=sys.prefix,
        base_prefix=sys.base_prefix,
        executable=sys.executable,
        has_pip=find_spec("pip") is not None,
        writable=os.access(sysconfig.get_path("purelib"), os.W_OK),
        user_site=bool(site.ENABLE_USER_SITE),
        receipt=None if receipt is None else receipt.get("tool", {}),
        pipx=_read("pipx_metadata.json", json.loads, faults),
        conda=os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
        marker=_marker(),
        fault="; ".join(faults),
        programs=_programs(),
        owners=owners or {},
    )


def _programs() -> dict[str, str]:
    found = {name: shutil.which(name) for name in _PROGRAMS}
    # A shell in which conda was activated has it as a function, and its path in this variable.
    found["conda"] = found["conda"] or os.environ.get("CONDA_EXE")
    return {name: path for name, path in found.items() if path}


def _read(name: str, parse: Callable[[str], Any], faults: list[str]) -> dict[str, Any] | None:
    """The content of a file of the environment; one that cannot be read is among the faults."""
    path = os.path.join(sys.prefix, name)
    try:
        with open(path, encoding="utf-8") as stream:
            found: dict[str, Any] = parse(stream.read())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        faults.append(f"{path} cannot be read: {error}; mend it, or install the application anew")
        return {}
    return found


def _marker() -> str | None:
    """What EXTERNALLY-MANAGED of the standard library's directory says to users, in one line."""
    if sys.prefix != sys.base_prefix:
        return None  # the marker is about the Python that this environment was made from
    folder = sysconfig.get_path("stdlib", sysconfig.get_default_scheme())
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(os.path.join(folder, "EXTERNALLY-MANAGED"), encoding="utf-8") as stream:
            parser.read_file(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, configparser.Error):
        return ""
    said = parser.get("externally-managed", "Error", fallback="").strip()
    return said.partition("\n\n")[0].replace("\n", " ")
