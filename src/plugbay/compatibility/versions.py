"""Versions and the clauses that admit them, without `packaging` for the plain forms.

Plain are versions of digits and dots, and clauses of `>= > <= < == != ~=` with such a version
(`==` and `!=` also with `.*`). Everything else is handed to `packaging`, always with
pre-releases counted; for the plain forms the answers are the same, which a property test proves.
The rules are those of the specification "Version specifiers".
"""

import plugbay  # whose errors are imported when one is raised or looked for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from packaging.version import Version as PackagingVersion

__all__ = ["Bounds", "Clause", "Version", "bounds", "clauses", "is_contradictory"]

_OPERATORS = ("===", "~=", "==", "!=", "<=", ">=", "<", ">")


class Version:
    """A version; `release` is its tuple of numbers without trailing zeros, None if not plain.

    Raises InvalidVersionError for text that is no version.
    """

    __slots__ = ("release", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        numbers = _numbers(text)
        self.release = None if numbers is None else _stripped(numbers)
        if numbers is None:
            self.parsed()

    def parsed(self) -> "PackagingVersion":
        """The same version as `packaging` reads it."""
        from packaging.version import Version as PackagingVersion

        try:
            return PackagingVersion(self.text)
        except ValueError:  # InvalidVersion is one, and so is a number too long to be read
            raise plugbay.InvalidVersionError(
                f"{self.text!r} is not a version; write it as numbers and dots, such as '1.3'"
            ) from None

    @property
    def is_development(self) -> bool:
        """Whether it is a development, alpha, beta or candidate version."""
        return self.release is None and self.parsed().is_prerelease

    def base(self) -> "Version":
        """The release that a development version leads to."""
        return Version(self.parsed().base_version)

    def __le__(self, other: "Version") -> bool:
        if self.release is not None and other.release is not None:
            return self.release <= other.release
        return self.parsed() <= other.parsed()

    def __str__(self) -> str:
        return self.text


class Clause:
    """One operator and version of a specifier.

    Raises InvalidVersionError, with a hint for the usual mistakes, for text that is no clause.
    """

    __slots__ = ("_prefix", "operator", "text", "version")

    def __init__(self, text: str) -> None:
        self.text = text
        self.operator = next((each for each in _OPERATORS if text.startswith(each)), "")
        self.version = text[len(self.operator) :].strip()
        self._prefix = self._plain()
        if self._prefix is None:
            _packaged(text)
            if self.operator != "===":
                Version(self.version.removesuffix(".*"))

    def _plain(self) -> "tuple[int, ...] | None":
        """The numbers of the version, as many as were written, if this is a plain form."""
        if self.operator in ("", "==="):
            return None
        version = self.version
        if self.is_prefix:
            version = version[:-2]
        numbers = _numbers(version)
        if numbers is not None and self.operator == "~=" and len(numbers) < 2:
            return None
        return numbers

    @property
    def is_prefix(self) -> bool:
        """Whether it speaks of all versions that begin alike, as `==1.4.*` does."""
        return self.operator in ("==", "!=") and self.version.endswith(".*")

    @property
    def is_plain(self) -> bool:
        """Whether it is compared here and not by `packaging`."""
        return self._prefix is not None

    @property
    def names_development(self) -> bool:
        """Whether its version is a development, alpha, beta or candidate version."""
        if self.is_plain or self.operator == "===":
            return False
        return Version(self.version.removesuffix(".*")).is_development

    def admits(self, version: Version) -> bool:
        """Whether the version satisfies the clause, pre-releases counted."""
        if self._prefix is None or version.release is None:
            # Not the text: for === some releases of packaging compare it as it is written.
            return bool(_packaged(self.text).contains(version.parsed(), prereleases=True))
        release, bound = version.release, _stripped(self._prefix)
        match self.operator:
            case ">=":
                return release >= bound
            case "<":
                return release < bound
            case "<=":
                return release <= bound
            case ">":
                return release > bound
            case "~=":
                return release >= bound and _begins_with(release, self._prefix[:-1])
        if self.is_prefix:
            return _begins_with(release, self._prefix) == (self.operator == "==")
        return (release == bound) == (self.operator == "==")

    def __str__(self) -> str:
        return self.text


def clauses(specifier: str) -> list[Clause]:
    """The clauses of a comma-separated specifier; raises InvalidVersionError."""
    return [Clause(part.strip()) for part in specifier.split(",") if part.strip()]


class Bounds:
    """The range that clauses leave: `lower` and `upper` are comparable keys or None for open.

    `floor` is the text of the lower bound's version.
    """

    __slots__ = ("floor", "lower", "lower_included", "upper", "upper_included")

    def __init__(self) -> None:
        self.floor: str | None = None
        self.lower: Any = None
        self.upper: Any = None
        self.lower_included = self.upper_included = True

    def raise_lower(self, key: "Any", included: bool, text: str) -> None:
        if self.lower is None or key > self.lower:
            self.lower, self.lower_included, self.floor = key, included, text
        elif key == self.lower:
            self.lower_included &= included

    def reduce_upper(self, key: "Any", included: bool) -> None:
        if self.upper is None or key < self.upper:
            self.upper, self.upper_included = key, included
        elif key == self.upper:
            self.upper_included &= included

    @property
    def is_empty(self) -> bool:
        """Whether no version at all is between the bounds."""
        if self.lower is None or self.upper is None or self.lower < self.upper:
            return False
        return bool(self.lower > self.upper) or not (self.lower_included and self.upper_included)


def bounds(parts: list[Clause]) -> Bounds:
    """The range that the clauses leave; `!=` and `===` do not narrow it."""
    plain = all(part.is_plain for part in parts)
    result = Bounds()
    for part in parts:
        if part.operator in ("!=", "==="):
            continue
        version = part.version.removesuffix(".*")
        # Development versions begin like the release they lead to, and come before it.
        first = f"{version}.dev0" if part.is_prefix and not plain else version
        key = _key(first, plain)
        if part.operator in (">=", ">", "==", "~="):
            # The first version that ==1.4.* admits is 1.4.dev0, where such versions count.
            first = _key(f"{version}.dev0", plain) if part.is_prefix and not plain else key
            result.raise_lower(first, part.operator != ">", version)
        if part.is_prefix or part.operator == "~=":
            result.reduce_upper(_key(_next_prefix(part), plain), False)
        elif part.operator in ("<", "<=", "=="):
            result.reduce_upper(key, part.operator != "<")
    return result


def is_contradictory(parts: list[Clause]) -> bool:
    """Whether the clauses exclude each other, so that no version satisfies them all."""
    left = bounds(parts)
    if left.is_empty:
        return True
    if left.floor is None or left.lower != left.upper:
        return False
    if any(part.operator == "===" for part in parts):
        return False  # it is about how a version is written, of which there are many ways
    only = [part.version for part in parts if part.operator == "==" and not part.is_prefix]
    only.append(left.floor if isinstance(left.lower, tuple) else str(left.lower))
    return not any(all(part.admits(Version(each)) for part in parts) for each in only)


def _key(version: str, plain: bool) -> "Any":
    """What versions are compared by; releases and parsed versions cannot be mixed.

    Without the local part, which no bound looks at.
    """
    parsed = Version(version)
    return parsed.release if plain else Version(parsed.parsed().public).parsed()


def _next_prefix(part: Clause) -> str:
    """The first version behind those that `~=1.4.2` and `==1.4.*` admit."""
    version = Version(part.version.removesuffix(".*"))
    numbers, epoch = _numbers(version.text), ""
    if numbers is None:
        parsed = version.parsed()
        numbers, epoch = parsed.release, f"{parsed.epoch}!"
    kept = numbers if part.is_prefix else numbers[:-1]
    return epoch + ".".join(map(str, (*kept[:-1], kept[-1] + 1)))


def _numbers(text: str) -> "tuple[int, ...] | None":
    parts = text.split(".")
    if not text.isascii() or not all(part.isdigit() for part in parts):
        return None
    try:
        return tuple(map(int, parts))
    except ValueError:  # Python reads no numbers of more than some thousand digits
        return None


def _stripped(numbers: "tuple[int, ...]") -> "tuple[int, ...]":
    end = len(numbers)
    while end and not numbers[end - 1]:
        end -= 1
    return numbers[:end]


def _begins_with(release: "tuple[int, ...]", prefix: "tuple[int, ...]") -> bool:
    return (release + (0,) * len(prefix))[: len(prefix)] == prefix


def _packaged(text: str) -> "Any":
    from packaging.specifiers import InvalidSpecifier, Specifier

    try:
        return Specifier(text)
    except InvalidSpecifier:
        raise plugbay.InvalidVersionError(
            f"{text!r} is not a version specifier; {_hint(text)}"
        ) from None


def _hint(text: str) -> str:
    """What to write instead, for the mistakes that come from other languages' habits."""
    version = text.lstrip("^~=<>!* ") or "1.2"
    if text.startswith("^"):
        compatible = version if "." in version else f"{version}.0"
        return f"write '~={compatible}', or both bounds as in '>=1.2,<2'"
    if text.startswith(("=>", "=<")):
        return f"write '{text[1]}={version}'"
    if "||" in text:
        return "alternatives cannot be expressed; write one range, such as '>=1,<3'"
    if text == "*":
        return "leave the specifier out to accept every version"
    if text.startswith("~"):
        return f"write '~={version}.0' or '>={version}'"
    if text.endswith(".*"):
        return f"'.*' goes with == and != only; write '{text[:-2]}'"
    if " " in version:
        return "separate the clauses with a comma, as in '>=1.4,<2'"
    if text[:1].isdigit():
        compatible = version if "." in version else f"{version}.0"
        return f"write '>={version}', '~={compatible}' or '=={version}'"
    return "write clauses such as '>=1.4,<2'"
