"""Findings: what `plugbay check` has found, as records."""

from dataclasses import dataclass

from plugbay.authoring.checks.rules import NOTE, RULES, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Finding", "in_order"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: a rule's code, a sentence on what and which, and where.

    `file` is the path, as the subject of the check was named, and `line` counts from 1, or is None.
    `remedy` is what to do, where that is more than the rule itself can say.
    """

    code: str
    message: str
    file: str
    line: int | None = None
    remedy: str = ""
    is_installed: bool = False

    @property
    def rule(self) -> Rule:
        """What the code stands for."""
        return RULES[self.code]

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`; a note is a remark and no reason to fail."""
        return self.rule.installed if self.is_installed else self.rule.severity

    @property
    def counts(self) -> bool:
        """Whether something ought to be done about it."""
        return self.severity != NOTE

    @property
    def place(self) -> str:
        """The file and line, as compilers write it."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def record(self) -> "dict[str, Any]":
        """All of it as plain data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "why": self.rule.why,
            "remedy": self.remedy or self.rule.remedy,
            "file": self.file,
            "line": self.line,
            "page": self.rule.page,
        }


def in_order(findings: "list[Finding]") -> "list[Finding]":
    """By file, line and code, each once."""
    return sorted(
        dict.fromkeys(findings),
        key=lambda each: (each.file, each.line or 0, each.code, each.message),
    )
