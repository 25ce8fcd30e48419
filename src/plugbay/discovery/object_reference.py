"""Object references: the `module:attr [extra]` that the value of an entry point is.

The form is that of the specification "Entry points"; it is read as `importlib.metadata` reads it.
"""

__all__ = ["parse_reference"]


def parse_reference(value: str) -> tuple[str, str | None, list[str]]:
    """Split `module:attr [extra]` into module, attribute (None when absent) and extras.

    Reads what `importlib.metadata`'s pattern reads, without importing `re`. Raises
    InvalidReferenceError for anything else.
    """
    module, rest = _dotted_name(value)
    attr = None
    if module and rest[:1] == ":":
        attr, rest = _dotted_name(rest[1:].lstrip())
    closing = rest.rstrip()
    in_brackets = closing[:1] == "[" and closing[-1:] == "]" and "\n" not in closing
    if not module or attr == "" or (closing and not in_brackets):
        from plugbay.errors import InvalidReferenceError

        raise InvalidReferenceError(
            f"{value!r} is not an object reference; write it as module:attribute, "
            f"for example 'package.module:function'"
        )
    return module, attr, _words(closing)


def _dotted_name(text: str) -> tuple[str, str]:
    """Split off the leading letters, digits, underscores and dots; the rest without its spaces."""
    end = 0
    for character in text:
        if not (character.isalnum() or character in "_."):
            break
        end += 1
    return text[:end], text[end:].lstrip()


def _words(text: str) -> list[str]:
    """The runs of letters, digits and underscores."""
    return "".join(each if each.isalnum() or each == "_" else " " for each in text).split()
