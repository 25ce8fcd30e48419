"""Plugins come and go in real environments, by real installers and by stand-ins."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from premises import Premises, add_wheel, stand_in
from test_install_places import PIPX, RECEIPT


def calls(record: Path) -> list[list[str]]:
    """How a stand-in was called."""
    return [json.loads(line) for line in record.read_text().splitlines()]


def test_nothing_is_done_before_it_is_agreed_to(with_pip: Premises) -> None:
    """The command that is shown is the one to type, and does what was said."""
    before = with_pip.installed()
    result = with_pip.plugbay("install", "game-go")
    assert (result.returncode, result.stderr) == (0, "")
    [command] = with_pip.commands(result.stdout)
    assert command == [str(with_pip.python), *["-m", "pip", "install", "game-go", "boardgame==1.0"]]
    assert "boardgame is kept at 1.0" in result.stdout
    assert "nothing has been done" in result.stdout
    assert with_pip.installed() == before
    done = subprocess.run(command, env=with_pip.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert with_pip.installed() == {**before, "game_go": "1.0"}


def test_with_yes_it_is_done_and_reported(with_pip: Premises) -> None:
    """What came, and what the gate says to its plugins; what was there is not told of."""
    result = with_pip.plugbay("install", "--yes", "game-quits")
    assert (result.returncode, result.stderr) == (0, "")
    said = result.stdout.partition("\n\n")[2]
    assert said == (
        "installed game-quits 1.0\n"
        "quits of game-quits 1.0 (boardgame.games) can be used, "
        "as far as can be told without importing it.\n"
    )
    assert f"{with_pip.python} -m pip install game-quits boardgame==1.0\n" in result.stdout


def test_the_host_stays_as_it_is(with_pip: Premises) -> None:
    """A release for another host is not installed, whether or not it is asked for by its number."""
    result = with_pip.plugbay("upgrade", "--yes", "game-chess")
    assert result.returncode == 0
    assert "game-chess 1.0 is now 1.1" in result.stdout
    result = with_pip.plugbay("install", "--yes", "game-chess==2.0")
    assert result.returncode == 1
    assert "plugbay: exit code 1: " in result.stderr
    assert "nothing that is installed has changed" in result.stdout
    assert with_pip.installed() == {"boardgame": "1.0", "game_chess": "1.1"}


def test_another_host_can_be_named_and_is_what_stays(with_pip: Premises) -> None:
    """Then the one of the groups is not pinned, and one that is not installed is an error."""
    add_wheel(with_pip.wheels, "shop", "3.0")
    with_pip.put("boardgame-1.0", "game_chess-1.0", "shop-3.0")
    result = with_pip.plugbay("install", "game-go", "--host", "Shop")
    assert with_pip.commands(result.stdout)[0][-2:] == ["game-go", "shop==3.0"]
    result = with_pip.plugbay("install", "game-go", "--host", "bordgame", "--yes")
    assert (result.returncode, result.stdout) == (3, "")
    assert "'bordgame' is not installed here; did you mean 'boardgame'?" in result.stderr


def test_a_host_that_was_changed_all_the_same_is_reported(with_pip: Premises) -> None:
    """As by an installer that takes no pins; plugins that can be used no more are told of too."""
    newer = [sys.executable, "-m", "pip", "--python", str(with_pip.python), "-q"]
    newer += ["install", "--no-deps", "boardgame==2.0", "game-go"]
    conda, _ = stand_in(with_pip.programs, "conda", [("install", newer)])
    folder = with_pip.prefix / "conda-meta"
    folder.mkdir()
    info = with_pip.site / "boardgame-1.0.dist-info"
    (info / "INSTALLER").write_text("conda\n")
    with (info / "RECORD").open("a") as record:
        record.write(f"{info.name}/INSTALLER,,\n")
    try:
        told = json.loads(with_pip.plugbay("upgrade", "boardgame<2", "--json").stdout)
        assert told["commands"][0][:2] == [str(conda), "update"]
        result = with_pip.plugbay("install", "--yes", "game-go")
    finally:
        folder.rmdir()
        conda.unlink()
    assert result.returncode == 1
    assert "plugbay: the host boardgame was to stay at 1.0, and is 2.0 now" in result.stderr
    for plugin in ("chess of game-chess 1.0", "go of game-go 1.0"):
        assert f"{plugin} (boardgame.games) cannot be used.\n  gate: too-new-host" in result.stdout


def test_uninstalling(with_pip: Premises) -> None:
    """The name is that of a distribution; whoever names a plugin is told of its distribution."""
    result = with_pip.plugbay("uninstall", "--yes", "chess")
    assert (result.returncode, result.stdout) == (3, "")
    assert "it is a plugin of game-chess, which is a name to use here" in result.stderr
    result = with_pip.plugbay("uninstall", "--yes", "game_chess")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("\n\nuninstalled game-chess 1.0\n")
    assert with_pip.installed() == {"boardgame": "1.0"}
    result = with_pip.plugbay("upgrade", "game-chess")
    assert result.returncode == 3
    assert "no distribution 'game-chess' is installed" in result.stderr


def test_a_wheel_by_its_path_without_a_known_host(with_pip: Premises, tmp_path: Path) -> None:
    """Before there is any plugin, nobody knows what the host is, and that is said."""
    with_pip.put("boardgame-1.0")
    wheel = add_wheel(tmp_path, "game-dice", "1.0", plugins={"dice": "game_dice:roll"})
    result = with_pip.plugbay("install", str(wheel))
    assert with_pip.commands(result.stdout)[0][-1] == str(wheel)
    assert "no host is kept at its version" in result.stdout
    result = with_pip.plugbay("install", "--yes", "--json", str(wheel))
    assert result.returncode == 1
    outcome = json.loads(result.stdout)["outcome"]
    assert outcome["changes"] == [{"name": "game-dice", "before": "", "after": "1.0"}]
    [plugin] = outcome["plugins"]
    assert (plugin["name"], plugin["status"], plugin["usable"]) == ("dice", "missing-target", False)
    assert plugin["steps"][-1]["question"] == "target exists"


def test_broken_plugins_are_in_nobodys_way(with_pip: Premises) -> None:
    """One whose import ends the program, a target that is not there, and a file in pieces."""
    with_pip.put("boardgame-1.0", "game_quits-1.0")
    result = with_pip.plugbay("install", "--yes", "game-go")
    assert (result.returncode, result.stderr) == (1, "")
    assert "installed game-go 1.0\n" in result.stdout
    assert "\n  target exists: game_go.py does not define play\n" in result.stdout.replace(
        f"{with_pip.site}/", ""
    )
    result = with_pip.plugbay("uninstall", "--yes", "game-quits")
    assert (result.returncode, result.stderr) == (0, "")
    with_pip.put("boardgame-1.0", "game_torn-1.0")
    result = with_pip.plugbay("uninstall", "--yes", "game-torn")
    assert result.returncode == 1  # pip gives up, and the reason is told
    assert "plugbay: game-torn: " in result.stderr.replace(f"{with_pip.site}/", "")


def test_what_an_installer_may_have_stumbled_over_is_named(without_pip: Premises) -> None:
    """Some end with a traceback of their own where somebody's metadata is not text."""
    metadata = without_pip.site / "game_chess-1.0.dist-info" / "METADATA"
    metadata.write_bytes(b"Name: \xff\n" + metadata.read_bytes())
    fails = [sys.executable, "-c", "raise SystemExit(2)"]
    stand_in(without_pip.programs, "uv", [("install", fails)])
    result = without_pip.plugbay("install", "--yes", "game-go")
    assert result.returncode == 1
    assert "nothing that is installed has changed" in result.stdout
    assert "plugbay: exit code 2" in result.stderr
    assert " 1.0 (boardgame.games) cannot be used.\n  readable: " in result.stdout


