"""What the difference between two looks at an environment means."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sites import GROUP, HOST, Site

from plugbay.compatibility.host_api import Denial, HostApi
from plugbay.discovery import normalized
from plugbay.installing import snapshots
from plugbay.installing.outcomes import Outcome, outcome_of
from plugbay.installing.requests import request
from plugbay.installing.snapshots import Snapshot, SnapshotError, take_snapshot


def seen(*versions: str, plugins: dict[str, bool] | None = None) -> Snapshot:
    """An environment with these distributions, and with plugins that can or cannot be used."""
    pairs = [each.split("==") for each in versions]
    records = [
        {
            "group": "g.x",
            "name": name,
            "distribution": {"name": name},
            "usable": usable,
            "finding": not usable,
            "steps": [{"question": "gate"}],
        }
        for name, usable in (plugins or {}).items()
    ]
    return Snapshot({normalized(name): [name, version] for name, version in pairs}, records, [])


def told(outcome: Outcome) -> list[str]:
    """The plugins that are reported."""
    return [each["name"] for each in outcome.plugins]


def test_plugins_of_what_was_named_or_changed_are_reported() -> None:
    """And those that are no longer what they were, though nobody has touched them."""
    before = seen("go==1", "chess==1", "dice==1", plugins={"chess": True, "dice": True, "go": True})
    after = seen(
        *("go==1", "chess==1", "dice==1", "more==2"),
        plugins={"chess": True, "dice": False, "go": True, "more": True},
    )
    outcome = outcome_of(request("install", ["./somewhere"]), before, after)
    assert outcome.changes == [("more", "", "2")]
    assert told(outcome) == ["dice", "more"]
    assert not outcome.fine
    assert told(outcome_of(request("install", ["Go"]), after, after)) == ["go"]


def test_a_pinned_host_must_not_change() -> None:
    """Whichever way; all else may."""
    asked = request("install", ["go"], {"board-game": "1"})
    start = seen("Board.Game==1", "go==1")
    assert outcome_of(asked, start, start).fine
    for after in (seen("Board.Game==1.0.1", "go==1"), seen("go==1")):
        outcome = outcome_of(asked, start, after)
        assert outcome.moved == outcome.changes != []
        assert not outcome.fine
    assert outcome_of(asked, start, seen("Board.Game==1", "go==2")).fine


@pytest.mark.parametrize(
    ("verb", "after", "unmet"),
    [
        ("install", seen("go==1"), []),
        ("install", seen(), ["go is not installed"]),
        ("upgrade", seen(), ["go is not installed"]),
        ("uninstall", seen(), []),
        ("uninstall", seen("go==1"), ["go 1 is still installed"]),
    ],
)
def test_what_is_not_as_requested_is_said(verb: str, after: Snapshot, unmet: list[str]) -> None:
    """Some installers end well and have done nothing; those that failed have said so."""
    asked = request(verb, ["go"])
    outcome = outcome_of(asked, seen(), after)
    assert [each.startswith(start) for each, start in zip(outcome.unmet, unmet, strict=True)] == [
        True for _ in unmet
    ]
    assert outcome.fine == (not unmet)
    failed = outcome_of(asked, seen(), after, (("uv", "x"), "exit code 2"))
    assert (failed.unmet, failed.fine) == ([], False)
    assert failed.record()["failed"] == {"command": ("uv", "x"), "how": "exit code 2"}
    assert json.dumps(failed.record())


def test_a_snapshot_is_taken_by_a_fresh_process(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not have the import path of this one, but that of the next start; see the .pth."""
    site.add(HOST, version="1.0")
    site.add("shade", {"red": "nowhere:red"})
    names = {HOST.replace("-", "_"), "shade"}
    before = take_snapshot()
    assert not names & before.versions.keys()
    monkeypatch.setenv("PYTHONPATH", os.fspath(site.root))
    snapshot = take_snapshot(before=before)
    assert snapshot.versions["shade"] == ["shade", "1.0"]
    [plugin] = [each for each in snapshot.plugins if each["group"] == GROUP]
    assert (plugin["usable"], plugin["steps"][-1]["question"]) == (False, "target exists")


def test_the_hosts_own_api_judges(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that it has, also those that it turns away."""
    site.add("shade", {"red": "shade:red"}, requires=[f"{HOST}>=2,<4"], files={"shade.py": "red=1"})
    monkeypatch.setenv("PYTHONPATH", os.fspath(site.root))

    def status(*apis: HostApi) -> Any:
        plugins = take_snapshot(apis, ["shade"]).plugins
        [plugin] = [each for each in plugins if each["group"] == GROUP]
        return plugin["status"], plugin["reason"].partition(", ")[2].rpartition(", ")[2]

    assert status()[0] == "unchecked"
    assert status(HostApi(HOST, "2.1"))[0] == "ok"
    newer = HostApi(HOST, "4.1", compatible_since="2.0")
    assert status(newer) == ("too-new-host", "compatible since 2.0")
    assert status(HostApi(HOST, "2.1", denied=[Denial("shade", "<2", reason="x")]))[0] == "denied"
    assert status(HostApi(HOST, "2.1", deprecated={"2.1": "4.0"}))[0] == "ok-deprecated"


def test_only_what_matters_is_looked_into(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the modules of all plugins takes long; whether they are admitted does not."""
    site.add("shade", {"red": "nowhere:red"})
    site.add("tint", {"red": "tint:red"})
    monkeypatch.setenv("PYTHONPATH", os.fspath(site.root))

    def looked(*names: str, before: Snapshot | None = None) -> dict[str, tuple[bool, bool]]:
        plugins = [
            each for each in take_snapshot((), names, before).plugins if each["group"] == GROUP
        ]
        return {
            each["distribution"]["name"]: (each["usable"], bool(each["steps"])) for each in plugins
        }

    assert looked() == {"shade": (True, False), "tint": (False, True)}  # which is shadowed
    assert looked("shade") == {"shade": (False, True), "tint": (False, True)}
    before = take_snapshot()
    assert looked(before=before)["shade"] == (True, False)
    before.versions["shade"] = ["shade", "0.9"]
    assert looked(before=before)["shade"] == (False, True)


def test_whatever_is_wrong_with_metadata_something_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name of its folder, if there is nothing else."""
    site.write("torn-3.0.dist-info/METADATA", b"\xff\n")
    site.write("torn-3.0.dist-info/entry_points.txt", f"[{GROUP}]\nx = y:z\n")
    monkeypatch.setenv("PYTHONPATH", os.fspath(site.root))
    assert take_snapshot().versions["torn"][1] == "3.0"


def test_a_process_that_cannot_look_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the last that it said: an installer may have taken plugbay away, or broken Python."""
    (tmp_path / "json.py").write_text("raise ValueError('not today')")
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    with pytest.raises(SnapshotError, match="cannot be told: ValueError: not today"):
        take_snapshot()
    monkeypatch.setattr(snapshots.sys, "executable", "/nowhere/python")
    with pytest.raises(SnapshotError, match="No such file"):
        take_snapshot()
