"""HostApi and Denial: what a host says about itself is checked when it says it."""

from typing import Any

import pytest

from plugbay import Denial, HostApi, InvalidVersionError


def test_a_host_api_keeps_what_it_is_given() -> None:
    """Capabilities are a set, deprecations a dict, denials a tuple; the name is normalised."""
    denial = Denial("bad", ">=1", reason="it loses rows", fixed_in="2")
    api = HostApi(
        "My.Host", "1.3", "1.0", ["render", "render"], deprecated={"1.0": "2.0"}, denied=[denial]
    )
    assert ("My.Host", "my_host", "1.3", "1.0") == (
        api.name,
        api.normalized_name,
        api.version,
        api.compatible_since,
    )
    assert (frozenset({"render"}), {"1.0": "2.0"}, (denial,)) == (
        api.capabilities,
        api.deprecated,
        api.denied,
    )
    assert ("bad", ">=1", "it loses rows", "2") == (
        denial.distribution,
        denial.versions,
        denial.reason,
        denial.fixed_in,
    )
    assert "My.Host 1.3" == str(api)


@pytest.mark.parametrize("version", ["", "0+unknown", "0.0.0", "unknown", "one", "1" * 5000])
def test_a_placeholder_is_an_unknown_version(version: str) -> None:
    """What version tools write when they know nothing, and what is no version, is None."""
    assert HostApi("host", version).known_version() is None


@pytest.mark.parametrize("version", ["1.3", "0.0", "0.0.1", "2.0.dev1", "1!1.0", "1.3+local"])
def test_a_real_version_is_known(version: str) -> None:
    """Zeros, development versions, epochs and local versions are versions."""
    known = HostApi("host", version).known_version()
    assert known is not None
    assert version == str(known)


@pytest.mark.parametrize(
    "wrong",
    [
        {"compatible_since": "1.4"},
        {"compatible_since": "x"},
        {"deprecated": {"x": "2"}},
        {"compatible_since": "1.3.post1"},
    ],
)
def test_what_a_host_cannot_mean_is_an_error(wrong: dict[str, Any]) -> None:
    """A later or unreadable `compatible_since`, and an unreadable deprecation, are told at once."""
    with pytest.raises(InvalidVersionError):
        HostApi("host", "1.3", **wrong)


def test_compatible_since_may_be_the_version_itself() -> None:
    """A host that keeps no older promise says so; one of unknown version may say anything."""
    assert "1.3.0" == HostApi("host", "1.3", "1.3.0").compatible_since
    assert "9" == HostApi("host", "0+unknown", "9").compatible_since


def test_a_denial_needs_a_specifier_that_can_be_read() -> None:
    """No specifier means every release; a wrong one is told where it is written."""
    assert "" == Denial("bad").versions
    with pytest.raises(InvalidVersionError, match=r"did|write"):
        Denial("bad", "^1")