def test_the_pip_of_somebody_else_serves(without_pip: Premises) -> None:
    """It is told which Python it is for."""
    own = Path(sys.executable).with_name("pip")
    (without_pip.programs / "pip").symlink_to(own)
    result = without_pip.plugbay("install", "--yes", "game-go", "game-quits")
    assert "installed game-go 1.0\ninstalled game-quits 1.0" in result.stdout
    assert without_pip.installed()["game_go"] == "1.0"


def test_without_any_pip_it_is_said_what_to_do(without_pip: Premises) -> None:
    """`--yes` makes no difference to that."""
    for options in ([], ["--yes"]):
        result = without_pip.plugbay("install", "game-go", *options)
        assert result.returncode == 1
        assert "this environment has no pip" in result.stderr
        [ensurepip, _] = without_pip.commands(result.stdout)
        assert ensurepip == [str(without_pip.python), "-m", "ensurepip"]
        assert "nothing has been done" not in result.stdout


def test_uv_tool_is_called_twice_and_pip_is_not(without_pip: Premises) -> None:
    """First with the pin, then without it, as it is to stay in the receipt."""
    (without_pip.prefix / "uv-receipt.toml").write_text(RECEIPT)
    own = [sys.executable, "-m", "pip", "--python", str(without_pip.python), "install", "game-go"]
    _, record = stand_in(without_pip.programs, "uv", [("boardgame==1.0", own)])
    result = without_pip.plugbay("install", "--yes", "game-go")
    lasting = ["tool", "install", "boardgame", "--with", "game-chess", "--with", "game-go"]
    assert calls(record) == [[*lasting, "--with", "boardgame==1.0"], lasting]
    assert "installed game-go 1.0" in result.stdout


