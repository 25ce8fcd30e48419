"""Answers: what a worker process sends that is none becomes a result, and costs that process."""

import pickle
import re
import time
from pathlib import Path
from typing import Any

import forging
import hostile
import pytest
from watching import eventually, is_healthy, is_running

import plugbay
from plugbay import Sandbox
from plugbay.sandbox.frames import frame_of


def frame(text: str | bytes) -> str:
    """A frame with that in it, as characters that stand for its bytes."""
    content = text.encode("latin-1") if isinstance(text, str) else text
    return (len(content).to_bytes(4, "big") + content).decode("latin-1")


def framed(content: object) -> str:
    """A frame that carries something."""
    return frame_of(content).decode("latin-1")


NO_ANSWERS = {
    "nothing": frame(""),
    "no JSON": frame("no JSON"),
    "bytes": frame(bytes(range(256))),
    "half a text": frame('[2,0,[],"value",'),
    "text behind the text": frame('[2,0,[],"value",1] [2,0,[],"value",1]'),
    "white space behind the text": frame('[2,0,[],"value",1]\n'),
    "UTF-8": frame('[2,0,[],"value","é"]'.encode()),
    "deeply nested lists": frame("[" * 500_000),
    "a value of deeply nested lists": frame(
        '[2,0,[],"value",' + "[" * 200_000 + "]" * 200_000 + "]"
    ),
    "a number of many digits": frame('[2,0,[],"value",' + "9" * 5000 + "]"),
    "null": framed(None),
    "a text": framed("value"),
    "a mapping": framed({"value": 1}),
    "an empty list": framed([]),
    "no kind": framed([2, 0, []]),
    "another kind": framed([2, 0, [], "pickle", "x"]),
    "an answer with another number": framed([99, 0, [], "value", 1]),
    "an answer to what was asked before": framed([1, 0, [], "value", 1]),
    "an answer with a text for a number": framed(["2", 0, [], "value", 1]),
    "an answer without a value": framed([2, 0, [], "value"]),
    "an answer with two values": framed([2, 0, [], "value", 1, 1]),
    "an error without words": framed([2, 0, [], "error", None]),
    "an error of numbers": framed([2, 0, [], "error", [1, 2, 3]]),
    "an error of two texts": framed([2, 0, [], "error", ["a", "b"]]),
    "warnings that are no texts": framed([2, 0, [{}], "value", 1]),
    "time that is no number": framed([2, "0", [], "value", 1]),
}


