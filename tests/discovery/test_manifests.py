"""Manifests: found by either way, read without importing, and each fault told by its path."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites import GROUP, Site

from plugbay.discovery import MANIFEST_GROUP as MANIFESTS
from plugbay.discovery.manifests import Manifest, read_manifest

FULL: dict[str, Any] = {
    "api": ">=1.2,<2",
    "needs": ["render"],
    "optional": ["cache"],
    "plugins": {
        GROUP: {
            "csv": {
                "summary": "Commas",
                "depends-on": ["base"],
                "before": ["a"],
                "after": ["b"],
                "priority": -1.5,
                "hooks": ["on_start"],
                "config": {"type": "object"},
            }
        }
    },
}


def _reasons(content: object) -> list[str]:
    return [each.reason for each in Manifest("here", content, "dist", "file").problems]


def _told(manifest: Manifest | None) -> str:
    """The one thing that is wrong with a manifest that cannot be read."""
    assert manifest is not None
    [problem] = manifest.problems
    assert problem.reason == manifest.api_problem
    return problem.reason


def test_every_key_is_read_from_the_metadata_directory(site: Site) -> None:
    """What extra_metadata/plugbay.json says is there under its name; the rest has its default."""
    manifest = read_manifest(site.add("a", manifest=FULL))
    assert manifest is not None
    assert ({"": ">=1.2,<2"}, ("render",), ("cache",)) == (
        manifest.api,
        manifest.needs,
        manifest.optional,
    )
    facts = manifest.plugin(GROUP, "csv")
    assert ("Commas", ("base",), ("a",), ("b",), -1.5, {"on_start": {}}, {"type": "object"}) == (
        facts.summary,
        facts.depends_on,
        facts.before,
        facts.after,
        facts.priority,
        facts.hooks,
        facts.config,
    )
    other = manifest.plugin(GROUP, "other")
    assert ("", (), (), (), 0, None, {}) == (
        other.summary,
        other.depends_on,
        other.before,
        other.after,
        other.priority,
        other.hooks,
        other.config,
    )
    assert ([], "", "extra_metadata/plugbay.json") == (
        manifest.problems,
        manifest.api_problem,
        manifest.source,
    )


def test_an_entry_point_leads_into_a_package_that_is_not_imported(site: Site) -> None:
    """`package.sub:file` is read although importing the package, or any part of it, would fail."""
    files = {
        "shady/__init__.py": "raise SystemExit",
        "shady/below/__init__.py": "raise SystemExit",
        "shady/below/plugbay.json": json.dumps({"api": {"x": ">=1"}}),
    }
    distribution = site.add("a", files=files)
    manifest = read_manifest(distribution, "shady.below:plugbay.json")
    assert manifest is not None
    assert {"x": ">=1"} == manifest.api
    assert "the manifest shady.below:plugbay.json" == manifest.source
    assert {"shady", "shady.below"}.isdisjoint(sys.modules)


def test_a_namespace_package_may_hold_the_manifest(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is looked for in each directory of a package that has several."""
    other = Site(tmp_path / "other")
    monkeypatch.syspath_prepend(other.root)
    other.write("spread/nothing.txt", "")
    site.write("spread/plugbay.json", "{}")
    manifest = read_manifest(site.add("a"), "spread:plugbay.json")
    assert manifest is not None
    assert [] == manifest.problems


