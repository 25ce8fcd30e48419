"""Frames: JSON texts over a pipe, each behind its length in four bytes, most significant first.

A request is a list: its number, and what is asked. An answer is one too: the number of its request,
the whole seconds of processor time that were used so far, the texts of warnings, and of what kind
the last one is: "value" with what was given, "error" with the type, the message and the traceback
of what was raised, or "unfit" with the reason why what was given cannot be carried.
"""

from json import JSONDecoder, JSONEncoder, encoder
from struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["HEADER", "content_of", "frame_of", "is_answer", "length_of"]

HEADER = Struct(">I")
_decode = JSONDecoder().raw_decode  # and not decode, which looks for white space around it
# Of how many texts the content of an answer is, by its kind.
_TEXTS = {"value": 0, "error": 3, "unfit": 1}


def _encoder() -> "Callable[[Any], str]":
    """What JSONEncoder.encode does, set up once: it does that for each text, a tenth of a call."""
    public = JSONEncoder(separators=(",", ":"))
    try:  # it is not documented, and neither there in every Python nor the same in each
        set_up, as_text = vars(encoder)["c_make_encoder"], vars(encoder)["encode_basestring_ascii"]
        parts = set_up(None, public.default, as_text, None, ":", ",", False, False, True)
    except (KeyError, TypeError):
        return public.encode

    def encode(content: "Any") -> str:
        try:
            return "".join(parts(content, 0))
        except RecursionError:
            return public.encode(content)  # which tells a circle from what is deep

    return encode


_encode = _encoder()


def frame_of(content: "Any") -> bytes:
    """The frame that carries something.

    Raises TypeError, ValueError or RecursionError for what JSON does not have.
    """
    text = _encode(content).encode("ascii")
    if len(text) >= 1 << 32:
        raise ValueError("it has more than 4 GiB")
    return HEADER.pack(len(text)) + text


def length_of(frame: bytes) -> int:
    """How many bytes are behind the header of a frame."""
    (length,) = HEADER.unpack_from(frame)
    return int(length)


def content_of(frame: bytes) -> "Any":
    """What a frame carries; raises ValueError or RecursionError for what is no JSON text."""
    text = frame[HEADER.size :].decode("ascii")
    content, end = _decode(text)
    if end != len(text):
        raise ValueError("there is something behind it")
    return content


def is_answer(content: object, number: int) -> bool:
    """Whether what a frame carries is an answer to the request of that number."""
    if type(content) is not list or len(content) != 5:
        return False
    answered, used, warnings, kind, last = content
    if not (type(answered) is type(used) is int and answered == number and type(warnings) is list):
        return False
    if type(kind) is not str or kind not in _TEXTS:
        return False
    texts = last if _TEXTS[kind] else []
    if type(texts) is not list or len(texts) != _TEXTS[kind]:
        return False
    return not (warnings or texts) or all(type(each) is str for each in (*warnings, *texts))
