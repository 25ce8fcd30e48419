"""The gate: each verdict with its clause, source, sides, reason and remedy, and their order."""

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites import GROUP, HOST, Site

from plugbay import Denial, HostApi, Policy, Verdict
from plugbay.compatibility.gate import Gate
from plugbay.compatibility.verdict import STATUSES
from plugbay.compatibility.versions import Version, clauses
from plugbay.discovery.distributions import Distribution, EntryPoint
from plugbay.discovery.manifests import read_manifest

PLAIN = "METADATA, Requires-Dist"
MANIFEST = "extra_metadata/plugbay.json"
PYTHON = ".".join(map(str, sys.version_info[:3]))


def judged(
    site: Site,
    *requires: str,
    version: str = "1.3",
    policies: tuple[Policy, ...] = (),
    headers: tuple[str, ...] = (),
    manifest: object = None,
    name: str = "nice-plugin",
    released: str = "0.5",
    **api: Any,
) -> Verdict:
    """The verdict on a distribution with these requirements, in a host of this version."""
    distribution = site.add(
        name,
        requires=[f"{HOST}{each}" for each in requires],
        headers=headers,
        manifest=manifest,
        version=released,
    )
    gate = Gate(HostApi(HOST, version, **api), *policies)
    entry_point = EntryPoint("thing", "m:thing", GROUP, distribution)
    return gate.judge(entry_point, distribution, read_manifest(distribution))


def parts(verdict: Verdict) -> tuple[str, bool, bool, str, str]:
    return verdict.status, verdict.admitted, verdict.warns, verdict.clause, verdict.source


ALL: dict[str, tuple[dict[str, Any], tuple[bool, bool, str, str], str, str]] = {
    # status: (what is asked, (admitted, warns, clause, source), in the reason, in the remedy)
    "ok": (
        {"requires": [">=1.2,<2"]},
        (True, False, f"{HOST}>=1.2,<2", PLAIN),
        "",
        "",
    ),
    "ok-development": (
        {"requires": [">=2,<3"], "version": "2.0.dev1"},
        (True, False, f"{HOST}>=2,<3", PLAIN),
        f"{HOST} 2.0.dev1 counts as 2.0 during its development",
        "",
    ),
    "ok-deprecated": (
        {"requires": [">=1.0"], "deprecated": {"1.0": "2.0"}},
        (True, True, f"{HOST}>=1.0", PLAIN),
        f"it is written for {HOST} 1.0, and {HOST} 2.0 will drop what 1.0 promised",
        "nice-plugin",
    ),
    "unchecked": (
        {"policies": (Policy(strictness="off"),)},
        (True, False, "", ""),
        "switches the gate off",
        "",
    ),
    "undeclared": (
        {},
        (True, False, "", ""),
        f"it does not say which versions of {HOST}",
        f"'{HOST}>=1.3,<2'",
    ),
    "unknown-host": (
        {"requires": [">=1"], "version": "0+unknown"},
        (True, True, "", ""),
        "is '0+unknown', so its plugins are not checked",
        HOST,
    ),
    "too-old-host": (
        {"requires": [">=1.4,<2"]},
        (False, True, f"{HOST}>=1.4", PLAIN),
        f"it needs {HOST}>=1.4,<2, and this is {HOST} 1.3",
        f"upgrade {HOST} to 1.4 or later",
    ),
    "too-new-host": (
        {"requires": [">=0.9,<1.3"]},
        (False, True, f"{HOST}<1.3", PLAIN),
        f"it works with {HOST}>=0.9,<1.3, and this is {HOST} 1.3",
        "pip install --upgrade nice-plugin",
    ),
    "denied": (
        {"denied": [Denial("Nice.Plugin", "<1", reason="it loses rows", fixed_in="1.0")]},
        (False, True, "Nice.Plugin<1", f"{HOST}'s deny list"),
        f"{HOST} 1.3 does not work with it because it loses rows",
        "install nice-plugin 1.0 or later",
    ),
    "missing-capability": (
        {
            "requires": [">=1"],
            "manifest": {"needs": ["render", "cache"]},
            "capabilities": ["cache"],
        },
        (False, True, "render", MANIFEST),
        f"it needs render, which {HOST} 1.3 does not offer",
        HOST,
    ),
    "invalid-declaration": (
        {"requires": ["^1.2"]},
        (False, True, "^1.2", PLAIN),
        f"its declaration in {PLAIN} cannot be read: '^1.2' is not a version specifier",
        "nice-plugin",
    ),
    "contradictory": (
        {"requires": [">=2", "<1"]},
        (False, True, f"{HOST}>=2", PLAIN),
        f"it declares {HOST}>=2 and {HOST}<1, which no version can satisfy",
        "nice-plugin",
    ),
    "wrong-python": (
        {"requires": [">=1"], "headers": ("Requires-Python: >=3.11,<3.11.1",)},
        (False, True, "<3.11.1", "METADATA, Requires-Python"),
        f"it needs Python >=3.11,<3.11.1, and this is Python {PYTHON}",
        "Python",
    ),
}


