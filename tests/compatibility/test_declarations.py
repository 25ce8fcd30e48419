"""Declarations: every spelling of a requirement on the host, and what is none."""

import sys

import pytest
from sites import Site

from plugbay.compatibility.declarations import read_declarations
from plugbay.discovery.manifests import read_manifest

PLAIN = "METADATA, Requires-Dist"
EXTRA = "METADATA, Requires-Dist under the extra my-host-api"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


def _declared(site: Site, *requires: str, manifest: object = None) -> list[tuple[str, str]]:
    distribution = site.add("a", requires=requires, manifest=manifest)
    found = read_declarations(distribution, "my_host", read_manifest(distribution))
    return [(each.source, each.specifier) for each in found]


@pytest.mark.parametrize(
    ("requirement", "source", "specifier"),
    [
        ("my-host>=1.2,<2", PLAIN, ">=1.2,<2"),
        ("my-host<2,>=1.2", PLAIN, ">=1.2,<2"),
        ("my-host (>=1.2,<2)", PLAIN, ">=1.2,<2"),
        ("my-host(>=1.2)", PLAIN, ">=1.2"),
        ("my-host >= 1.2, < 2", PLAIN, ">= 1.2, < 2"),
        ("My.Host~=1.2", PLAIN, "~=1.2"),
        ("my__host==1.*", PLAIN, "==1.*"),
        ("my-host[extra]>=1", PLAIN, ">=1"),
        ("my-host [one, two] (>=1)", PLAIN, ">=1"),
        (f'my-host>=1; python_version >= "{PYTHON}"', PLAIN, ">=1"),
        (f"my-host>=1;python_version>='{PYTHON}'", PLAIN, ">=1"),
        (f'my-host (>=1) ; python_version == "{PYTHON}"', PLAIN, ">=1"),
        ('my-host>=1; extra == "my-host-api"', EXTRA, ">=1"),
        ("my-host>=1 ; extra == 'my-host-api'", EXTRA, ">=1"),
        ("my-host>=1;extra=='my-host-api'", EXTRA, ">=1"),
        (f'my-host>=1; python_version >= "{PYTHON}" and extra == "my-host-api"', EXTRA, ">=1"),
        ('my-host>=1; (extra == "my-host-api") or (extra == "all")', EXTRA, ">=1"),
        ('my-host>=1; extra == "all" or python_version > "3"', PLAIN, ">=1"),
        ("my-host>=1; not a marker", PLAIN, ">=1"),
        ("my-host>=1; os_name ~= 'posix'", PLAIN, ">=1"),
        ("my-host>=1;", PLAIN, ">=1"),
        ("my-host===1.0", PLAIN, "===1.0"),
        ("my-host!=1.3", PLAIN, "!=1.3"),
    ],
)
def test_a_requirement_on_the_host_is_a_declaration(
    site: Site, requirement: str, source: str, specifier: str
) -> None:
    """Each spelling that build backends write gives the specifier and the place that states it."""
    assert [(source, specifier)] == _declared(site, requirement)


@pytest.mark.parametrize(
    "requirement",
    [
        "my-host",
        "my-host ; python_version > '3'",
        "my-host @ https://example.org/my-host-1.0.zip",
        "my-host@https://example.org/my-host-1.0.zip",
        "my-host[extra] @ file:///somewhere ; python_version > '3'",
        'my-host>=1; python_version < "3"',
        'my-host>=1; extra == "docs"',
        'my-host>=1; extra == "my-host-api" and python_version < "3"',
        'my-host>=1; extra in "my-host-api docs"',
        'my-host>=1; extra != "docs"',
        "my-host-more>=1",
        "other>=1",
        "my-hos>=1",
    ],
)
def test_what_is_no_declaration(site: Site, requirement: str) -> None:
    """No version, an address, a marker that rules it out, and other names declare nothing."""
    assert [] == _declared(site, requirement)


def test_the_extra_is_normalised(site: Site) -> None:
    """An extra that is spelled otherwise is the same one, and is told as it is spelled."""
    [(source, _)] = _declared(site, 'my-host>=1; extra == "My.Host_API"')
    assert "METADATA, Requires-Dist under the extra My.Host_API" == source


def test_a_folded_requirement_is_read_on(site: Site) -> None:
    """A header that goes on in the next line is one requirement."""
    distribution = site.add("a", requires=["my-host>=1.2,\n        <2"])
    [found] = read_declarations(distribution, "my_host", None)
    assert [">=1.2", "<2"] == [str(each) for each in found.clauses]


def test_all_declarations_are_found_in_order(site: Site) -> None:
    """Plain, under the extra, and in the manifest: each counts, with its source."""
    expected = [
        (PLAIN, ">=1"),
        (EXTRA, ">=1.1"),
        (PLAIN, "<3"),
        ("extra_metadata/plugbay.json", "<2"),
    ]
    assert expected == _declared(
        site,
        "my-host>=1",
        'my-host>=1.1; extra == "my-host-api"',
        "other<1",
        "my-host<3",
        manifest={"api": "<2"},
    )


@pytest.mark.parametrize(
    ("api", "specifiers"),
    [
        ("1.2", ["~=1.2"]),
        (" 1.2.3 ", ["~=1.2.3"]),
        (">=1.2,<2", [">=1.2,<2"]),
        ({"my-host": "1.2"}, ["~=1.2"]),
        ({"My_Host": "==1.*", "other": ">=9"}, ["==1.*"]),
        ({"": ">=1"}, [">=1"]),
        ({"other": ">=9"}, []),
        ({}, []),
    ],
)
def test_the_manifest_declares_for_its_host(site: Site, api: object, specifiers: list[str]) -> None:
    """A string is for the only host, an object names hosts; a bare version means compatible."""
    assert specifiers == [each for _, each in _declared(site, manifest={"api": api})]


@pytest.mark.parametrize("specifier", ["^1.4", ">=1.4 <2", ">=x", ">=" + "1" * 5000, "1.4"])
def test_a_specifier_that_cannot_be_read_has_an_error(site: Site, specifier: str) -> None:
    """The declaration is there, without clauses, and says what is wrong with it."""
    distribution = site.add("a", requires=[f"my-host {specifier}"])
    found = read_declarations(distribution, "my_host", None)
    # A bare version is no requirement at all to other tools, but here it shows what was meant.
    assert [[]] == [each.clauses for each in found]
    assert all("is not a version" in each.error for each in found)


@pytest.mark.parametrize("api", ["1", "^1.2", "*", "latest"])
def test_a_manifest_may_be_wrong_too(site: Site, api: str) -> None:
    """What is neither a version with a dot nor a specifier has an error that says what to write."""
    distribution = site.add("a", manifest={"api": api})
    [found] = read_declarations(distribution, "my_host", read_manifest(distribution))
    assert "is not a version specifier; " in found.error
