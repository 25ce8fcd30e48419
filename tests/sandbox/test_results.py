"""Results: what a call has become, as data."""

import hostile
import pytest

from plugbay import Result, Sandbox, SandboxedError, SandboxError, SandboxTimeoutError


def test_a_result_gives_its_value() -> None:
    """None too, which is no failure."""
    values: list[object] = [3, None, [], False]
    for value in values:
        result = Result("f", value)
        assert (True, value) == (result.success, result.unwrap())


def test_a_result_raises_its_error() -> None:
    """The very one that it has."""
    error = SandboxedError("ValueError", "no", "Traceback")
    result = Result("f", error=error)
    assert not result.success
    with pytest.raises(SandboxedError, match="ValueError: no") as raised:
        result.unwrap()
    assert error is raised.value


@pytest.mark.parametrize("field", Result._fields)
def test_a_result_stays_as_it_is(field: str) -> None:
    """Nothing of it can be set."""
    result = Result("f", 3)
    with pytest.raises(AttributeError):
        setattr(result, field, "other")
    with pytest.raises(AttributeError):
        delattr(result, field)
    assert Result("f", 3) == result


@pytest.mark.parametrize("level", ["inprocess", "thread", "process"])
def test_a_result_tells_of_a_call_that_gave_a_value(level: str, sandbox: Sandbox) -> None:
    """Its name, the time that it took, and nothing that went wrong."""
    used = sandbox if level == "process" else Sandbox(level)  # type: ignore[arg-type]
    result = used.run(hostile.nap, 0.05)
    assert ("nap", True, None) == (result.name, result.success, result.error)
    assert isinstance(result.value, int)
    assert 0.05 <= result.elapsed < 10
    assert ((), "") == (result.warnings, result.output)


@pytest.mark.parametrize("level", ["inprocess", "thread", "process"])
def test_a_result_tells_of_a_call_that_failed(level: str, sandbox: Sandbox) -> None:
    """Type, message and traceback, of the plugin's code alone."""
    used = sandbox if level == "process" else Sandbox(level)  # type: ignore[arg-type]
    result = used.run(hostile.fail, "out of paper")
    assert (False, None, "fail") == (result.success, result.value, result.name)
    error = result.error
    assert isinstance(error, SandboxedError)
    assert ("ValueError", "out of paper") == (error.type, error.message)
    assert "ValueError: out of paper" == str(error)
    lines = error.traceback.splitlines()
    assert ["Traceback (most recent call last):", "ValueError: out of paper"] == [
        lines[0],
        lines[-1],
    ]
    assert "hostile.py" in lines[1]
    assert "in fail" in lines[1]
    assert "plugbay/sandbox" not in error.traceback


def test_an_error_of_the_sandbox_has_the_same_facts() -> None:
    """Type and message, and no traceback."""
    with Sandbox("thread", timeout=0.05) as sandbox:
        error = sandbox.run(hostile.nap, 0.5).error
    assert isinstance(error, SandboxTimeoutError)
    assert isinstance(error, (SandboxError, TimeoutError))
    assert ("SandboxTimeoutError", "") == (error.type, error.traceback)
    assert "it took more than 0.05 s" in error.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": "inprocess"}, ()),
        ({"level": "thread"}, ()),
        ({"level": "thread", "timeout": 2.5}, ("a deadline of 2.5 s",)),
        ({"level": "process"}, ("a process", "an environment", "a folder")),
        (
            {
                "level": "process",
                "timeout": 20,
                "cpu": 5,
                "memory": 1 << 30,
                "file_size": 1000,
                "open_files": 50,
            },
            (
                "a process",
                "an environment",
                "a folder",
                "a deadline of 20 s",
                "5 s of processor time",
                "1073741824 bytes of memory",
                "files of 1000 bytes",
                "50 open files",
            ),
        ),
    ],
)
def test_a_result_says_what_the_call_was_held_to(
    options: dict[str, object], words: tuple[str, ...]
) -> None:
    """Whether it succeeded or not."""
    with Sandbox(**options) as sandbox:  # type: ignore[arg-type]
        assert set(words) == set(sandbox.run(hostile.add, 1, 2).applied)
        assert set(words) == set(sandbox.run(hostile.fail, "no").applied)
    assert set(words) == set(sandbox.run(hostile.add, 1, 2).applied)
