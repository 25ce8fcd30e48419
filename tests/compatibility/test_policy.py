"""Policy: each rule, what it is compared with, and how it is told."""

from typing import Any

import pytest

from plugbay import Policy
from plugbay.compatibility.policy import environment_mistakes


def _refusal(policy: Policy, *, distribution: str = "Nice_Plugins") -> tuple[str, str] | None:
    found = policy.refusal("csv", distribution, "host.exporters", "host")
    return found and (found.rule, found.source)


@pytest.mark.parametrize("rule", ["deny", "disable"])
@pytest.mark.parametrize(
    "pattern",
    [
        "csv",
        "c*",
        "Nice_Plugins",
        "nice_plugins",
        "nice-plugins",
        "nice-*",
        "host.exporters",
        "host.*",
        "csv@Nice_Plugins",
        "csv@nice-plugins",
        "*@Nice*",
        "[c]sv",
        "cs?",
    ],
)
def test_a_plugin_is_kept_out_by_any_of_its_names(rule: str, pattern: str) -> None:
    """Plugin, distribution in any spelling, group and qualified name are compared, as globs too."""
    rules: dict[str, Any] = {rule: ["other", pattern]}
    assert (f"{rule} {pattern}", "the host's policy") == _refusal(Policy(**rules))


@pytest.mark.parametrize("pattern", ["CSV", "exporters", "cs", "csv@other", "plugins", ""])
def test_other_patterns_keep_nothing_out(pattern: str) -> None:
    """A pattern is compared with whole names, and the case of a plugin's name counts."""
    assert _refusal(Policy(deny=[pattern], disable=[pattern])) is None


def test_allow_admits_nothing_else() -> None:
    """What one of the patterns names is admitted; the refusal of others shows them all."""
    assert _refusal(Policy(allow=["x", "csv"])) is None
    assert _refusal(Policy(allow=["nice-plugins"])) is None
    assert ("allow x,y", "the host's policy") == _refusal(Policy(allow=["x", "y"]))


def test_deny_and_disable_come_before_allow() -> None:
    """What is allowed and denied is denied; deny is looked at first."""
    both = Policy(allow=["csv"], deny=["csv"], disable=["csv"])
    assert ("deny csv", "the host's policy") == _refusal(both)
    assert ("disable csv", "the host's policy") == _refusal(Policy(allow=["csv"], disable=["csv"]))


def test_safe_mode_admits_the_hosts_own_plugins() -> None:
    """Only what the host's own distribution brings is loaded, however its name is spelled."""
    policy = Policy(safe_mode=True)
    assert ("safe mode", "the host's policy") == _refusal(policy)
    assert _refusal(policy, distribution="Host") is None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"PLUGBAY_DISABLE": "a, csv"}, ("disable csv", "PLUGBAY_DISABLE")),
        ({"PLUGBAY_DISABLE": "a csv"}, None),
        ({"PLUGBAY_DISABLE": " , "}, None),
        ({"PLUGBAY_ALLOW": "a,b"}, ("allow a,b", "PLUGBAY_ALLOW")),
        ({"PLUGBAY_ALLOW": "c*"}, None),
        ({"PLUGBAY_SAFE_MODE": "1"}, ("safe mode", "PLUGBAY_SAFE_MODE")),
        ({"PLUGBAY_SAFE_MODE": "perhaps"}, ("safe mode", "PLUGBAY_SAFE_MODE")),
        ({"PLUGBAY_SAFE_MODE": "0"}, None),
        ({"PLUGBAY_SAFE_MODE": "Off"}, None),
        ({"PLUGBAY_SAFE_MODE": ""}, None),
    ],
)
def test_the_environment_has_the_same_rules(
    environ: dict[str, str], expected: tuple[str, str] | None
) -> None:
    """Each variable is a rule, and a refusal names the variable to change."""
    assert expected == _refusal(Policy.from_environment(environ))


def test_the_environment_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping the process's own variables count."""
    monkeypatch.setenv("PLUGBAY_DISABLE", "csv")
    assert ("disable csv", "PLUGBAY_DISABLE") == _refusal(Policy.from_environment())


def test_a_refusal_says_why_and_what_to_do() -> None:
    """Reason and remedy name the place and the pattern."""
    found = Policy.from_environment({"PLUGBAY_DISABLE": "c*"}).refusal("csv", "d", "g", "h")
    assert found is not None
    assert "PLUGBAY_DISABLE disables c*" == found.reason
    assert "take c* out of PLUGBAY_DISABLE to enable it again" == found.remedy
    safe = Policy(safe_mode=True, source="kiosk.toml").refusal("csv", "d", "g", "h")
    assert safe is not None
    assert safe.reason.startswith("kiosk.toml asks for safe mode")


@pytest.mark.parametrize(
    "wrong",
    [
        {"undeclared": "maybe"},
        {"caps": "trust"},
        {"strictness": "strict"},
        {"allow": "csv"},
        {"deny": "csv"},
        {"disable": "csv"},
    ],
)
def test_a_wrong_word_is_an_error_that_lists_the_right_ones(wrong: dict[str, Any]) -> None:
    """Choices are checked where they are made; a string is no list of patterns."""
    with pytest.raises(ValueError, match=r"is not one of|is one string; give a list"):
        Policy(**wrong)


def test_mistakes_in_the_environment_are_told() -> None:
    """An unknown variable and a safe mode that is neither on nor off are one sentence each."""
    assert [] == environment_mistakes({"PLUGBAY_ALLOW": "x", "PLUGBAY_SAFE_MODE": "on", "A": "1"})
    unknown, safe_mode = environment_mistakes(
        {"PLUGBAY_DISBALE": "x", "PLUGBAY_SAFE_MODE": "perhaps"}
    )
    assert "did you mean 'PLUGBAY_DISABLE'" in unknown
    assert "PLUGBAY_SAFE_MODE='perhaps' is neither on nor off" in safe_mode


@pytest.mark.parametrize("pattern", ["My-Plugin", "my.plugin", "MY_*", "my_plugin", "my-plu*"])
def test_a_distribution_is_meant_however_it_is_spelled(pattern: str) -> None:
    """A rule that keeps a distribution out cannot be missed by a dash or a capital."""
    policy = Policy(deny=[pattern])
    assert policy.refusal("thing", "my-plugin", "host.things", "host") is not None
    assert policy.refusal("thing", "mine", "host.things", "host") is None
