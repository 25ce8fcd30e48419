"""Surroundings: the environment, folder, descriptors and output of a call are its own."""

import os
import sys
from pathlib import Path
from typing import Any

import hostile
import pytest
from sites import Site
from watching import LINUX, Program, children, eventually, is_healthy, is_running

from plugbay import Sandbox


def _tell(sandbox: Sandbox, expression: str) -> Any:
    """What an expression gives in the process of a call."""
    return sandbox.run(hostile.tell, expression).unwrap()


def test_the_environment_is_clean(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the host was told is told to plugins."""
    monkeypatch.setenv("SECRET_TOKEN", "shade")
    monkeypatch.setenv("PYTHONPATH", "/shade")
    with Sandbox("process", timeout=30) as fresh:
        found = _tell(fresh, "dict(os.environ)")
    assert {"HOME", "TMPDIR", "PATH", "LANG"} >= set(found)
    assert found["HOME"] == found["TMPDIR"]
    assert os.environ["PATH"] != found["PATH"] or os.defpath == found["PATH"]
    assert "shade" not in str(found)


def test_the_environment_can_be_added_to() -> None:
    """By name; what it has by itself can be replaced."""
    with Sandbox("process", timeout=30, environment={"MODE": "test", "LANG": "C"}) as sandbox:
        assert ["test", "C"] == _tell(sandbox, "[os.environ['MODE'], os.environ['LANG']]")
        assert "TMPDIR" in _tell(sandbox, "[*os.environ]")


@pytest.mark.parametrize("environment", [{"A": 1}, {"A=B": "x"}, {"A": "\0"}])
def test_an_environment_that_cannot_be_is_refused(environment: object, tmp_path: Path) -> None:
    """When the sandbox is made, or by a result; nothing is left of it."""
    code = f"""
from plugbay import SandboxError
try:
    with Sandbox("process", environment={environment!r}) as sandbox:
        sandbox.run(hostile.add, 1, 2).unwrap()
except SandboxError: say("refused")
"""
    assert (0, ["refused"]) == Program(code, tmp_path).end()


def test_the_folder_is_its_own(sandbox: Sandbox) -> None:
    """An empty one for each process, that goes with it, whatever is in it."""
    with Sandbox("process", timeout=30) as one, Sandbox("process", timeout=30) as other:
        folders = [_tell(each, "os.getcwd()") for each in (one, other, sandbox)]
        assert 3 == len({os.getcwd(), *folders}) - 1
        assert all(
            each == _tell(used, "os.environ['HOME']")
            for used, each in zip((one, other, sandbox), folders, strict=True)
        )
        assert [] == _tell(one, "os.listdir()")
        _tell(one, "[os.makedirs('a/b'), os.symlink('/', 'a/root'), open('a/f', 'x').close()]")
        assert 0o700 == _tell(one, "os.stat('.').st_mode & 0o777")
        _tell(one, "[os.chmod('a/b', 0), os.chmod('a', 0o500)]")
    assert not any(map(os.path.exists, folders[:2]))
    assert os.path.exists("/tmp")  # noqa: S108 - what a link led to is there


def test_a_new_process_gets_a_new_folder(sandbox: Sandbox) -> None:
    """That of one that has ended is gone."""
    before = _tell(sandbox, "os.getcwd()")
    assert not sandbox.run(hostile.leave, 1).success
    assert before != _tell(sandbox, "os.getcwd()")
    assert not os.path.exists(before)


@LINUX
def test_no_descriptors_are_inherited(tmp_path: Path) -> None:
    """Not even those that the host would let its children have."""
    with open(tmp_path / "secret", "w") as secret:
        descriptor = os.dup(secret.fileno())
        os.set_inheritable(descriptor, True)
        with Sandbox("process", timeout=30) as sandbox:
            links = sandbox.run(hostile.descriptors).unwrap()
        os.close(descriptor)
    assert "secret" not in str(links)
    assert "/dev/null" in links
    assert 2 == len([each for each in links if each.startswith("pipe:")])


@LINUX
def test_what_a_call_starts_inherits_no_pipe(sandbox: Sandbox, site: Site) -> None:
    """The requests and the answers are not for it."""
    site.write(
        "shade_start.py",
        "import subprocess\n"
        "def thing():\n"
        "    command = ['/bin/ls', '-l', '/proc/self/fd']\n"
        "    return subprocess.run(command, close_fds=False, stdout=-1).stdout.decode()\n",
    )
    with Sandbox("process", timeout=30) as fresh:
        told = fresh.run("shade_start:thing").unwrap()
    assert 1 == told.count("pipe:")  # the one that the plugin itself has asked for
    assert "/dev/null" in told


@LINUX
def test_the_session_and_the_group_are_its_own(sandbox: Sandbox) -> None:
    """No terminal reaches it, and who ends its group ends nobody else."""
    process, group, session, parent = _tell(
        sandbox, "[os.getpid(), os.getpgrp(), os.getsid(0), os.getppid()]"
    )
    assert process == group == session
    assert os.getpid() == parent
    assert process in children()


def test_the_standard_input_is_empty(sandbox: Sandbox) -> None:
    """It is not where requests come from."""
    assert "" == _tell(sandbox, "sys.stdin.read()")
    assert "" == _tell(sandbox, "os.read(0, 100).decode()")
    assert is_healthy(sandbox)


@pytest.mark.parametrize(
    "way",
    [
        "print('hello')",
        "os.write(1, b'hello\\n')",
        "os.write(2, b'hello\\n')",
        "sys.stderr.write('hello\\n')",
        "sys.__stdout__.write('hello\\n')",
        "os.system('echo hello')",
        "sys.stdout.buffer.write(b'hello\\n')",
    ],
)
def test_what_is_printed_is_in_the_result(
    way: str, sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of this call alone, and neither in the answer nor on the host's own output."""
    result = sandbox.run(hostile.tell, f"{way} and 0")
    assert result.success
    assert "hello\n" == result.output
    assert "" == sandbox.run(hostile.add, 1, 2).output
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize(
    ("call", "args"),
    [
        (hostile.fail, ["no"]),
        (hostile.leave, [3]),
        (hostile.unfit, ["a set"]),
        (hostile.nap, [60]),
    ],
)
def test_what_was_printed_by_a_call_that_fails_is_in_its_result(
    call: Any, args: Any, hasty: Sandbox, site: Site
) -> None:
    """However it does."""
    site.write(
        "shade_say.py",
        "import hostile\n"
        "def thing(name, *args):\n"
        "    print('hello')\n"
        "    return getattr(hostile, name)(*args)\n",
    )
    with Sandbox("process", timeout=0.3) as fresh:
        result = fresh.run("shade_say:thing", call.__name__, *args)
    assert (False, "hello\n") == (result.success, result.output)


def test_much_that_was_printed_is_cut_off(sandbox: Sandbox) -> None:
    """The beginning is kept, and how much there was; the next call begins anew."""
    result = sandbox.run(hostile.say, "x" * 99 + "\n", 10_000)
    assert result.success
    assert len(result.output) < 70_000
    assert result.output.endswith("[and 934465 bytes more]")
    assert "y\n" == sandbox.run(hostile.say, "y").output


def test_what_is_printed_need_not_be_text(sandbox: Sandbox) -> None:
    """What cannot be read is replaced."""
    result = sandbox.run(hostile.tell, "os.write(1, bytes([255, 104, 105]))")
    assert "\ufffdhi" == result.output


def test_warnings_are_told(sandbox: Sandbox, site: Site) -> None:
    """Those of the call, each time, and neither printed nor raised in the host."""
    site.write(
        "shade_warn.py",
        "import warnings\n"
        "def thing(*texts):\n"
        "    for each in texts: warnings.warn(each, DeprecationWarning)\n"
        "    if not texts: raise ValueError\n",
    )
    with Sandbox("process", timeout=30) as fresh:
        for _ in range(2):
            result = fresh.run("shade_warn:thing", "rain", "snow")
            told = ("DeprecationWarning: rain", "DeprecationWarning: snow")
            assert (told, "") == (result.warnings, result.output)
        assert () == fresh.run("shade_warn:thing").warnings


def test_modules_are_found_where_the_host_finds_them(site: Site) -> None:
    """Wherever that is, though nothing of the site's own start-up is run."""
    site.write("shade_here.py", "import sys\ndef thing(): return [__file__, sys.path]\n")
    with Sandbox("process", timeout=30) as sandbox:
        file, path = sandbox.run("shade_here:thing").unwrap()
    assert str(site.root / "shade_here.py") == file
    assert [os.path.abspath(each) for each in sys.path] == path


def test_modules_are_found_below_the_folder_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its path is relative, it is so to the folder of the host."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    (tmp_path / "shade_below.py").write_text("def thing(): return 1\n")
    with Sandbox("process", timeout=30) as sandbox:
        assert 1 == sandbox.run("shade_below:thing").unwrap()


def test_what_a_call_changes_is_changed_there_only(sandbox: Sandbox) -> None:
    """In its process; the next call of the same plugin finds it."""
    change = "setattr(sys.modules['hostile'], 'made', {})"
    before = hostile.made
    _tell(sandbox, change.format(77))
    assert 77 == _tell(sandbox, "sys.modules['hostile'].made")
    assert before == hostile.made
    _tell(sandbox, change.format(0))


@LINUX
def test_a_process_that_is_replaced_is_gone(sandbox: Sandbox) -> None:
    """There is no more than one of a plugin that is called by one after the other."""
    before = sandbox.run(hostile.process).unwrap()
    assert before == sandbox.run(hostile.process).unwrap()
    sandbox.run(hostile.leave, 0)
    assert not is_running(before)
    assert before != sandbox.run(hostile.process).unwrap()
    assert eventually(lambda: before not in children())


def test_an_interpreter_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    """As a result, since a host cannot know."""
    code = """
sys.executable = "/no/such/python"
with Sandbox("process") as sandbox: say(sandbox.run(hostile.add, 1, 2).error.type)
"""
    assert (0, ["SandboxWorkerError"]) == Program(code, tmp_path).end()
