"""Distributions that are made by a test are found, checked and loaded as real ones are."""

import base64
import hashlib
import importlib
import importlib.metadata
import string
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import GROUP, HOST

import plugbay
from plugbay.testing import MadeDistribution, PluginEnvironment

Make = Callable[..., MadeDistribution]

names = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=9).map(
    lambda text: f"a{text}z"
)
targets = st.sampled_from(["shades", "shades:red", "shades.dark:red.deep"])


def test_a_target_in_files_is_found_and_loaded(make_distribution: Make) -> None:
    """The module is imported on first use, from the text that the test gave it, dedented."""
    make_distribution(
        "shades",
        plugins={GROUP: {"red": "test_shades_of_red:red"}},
        files={
            "test_shades_of_red.py": """
                def red():
                    return "#f00"
            """
        },
    )
    group = plugbay.load_group(GROUP)
    assert "test_shades_of_red" not in sys.modules
    assert "#f00" == group["red"]()
    assert "shades 1.0" == str(group.plugins["red"].distribution)


def test_objects_are_plugins(make_distribution: Make) -> None:
    """Whatever a test has can be a plugin: the object is given itself, by way of a module."""

    class Red: ...

    red = Red()
    plugins = {"class": Red, "object": red, "function": lambda: 3, "none": None}
    made = make_distribution("shades", plugins={GROUP: plugins, f"{GROUP}.more": {"class": red}})
    group = plugbay.load_group(GROUP)
    assert plugins == dict(group)
    assert red is plugbay.load_group(f"{GROUP}.more")["class"]
    assert "given_by_test_shades:plugin_1" == group.plugins["class"].target
    assert "shades 1.0" == str(made)


@settings(max_examples=25)
@given(
    name=names,
    version=st.sampled_from(["1.0", "2!1.0.dev3", "1.0+local.7"]),
    plugins=st.dictionaries(names, st.dictionaries(names, targets, max_size=3), max_size=3),
    requires=st.lists(st.sampled_from(["a>=1", "b[c]; python_version > '3'"]), max_size=2),
)
def test_what_was_given_is_what_both_readers_find(
    name: str, version: str, plugins: dict[str, dict[str, str]], requires: list[str]
) -> None:
    """Both find exactly the name, version, plugins and requirements."""
    with PluginEnvironment() as environment:
        environment.isolate()
        environment.make_distribution(name, version, plugins=plugins, requires=requires)
        expected = sorted((g, n, t) for g, those in plugins.items() for n, t in those.items())
        for group in plugins:
            found = plugbay.entry_points(group=group)
            assert [each for each in expected if each[0] == group] == sorted(
                (each.group, each.name, each.value) for each in found
            )
        [standard] = importlib.metadata.distributions()
        assert (name, version, requires) == (
            standard.metadata["Name"],
            standard.version,
            standard.requires or [],
        )
        assert expected == sorted((e.group, e.name, e.value) for e in standard.entry_points)


@pytest.mark.parametrize(
    "declared",
    [
        {"requires": [f"{HOST}>=1.0,<2"]},
        {"requires": f'{HOST}>=1.0,<2; extra == "{HOST}-api"'},
        {"api": ">=1.0,<2"},
        {"api": {HOST: ">=1.0,<2"}, "manifest": {"plugins": {GROUP: {"red": {"priority": 3}}}}},
        {"manifest": {"api": ">=1.0,<2"}},
        {"manifest": '{"api": ">=1.0,<2"}'},
    ],
)
def test_declarations_reach_the_gate(make_distribution: Make, declared: dict[str, Any]) -> None:
    """Each way to declare a range refuses the plugin in a host that is outside of it."""
    make_distribution("shades", plugins={GROUP: {"red": 1}}, **declared)
    assert ["red"] == list(plugbay.load_group(GROUP, api_version="1.5"))
    with pytest.warns(plugbay.PluginWarning, match="red"):
        group = plugbay.load_group(GROUP, api_version="2.0")
    assert "too-new-host" == group.refused["red"].verdict.status


def test_the_manifest_and_more_headers_are_read(make_distribution: Make) -> None:
    """Facts about plugins and further lines of METADATA count as they do for any distribution."""
    facts = {"plugins": {GROUP: {"red": {"priority": -1, "summary": "warm"}}}}
    make_distribution("warm", plugins={GROUP: {"red": 1}}, manifest=facts, api=">=1")
    make_distribution(
        "cold", plugins={GROUP: {"blue": 2}}, headers=["Requires-Python: >=4", "Summary: ice"]
    )
    with pytest.warns(plugbay.PluginWarning, match="Python >=4"):
        group = plugbay.load_group(GROUP, api_version="1.0", policy=plugbay.Policy())
    assert "warm" == getattr(group.plugins["red"].facts, "summary", None)
    assert "wrong-python" == group.refused["blue"].verdict.status


