"""Limits: what a sandbox refuses to promise, and what it holds calls to."""

import os
from pathlib import Path
from typing import Any

import endless
import forging
import hostile
import pytest
from sites import Site
from watching import LINUX, Program, is_healthy

import plugbay
from plugbay import Sandbox

# A program that goes on as a user who is not root. Root's interpreter may be in a folder of its
# own, so that this user may read what root may, which changes no limit.
ORDINARY = """
import ctypes
if os.geteuid() == 0:
    c, reading = ctypes.CDLL(None), 1 << 2
    kept = c.prctl(8, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    version, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), [reading] * 3 + [0] * 3
    if kept or c.capset(version, (ctypes.c_uint32 * 6)(*sets)) or c.prctl(47, 2, 2, 0, 0):
        say("skip")
        sys.exit()
"""


@pytest.mark.parametrize(
    ("level", "limits", "words"),
    [
        ("container", {}, "no level 'container'; there are inprocess, thread, process"),
        ("process", {"timeout": 0}, "timeout=0 is no limit; it is a number above 0"),
        ("process", {"timeout": -1}, "timeout=-1 is no limit"),
        ("process", {"timeout": float("nan")}, "timeout=nan is no limit"),
        ("process", {"timeout": True}, "timeout=True is no limit"),
        ("process", {"timeout": "1"}, "timeout='1' is no limit"),
        ("process", {"cpu": 0.5}, "cpu=0.5 is no limit; it is a whole number"),
        ("process", {"memory": 1e9}, "memory=1000000000.0 is no limit"),
        ("process", {"open_files": 0}, "open_files=0 is no limit"),
        ("thread", {"cpu": 1}, "'thread' cannot limit cpu; take 'process'"),
        ("thread", {"timeout": 1, "memory": 1 << 30}, "'thread' cannot limit memory; take 'proc"),
        ("thread", {"file_size": 1}, "'thread' cannot limit file_size"),
        ("thread", {"open_files": 9}, "'thread' cannot limit open_files"),
        ("thread", {"processes": 9}, "'thread' cannot limit processes"),
        ("inprocess", {"timeout": 1}, "'inprocess' cannot limit timeout; take 'thread' or 'proc"),
        ("inprocess", {"cpu": 1}, "'inprocess' cannot limit cpu; take 'process'"),
    ],
)
def test_what_a_level_cannot_hold_is_refused(level: Any, limits: Any, words: str) -> None:
    """When the sandbox is made, with what to do instead."""
    with pytest.raises(plugbay.SandboxError, match=words):
        Sandbox(level, **limits)


@pytest.mark.skipif(os.geteuid() != 0, reason="is for root alone")
def test_the_processes_of_root_cannot_be_limited() -> None:
    """The system does not, so that the sandbox does not promise it."""
    with pytest.raises(plugbay.SandboxError, match="does not limit the processes of root"):
        Sandbox("process", processes=10)


@LINUX
def test_processes_are_limited(tmp_path: Path) -> None:
    """Of the user, for who is not root; with more of them the same call works."""
    tmp_path.chmod(0o755)
    code = f"""{ORDINARY}
for most in (1, 500):
    with Sandbox("process", timeout=20, processes=most) as sandbox:
        result = sandbox.run(endless.fork_and_fail)
        say(result.error.type if result.error else result.value)
"""
    program = Program(code, tmp_path)
    program.folder.chmod(0o777)
    code_, lines = program.end()
    if lines == ["skip"]:
        pytest.skip("this system does not let a user read what root may")
    assert (0, ["BlockingIOError", "1"], "") == (code_, lines, program.errors)


@LINUX
def test_an_ordinary_user_cannot_lift_hard_limits(tmp_path: Path) -> None:
    """Those of memory and files are hard; that of processor time is for ten calls."""
    tmp_path.chmod(0o755)
    code = f"""{ORDINARY}
limits = dict(cpu=7, memory=1 << 30, file_size=5000, open_files=60)
with Sandbox("process", timeout=20, **limits) as sandbox:
    for each in ("AS", "FSIZE", "NOFILE", "CPU", "CORE"):
        say(*sandbox.run(hostile.lift, each).unwrap())
        say(sandbox.run(hostile.lift, each, 1 << 40).error.type)
"""
    program = Program(code, tmp_path)
    program.folder.chmod(0o777)
    code_, lines = program.end()
    if lines == ["skip"]:
        pytest.skip("this system does not let a user read what root may")
    limits = ["1073741824", "5000", "60", "70", "0"]
    expected = [line for each in limits for line in (f"{each} {each}", "ValueError")]
    assert (0, expected, "") == (code_, lines, program.errors)


@pytest.mark.parametrize("way", ["at once", "by and by"])
def test_memory_is_limited(way: str) -> None:
    """Of the process; what is taken is given back when the call has failed."""
    code = {
        "at once": "bytearray(1 << 33)",
        "by and by": "[bytearray(1 << 20) for each in range(1 << 13)]",
    }
    with Sandbox("process", timeout=30, memory=400 << 20) as sandbox:
        result = sandbox.run(hostile.tell, code[way])
        assert "MemoryError" == getattr(result.error, "type", result)
        assert is_healthy(sandbox)