def test_an_editable_package_lies_elsewhere(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metadata in one directory and a package in another one of `sys.path` belong together."""
    source = Site(tmp_path / "checkout" / "src")
    source.write("work_in_progress/plugbay.json", '{"needs": ["x"]}')
    source.write("work_in_progress/__init__.py", "raise SystemExit")
    distribution = site.add("a")
    monkeypatch.syspath_prepend(source.root)
    manifest = read_manifest(distribution, "work_in_progress:plugbay.json")
    assert manifest is not None
    assert ("x",) == manifest.needs
    assert "work_in_progress" not in sys.modules


def test_the_metadata_directory_comes_before_the_entry_point(site: Site) -> None:
    """Where both are there, what the build put beside METADATA counts."""
    distribution = site.add("a", manifest={"api": "1.1"}, files={"pack/plugbay.json": "{}"})
    manifest = read_manifest(distribution, "pack:plugbay.json")
    assert manifest is not None
    assert {"": "1.1"} == manifest.api


def test_no_manifest_is_none(site: Site) -> None:
    """A distribution that says nothing of a manifest has none."""
    assert read_manifest(site.add("a")) is None


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("pack:...", "names a file that is not in"),
        ("pack...:plugbay.json", "names a file that is not in"),
        ("absent_pack:plugbay.json", "names no installed package; 'absent_pack' is none"),
        ("module_only:plugbay.json", "names no installed package; 'module_only' is none"),
        (".pack:plugbay.json", "names no installed package; '' is none"),
        ("pack:absent.json", "names a file that is not in"),
        ("pack", "names a file that is not in"),
        ("pack:../outside.json", "is not an object reference"),
        ("/etc/passwd", "is not an object reference"),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_problem(
    site: Site, reference: str, reason: str
) -> None:
    """What cannot be found inside the package is told as a fault of the declaration."""
    distribution = site.add("a", files={"pack/__init__.py": "", "module_only.py": ""})
    assert reason in _told(read_manifest(distribution, reference))


def test_dots_do_not_lead_out_of_the_package(site: Site) -> None:
    """A target made of dots is refused although the place is there."""
    distribution = site.add("a", files={"pack/__init__.py": "", "plugbay.json": "{}"})
    assert "leads out of the package" in _told(read_manifest(distribution, "pack:.."))


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_link_does_not_lead_out_of_the_package(site: Site, tmp_path: Path) -> None:
    """A linked file, or one below a linked directory, counts by where it really is."""
    distribution = site.add("a", files={"pack/__init__.py": "", "pack/real.json": "{}"})
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (site.root / "pack" / "plugbay.json").symlink_to(secret)
    (site.root / "pack" / "below").symlink_to(tmp_path)
    (site.root / "pack" / "alias.json").symlink_to(site.root / "pack" / "real.json")
    for reference in ("pack:plugbay.json", "pack.below:secret.json"):
        assert "leads out of the package" in _told(read_manifest(distribution, reference))
    inside = read_manifest(distribution, "pack:alias.json")
    assert inside is not None
    assert [] == inside.problems


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_linked_package_is_where_the_link_leads(site: Site, tmp_path: Path) -> None:
    """A package that is itself a link holds its manifest as any other does."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "plugbay.json").write_text("{}")
    (site.root / "linked").symlink_to(tmp_path / "checkout")
    manifest = read_manifest(site.add("a"), "linked:plugbay.json")
    assert manifest is not None
    assert [] == manifest.problems


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "it is not JSON"),
        ("", "it is not JSON"),
        (b"\xff\xfe\xff", "it is not JSON"),
        ("[" * 200_000, "it is nested too deeply"),
        ('{"a":' * 200_000, "it is nested too deeply"),
        ('{"x": ' + "9" * 5000 + "}", "it is not JSON"),
    ],
)
def test_what_is_no_json_is_one_problem(site: Site, content: object, reason: str) -> None:
    """Broken, empty, undecodable, bottomless and boundless files are told, whichever way found."""
    distribution = site.add("a", manifest=content or "\n")
    assert _told(read_manifest(distribution)).startswith(reason)
    raw = content if isinstance(content, bytes) else str(content).encode()
    site.write("pack/plugbay.json", raw)
    assert _told(read_manifest(site.add("b"), "pack:plugbay.json")).startswith(reason)


def test_a_manifest_that_cannot_be_opened_is_one_problem(site: Site) -> None:
    """An error of the file system is told like any other fault, and never raised."""
    distribution = site.add("a")
    loop = site.root / "a-1.0.dist-info" / "extra_metadata" / "plugbay.json"
    loop.parent.mkdir()
    loop.symlink_to(loop)
    assert "plugbay.json" in _told(read_manifest(distribution))


WRONG_TYPES = [
    ([], "$ is not an object"),
    ("1.2", "$ is not an object"),
    ({"api": 1}, "$.api is not a string, or an object of host name to specifier"),
    ({"api": {"x": 1}}, "$.api is not a string, or an object of host name to specifier"),
    ({"needs": "render"}, "$.needs is not a list of strings"),
    ({"needs": [1]}, "$.needs is not a list of strings"),
    ({"optional": {}}, "$.optional is not a list of strings"),
    ({"plugins": []}, "$.plugins is not an object of group to plugins"),
    ({"plugins": {"g": []}}, "$.plugins['g'] is not an object of plugin to facts"),
    ({"plugins": {"g": {"p": 1}}}, "$.plugins['g']['p'] is not an object"),
    *(
        ({"plugins": {"g": {"p": {key: wrong}}}}, f"$.plugins['g']['p'].{key} is not {kind}")
        for key, wrong, kind in [
            ("summary", 1, "a string"),
            ("depends-on", "base", "a list of strings"),
            ("before", [None], "a list of strings"),
            ("after", 3, "a list of strings"),
            ("priority", "high", "a number"),
            ("priority", True, "a number"),
            ("priority", float("nan"), "a number"),
            ("hooks", "a", "a list of strings, or an object of hook to options"),
            ("hooks", [1], "a list of strings, or an object of hook to options"),
            ("config", [], "an object"),
        ]
    ),
]


