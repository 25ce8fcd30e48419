"""METADATA: the header fields of a distribution, read without the text below them."""

__all__ = ["Headers"]

# What a line begins with that may be no field: a continuation, or an envelope.
_SPECIAL = (" ", "\t", "F")


class Headers(dict[str, list[str]]):
    """The header fields of METADATA, by lower-case name, each with all its values in order.

    Specification: "Core metadata". A continuation line belongs to the value before it. A byte
    that is not UTF-8 becomes a lone surrogate, and `undecodable` is then the number of the first
    line that has one.
    """

    __slots__ = ("undecodable",)

    undecodable: int | None

    @classmethod
    def parse(cls, data: bytes) -> "Headers":
        """Read the fields up to the first line that is none."""
        headers = cls()
        text = data.decode(errors="surrogateescape")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = text.partition("\n\n")[0]
        headers.undecodable = _line_with_surrogate(text)
        values: list[str] = []
        last = ""
        plain = text.isascii()
        for line in text.split("\n"):
            name, colon, value = line.partition(":")
            if name != last or not colon:
                if line[:1] in _SPECIAL:
                    if line[:1] in (" ", "\t"):
                        if values:
                            values[-1] += "\n" + line
                        continue
                    if line.startswith("From "):
                        continue  # an envelope, which readers of messages skip
                if not colon or " " in name or not (plain or name.isascii()):
                    break
                values = headers.setdefault(name.lower(), [])
                last = name
            values.append(value.lstrip(" \t"))
        return headers

    def first(self, name: str) -> str | None:
        """The first value of a field, given by its lower-case name; None when it is absent."""
        values = self.get(name)
        if not values:
            return None
        if "\n" not in values[0]:
            return values[0]
        from textwrap import dedent

        return dedent(" " * 8 + values[0])  # folded: indented as importlib.metadata takes it to be


def _line_with_surrogate(text: str) -> int | None:
    if text.isascii():
        return None
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if any("\ud800" <= character <= "\udfff" for character in line):
            return number
    return None
