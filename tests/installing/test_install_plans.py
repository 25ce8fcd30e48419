"""Which command is right where, decided from facts alone."""

import re
import shlex
from typing import Any

import pytest

from plugbay.installing.places import Place
from plugbay.installing.plans import Plan, plan_for
from plugbay.installing.requests import VERBS, request

PINS = {"boardgame": "1.0"}
PIPX: dict[str, Any] = {
    "main_package": {"package": "boardgame", "suffix": "_old"},
    "injected_packages": {"game-chess": {}},
    "backend": "pip",
}


def place(**facts: Any) -> Place:
    """A virtual environment, unless something else is said."""
    return Place(**{"prefix": "/env", "base_prefix": "/usr", "executable": "/env/py", **facts})


def plan(where: Place, verb: str, *names: str) -> Plan:
    """What is to be run there; the hosts are pinned."""
    return plan_for(where, request(verb, names, PINS))


def lines(made: Plan) -> list[str]:
    """The commands as they are shown."""
    return [shlex.join(each) for each in made.commands]


UV = {"uv": "/b/uv", "pip": "/b/pip"}
ENVIRONMENTS = {
    "with pip": (
        place(has_pip=True, programs=UV),
        "/env/py -m pip install go 'chess<2' boardgame==1.0",
        "/env/py -m pip install --upgrade go 'chess<2' boardgame==1.0",
        "/env/py -m pip uninstall --yes go chess",
    ),
    "with uv": (
        place(programs=UV),
        "/b/uv pip install --python /env/py go 'chess<2' boardgame==1.0",
        (
            "/b/uv pip install --python /env/py --upgrade-package go --upgrade-package chess "
            "go 'chess<2' boardgame==1.0"
        ),
        "/b/uv pip uninstall --python /env/py go chess",
    ),
    "with another pip": (
        place(programs={"pip3": "/b/pip3"}),
        "/b/pip3 --python /env/py install go 'chess<2' boardgame==1.0",
        "/b/pip3 --python /env/py install --upgrade go 'chess<2' boardgame==1.0",
        "/b/pip3 --python /env/py uninstall --yes go chess",
    ),
    "of the user": (
        place(prefix="/usr", executable="/usr/py", has_pip=True, writable=False, user_site=True),
        "/usr/py -m pip install --user go 'chess<2' boardgame==1.0",
        "/usr/py -m pip install --user --upgrade go 'chess<2' boardgame==1.0",
        "/usr/py -m pip uninstall --yes go chess",
    ),
    "of conda": (
        place(
            conda=True,
            owners={"boardgame": "conda", "go": "conda", "chess": "conda"},
            programs={"mamba": "/b/mamba"},
            has_pip=True,
        ),
        "/b/mamba install --yes --prefix /env go 'chess<2' boardgame==1.0",
        "/b/mamba update --yes --prefix /env go 'chess<2' boardgame==1.0",
        "/b/mamba remove --yes --prefix /env go chess",
    ),
    "of conda, with a host of pip": (
        place(conda=True, owners={"boardgame": "pip"}, programs={"conda": "/c"}, has_pip=True),
        "/env/py -m pip install go 'chess<2' boardgame==1.0",
        "/env/py -m pip install --upgrade go 'chess<2' boardgame==1.0",
        "/env/py -m pip uninstall --yes go chess",
    ),
}


@pytest.mark.parametrize("kind", ENVIRONMENTS)
def test_each_environment_has_one_command(kind: str) -> None:
    """With the host pinned, but for what is taken away."""
    where, install, upgrade, uninstall = ENVIRONMENTS[kind]
    assert lines(plan(where, "install", "go", "chess<2")) == [install]
    assert lines(plan(where, "upgrade", "go", "chess<2")) == [upgrade]
    assert lines(plan(where, "uninstall", "go", "chess")) == [uninstall]
    assert plan(where, "install", "go").obstacle == ""


