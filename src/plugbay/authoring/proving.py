"""Proving: a wheel is installed where nothing else is, and its plugins are loaded there."""

import json
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from importlib.util import find_spec

from plugbay.authoring import proven
from plugbay.authoring.checks.surroundings import is_plugin_group
from plugbay.discovery import normalized
from plugbay.errors import ProjectError
from plugbay.sandbox.process_groups import end_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugbay.authoring.checks.subjects import Subject
    from plugbay.compatibility.host_api import HostApi

__all__ = ["Proof", "prove"]

# Seconds that the plugins of one wheel may take to be loaded.
_TIME_LIMIT = 60.0
_LINES = 30
_PLAIN = ("--disable-pip-version-check", "--no-input")


@dataclass(frozen=True)
class Proof:
    """What came of one plugin: `told` says it in a clause."""

    group: str
    name: str
    is_loaded: bool
    told: str


def prove(
    wheel: "Subject",
    *,
    requirements: "Sequence[str]" = (),
    find_links: "Sequence[str]" = (),
    apis: "Sequence[HostApi]" = (),
) -> tuple[list[str], list[Proof]]:
    """Install a wheel into an environment of its own, and load its plugins in a process there.

    pip installs what the wheel requires, and these `requirements`, from where it is told by its own
    settings and in the directories `find_links`. A wheel that names its host under the extra
    `<host>-api` only is installed with that. Where plugbay is there too, it checks the plugins as
    it does for a host, against the version of the host that was installed or one of `apis`.

    Gives the distribution and its hosts, with their versions, and a proof for each plugin. Nothing
    stays behind. Raises ProjectError where nothing could be installed.
    """
    plugins = [each for each in wheel.entry_points if is_plugin_group(each.group)]
    hosts = list(dict.fromkeys(each.group.partition(".")[0] for each in plugins))
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        environment = os.path.join(folder, "environment")
        pip = _made(environment)
        named = wheel.place + _extras(wheel, hosts)
        links = [text for each in find_links for text in ("--find-links", os.path.abspath(each))]
        _install(
            [*pip, "install", "--progress-bar=off", "--no-compile", *links, named, *requirements]
        )
        question = {
            "distributions": [wheel.name, *(each for each in hosts if not _is(each, wheel.name))],
            "plugins": [(each.group, each.name) for each in plugins],
            "apis": {each.normalized_name: each.version for each in apis},
            "answer": os.path.join(folder, "answer.json"),
        }
        return _asked(environment, folder, question)


def _made(environment: str) -> list[str]:
    """Make an environment; gives the command of a pip that installs into it."""
    has_pip = find_spec("pip") is not None
    python = _python(environment)
    try:
        venv.create(environment, with_pip=not has_pip, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        raise ProjectError(f"no environment could be made to install into: {error}") from None
    if has_pip:  # that of this environment, as to install one takes longer than all the rest
        return [sys.executable, "-m", "pip", "--python", python, *_PLAIN]
    return [python, "-m", "pip", *_PLAIN]


def _python(environment: str) -> str:
    if os.name == "nt":
        return os.path.join(environment, "Scripts", "python.exe")
    return os.path.join(environment, "bin", "python")


def _extras(wheel: "Subject", hosts: list[str]) -> str:
    """The extras that bring hosts on which the wheel does not depend otherwise."""
    plain = {
        normalized(_name(each.text))
        for each in wheel.requires
        if "extra" not in each.text.partition(";")[2]
    }
    missing = [f"{each}-api" for each in hosts if normalized(each) not in plain]
    found = [each for each in missing if normalized(each) in (wheel.extras or ())]
    return f"[{','.join(found)}]" if found else ""


def _name(requirement: str) -> str:
    end = next((at for at, each in enumerate(requirement) if each in " ;[(@<>=!~"), None)
    return requirement[:end]


def _is(name: str, other: str) -> bool:
    return normalized(name) == normalized(other)


def _install(command: list[str]) -> None:
    # The environment has to have what is installed now, not what such variables lead to.
    misleading = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PYTHONPATH", "PYTHONHOME")
    done = subprocess.run(  # noqa: S603 - pip, with the wheel that was just built
        command,
        env={key: text for key, text in os.environ.items() if key not in misleading},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        told = "\n".join(done.stdout.rstrip().splitlines()[-_LINES:])
        raise ProjectError(
            f"the wheel could not be installed; the host and all else that it requires has to be "
            f"where pip looks, or in a directory given by --find-links. pip said:\n{told}"
        )


def _asked(
    environment: str, folder: str, question: "dict[str, object]"
) -> tuple[list[str], list[Proof]]:
    answer_file, printed = str(question["answer"]), os.path.join(folder, "printed")
    command = [_python(environment), "-I", "-W", "ignore", proven.__file__, json.dumps(question)]
    with open(printed, "wb") as output:
        child = subprocess.Popen(  # noqa: S603 - it loads what was just built
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        ending = f"ended with exit code {child.wait(_TIME_LIMIT)}"
    except subprocess.TimeoutExpired:
        ending = f"did not finish within {_TIME_LIMIT:g} s"
    finally:
        end_group(child)
    try:
        with open(answer_file, encoding="utf-8") as stream:
            answer = json.load(stream)
    except (OSError, ValueError):
        with open(printed, encoding="utf-8", errors="replace") as stream:
            last = stream.read().rstrip().rpartition("\n")[2]
        said = f" ({last})" if last else ""
        raise ProjectError(f"the process that loads the plugins {ending}{said}") from None
    told = [f"{name} {version}" for name, version in answer["versions"].items() if version]
    return told, [
        Proof(group, name, each["loaded"], _told(each))
        for (group, name), each in zip(_plugins(question), answer["plugins"], strict=True)
    ]


def _plugins(question: "dict[str, object]") -> list[tuple[str, str]]:
    plugins = question["plugins"]
    assert isinstance(plugins, list)
    return plugins


def _told(answer: "dict[str, str]") -> str:
    return f"a {answer['kind']}, {answer['how']}" if answer["loaded"] else answer["reason"]
