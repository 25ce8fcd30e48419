"""`plugbay keygen` and `plugbay seal`: from a source to a module that a host opens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import SOURCES, Run, runner
from sites import GROUP, HOST, Site

PROGRAM = """
import sys
from plugbay.authoring.keys import read
from plugbay.loading.sealed import SealedModules

folder, module = sys.argv[1:]
verify_key = read(f"{folder}/2026.verify", "verify").content
with SealedModules(key=lambda id: read(f"{folder}/{id}.key", "key").content, verify_key=verify_key):
    print(__import__(module).WORD)
"""


@pytest.fixture
def plugbay(site: Site) -> Run:
    """Run the command with the site on its path, without colour."""
    return runner(site.root)


@pytest.fixture
def keys(plugbay: Run, tmp_path: Path) -> list[str]:
    """The options that name the keys to seal with."""
    folder = tmp_path / "keys"
    result = plugbay("keygen", str(folder), "--id", "2026")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{folder}/2026.key  secret; for `plugbay seal --key` and for hosts",
        f"{folder}/2026.sign  secret; for `plugbay seal --sign`, and for nobody else",
        f"{folder}/2026.verify  public; for hosts",
    ]
    return ["--key", f"{folder}/2026.key", "--sign", f"{folder}/2026.sign"]


def test_what_was_sealed_is_opened_by_another_program(
    site: Site, plugbay: Run, tmp_path: Path, keys: list[str]
) -> None:
    """With the two keys that are for hosts; the signing key may be gone."""
    source = tmp_path / "src" / "coffer"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("WORD = 'xyzzy'\n")
    (source / "words.txt").write_text("a few")
    output = tmp_path / "out"
    result = plugbay("seal", str(source), "--output", str(output), *keys)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"sealed  {output}/coffer/__init__.sealed  coffer",
        f"copied  {output}/coffer/words.txt",
    ]
    (tmp_path / "keys" / "2026.sign").unlink()
    program = f"import sys; sys.path[:0] = [{str(output)!r}, {str(SOURCES)!r}]\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "keys"), "coffer"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "xyzzy\n"


@pytest.mark.parametrize("again", ["seal", "keygen"])
def test_nothing_is_overwritten_by_a_command(
    plugbay: Run, tmp_path: Path, keys: list[str], again: str
) -> None:
    """The second time exits with 2 and says what is in the way."""
    source = tmp_path / "coffer.py"
    source.write_text("")
    arguments = [str(source), "--output", str(tmp_path / "out"), *keys]
    if again == "keygen":
        arguments = [str(tmp_path / "keys"), "--id", "2027"]
    assert plugbay(again, *arguments).returncode == 0
    result = plugbay(again, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "exist" in result.stderr
    assert result.stderr.startswith("plugbay: ")
    assert "Traceback" not in result.stderr


def test_keys_that_are_none_exit_with_4(plugbay: Run, tmp_path: Path, keys: list[str]) -> None:
    """One of another kind, and one that is not there; the file is named."""
    source = tmp_path / "coffer.py"
    source.write_text("")
    start = ["seal", str(source), "--output", str(tmp_path / "out")]
    swapped = plugbay(*start, "--key", keys[3], "--sign", keys[1])
    assert (swapped.returncode, swapped.stdout) == (4, "")
    told = f"plugbay: {keys[3]} is a signing key, not an encryption key, which is in ID.key\n"
    assert swapped.stderr == told
    absent = plugbay(*start, "--key", str(tmp_path / "absent.key"), "--sign", keys[3])
    assert absent.returncode == 4
    assert "absent.key" in absent.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("keygen",),
        ("keygen", "keys"),
        ("seal",),
        ("seal", "x.py"),
        ("seal", "x.py", "--output", "out"),
        ("keygen", "keys", "--id", "x", "--group", "y"),
        ("keygen", "keys", "--id", "x", "--json"),
    ],
)
def test_each_command_takes_what_makes_sense_for_it(
    plugbay: Run, arguments: tuple[str, ...]
) -> None:
    """What is missing, and what belongs to other commands, is wrong usage."""
    result = plugbay(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"usage: plugbay {arguments[0]}") or (
        result.stderr.startswith("usage: plugbay") and "unrecognized" in result.stderr
    )


def test_help_is_of_the_command(plugbay: Run) -> None:
    """`--help` lists all commands, and that of one its own options."""
    told = plugbay("--help").stdout
    commands = ("groups", "list", "info", "hooks", "schema", "why", "keygen", "seal")
    assert [each for each in commands if f"\n    {each} " not in told] == []
    for command, option in {"seal": "--sign FILE", "keygen": "--id ID", "list": "--api"}.items():
        told = plugbay(command, "--help").stdout
        assert option in told
        assert ("--group" in told) == (command == "list")


@pytest.mark.parametrize("command", ["keygen", "seal"])
def test_without_cryptography_a_command_says_what_to_install(
    plugbay: Run, tmp_path: Path, keys: list[str], command: str
) -> None:
    """In one line, with an exit code of its own."""
    source = tmp_path / "coffer.py"
    source.write_text("")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "cryptography.py").write_text("raise ModuleNotFoundError(name=__name__)")
    arguments = [str(source), "--output", str(tmp_path / "out"), *keys]
    if command == "keygen":
        arguments = [str(tmp_path / "more"), "--id", "x"]
    result = plugbay(command, *arguments, PYTHONPATH=f"{tmp_path / 'none'}:{SOURCES}")
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr == (
        "plugbay: sealed modules need cryptography; pip install 'plugbay[sealed]'\n"
    )


def test_why_does_not_miss_a_sealed_module(
    site: Site, plugbay: Run, tmp_path: Path, keys: list[str]
) -> None:
    """It cannot tell what is in it, and says where it is."""
    source = tmp_path / "coffer"
    source.mkdir()
    for name in ("__init__", "inner"):
        (source / f"{name}.py").write_text("thing = 1\n")
    plugbay("seal", str(source), "--output", str(site.root), *keys)
    site.add(HOST, version="1.0")
    site.add("vault", {"outer": "coffer:thing", "inner": "coffer.inner:thing"}, requires=[HOST])
    for name, file in {"outer": "__init__", "inner": "inner"}.items():
        result = plugbay("why", name, "--group", GROUP, "--json")
        last = json.loads(result.stdout)["plugins"][0]["steps"][-1]
        assert (last["question"], last["answer"]) == ("target exists", "unknown")
        assert last["detail"] == f"the module is {site.root}/coffer/{file}.sealed"
        assert result.returncode == 0
