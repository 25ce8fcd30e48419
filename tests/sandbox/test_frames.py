"""Frames: JSON values come through them as they are, and nothing else does."""

import json
import json.encoder
import math
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugbay.sandbox import frames
from plugbay.sandbox.frames import HEADER, content_of, frame_of, is_answer, length_of

NUMBERS = st.integers() | st.floats(allow_nan=False)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(st.characters())
VALUES = st.recursive(
    PLAIN, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=20
)
# What hardly any answer is, and what is close to one.
NEARLY: st.SearchStrategy[Any] = st.tuples(
    st.sampled_from([7, 7.0, True, 8, None, "7"]),
    st.sampled_from([0, 1, -1, 1.0, False, None]),
    st.sampled_from([[], ["w"], [1], "w", None, [None], {}]),
    st.sampled_from(["value", "error", "unfit", "other", 1, None, []]),
    VALUES | st.lists(PLAIN, max_size=4),
    VALUES,
)


@given(VALUES)
@example("\ud800")
@example("\x00é€😀")
@example(-0.0)
@example(10**4000)
@example([[[[{"": [{}]}]]]])
def test_values_come_through_a_frame_as_they_are(value: object) -> None:
    """With their types, and the header tells how long what is behind it is."""
    frame = frame_of(value)
    assert len(frame) == HEADER.size + length_of(frame)
    came = content_of(frame)
    assert repr(came) == repr(value)


def encoders() -> list[Any]:
    """The one that is taken, and the one where Python's json has other insides."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json.encoder, "c_make_encoder", None)
        plain = frames._encoder()
    return [frames._encode, plain]


@pytest.mark.parametrize("encode", encoders(), ids=["set up", "plain"])
@given(value=VALUES | st.lists(st.floats()) | st.dictionaries(PLAIN, PLAIN))
def test_texts_are_those_of_json(encode: Any, value: object) -> None:
    """To the letter, also with keys that are no texts."""
    assert json.dumps(value, separators=(",", ":")) == encode(value)


@pytest.mark.parametrize("encode", encoders(), ids=["set up", "plain"])
def test_what_json_does_not_have_is_refused_as_json_refuses_it(encode: Any) -> None:
    """In its words, and a text after it is none the worse."""
    circle: list[Any] = [1]
    circle.append({"again": circle})
    for value in (circle, [object()], {(1, 2): 3}, [{1, 2}]):
        with pytest.raises((TypeError, ValueError)) as told:
            json.dumps(value)
        for _ in range(2):
            with pytest.raises(told.type, match=re.escape(str(told.value))):
                encode(value)
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(RecursionError):
        encode(deep)
    assert "[1]" == encode([1])


def test_what_is_no_number_comes_through_too() -> None:
    """As Python's JSON has it."""
    came = content_of(frame_of([math.nan, math.inf, -math.inf]))
    assert ["nan", "inf", "-inf"] == [str(each) for each in came]


@given(st.binary(max_size=200))
@example(b"")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"9" * 5000)
@example(b"1e400")
@example(b'"\xc3\xa9"')
@example(b"null ")
@example(b" null")
@example(b"[1] [2]")
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    """With a documented error, and never another one."""
    try:
        content = content_of(HEADER.pack(len(text)) + text)
    except (ValueError, RecursionError):
        return
    assert repr(json.loads(text.decode("ascii"))) == repr(content)
    is_answer(content, 7)


@given(st.binary(min_size=4, max_size=4))
def test_any_header_is_a_length(header: bytes) -> None:
    """Of four bytes, the most significant first."""
    assert int.from_bytes(header, "big") == length_of(header)


@given(VALUES, st.binary(min_size=1))
def test_nothing_may_be_behind_a_frame(value: object, more: bytes) -> None:
    """It is not read as if it were not there."""
    frame = frame_of([value])
    with pytest.raises((ValueError, RecursionError)):
        content_of(frame + more)


@pytest.mark.parametrize(
    "value", [{1}, b"x", object(), {(1, 2): 3}, 10**5000], ids=lambda each: type(each).__name__
)
def test_what_json_does_not_have_gets_no_frame(value: object) -> None:
    """One of the documented errors says so."""
    with pytest.raises((TypeError, ValueError)):
        frame_of(value)


def test_circles_and_depths_get_no_frame() -> None:
    """Nor do they end the interpreter."""
    circle: list[object] = []
    circle.append(circle)
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]
    for value in (circle, deep):
        with pytest.raises((ValueError, RecursionError)):
            frame_of(value)
    while deep:  # one after the other, since each would free the next
        (deep,) = deep  # type: ignore[assignment]


def _is_valid(content: Any) -> bool:
    """What `frames` says of answers, in other words."""
    if not (isinstance(content, list) and len(content) == 5):
        return False
    number, used, warnings, kind, rest = content
    if type(number) is not int or number != 7 or type(used) is not int:
        return False
    if not (isinstance(warnings, list) and all(isinstance(each, str) for each in warnings)):
        return False
    if kind == "value":
        return True
    count = {"error": 3, "unfit": 1}.get(kind) if isinstance(kind, str) else None
    is_told = isinstance(rest, list) and len(rest) == count
    return is_told and all(isinstance(each, str) for each in rest)


@given(VALUES | NEARLY.map(list) | NEARLY.map(lambda each: list(each[:5])))
@example([7, 0, [], "value", None])
@example([7, 0, ["w"], "error", ["a", "b", "c"]])
@example([7, 0, [], "error", ["a", "b", None]])
@example([7, 0, [], "unfit", ["a"]])
@example([7, 0, [], "unfit", "a"])
@example([8, 0, [], "value", None])
@example([True, 0, [], "value", None])
@example([7, 0, [], "value"])
@example([7, 0, [], "value", None, None])
@example([7, 0, [1], "value", None])
@example([7, 0, [], "error", "abc"])
@example([7, 0, [], "error", {"a": 1, "b": 2, "c": 3}])
def test_an_answer_is_told_from_everything_else(content: Any) -> None:
    """By its number, its types, and how many texts it has."""
    assert _is_valid(content) is is_answer(content, 7)
