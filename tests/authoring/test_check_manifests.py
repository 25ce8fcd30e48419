"""Manifests, in every place that they can be in, held against the project and its code."""

import json
from pathlib import Path
from typing import Any

import pytest
from projects import checked, codes, project, tabletop, wheel

GROUP = "tabletop.exporters"
ENTRY = '\n[project.entry-points."plugbay.manifest"]\nbase = "tabletop_base:plugbay.json"\n'
EXTRA = '\n[tool.hatch.build.targets.wheel.extra-metadata]\n"plugbay.json" = "plugbay.json"\n'
HOOK = "\n[tool.hatch.build.hooks.plugbay]\n"
HOOKS = """
from tabletop.hooks import hooks, impl

@hooks.impl(name="prepare_rows")
def function(table): ...

@impl
def describe(): ...

class Plain:
    @hooks.impl
    def prepare_rows(self): ...
    @staticmethod
    @hooks.impl(first=True)
    def describe(): ...
    def helper(self): ...

class Derived(Plain): ...

class Named:
    @hooks.impl(name=str("prepare_rows"))
    def named(self): ...

class Odd:
    describe = hooks.impl(print)
"""


@pytest.fixture(autouse=True)
def _host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is installed, and a plugin of it."""
    monkeypatch.syspath_prepend(tabletop(tmp_path / "host").root)


def tree(folder: Path, manifest: Any, place: str = "package", *swaps: tuple[str, str]) -> Path:
    """The project with a manifest in one of the places that there are for it."""
    text = manifest if isinstance(manifest, str) else json.dumps(manifest, indent=1)
    more = {"package": ENTRY, "metadata": EXTRA, "table": HOOK + text}[place]
    made = project(
        folder / "project", *swaps, ('packages = ["src/tabletop_base"]\n', f"packages = []\n{more}")
    )
    files = {"package": "src/tabletop_base/plugbay.json", "metadata": "plugbay.json"}
    if place in files:
        (made / files[place]).write_text(text)
    return made


def about(facts: object, name: str = "base") -> dict[str, Any]:
    """A manifest with facts about one plugin."""
    return {"plugins": {GROUP: {name: facts}}}


@pytest.mark.parametrize("place", ["package", "metadata"])
@pytest.mark.parametrize(
    ("manifest", "code", "word"),
    [
        (about({"summary": "a"}), "", ""),
        ("{", "PB601", "is not JSON"),
        ([], "PB601", "is not an object"),
        ({"plugin": {}}, "PB601", "$.plugin is not known"),
        (about({"sumary": ""}), "PB601", "sumary is not known"),
        (about({}, "bass"), "PB603", "did you mean 'base'?"),
        ({"api": "^1"}, "PB306", "write '~=1.0'"),
        ({"api": ">=2"}, "PB304", "no version can satisfy"),
        ({"api": "1.3"}, "", ""),
        ({"api": {"elsewhere": ">=2"}}, "", ""),
    ],
)
def test_what_is_wrong_in_a_manifest(
    tmp_path: Path, manifest: Any, code: str, word: str, place: str
) -> None:
    """Whether it is in a package or in the metadata."""
    found = checked(tree(tmp_path, manifest, place))
    assert [each.code for each in found] == ([code] if code else [])
    assert not code or word in found[0].message


def test_the_table_of_the_project_is_a_manifest(tmp_path: Path) -> None:
    """With its lines, and where the build hook is asked for."""
    text = f'[tool.plugbay.plugins."{GROUP}".bass]\nsummary = "a"\n'
    made = tree(tmp_path, text, "table")
    (found,) = checked(made)
    assert found.code == "PB603"
    lines = (made / "pyproject.toml").read_text().splitlines()
    assert lines[(found.line or 0) - 1].endswith(".bass]")
    file = made / "pyproject.toml"
    file.write_text(file.read_text().replace(HOOK, ""))
    (one, _) = checked(made)
    assert one.code == "PB101"
    assert "[tool.hatch.build.hooks.plugbay]" in one.remedy
    assert "plugbay manifest --write" in one.remedy


@pytest.mark.parametrize(
    ("content", "is_old"),
    [
        (about({"summary": "a"}), False),
        (about({"summary": "a", "config": {"type": "object"}}), False),
        (
            about({"summary": "a"}) | {"plugins": {GROUP: {"base": {"summary": "a"}}, "g": {}}},
            False,
        ),
        (about({"summary": "b"}), True),
        (about({"summary": "a", "priority": 1}), True),
        ({}, True),
    ],
)
def test_a_manifest_in_a_package_may_be_old(tmp_path: Path, content: Any, is_old: bool) -> None:
    """By what the project says; schemas are made of the code, which is not asked."""
    table = f'\n[tool.plugbay.plugins."{GROUP}".base]\nsummary = "a"\n'
    made = tree(tmp_path, content, "package")
    (made / "pyproject.toml").write_text((made / "pyproject.toml").read_text() + table)
    found = checked(made)
    assert [each.code for each in found] == ["PB605"] * is_old
    assert all(each.file.endswith("plugbay.json") for each in found)


def test_facts_about_entry_points_that_are_not_told_are_left_alone(tmp_path: Path) -> None:
    """A build backend makes these, and the wheel will tell."""
    swaps = [
        ('version = "1.0"', 'version = "1.0"\ndynamic = ["entry-points"]'),
        (
            '[project.entry-points."tabletop.exporters"]\nbase = "tabletop_base.exporter:export"\n',
            "",
        ),
    ]
    assert codes(tree(tmp_path, about({}), "metadata", *swaps)) == []


def test_a_manifest_declares_for_the_host(tmp_path: Path) -> None:
    """As a dependency does, which is then not needed."""
    bare = ('dependencies = ["tabletop>=1.3,<2"]', "")
    assert codes(tree(tmp_path / "a", {"api": ">=1.3,<2"}, "package", bare)) == []
    assert codes(tree(tmp_path / "b", about({}), "package", bare)) == ["PB301"]


def test_a_manifest_that_is_missing_is_told(tmp_path: Path) -> None:
    """In the tree, and in a wheel that was built without it."""
    made = tree(tmp_path, about({}))
    assert codes(wheel(tmp_path / "dist", made)) == []
    assert codes(wheel(tmp_path / "dist", made, drop="plugbay.json")) == ["PB602"]
    (made / "src" / "tabletop_base" / "plugbay.json").unlink()
    assert codes(made) == ["PB602"]


@pytest.mark.parametrize(
    ("target", "hooks", "words"),
    [
        (":function", {"prepare_rows": {"last": True}}, []),
        (":function", ["prepare_rows"], []),
        (":function", ["prepare_rows", "describe"], ["'describe', and its code does not"]),
        (":function", [], ["'prepare_rows', which its manifest does not say"]),
        (":Plain", ["prepare_rows", "describe"], []),
        (":Plain", ["prepare_rows", "other"], ["'other'", "'describe'"]),
        (":Derived", ["other"], []),
        (":Named", ["other"], []),
        (":Odd", ["other"], []),
        ("", ["prepare_rows", "describe"], []),
        ("", ["describe"], ["'prepare_rows', which its manifest does not say"]),
    ],
)
def test_hooks_of_manifest_and_code_are_compared(
    tmp_path: Path, target: str, hooks: Any, words: list[str]
) -> None:
    """Where the text of the code is plain enough to tell."""
    swap = (":export", target)
    made = tree(tmp_path, about({"hooks": hooks}), "package", swap)
    (made / "src" / "tabletop_base" / "exporter.py").write_text(HOOKS)
    found = checked(made)
    assert [each.code for each in found] == ["PB604"] * len(words)
    assert all(any(word in each.message for each in found) for word in words)