def test_files_count_before_what_is_written_otherwise(make_distribution: Make) -> None:
    """A test can break metadata on purpose, and the neighbours are found all the same."""
    make_distribution("good", plugins={GROUP: {"red": 1}})
    broken = {"bad-1.0.dist-info/entry_points.txt": f"[{GROUP}]\nblue = x:y\nred\n"}
    bad = make_distribution("bad", plugins={GROUP: {"red": 2}}, files=broken)
    group = plugbay.load_group(GROUP)
    assert ["blue", "red"] == list(group)
    [problem] = [each for each in group.problems if each.distribution == "bad"]
    assert str(bad.path / "entry_points.txt") == problem.file


def test_an_installer_would_have_written_it(make_distribution: Make) -> None:
    """RECORD lists each file with its digest and size, so that what verifies it is content."""
    make_distribution("shades", plugins={GROUP: {"red": 1}}, files={"shade/__init__.py": "x = 1"})
    files = importlib.metadata.files("shades") or []
    assert {"shade/__init__.py", "given_by_test_shades.py"} <= {str(each) for each in files}
    for file in files:
        if file.hash is not None:
            digest = hashlib.sha256(file.read_binary()).digest()
            assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == file.hash.value
            assert len(file.read_binary()) == file.size
    assert ["shades-1.0.dist-info/RECORD"] == [str(each) for each in files if each.hash is None]


def test_an_upgrade_takes_the_place(
    make_distribution: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old release is gone, what is not said is as before, and changed code is the new one."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    text = "shade = '{}'\n"
    made = make_distribution(
        "shades",
        plugins={GROUP: {"red": "shade_in_turn:shade"}},
        requires=[f"{HOST}<2"],
        files={"shade_in_turn.py": text.format("old"), "shade_gone/__init__.py": ""},
    )
    assert "old" == plugbay.load_group(GROUP)["red"]
    new = {"shade_in_turn.py": text.format("new")}  # as long as the old one, in the same second
    assert made is made.upgrade("1.1", files=new)
    group = plugbay.load_group(GROUP, api_version="1.0")
    assert ("1.1", "1.1") == (made.version, group.plugins["red"].distribution.version)
    importlib.reload(sys.modules["shade_in_turn"])
    assert "new" == plugbay.load_group(GROUP)["red"]
    assert ["shade_in_turn.py", "shades-1.1.dist-info"] == sorted(
        each.name for each in made.path.parent.iterdir() if each.name != "__pycache__"
    )


def test_what_is_removed_is_not_found(
    make_distribution: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is left, and another one may have its name."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    files = {"a/b/c.txt": b"\xff", "shade_gone/__init__.py": "", "shade_gone/red.py": ""}
    made = make_distribution("shades", plugins={GROUP: {"red": "shade_gone.red"}}, files=files)
    assert "shade_gone.red" == plugbay.load_group(GROUP)["red"].__name__
    other = make_distribution("others", plugins={GROUP: {"blue": 1}}, files={"a/d.txt": "d"})
    made.remove()
    made.remove()
    assert ["blue"] == list(plugbay.load_group(GROUP))
    assert ["d.txt"] == [each.name for each in (other.path.parent / "a").iterdir()]
    assert not (other.path.parent / "shade_gone").exists()
    make_distribution("shades", "3.0", plugins={GROUP: {"green": 1}})
    assert ["blue", "green"] == list(plugbay.load_group(GROUP))


def test_a_host_takes_an_upgrade_over(make_distribution: Make, plugin_host: Any) -> None:
    """What pip changes while a host runs can be tried: an upgrade, a removal, a newcomer."""
    code = {"shade_refreshed.py": "class Red: shade = 'dark'"}
    red = make_distribution("red", plugins={GROUP: {"red": "shade_refreshed:Red"}}, files=code)
    blue = make_distribution("blue", plugins={GROUP: {"blue": 3}})
    host = plugin_host(HOST)
    group = host.discover(GROUP)
    host.start()
    assert ("dark", 3) == (group["red"].shade, group["blue"])
    red.upgrade("1.1", files={"shade_refreshed.py": "class Red: shade = 'pale'"})
    blue.remove()
    make_distribution("green", plugins={GROUP: {"green": 4}})
    assert [] == [each.problem for each in host.refresh(apply=True) if each.problem]
    assert ["green", "red"] == sorted(group)
    assert "pale" == group["red"].shade


def test_another_process_reaches_what_is_in_files(make_distribution: Make) -> None:
    """A sandbox calls a plugin that is code, and says of one that is an object what to do."""
    files = {"shade_afar.py": "def red(): return '#f00'"}
    make_distribution("shades", plugins={GROUP: {"red": len}}, files=files)
    with plugbay.Sandbox("process") as sandbox:
        assert "#f00" == sandbox.run("shade_afar:red").unwrap()
        error = sandbox.run("given_by_test_shades:plugin_1").error
    assert "write its code in `files`" in str(error)
