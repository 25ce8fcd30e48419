"""Policy: what the operator and the host allow, whatever a plugin declares."""

import os

from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

__all__ = ["Policy", "Refusal", "environment_mistakes"]

_ON, _OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_VARIABLES = ("PLUGBAY_HOOK_ORDER", "PLUGBAY_DISABLE", "PLUGBAY_ALLOW", "PLUGBAY_SAFE_MODE")
# For each rule why it keeps a plugin out, behind the rule's place, and how to lift it.
_WORDS = {
    "deny": ("denies", "take {pattern} out of {where} to allow it again"),
    "disable": ("disables", "take {pattern} out of {where} to enable it again"),
    "allow": ("allows only", "add the plugin to {where}"),
    "safe mode": (
        "asks for safe mode, in which no third-party plugin is loaded",
        "switch {where} off to load it",
    ),
}
_CHOICES = {
    "undeclared": ("allow", "warn", "refuse"),
    "caps": ("enforce", "trust-host"),
    "strictness": ("enforce", "warn", "off"),
}


class Refusal:
    """A policy's no: the `rule` that decided, its `source`, a sentence each of why and how on."""

    __slots__ = ("reason", "remedy", "rule", "source")

    def __init__(self, rule: str, source: str, reason: str, remedy: str) -> None:
        self.rule = rule
        self.source = source
        self.reason = reason
        self.remedy = remedy


class Policy:
    """Rules that are applied before any import.

    `allow`, `deny` and `disable` are glob patterns. A pattern is compared with the plugin's name,
    its distribution, its group and `name@distribution`. With any `allow`, nothing else is admitted;
    `deny` and `disable` come before it (`deny` is for good, `disable` for now). `undeclared`
    plugins are allowed, allowed with a warning, or refused. `caps="trust-host"` admits a plugin
    whose upper bound the host has passed, when the host still keeps the plugin's lower bound.
    `strictness` is that of the gate: "enforce" its refusals, "warn" instead, or "off".
    `safe_mode` admits only what the host's own distribution brings. `source` is how messages call
    this policy; rules of an empty one are called by their environment variables.

    Raises ValueError for a word that is not one of the choices.
    """

    __slots__ = (
        "allow",
        "caps",
        "deny",
        "disable",
        "safe_mode",
        "source",
        "strictness",
        "undeclared",
    )

    def __init__(
        self,
        *,
        allow: "Iterable[str]" = (),
        deny: "Iterable[str]" = (),
        disable: "Iterable[str]" = (),
        undeclared: "Literal['allow', 'warn', 'refuse']" = "allow",
        caps: "Literal['enforce', 'trust-host']" = "enforce",
        strictness: "Literal['enforce', 'warn', 'off']" = "enforce",
        safe_mode: bool = False,
        source: str = "the host's policy",
    ) -> None:
        self.allow = _patterns("allow", allow)
        self.deny = _patterns("deny", deny)
        self.disable = _patterns("disable", disable)
        self.undeclared = _chosen("undeclared", undeclared)
        self.caps = _chosen("caps", caps)
        self.strictness = _chosen("strictness", strictness)
        self.safe_mode = safe_mode
        self.source = source

    @classmethod
    def from_environment(cls, environ: "Mapping[str, str] | None" = None) -> "Policy":
        """What PLUGBAY_DISABLE, PLUGBAY_ALLOW (comma-separated) and PLUGBAY_SAFE_MODE=1 ask for.

        A word in PLUGBAY_SAFE_MODE that means neither on nor off means on, the safer of the two.
        """
        environ = os.environ if environ is None else environ
        return cls(
            allow=_listed(environ.get("PLUGBAY_ALLOW", "")),
            disable=_listed(environ.get("PLUGBAY_DISABLE", "")),
            safe_mode=environ.get("PLUGBAY_SAFE_MODE", "").lower() not in _OFF,
            source="",
        )

    def refusal(self, name: str, distribution: str, group: str, host: str) -> Refusal | None:
        """The rule that keeps a plugin out, or None.

        `host` is the normalised name of the host's own distribution.
        """
        if not (self.deny or self.disable or self.allow or self.safe_mode):
            return None
        canonical = normalized(distribution)
        spellings = (distribution, canonical, canonical.replace("_", "-"))
        names = (name, group, *spellings, *(f"{name}@{each}" for each in spellings))
        for rule, patterns in (("deny", self.deny), ("disable", self.disable)):
            for pattern in patterns:
                if _matches(pattern, names) or _matches(normalized(pattern), (canonical,)):
                    return self._refused(rule, pattern)
        if self.allow and not any(_matches(pattern, names) for pattern in self.allow):
            return self._refused("allow", ",".join(self.allow))
        if self.safe_mode and canonical != host:
            return self._refused("safe mode", "")
        return None

    def _refused(self, rule: str, pattern: str) -> Refusal:
        where = self.source or f"PLUGBAY_{rule.upper().replace(' ', '_')}"
        reason, remedy = _WORDS[rule]
        return Refusal(
            f"{rule} {pattern}".strip(),
            where,
            f"{where} {reason} {pattern}".strip(),
            remedy.format(pattern=pattern, where=where),
        )


def environment_mistakes(environ: "Mapping[str, str]") -> list[str]:
    """What is set for plugbay in the environment and means nothing, a sentence each."""
    from plugbay.errors import did_you_mean

    mistakes = [
        f"{name} is not a variable of plugbay; {did_you_mean(name, _VARIABLES)}"
        for name in environ
        if name.startswith("PLUGBAY_") and name not in _VARIABLES
    ]
    safe_mode = environ.get("PLUGBAY_SAFE_MODE", "")
    if safe_mode.lower() not in (*_ON, *_OFF):
        mistakes.append(f"PLUGBAY_SAFE_MODE={safe_mode!r} is neither on nor off; set it to 1 or 0")
    order = environ.get("PLUGBAY_HOOK_ORDER", "")
    mistakes += [
        f"{part.strip()!r} in PLUGBAY_HOOK_ORDER is no order; write it as 'hook=first,second', "
        f"with ; between hooks"
        for part in order.split(";")
        if part.strip() and not part.partition("=")[2].strip()
    ]
    return mistakes


def _matches(pattern: str, names: "Iterable[str]") -> bool:
    if not any(special in pattern for special in "*?["):
        return pattern in names
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name, pattern) for name in names)


def _patterns(rule: str, patterns: "Iterable[str]") -> tuple[str, ...]:
    if isinstance(patterns, str):
        raise ValueError(f"{rule}={patterns!r} is one string; give a list, such as [{patterns!r}]")
    return tuple(patterns)


def _chosen(option: str, word: str) -> str:
    if word not in _CHOICES[option]:
        raise ValueError(f"{option}={word!r} is not one of {', '.join(_CHOICES[option])}")
    return word


def _listed(text: str) -> list[str]:
    return [pattern.strip() for pattern in text.split(",") if pattern.strip()]