@pytest.mark.parametrize("status", ALL)
def test_each_status_is_told_in_full(site: Site, status: str) -> None:
    """A verdict has its clause, source, both sides with versions, a reason and a remedy."""
    asked, expected, reason, remedy = ALL[status]
    asked = dict(asked)
    verdict = judged(site, *asked.pop("requires", ()), **asked)
    assert (status, *expected) == parts(verdict)
    assert reason in verdict.reason
    assert remedy in verdict.remedy
    if status != "unchecked":
        assert f"{HOST} {asked.get('version', '1.3')}" == verdict.host
        assert "nice-plugin 0.5" == verdict.distribution
    if not verdict.admitted:
        assert verdict.remedy
    assert (verdict.reason or status) in str(verdict)


def test_every_status_is_tested() -> None:
    """The table above has every status there is, and each is admitted as STATUSES says."""
    assert set(STATUSES) == set(ALL)
    assert STATUSES == {status: case[1][0] for status, case in ALL.items()}


WRONGS: list[tuple[str, dict[str, Any]]] = [
    ("denied", {"denied": [Denial("nice-plugin")]}),
    ("wrong-python", {"headers": ("Requires-Python: <3",)}),
    ("invalid-declaration", {"requires": ("^1",)}),
    ("too-old-host", {"requires": (">=9",)}),
    ("missing-capability", {"manifest": {"needs": ["x"]}}),
    ("ok-deprecated", {"requires": (">=1",), "deprecated": {"1.2": "2"}}),
]


@pytest.mark.parametrize("first", range(len(WRONGS)))
def test_the_order_of_the_checks(site: Site, first: int) -> None:
    """Of several things that are wrong the one that decides is told, always the same one."""
    asked: dict[str, Any] = {"requires": ()}
    for _, wrong in WRONGS[first:]:
        requires = (*asked["requires"], *wrong.get("requires", ()))
        asked = {**asked, **wrong, "requires": requires}
    assert WRONGS[first][0] == judged(site, *asked.pop("requires"), **asked).status


def test_a_policy_is_asked_before_anything_is_read(site: Site) -> None:
    """What is disabled is refused for that, whatever it declares, and names the plugin's rule."""
    verdict = judged(site, "^1", policies=(Policy(), Policy(disable=["thing"])))
    assert ("denied", False, True, "disable thing", "the host's policy") == parts(verdict)
    assert verdict.remedy


def test_policies_are_asked_where_no_host_is_known(site: Site) -> None:
    """Without a host API a plugin is unchecked, unless a policy refuses it."""
    distribution = site.add("nice-plugin")
    entry_point = EntryPoint("thing", "m", GROUP, distribution)
    assert "unchecked" == Gate(None).judge(entry_point, distribution, None).status
    gate = Gate(None, Policy(safe_mode=True), host=HOST)
    assert "denied" == gate.judge(entry_point, distribution, None).status
    assert (
        "unchecked"
        == Gate(None, Policy(safe_mode=True), host="Nice.Plugin")
        .judge(entry_point, distribution, None)
        .status
    )


