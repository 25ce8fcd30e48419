"""Plans: the commands that change an environment the way its owner wants it to be changed.

A command is a tuple of arguments, never a text for a shell. A host is pinned by asking for the
version that is installed, which needs no file that has to be there when the command is run.
"""

from dataclasses import dataclass

from plugbay.discovery import normalized
from plugbay.installing.places import KINDS, Place
from plugbay.installing.receipts import ReceiptError, reissued
from plugbay.installing.requests import Request

__all__ = ["Command", "Plan", "plan_for"]

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The commands in order, what is to be said about them, and why they cannot be run from here.

    `constraints` are the pins once more where some command has no place for them: who runs the
    commands gives them in a file named by `PIP_CONSTRAINT` and `UV_CONSTRAINT`. With an `obstacle`
    the commands are those that a person can use, which may be none.
    """

    commands: tuple[Command, ...] = ()
    notes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    obstacle: str = ""


def plan_for(place: Place, request: Request) -> Plan:
    """What to run in this environment for this request."""
    if place.fault:
        return Plan(obstacle=place.fault)
    if request.verb == "uninstall" and (own := _application(place, request)):
        return Plan(obstacle=own)
    return _PLANNERS[place.kind](place, request)


def _application(place: Place, request: Request) -> str:
    """Why one of those to be uninstalled cannot be: it is the application of the environment."""
    name = place.application
    if not name or normalized(name) not in request.names:
        return ""
    return (
        f"{name} is the application of this environment, no plugin: {place.kind} uninstall {name}"
    )


def _with_uv_tool(place: Place, request: Request) -> Plan:
    """The tool anew, with all that its receipt has.

    uv writes into the receipt whatever pins the host, where it would also hold for the user's
    next `uv tool upgrade`; so a second command, which finds nothing to change, takes it out again.
    """
    assert place.receipt is not None
    uv = place.programs.get("uv", "uv")
    try:
        pinned, lasting = reissued(uv, place.receipt, request)
    except ReceiptError as error:
        return Plan(obstacle=f"{error}; run `uv tool install` with all that it has by hand")
    notes = ["uv removes what was put into this environment by other means"]
    if pinned != lasting:
        notes.append("the second command keeps the pin out of what uv tool upgrade goes by")
    commands = (pinned, lasting) if pinned != lasting else (pinned,)
    return Plan(commands, tuple(notes), obstacle=_unless_there(place, "uv"))


def _with_pipx(place: Place, request: Request) -> Plan:
    """What pipx injects is kept when it upgrades or reinstalls the application.

    Options that pipx is given for pip are kept in its metadata and used in later upgrades, where a
    pin would take the host back. So it injects without one, between a dry run that fails where
    the pin cannot hold and a last command that makes it hold, also for what pipx passes over since
    it is there already.
    """
    pipx, name = place.programs.get("pipx", "pipx"), _environment(place)
    assert place.pipx is not None
    pip = (pipx, "runpip", name)
    plain = [each.published for each in request.wanted]
    injected = place.pipx.get("injected_packages", {})
    told: tuple[str, ...] = ()
    if request.verb == "uninstall" and all(each in injected for each in plain):
        commands: tuple[Command, ...] = ((pipx, "uninject", name, *plain),)
    elif request.verb == "uninstall":
        yes = () if place.pipx.get("backend") == "uv" else ("--yes",)
        commands = ((*pip, "uninstall", *yes, *plain),)
        told = ("pipx has not injected all of them, so they are uninstalled without it",)
    elif request.verb == "upgrade":
        asked = _upgrading(request, one_by_one=place.pipx.get("backend") == "uv")
        commands = ((*pip, "install", *asked),)
    else:
        pinned = (*request.texts, *request.pinned)
        commands = (
            (*pip, "install", "--dry-run", *pinned),
            (pipx, "inject", name, *request.texts),
            (*pip, "install", *pinned),
        )
    return Plan(commands, told, tuple(request.pinned), _unless_there(place, "pipx"))


def _environment(place: Place) -> str:
    """The name of a pipx environment: the application's with a suffix, if it was given one."""
    main = (place.pipx or {}).get("main_package", {})
    return f"{place.application}{main.get('suffix') or ''}"


