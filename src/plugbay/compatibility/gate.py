"""Gate: may this plugin run in this host? Decided before any of its code is imported."""

from plugbay.compatibility.checks import Case, decide
from plugbay.compatibility.policy import Policy
from plugbay.compatibility.verdict import SWITCHED_OFF, UNCHECKED, Verdict
from plugbay.discovery import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.compatibility.host_api import HostApi
    from plugbay.compatibility.policy import Refusal
    from plugbay.discovery.distributions import Distribution, EntryPoint
    from plugbay.discovery.manifests import Manifest

__all__ = ["Gate"]


class Gate:
    """Judges plugins for one host.

    `api` is None where the host's version is not known; then only the policies decide. The first
    policy is the host's, which also says how strict the gate is; later ones add their rules.
    """

    def __init__(self, api: "HostApi | None", *policies: Policy, host: str = "") -> None:
        self._api = api
        self._policies = policies
        self._policy = policies[0] if policies else Policy()
        self._host = api.normalized_name if api else normalized(host)
        self._verdicts: dict[Distribution, Verdict] = {}

    def judge(
        self,
        entry_point: "EntryPoint",
        distribution: "Distribution",
        manifest: "Manifest | None",
        *,
        shared: bool = True,
    ) -> Verdict:
        """The verdict for one plugin; that of the checks is shared by its distribution.

        Unless it is not `shared`, as for what one plugin declares for itself.
        """
        for policy in self._policies:
            refusal = policy.refusal(
                entry_point.name, distribution.name, entry_point.group, self._host
            )
            if refusal:
                return self._denied(refusal, distribution)
        if self._api is None or self._policy.strictness == "off":
            return UNCHECKED if self._api is None else SWITCHED_OFF
        if shared and distribution in self._verdicts:
            return self._verdicts[distribution]
        verdict = self._checked(self._api, distribution, manifest)
        # Only warning, the gate lets in what it would refuse, apart from the host's deny list.
        verdict.admitted |= self._policy.strictness == "warn" and verdict.status != "denied"
        if shared:
            self._verdicts[distribution] = verdict
        return verdict

    def _denied(self, refusal: "Refusal", distribution: "Distribution") -> Verdict:
        return Verdict(
            "denied",
            clause=refusal.rule,
            source=refusal.source,
            host=str(self._api or self._host),
            distribution=f"{distribution.name} {distribution.version}",
            reason=refusal.reason,
            remedy=refusal.remedy,
        )

    def _checked(
        self, api: "HostApi", distribution: "Distribution", manifest: "Manifest | None"
    ) -> Verdict:
        try:
            line = distribution.headers().undecodable
            unreadable = "" if line is None else f"line {line} is not UTF-8"
        except Exception as error:  # noqa: BLE001 - an archive or a provider may raise anything
            unreadable = str(error) or type(error).__name__
        if not unreadable:
            return decide(Case(api, self._policy, distribution, manifest))
        return Verdict(
            "invalid-declaration",
            source="METADATA",
            host=str(api),
            distribution=f"{distribution.name} {distribution.version}",
            reason=f"its METADATA cannot be read ({unreadable}), "
            "so what it declares cannot be checked",
            remedy="install it anew over the damaged one: "
            f"pip install --ignore-installed --no-deps {distribution.name}",
        )