@pytest.mark.parametrize(
    ("requires", "manifest", "status", "source"),
    [
        ([">=1", "<1.2"], None, "too-new-host", PLAIN),
        (
            [">=1", '>=1.4; extra == "plugbay-test-host-api"'],
            None,
            "too-old-host",
            "METADATA, Requires-Dist under the extra plugbay-test-host-api",
        ),
        ([">=1"], {"api": "1.4"}, "too-old-host", MANIFEST),
        ([">=0.5"], {"api": "0.9"}, "too-new-host", MANIFEST),
        ([">=1"], {"api": "1.2"}, "ok", f"{PLAIN}, {MANIFEST}"),
        ([], {"api": {HOST: ">=1"}}, "ok", MANIFEST),
        ([">=1"], {"api": {"other": ">=9"}}, "ok", PLAIN),
        ([">=1"], {"api": 7}, "invalid-declaration", MANIFEST),
        ([">=1"], {"api": "1"}, "invalid-declaration", MANIFEST),
        (["<1.2", ">=9"], None, "contradictory", PLAIN),
        (["<1.2", ">=1.4"], {"api": "!=1.3"}, "contradictory", PLAIN),
    ],
)
def test_all_declarations_must_hold(
    site: Site, requires: list[str], manifest: object, status: str, source: str
) -> None:
    """One that does not hold is enough, and it is the one whose place is told."""
    verdict = judged(site, *requires, manifest=manifest)
    assert (status, source) == (verdict.status, verdict.source)


@pytest.mark.parametrize(
    ("version", "requires", "status"),
    [
        ("2.0.dev1", ">=2", "ok-development"),
        ("2.0.dev1", "<2", "too-new-host"),
        ("2.0.dev1", ">=1.4", "ok-development"),
        ("2.0rc1", "==2.*", "ok-development"),
        ("1.5.0.dev3+gabc", ">=1.5", "ok-development"),
        ("1.4.0.post1.dev3+gabc", ">=1.4,<2", "ok-development"),
        ("2.0.dev1", ">=2.0.dev0", "ok"),
        ("2.0.dev1", ">=2.0rc1", "too-old-host"),
        ("2.0rc1", ">=2.0.dev0,<3", "ok"),
        ("2.0.dev1", ">=2.1", "too-old-host"),
        ("1.3+local", "==1.3", "ok"),
        ("1.3.post1", ">=1.3", "ok"),
        ("1.3.post1", "<=1.3", "too-new-host"),
        ("1!1.0", "<2", "too-new-host"),
        ("0.0.0", ">=2", "unknown-host"),
        ("one", ">=2", "unknown-host"),
    ],
)
def test_hosts_of_every_kind_of_version(
    site: Site, version: str, requires: str, status: str
) -> None:
    """A development host counts as its release, unless a clause names a development version."""
    assert status == judged(site, requires, version=version).status


@pytest.mark.parametrize(
    ("requires", "since", "caps", "status", "admitted"),
    [
        (">=1.0,<1.3", "1.0", "trust-host", "too-new-host", True),
        (">=1.1,<1.3", "1.0", "trust-host", "too-new-host", True),
        ("~=1.1.0", "1.0", "trust-host", "too-new-host", True),
        ("==1.1.*", "1.0", "trust-host", "too-new-host", True),
        (">=0.9,<1.3", "1.0", "trust-host", "too-new-host", False),
        ("<1.3", "1.0", "trust-host", "too-new-host", False),
        (">=1.1,<1.3", None, "trust-host", "too-new-host", False),
        (">=1.1,<1.3", "1.0", "enforce", "too-new-host", False),
        (">=1.4,<1.6", "1.0", "trust-host", "too-old-host", False),
        (">=1.4,<1.3", "1.0", "trust-host", "contradictory", False),
    ],
)
def test_a_host_is_trusted_with_caps_and_never_with_floors(
    site: Site,
    requires: str,
    since: str | None,
    caps: Any,
    status: str,
    admitted: bool,
) -> None:
    """A too-new host is admitted, with a warning, when it still keeps the plugin's lower bound."""
    verdict = judged(site, requires, compatible_since=since, policies=(Policy(caps=caps),))
    assert (status, admitted, True) == (verdict.status, verdict.admitted, verdict.warns)