def _with_conda(place: Place, request: Request) -> Plan:
    """With conda what conda installed, or where it installed the hosts; with pip all else."""
    asked = request.names if request.verb != "install" else request.pins
    owners = [place.owners.get(normalized(each), "") == "conda" for each in asked]
    simple = all(each.name and "@" not in each.text for each in request.wanted)
    if any(owners) and not all(owners):
        return Plan(obstacle="some of them are conda's and some are pip's; name them apart")
    if not (owners and all(owners) and simple):
        return _with_pip(place, request)
    found = [each for each in ("conda", "mamba", "micromamba") if each in place.programs]
    conda = place.programs[found[0]] if found else "conda"
    verb = {"install": "install", "uninstall": "remove", "upgrade": "update"}[request.verb]
    named = [each.published for each in request.wanted]
    if request.verb != "uninstall":
        named = [*(each.text for each in request.wanted), *request.pinned]
    command = (conda, verb, "--yes", "--prefix", place.prefix, *named)
    obstacle = "" if found else f"conda is not on PATH of {place.executable}"
    return Plan((command,), ("if conda has no package of that name, use pip",), (), obstacle)


def _with_pip(place: Place, request: Request) -> Plan:
    if place.marker is not None:
        return _managed(place, request)
    if not place.writable and not place.user_site:
        return Plan(obstacle=f"you may not write into {place.prefix}; ask who installed it")
    if place.has_pip:
        return Plan(_pip((place.executable, "-m", "pip"), place, request))
    if uv := place.programs.get("uv"):
        return Plan(_uv_pip(uv, place, request))
    for name in ("pip", "pip3"):
        if name in place.programs:
            other = (place.programs[name], "--python", place.executable)
            return Plan(_pip(other, place, request))
    commands = ((place.executable, "-m", "ensurepip"),)
    pip = _pip((place.executable, "-m", "pip"), place, request)
    return Plan(
        commands + pip,
        obstacle="this environment has no pip, and neither uv nor another pip is on PATH; "
        "install uv, or run the first of these commands once",
    )


def _managed(place: Place, _request: Request) -> Plan:
    says = f" It says: {place.marker}" if place.marker else ""
    return Plan(
        obstacle="this Python is managed by the operating system, and pip would damage it; install "
        f"the application with uv tool or pipx, or in a virtual environment of its own.{says}"
    )


def _pip(pip: Command, place: Place, request: Request) -> tuple[Command, ...]:
    if request.verb == "uninstall":
        return ((*pip, "uninstall", "--yes", *(each.published for each in request.wanted)),)
    user = () if place.writable else ("--user",)
    options = ("--upgrade",) if request.verb == "upgrade" else ()
    return ((*pip, "install", *user, *options, *request.texts, *request.pinned),)


def _uv_pip(uv: str, place: Place, request: Request) -> tuple[Command, ...]:
    python = ("--python", place.executable)
    if request.verb == "uninstall":
        return ((uv, "pip", "uninstall", *python, *(each.published for each in request.wanted)),)
    asked = [*request.texts, *request.pinned]
    if request.verb == "upgrade":
        asked = _upgrading(request, one_by_one=True)
    return ((uv, "pip", "install", *python, *asked),)


def _upgrading(request: Request, *, one_by_one: bool) -> list[str]:
    """What follows `install`; uv's `--upgrade` would upgrade whatever they need as well."""
    options = ["--upgrade"]
    if one_by_one:
        options = [
            part for each in request.wanted for part in ("--upgrade-package", each.published)
        ]
    return [*options, *request.texts, *request.pinned]


def _unless_there(place: Place, program: str) -> str:
    if program in place.programs:
        return ""
    return f"this is {KINDS[place.kind]}, and {program} is not on PATH; run it where {program} is"


_PLANNERS = {
    "uv tool": _with_uv_tool,
    "pipx": _with_pipx,
    "conda": _with_conda,
    "venv": _with_pip,
    "python": _with_pip,
    "managed": _managed,
}
