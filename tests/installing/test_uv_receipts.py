"""A tool of uv is installed anew with everything that its receipt has."""

import tomllib
from typing import Any

import pytest

from plugbay.installing.receipts import ReceiptError, reissued
from plugbay.installing.requests import request

PINS = {"boardgame": "1.0"}
MAIN = '{ name = "boardgame" }'


def receipt(*requirements: str, more: str = "") -> dict[str, Any]:
    """The table of a receipt."""
    return tomllib.loads(f"requirements = [{', '.join(requirements)}]\n{more}")


def commands(table: dict[str, Any], verb: str, *names: str) -> tuple[list[str], list[str]]:
    """What follows `uv tool install` in both commands."""
    both = reissued("uv", table, request(verb, names, PINS))
    assert both[0][:3] == both[1][:3] == ("uv", "tool", "install")
    return [*both[0][3:]], [*both[1][3:]]


def test_what_was_there_stays_and_what_is_new_is_added() -> None:
    """The pin is in the first command only, so that it is not in the receipt at the end."""
    table = receipt(MAIN, '{ name = "go", specifier = ">=1, <2", extras = ["b", "a"] }')
    lasting = ["boardgame", "--with", "go[b,a]>=1,<2", "--with", "chess==1", "--with", "./x"]
    expected = [*lasting, "--with", "boardgame==1.0"], lasting
    assert commands(table, "install", "chess==1", "./x") == expected


def test_a_name_replaces_what_the_receipt_has_of_it() -> None:
    """In its place; another spelling is the same name."""
    table = receipt(MAIN, '{ name = "game-go", specifier = "==1" }', '{ name = "chess" }')
    _, lasting = commands(table, "install", "Game_Go==2")
    assert lasting == ["boardgame", "--with", "Game_Go==2", "--with", "chess"]


def test_an_upgrade_lets_go_of_an_exact_version() -> None:
    """Not of where something comes from, nor of its extras."""
    table = receipt(
        MAIN,
        '{ name = "go", specifier = "==1", extras = ["a"] }',
        '{ name = "chess", git = "https://x/chess?rev=main&subdirectory=lib#abc" }',
    )
    once, lasting = commands(table, "upgrade", "go", "chess")
    chess = "chess @ git+https://x/chess@main#subdirectory=lib"
    assert lasting == ["boardgame", "--with", "go[a]", "--with", chess]
    assert once[len(lasting) :] == [
        *("--upgrade-package", "go", "--upgrade-package", "chess"),
        *("--with", "boardgame==1.0"),
    ]


def test_what_is_uninstalled_is_left_out() -> None:
    """Also here the host is pinned, as uv decides about all of it again."""
    table = receipt(MAIN, '{ name = "game-go" }', '{ name = "chess" }')
    once, lasting = commands(table, "uninstall", "game.go")
    assert lasting == ["boardgame", "--with", "chess"]
    assert once == [*lasting, "--with", "boardgame==1.0"]


@pytest.mark.parametrize(
    ("requirement", "argument"),
    [
        ('{ name = "go", url = "https://x/go.zip" }', "go @ https://x/go.zip"),
        ('{ name = "go", path = "/x/go.whl" }', "go @ file:///x/go.whl"),
        ('{ name = "go", directory = "/x y/go" }', "go @ file:///x%20y/go"),
        ('{ name = "go", git = "ssh://git@x/go" }', "go @ git+ssh://git@x/go"),
        ('{ name = "go", git = "https://x/go?tag=1" }', "go @ git+https://x/go@1"),
        ('{ name = "go", marker = "os_name == \'nt\'" }', "go ; os_name == 'nt'"),
    ],
)
def test_each_source_is_written_as_uv_reads_it(requirement: str, argument: str) -> None:
    """For the tool itself and for what comes with it."""
    assert commands(receipt(MAIN, requirement), "install", "chess")[1][2] == argument
    table = receipt(requirement.replace('"go"', '"boardgame"'))
    assert commands(table, "install", "chess")[1][0] == f"boardgame{argument[2:]}"


def test_editable_ones_have_options_of_their_own() -> None:
    """Which are other ones for the tool itself."""
    table = receipt('{ name = "boardgame", editable = "/b" }', '{ name = "go", editable = "/g" }')
    _, lasting = commands(table, "install", "chess")
    assert lasting == ["--editable", "/b", "--with-editable", "/g", "--with", "chess"]


def test_python_programs_and_options_are_repeated() -> None:
    """Options have the names of those on the command line."""
    table = receipt(
        MAIN,
        '{ name = "go" }',
        more="""python = "3.12"
entrypoints = [{ name = "b", from = "boardgame" }, { name = "g", from = "go" }]
[options]
index = [{ url = "https://d", explicit = false, default = true, format = "simple" },
         { name = "n", url = "https://n", authenticate = "auto" }]
find-links = ["/l", "/m"]
no-build = true
no-index = false
prerelease = "allow"
""",
    )
    assert commands(table, "install", "chess")[1] == [
        *("--python", "3.12", "--default-index", "https://d", "--index", "n=https://n"),
        *("--find-links", "/l", "--find-links", "/m", "--no-build", "--prerelease", "allow"),
        *("boardgame", "--with-executables-from", "go", "--with", "chess"),
    ]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (receipt(MAIN, more='constraints = [{ name = "x" }]'), "constraints"),
        (receipt(MAIN, more='overrides = [{ name = "x" }]'), "overrides"),
        (receipt(MAIN, more='news = "x"'), "news"),
        (receipt('{ name = "boardgame", index = "https://x" }'), "index of boardgame"),
        (receipt(MAIN, more="options = { x = 1 }"), "x = 1"),
        (receipt(MAIN, more="options = { index = [{ url = 'u', explicit = true }] }"), "explicit"),
        (receipt(), "no requirements"),
    ],
)
def test_what_no_argument_repeats_is_not_lost_in_silence(table: dict[str, Any], told: str) -> None:
    """The receipt is named, and the part of it."""
    with pytest.raises(ReceiptError, match=rf"uv-receipt.toml has .*{told}"):
        commands(table, "install", "chess")


def test_a_pin_that_was_left_behind_goes_away() -> None:
    """As when the second command could not be run."""
    table = receipt(MAIN, '{ name = "go" }', '{ name = "boardgame", specifier = "==0.9" }')
    assert commands(table, "install", "go")[1] == ["boardgame", "--with", "go"]


def test_the_tool_itself_can_be_upgraded() -> None:
    """It is not pinned then, and what else there is stays."""
    table = receipt('{ name = "boardgame", specifier = "==1.0" }', '{ name = "go" }')
    once, lasting = commands(table, "upgrade", "boardgame<3")
    assert lasting == ["boardgame<3", "--with", "go"]
    assert once == [*lasting, "--upgrade-package", "boardgame"]
    assert commands(table, "upgrade", "boardgame")[1] == ["boardgame", "--with", "go"]
    assert commands(table, "install", "boardgame")[1] == ["boardgame==1.0", "--with", "go"]