def test_a_violated_floor_anywhere_is_not_trusted(site: Site) -> None:
    """With one declaration's cap passed and another one's floor not reached, the floor decides."""
    verdict = judged(
        site,
        ">=1.0,!=1.3",
        ">=1.0,<1.2",
        compatible_since="1.0",
        policies=(Policy(caps="trust-host"),),
    )
    assert ("too-old-host", False) == (verdict.status, verdict.admitted)


def test_a_trusted_host_must_offer_what_is_needed(site: Site) -> None:
    """Trust is in versions: a missing capability refuses the plugin as it does otherwise."""
    verdict = judged(
        site,
        ">=1.0,<1.2",
        manifest={"needs": ["render"]},
        compatible_since="1.0",
        policies=(Policy(caps="trust-host"),),
    )
    assert ("missing-capability", False) == (verdict.status, verdict.admitted)


@given(
    st.lists(
        st.builds(
            "{}{}.{}".format,
            st.sampled_from([">=", "<", "<=", ">", "==", "~=", "!="]),
            st.integers(0, 3),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["1.0", "1.2", "2.0", "2.1"]),
    st.sampled_from(["1.0", "0.2"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_trust_never_admits_below_a_floor(
    site: Site, requires: list[str], version: str, since: str
) -> None:
    """Whatever the clauses, an admitted host satisfies each of them that is not a cap."""
    verdict = judged(
        site,
        ",".join(requires),
        version=version,
        compatible_since=since,
        policies=(Policy(caps="trust-host"),),
    )
    floors = [each for each in clauses(",".join(requires)) if each.operator in (">", ">=", "!=")]
    if verdict.admitted:
        assert all(each.admits(Version(version)) for each in floors)


@pytest.mark.parametrize(
    ("versions", "denied"), [("", True), ("<1", True), (">=0.5,<0.6", True), (">=1", False)]
)
def test_the_hosts_deny_list(site: Site, versions: str, *, denied: bool) -> None:
    """It is by release: others of the same distribution are let in."""
    verdict = judged(site, ">=1", denied=[Denial("other"), Denial("nice_plugin", versions)])
    assert denied == (verdict.status == "denied")
    if denied:
        assert verdict.remedy.startswith("uninstall")


@pytest.mark.parametrize(
    ("strictness", "status", "admitted", "warns"),
    [
        ("enforce", "too-old-host", False, True),
        ("warn", "too-old-host", True, True),
        ("off", "unchecked", True, False),
    ],
)
def test_strictness(
    site: Site, strictness: Any, status: str, *, admitted: bool, warns: bool
) -> None:
    """A refusal is enforced, only told, or not even looked for."""
    verdict = judged(site, ">=9", policies=(Policy(strictness=strictness),))
    assert (status, admitted, warns) == (verdict.status, verdict.admitted, verdict.warns)


@pytest.mark.parametrize(
    ("undeclared", "admitted", "warns"),
    [("allow", True, False), ("warn", True, True), ("refuse", False, True)],
)
def test_the_undeclared(site: Site, undeclared: Any, *, admitted: bool, warns: bool) -> None:
    """The policy decides about what declares nothing; the host's own plugins need not declare."""
    policies = (Policy(undeclared=undeclared),)
    verdict = judged(site, policies=policies)
    assert ("undeclared", admitted, warns) == (verdict.status, verdict.admitted, verdict.warns)
    assert "ok" == judged(site, policies=policies, name=HOST).status


@pytest.mark.parametrize("version", ["1.3", "2", "0.4.1", "2.1rc1", "1.3+local", "2.0.dev1"])
def test_the_suggested_declaration_admits_the_host(site: Site, version: str) -> None:
    """What an author is told to write would be a yes."""
    remedy = judged(site, version=version).remedy
    suggested = remedy.split("'")[1].removeprefix(HOST)
    assert judged(site, suggested, version=version).status in ("ok", "ok-development")


@pytest.mark.parametrize("metadata", [b"Name: a\nAuthor: \xff\n\n", None])
def test_metadata_that_cannot_be_read_is_refused(site: Site, metadata: bytes | None) -> None:
    """What a distribution declares is not known then, so nothing of it is let in."""
    distribution = site.add("nice-plugin")
    file = site.root / "nice_plugin-1.0.dist-info" / "METADATA"
    file.unlink()
    if metadata is None:
        file.symlink_to(file)
    else:
        file.write_bytes(metadata)
    verdict = Gate(HostApi(HOST, "1.3")).judge(
        EntryPoint("thing", "m", GROUP, distribution), distribution, None
    )
    assert ("invalid-declaration", False, "METADATA") == (
        verdict.status,
        verdict.admitted,
        verdict.source,
    )
    assert "pip install --ignore-installed --no-deps" in verdict.remedy


def test_a_provider_may_raise_anything(site: Site) -> None:
    """Metadata that a foreign provider fails to give, in its own way, cannot be read."""

    class Foreign(Distribution):
        def read_bytes(self, filename: str, end: bytes | None = None) -> bytes | None:
            raise LookupError("the database is gone")

    distribution = Foreign(str(site.root), "nice_plugin-1.0.dist-info")
    entry_point = EntryPoint("thing", "m", GROUP, distribution)
    verdict = Gate(HostApi(HOST, "1.3")).judge(entry_point, distribution, None)
    assert "invalid-declaration" == verdict.status
    assert "the database is gone" in verdict.reason
    manifest = read_manifest(distribution)
    assert manifest is not None
    assert "the database is gone" == manifest.api_problem


@pytest.mark.parametrize("requires", ["", "3.11", ">=3.x", ">=3"])
def test_a_requirement_on_python_that_forbids_nothing(site: Site, requires: str) -> None:
    """None, one that cannot be read and one that holds let the plugin in."""
    assert "ok" == judged(site, ">=1", headers=(f"Requires-Python: {requires}",)).status


def test_the_deny_list_holds_when_the_gate_only_warns(site: Site) -> None:
    """What the host knows to be broken is not let in by a lenient policy."""
    denied = (Denial("nice-plugin", reason="it loses rows"),)
    verdict = judged(site, ">=1", denied=denied, policies=(Policy(strictness="warn"),))
    assert ("denied", False) == (verdict.status, verdict.admitted)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"manifest": {"needs": ["ink"]}}, "missing-capability"),
        ({"policies": (Policy(undeclared="refuse"),)}, "undeclared"),
        ({}, "unknown-host"),
        ({"requires": [">=9"]}, "unknown-host"),
    ],
)
def test_an_unknown_host_is_still_asked_for_all_but_its_version(
    site: Site, asked: dict[str, Any], status: str
) -> None:
    """Only what depends on the version is left unchecked."""
    requires = asked.pop("requires", [])
    assert status == judged(site, *requires, version="0+unknown", **asked).status


def test_of_several_deprecations_the_next_one_is_told(site: Site) -> None:
    """The promise that goes first is named, in whatever order the host lists them."""
    verdict = judged(site, ">=1.0", deprecated={"1.1": "3.0", "1.0": "2.0"})
    assert f"{HOST} 2.0 will drop what 1.0 promised" in verdict.reason


def test_a_denial_of_all_releases_needs_no_version(site: Site) -> None:
    """A release whose version cannot be read is denied with the others."""
    assert "denied" == judged(site, ">=1", denied=(Denial("nice-plugin"),), released="weird").status


@pytest.mark.parametrize("excluded", ["!=1.3", ">1.3"])
def test_the_remedy_is_for_the_clause_that_failed(site: Site, excluded: str) -> None:
    """A host above the floor is not told to come up to it."""
    verdict = judged(site, f">=1.2,{excluded}")
    assert "too-old-host" == verdict.status
    assert "to a release that satisfies it" in verdict.remedy
