"""What the exit code of a command says."""

__all__ = [
    "BAD_CONFIGURATION",
    "FINDINGS",
    "FINE",
    "INTERNAL_FAULT",
    "INTERRUPTED",
    "MEANINGS",
    "NOT_FOUND",
    "USAGE",
]

FINE = 0
FINDINGS = 1
USAGE = 2
NOT_FOUND = 3
BAD_CONFIGURATION = 4
INTERNAL_FAULT = 70
INTERRUPTED = 130

MEANINGS = {
    FINE: "fine",
    FINDINGS: "findings: something is refused, shadowed, broken or failed to load",
    USAGE: "the command was not used as it is meant to",
    NOT_FOUND: "no such plugin or group",
    BAD_CONFIGURATION: "bad configuration, such as a PLUGBAY_ variable that means nothing",
    INTERNAL_FAULT: "a fault in plugbay itself",
    INTERRUPTED: "interrupted",
}