def test_pipx_is_given_the_pin_beside_its_own_arguments(without_pip: Premises) -> None:
    """In a file that pip and uv look into, so that the host is never another one, and no option."""
    (without_pip.prefix / "pipx_metadata.json").write_text(PIPX)
    _, record = stand_in(without_pip.programs, "pipx")
    result = without_pip.plugbay("install", "--yes", "game-go")
    asked = ["game-go", "boardgame==1.0"]
    pin = "boardgame==1.0\n"
    assert calls(record) == [
        ["runpip", "boardgame", "install", "--dry-run", *asked, pin],
        ["inject", "boardgame", "game-go", pin],
        ["runpip", "boardgame", "install", *asked, pin],
    ]
    assert result.returncode == 1
    assert "game-go is not installed where this application looks" in result.stderr


def test_what_fails_ends_it(without_pip: Premises) -> None:
    """The commands that follow are not run, and neither is one that cannot be."""
    (without_pip.prefix / "pipx_metadata.json").write_text(PIPX)
    fails = [sys.executable, "-c", "raise SystemExit(3)"]
    pipx, record = stand_in(without_pip.programs, "pipx", [("--dry-run", fails)])
    result = without_pip.plugbay("install", "--yes", "game-go")
    assert (result.returncode, len(calls(record))) == (1, 1)
    assert "plugbay: exit code 3: " in result.stderr
    assert "is not installed where" not in result.stderr
    pipx.write_text("#!/nowhere/at/all\n")
    result = without_pip.plugbay("install", "--yes", "game-go", "--json")
    assert "No such file" in json.loads(result.stdout)["outcome"]["failed"]["how"]


@pytest.mark.parametrize("verb", ["install", "uninstall", "upgrade"])
def test_an_option_is_no_name_on_the_command_line(with_pip: Premises, verb: str) -> None:
    """Not even behind the dashes that end the options."""
    result = with_pip.plugbay(verb, "--", "--break-system-packages")
    assert (result.returncode, result.stdout) == (2, "")
    assert "options of installers are not passed on" in result.stderr