def test_a_result_that_needs_too_much_memory_fails() -> None:
    """It is a result all the same, and the next call works."""
    with Sandbox("process", timeout=30, memory=100 << 20, max_bytes=1 << 30) as sandbox:
        result = sandbox.run(hostile.large, 30 << 20)
        assert isinstance(result.error, plugbay.SandboxError), result
        assert is_healthy(sandbox)


def test_memory_that_is_too_little_to_start_with_is_told() -> None:
    """As a result."""
    with Sandbox("process", timeout=30, memory=1) as sandbox:
        assert isinstance(sandbox.run(hostile.tell, "1").error, plugbay.SandboxError)


def test_limits_that_the_system_does_not_grant_are_told() -> None:
    """As a result, with the reason."""
    with Sandbox("process", timeout=30, memory=1 << 70) as sandbox:
        error = sandbox.run(hostile.add, 1, 2).error
        assert "SandboxError" == getattr(error, "type", "")
        assert "too large" in str(error)


def test_the_size_of_files_is_limited(tmp_path: Path) -> None:
    """Of each one."""
    writing = "open({!r}, 'wb', buffering=0).write(bytes({}))"
    with Sandbox("process", timeout=30, file_size=50_000) as sandbox:
        path = str(tmp_path / "file")
        assert 40_000 == sandbox.run(hostile.tell, writing.format(path, 40_000)).unwrap()
        assert 50_000 == sandbox.run(hostile.tell, writing.format(path, 60_000)).unwrap()
        appending = f"open({path!r}, 'ab', buffering=0).write(b'x')"
        assert "OSError" == getattr(sandbox.run(hostile.tell, appending).error, "type", "")
        assert is_healthy(sandbox)
    assert 50_000 == os.path.getsize(tmp_path / "file")


def test_open_files_are_limited() -> None:
    """At once; each call begins with those that it was left with."""
    opening = "[open(os.devnull) for each in range({})] and 1"
    with Sandbox("process", timeout=30, open_files=40) as sandbox:
        assert 1 == sandbox.run(hostile.tell, opening.format(20)).unwrap()
        assert "OSError" == getattr(sandbox.run(hostile.tell, opening.format(60)).error, "type", "")
        assert is_healthy(sandbox)


LEAN = "def thing():\n    kept = []\n    while True:\n        kept.append({})\n"


@pytest.mark.parametrize(
    ("limit", "taken", "error"),
    [
        ({"open_files": 40}, "open('/dev/null')", "OSError"),
        ({"memory": 400 << 20}, "bytearray(1 << 16)", "MemoryError"),
    ],
)
def test_a_call_that_holds_all_that_it_may_is_told(
    limit: Any, taken: str, error: str, site: Site
) -> None:
    """By its own error, since that is what its author can mend."""
    site.write("shade_lean.py", LEAN.format(taken))
    with Sandbox("process", timeout=30, **limit) as sandbox:
        result = sandbox.run("shade_lean:thing")
        assert error == getattr(result.error, "type", ""), result.error


def test_processor_time_is_limited() -> None:
    """That of the call, whatever time it takes by the clock."""
    with Sandbox("process", timeout=60, cpu=1) as sandbox:
        result = sandbox.run(endless.spin)
        assert isinstance(result.error, plugbay.SandboxTimeoutError)
        assert "it took more than 1 s of processor time" == str(result.error)
        assert 0.9 <= result.elapsed < 50
        assert is_healthy(sandbox)


def test_processor_time_is_that_of_one_call() -> None:
    """What calls before have used is added to what one may use."""
    burning = "[*iter(lambda: sum(os.times()[:2]) >= 1.05, True)] and 1"
    with Sandbox("process", timeout=60, cpu=1) as sandbox:
        soft, hard = sandbox.run(hostile.limits, "CPU").unwrap()
        assert (2, 10) == (soft, hard)
        assert 1 == sandbox.run(hostile.tell, burning).unwrap()
        assert [3, 10] == sandbox.run(hostile.limits, "CPU").unwrap()


def test_a_process_is_good_for_the_time_of_ten_calls() -> None:
    """One that has used nearly that is replaced, and one that has used less is not."""
    with Sandbox("process", timeout=30, cpu=2) as sandbox:
        first = sandbox.run(forging.claim_time, 18).unwrap()
        second = sandbox.run(forging.claim_time, 19).unwrap()
        assert first == second
        assert first != sandbox.run(forging.claim_time, 1).unwrap()


def test_a_lifted_limit_of_processor_time_leaves_the_others() -> None:
    """The deadline holds, and so does the limit of the process."""
    with Sandbox("process", timeout=0.3, cpu=1) as sandbox:
        assert [10, 10] == sandbox.run(hostile.lift, "CPU").unwrap()
        assert [10, 10] == sandbox.run(hostile.lift, "CPU").unwrap()
        assert isinstance(sandbox.run(endless.spin).error, plugbay.SandboxTimeoutError)
        assert is_healthy(sandbox)


@pytest.mark.parametrize("timeout", [float("inf"), 1e300])
def test_a_deadline_that_never_comes_is_refused_or_held(timeout: float) -> None:
    """But a call does not fail for it."""
    try:
        sandbox = Sandbox("process", timeout=timeout)
    except plugbay.SandboxError:
        return
    with sandbox:
        assert is_healthy(sandbox)
