"""Verdict: the gate's answer for one plugin."""

__all__ = ["STATUSES", "SWITCHED_OFF", "UNCHECKED", "Verdict"]

# Every status, with whether it is a "yes" when nothing else is said.
STATUSES = {
    "ok": True,
    "ok-development": True,
    "ok-deprecated": True,
    "unchecked": True,
    "undeclared": True,
    "unknown-host": True,
    "too-old-host": False,
    "too-new-host": False,
    "denied": False,
    "missing-capability": False,
    "invalid-declaration": False,
    "contradictory": False,
    "wrong-python": False,
}


class Verdict:
    """Whether a plugin may run in this host, and why.

    `status` is one of `STATUSES`; `admitted` is the answer, and `warns` whether the host should
    hear of it. `clause` is the part of a declaration, or the rule of a policy, that decided, and
    `source` where it stands. `host` and `distribution` name both sides with their versions;
    `reason` and `remedy` are one sentence each, empty where there is nothing to say.
    """

    __slots__ = (
        "admitted",
        "clause",
        "distribution",
        "host",
        "reason",
        "remedy",
        "source",
        "status",
        "warns",
    )

    def __init__(
        self,
        status: str,
        *,
        admitted: bool | None = None,
        warns: bool | None = None,
        clause: str = "",
        source: str = "",
        host: str = "",
        distribution: str = "",
        reason: str = "",
        remedy: str = "",
    ) -> None:
        self.status = status
        self.admitted = STATUSES[status] if admitted is None else admitted
        self.warns = not self.admitted if warns is None else warns
        self.clause = clause
        self.source = source
        self.host = host
        self.distribution = distribution
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.reason}; {self.remedy}" if self.remedy else self.reason or self.status

    def __repr__(self) -> str:
        return f"<Verdict {self.status}: {self}>"


UNCHECKED = Verdict("unchecked", reason="the version of the host's API is not known here")
SWITCHED_OFF = Verdict("unchecked", reason="the host's policy switches the gate off")