def test_pipx_injects_between_a_dry_run_and_what_makes_the_pin_hold() -> None:
    """The environment has the suffix of its application; pipx gets no option to remember."""
    made = plan(place(pipx=PIPX, programs={"pipx": "/b/pipx"}), "install", "go", "./chess")
    assert lines(made) == [
        "/b/pipx runpip boardgame_old install --dry-run go ./chess boardgame==1.0",
        "/b/pipx inject boardgame_old go ./chess",
        "/b/pipx runpip boardgame_old install go ./chess boardgame==1.0",
    ]
    assert made.constraints == ("boardgame==1.0",)


@pytest.mark.parametrize(
    ("backend", "upgrade", "yes"),
    [("pip", "--upgrade", "--yes "), ("uv", "--upgrade-package game-chess", "")],
)
def test_pipx_passes_on_what_its_backend_takes(backend: str, upgrade: str, yes: str) -> None:
    """What it has not injected itself, it does not uninstall itself."""
    where = place(pipx={**PIPX, "backend": backend}, programs={"pipx": "/b/pipx"})
    start = "/b/pipx runpip boardgame_old"
    expected = [f"{start} install {upgrade} game-chess boardgame==1.0"]
    assert lines(plan(where, "upgrade", "game-chess")) == expected
    expected = ["/b/pipx uninject boardgame_old game-chess"]
    assert lines(plan(where, "uninstall", "game.chess")) == expected
    expected = [f"{start} uninstall {yes}game-chess go"]
    assert lines(plan(where, "uninstall", "game-chess", "go")) == expected


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"prefix": "/usr", "marker": "Use apt.", "has_pip": True}, "operating system.*Use apt"),
        ({"conda": True, "marker": "", "has_pip": True}, "operating system"),
        ({"writable": False, "has_pip": True}, "may not write into /env"),
        ({"fault": "it is frozen", "has_pip": True}, "^it is frozen$"),
    ],
)
def test_what_nobody_should_change_has_no_command(
    facts: dict[str, Any], told: str, verb: str
) -> None:
    """The text says why, and what to do instead; no option that breaks things is ever used."""
    made = plan(place(**facts), verb, "go")
    assert made.commands == ()
    assert re.search(told, made.obstacle)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "install uv, or run the first"),
        ({"pipx": PIPX}, "pipx is not on PATH"),
        ({"receipt": {"requirements": [{"name": "boardgame"}]}}, "uv is not on PATH"),
        ({"conda": True, "owners": {"boardgame": "conda"}}, "conda is not on PATH"),
    ],
)
def test_a_tool_that_is_not_there_is_asked_for(facts: dict[str, Any], told: str) -> None:
    """The command is shown all the same, for where the tool is."""
    made = plan(place(**facts), "install", "go")
    assert told in made.obstacle
    assert "go" in made.commands[-1]


def test_without_any_pip_ensurepip_comes_first() -> None:
    """It has what it takes to install pip, in most Pythons."""
    made = plan(place(), "install", "go")
    assert lines(made) == [
        "/env/py -m ensurepip",
        "/env/py -m pip install go boardgame==1.0",
    ]


def test_conda_and_pip_are_not_mixed() -> None:
    """What pip uninstalls of conda's, conda still takes for installed."""
    where = place(conda=True, owners={"go": "conda", "chess": "pip"}, programs={"conda": "/c"})
    assert "name them apart" in plan(where, "uninstall", "go", "chess").obstacle
    by_pip = place(
        conda=True, owners={"boardgame": "conda"}, programs={"conda": "/c"}, has_pip=True
    )
    assert lines(plan(by_pip, "install", "./go")) == ["/env/py -m pip install ./go boardgame==1.0"]


@pytest.mark.parametrize(
    "facts", [{"pipx": PIPX}, {"receipt": {"requirements": [{"name": "Boardgame"}]}}]
)
def test_the_application_of_an_environment_is_no_plugin(facts: dict[str, Any]) -> None:
    """Without it there would be no environment."""
    made = plan(place(**facts, programs={"uv": "/uv", "pipx": "/pipx"}), "uninstall", "boardgame")
    assert (made.commands, "is the application" in made.obstacle) == ((), True)
