"""Which kind of environment it is, told by real ones and by the files that tools leave in them."""

import json
from typing import Any

import pytest
from premises import Premises, stand_in

RECEIPT = """[tool]
requirements = [{ name = "boardgame" }, { name = "game-chess" }]
entrypoints = [{ name = "boardgame", from = "boardgame" }]
"""
PIPX = json.dumps(
    {
        "main_package": {"package": "boardgame", "suffix": ""},
        "injected_packages": {"game-chess": {}},
        "backend": "uv",
    }
)
LOOK = """
import json, dataclasses
from plugbay.installing.places import this_place
place = this_place()
told = {"kind": place.kind, "application": place.application}
print(json.dumps(told | dataclasses.asdict(place)))
"""


def look(premises: Premises, program: str = LOOK, **variables: str) -> dict[str, Any]:
    """What the interpreter of an environment sees of it."""
    done = premises.run("-c", program, **variables)
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_virtual_environments_with_and_without_pip(
    with_pip: Premises, without_pip: Premises
) -> None:
    """Both are writable, and which programs there are is told by PATH."""
    for premises, has_pip in ((with_pip, True), (without_pip, False)):
        found = look(premises)
        assert (found["kind"], found["has_pip"], found["writable"]) == ("venv", has_pip, True)
        assert (found["prefix"], found["executable"]) == (
            str(premises.prefix),
            str(premises.python),
        )
        assert (found["programs"], found["marker"], found["fault"]) == ({}, None, "")


def test_programs_are_those_on_path(without_pip: Premises) -> None:
    """Conda may also be a function of the shell, which leaves its path in a variable."""
    uv, _ = stand_in(without_pip.programs, "uv")
    found = look(without_pip, CONDA_EXE="/opt/conda")
    assert found["programs"] == {"uv": str(uv), "conda": "/opt/conda"}


@pytest.mark.parametrize(
    ("file", "content", "kind", "application"),
    [
        ("uv-receipt.toml", RECEIPT, "uv tool", "boardgame"),
        ("pipx_metadata.json", PIPX, "pipx", "boardgame"),
        ("conda-meta", None, "conda", ""),
    ],
)
def test_tools_are_told_by_what_they_leave_behind(
    without_pip: Premises, file: str, content: str | None, kind: str, application: str
) -> None:
    """In the folder of the environment; the application is the first that was asked for."""
    path = without_pip.prefix / file
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
    found = look(without_pip)
    assert (found["kind"], found["application"]) == (kind, application)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("uv-receipt.toml", b"requirements = ["),
        ("uv-receipt.toml", b"\xff"),
        ("pipx_metadata.json", b"{"),
    ],
)
def test_a_torn_file_is_told_and_nothing_is_done(
    without_pip: Premises, file: str, content: bytes
) -> None:
    """Whatever was to be kept is in there, so no command can be right."""
    path = without_pip.prefix / file
    path.write_bytes(content)
    result = without_pip.plugbay("install", "--yes", "game-go")
    assert result.returncode == 1
    assert f"{path} cannot be read" in result.stderr
    assert "install the application anew" in result.stderr


MANAGED = """
import sys, sysconfig
sys.prefix = sys.base_prefix
real = sysconfig.get_path
sysconfig.get_path = lambda name, *a: {place!r} if name == "stdlib" else real(name, *a)
"""


def test_a_managed_python_says_what_its_marker_says(without_pip: Premises) -> None:
    """The first paragraph of it, in a line; in an environment made from it, it does not count."""
    folder = without_pip.programs / "stdlib"
    folder.mkdir()
    marker = folder / "EXTERNALLY-MANAGED"
    marker.write_text("[externally-managed]\nError=Use apt for\n %this.\n \n And more.\n")
    try:
        start = MANAGED.format(place=str(folder))
        found = look(without_pip, start + LOOK)
        assert (found["kind"], found["marker"]) == ("managed", "Use apt for %this.")
        found = look(without_pip, start.replace("sys.prefix = sys.base_prefix", "") + LOOK)
        assert (found["kind"], found["marker"]) == ("venv", None)
        marker.write_text("nothing of the kind")
        assert look(without_pip, start + LOOK)["kind"] == "managed"
    finally:
        marker.unlink()
    assert look(without_pip, start + LOOK)["kind"] == "python"


def test_a_frozen_application_is_told_so(without_pip: Premises) -> None:
    """Its executable is itself, and would be started again with strange arguments."""
    found = look(without_pip, f"import sys; sys.frozen = True\n{LOOK}")
    assert "brings its own Python" in found["fault"]