@pytest.mark.parametrize(("content", "reason"), WRONG_TYPES)
def test_a_wrong_type_is_one_problem_with_its_path(content: object, reason: str) -> None:
    """The problem has the JSON path and what would be right; the value counts as absent."""
    assert [reason] == _reasons(content)
    facts = Manifest("here", content, "dist", "file").plugin("g", "p")
    assert (0, "", None, {}) == (facts.priority, facts.summary, facts.hooks, facts.config)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (True, " is not an object"),
        ({"last": 1}, ".last is not a boolean"),
        ({"after": "b"}, ".after is not a list of strings"),
        ({"priority": [1]}, ".priority is not a number, or a list of priority and batch"),
        ({"priority": [1, 2, 3]}, ".priority is not a number, or a list of priority and batch"),
        ({"first": True, "last": True}, " is both first and last"),
        (
            {"frist": True},
            ".frist is not known; known are after, before, first, last, priority, wrapper",
        ),
    ],
)
def test_a_wrong_option_of_a_hook_is_one_problem_with_its_path(
    options: object, reason: str
) -> None:
    """The option counts as absent; the hook, and the others, as named."""
    hooks = {"a": options, "b": {"priority": [1, 2], "wrapper": True}}
    content = {"plugins": {"g": {"p": {"hooks": hooks}}}}
    assert [f"$.plugins['g']['p'].hooks['a']{reason}"] == _reasons(content)
    facts = Manifest("here", content, "dist", "file").plugin("g", "p")
    assert {"a": {}, "b": {"priority": [1, 2], "wrapper": True}} == facts.hooks


def test_an_unknown_key_is_one_problem_with_its_path() -> None:
    """Each unknown key is told with those that are known; the known ones beside it still count."""
    content = {"apii": "1.2", "needs": ["x"], "plugins": {"g": {"p": {"colour": 1, "priority": 2}}}}
    manifest = Manifest("here", content, "dist", "file")
    assert [
        "$.apii is not known; known are api, needs, optional, plugins",
        (
            "$.plugins['g']['p'].colour is not known; known are after, before, config, depends-on, "
            "hooks, priority, summary"
        ),
    ] == [each.reason for each in manifest.problems]
    assert (("x",), 2) == (manifest.needs, manifest.plugin("g", "p").priority)
    assert ("dist", "file", None) == (
        manifest.problems[0].distribution,
        manifest.problems[0].file,
        manifest.problems[0].line,
    )


@pytest.mark.parametrize(
    ("content", "unknowable"),
    [
        ({"api": 1}, True),
        ([], True),
        ({"apii": ""}, False),
        ({"needs": 1}, True),
        ({"plugins": []}, False),
    ],
)
def test_only_a_fault_of_the_declaration_is_one_of_the_api(
    content: object, *, unknowable: bool
) -> None:
    """`api_problem` is for what keeps the gate from knowing the declaration."""
    manifest = Manifest("here", content, "dist", "file")
    assert unknowable == bool(manifest.api_problem)
    assert {} == manifest.api


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["api", "needs", "optional", "plugins", "g", "p", "priority", "hooks", ""]
            ),
            below,
            max_size=4,
        )
    ),
)


@given(JSON)
def test_any_json_gives_a_manifest_of_the_right_types(content: Any) -> None:
    """Whatever a file holds, each attribute has its type and every fault is a sentence."""
    manifest = Manifest("here", json.loads(json.dumps(content)), "dist", "file")
    assert all(isinstance(each, str) for pair in manifest.api.items() for each in pair)
    assert all(isinstance(each, str) for each in (*manifest.needs, *manifest.optional))
    facts = manifest.plugin("g", "p")
    assert facts.priority == facts.priority
    assert all(each.reason.startswith("$") for each in manifest.problems)


def test_the_group_of_manifests() -> None:
    """Authors write the group's name by hand, so it must not change."""
    assert "plugbay.manifest" == MANIFESTS