@pytest.mark.parametrize("text", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_told_and_ends_its_process(text: str) -> None:
    """At once, though a real answer follows; the next call works, in another process."""
    with Sandbox("process", timeout=30) as sandbox:
        result = sandbox.run(forging.forge, text, "stay")
        assert isinstance(result.error, plugbay.SandboxWorkerError)
        assert "its process sent what is no answer" == str(result.error)
        assert is_healthy(sandbox, "forging")


FRAMES = {
    "half a header": "\0\0",
    "a header": "\0\0\0\x10",
    "half a frame": framed([2, 0, [], "value", "text"])[:-6],
    "half a large frame": framed([2, 0, [], "value", "x" * 1_000_000])[:-500_000],
    "a header that says too much": "\0\x0f\0\0" + framed([2, 0, [], "value", 1])[4:],
}


@pytest.mark.parametrize("kind", ["half a header", "half a frame", "half a large frame"])
def test_half_a_frame_and_then_silence_ends_at_the_deadline(kind: str, hasty: Sandbox) -> None:
    """Nobody waits for the rest of it."""
    result = hasty.run(forging.forge, FRAMES[kind], "stay")
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    assert 0.3 <= result.elapsed < 10
    assert is_healthy(hasty, "forging")


@pytest.mark.parametrize("text", FRAMES.values(), ids=FRAMES)
def test_half_a_frame_and_then_an_exit_is_told(text: str, sandbox: Sandbox) -> None:
    """As what it is, an exit."""
    result = sandbox.run(forging.forge, text, "leave")
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert "it ended its process with exit code 0" == str(result.error)
    assert is_healthy(sandbox, "forging")


@pytest.mark.parametrize("header", ["\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\0\xc0\0\0"])
def test_a_frame_that_is_too_large_is_refused_by_its_header(header: str, sandbox: Sandbox) -> None:
    """Before any of it is read, so that it takes no memory."""
    result = sandbox.run(forging.forge, header + "x" * 100, "stay")
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    length = int.from_bytes(header.encode("latin-1"), "big")
    assert f"announced an answer of {length} bytes, of 10000000 that may be" in str(result.error)
    assert is_healthy(sandbox, "forging")


def test_a_header_that_says_too_little_is_no_answer() -> None:
    """Neither is what it cuts off."""
    text = "\0\0\0\x05" + framed([2, 0, [], "value", 1])[4:]
    with Sandbox("process", timeout=30) as sandbox:
        result = sandbox.run(forging.forge, text, "stay")
        assert isinstance(result.error, plugbay.SandboxWorkerError)


def test_nothing_is_unpickled(sandbox: Sandbox, tmp_path: Path) -> None:
    """A pickle is no answer, with a header or without one."""
    mark = tmp_path / "mark"
    text = pickle.dumps(Marking(str(mark)))
    for sent in (frame(text), text.decode("latin-1")):
        assert not sandbox.run(forging.forge, sent, "stay").success
    assert not mark.exists()
    pickle.loads(text)  # noqa: S301 - it would have left a mark
    assert mark.exists()
    assert is_healthy(sandbox, "forging")


class Marking:
    """Makes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (Path(self.path),)


@pytest.mark.parametrize("size", [1, 5_000, 1_000_000])
@pytest.mark.parametrize("text", ["x", "\0\0\0\1", "x" * 100_000])
def test_bytes_behind_an_answer_spoil_no_other_call(text: str, size: int) -> None:
    """They are no part of it: either it is refused, or the process is not asked again."""
    with Sandbox("process", timeout=30) as sandbox:
        result = sandbox.run(forging.extra, text, size)
        if not result.success:
            assert isinstance(result.error, plugbay.SandboxWorkerError)
        assert is_healthy(sandbox, "forging")


def test_bytes_with_the_end_of_an_answer_are_refused(sandbox: Sandbox) -> None:
    """As no answer."""
    result = sandbox.run(forging.extra, "x", 1)
    assert isinstance(result.error, plugbay.SandboxWorkerError)
    assert "its process sent what is no answer" == str(result.error)
    assert is_healthy(sandbox, "forging")


@pytest.mark.parametrize("text", ["x", framed([3, 0, [], "value", 4])])
def test_a_process_that_speaks_unasked_is_not_asked_again(text: str, sandbox: Sandbox) -> None:
    """What it says is taken for no answer to the next call."""
    process = sandbox.run(forging.extra_later, text, 0.05).unwrap()
    time.sleep(0.3)
    assert is_healthy(sandbox, "forging")
    assert process != sandbox.run("forging:process").unwrap()
    assert eventually(lambda: not is_running(process))


def test_a_forged_answer_costs_no_more_than_the_next_call() -> None:
    """A plugin may answer before it is done, for itself; the real answer is for nobody then."""
    with Sandbox("process", timeout=30) as sandbox:
        forged = framed([2, 0, [], "value", 4])
        assert 4 == sandbox.run(forging.forge, forged, "linger").unwrap()
        assert isinstance(sandbox.run("forging:process").error, plugbay.SandboxWorkerError)
        assert is_healthy(sandbox, "forging")


# -- sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 4_000, 4_096, 70_000, 5_000_000])
def test_large_arguments_and_results_come_through(size: int, sandbox: Sandbox) -> None:
    """Up to the limit, whole."""
    text = "€" * (size // 6)
    assert text == sandbox.run(hostile.echo, text).unwrap()


def test_a_result_that_is_too_large_is_told() -> None:
    """With its size; the process is kept."""
    with Sandbox("process", timeout=30, max_bytes=1000) as sandbox:
        process = sandbox.run(hostile.process).unwrap()
        result = sandbox.run(hostile.large, 1000)
        assert isinstance(result.error, plugbay.SandboxDataError)
        assert re.search("it has 10[0-9]{2} bytes, of 1000 that may be", str(result.error))
        assert 900 == len(sandbox.run(hostile.large, 900).unwrap())
        assert process == sandbox.run(hostile.process).unwrap()


def test_an_error_that_is_too_large_is_told(sandbox: Sandbox) -> None:
    """In one way or another."""
    result = sandbox.run(hostile.throw, "an error with a large message")
    assert isinstance(result.error, plugbay.SandboxError)
    assert is_healthy(sandbox)


def test_huge_arguments_for_a_process_that_does_not_read_end_at_the_deadline(
    hasty: Sandbox,
) -> None:
    """It has answered before, so that it is asked, and then reads no more."""
    process = hasty.run(forging.stay).unwrap()
    result = hasty.run("forging:stay", "x" * 20_000_000)
    assert isinstance(result.error, plugbay.SandboxTimeoutError)
    assert 0.3 <= result.elapsed < 10
    assert eventually(lambda: not is_running(process))
    assert is_healthy(hasty, "forging")
