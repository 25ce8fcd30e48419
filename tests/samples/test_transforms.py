"""Transforms are plugins of a host: they use each other, are configured and contained."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import _environments
import pytest
from sites import Site
from test_samples import TABLE, numbers

if TYPE_CHECKING:
    from pathlib import Path

    from test_samples import Run

CONVERT = ("tabletop", "convert", "penguins.csv", "--to", "json")
OUTLIERS = (*CONVERT, "--transform", "outliers:column=body_mass_g")


def left(low: float, high: float = 0.95) -> int:
    """How many penguins are neither too light nor too heavy; those that nobody weighed stay."""
    grams = numbers("body_mass_g", TABLE)
    light, span = min(grams), max(grams) - min(grams)
    usual = sum(low <= (each - light) / span <= high for each in grams)
    return usual + len(TABLE) - len(grams)


def planted(folder: Path, body: str) -> dict[str, str]:
    """The variables with which the transform `odd` is installed, a function with this body."""
    site = Site(folder / "site")
    site.add(
        "odd",
        {"odd": "odd:odd"},
        group="tabletop.transforms",
        requires=["tabletop>=1.3,<2"],
        files={"odd.py": f"import os, sys, time\ndef odd(table, /, **options):\n    {body}\n"},
    )
    return {"PYTHONPATH": str(site.root)}


def test_a_transform_uses_another_one(run: Run) -> None:
    """`outliers` scales by `normalise`, which it depends on; without it, it is refused."""
    done = run(*OUTLIERS)
    assert (done.returncode, len(json.loads(done.stdout))) == (0, left(0.05))
    without = run(*OUTLIERS, PLUGBAY_DISABLE="normalise")
    assert (without.returncode, without.stdout) == (2, "")
    assert "it depends on 'normalise'" in without.stderr


def test_a_transform_has_configuration(run: Run, tmp_path: Path) -> None:
    """From a file, over which variables count; what is wrong is told with its place."""
    file = tmp_path / "tabletop.toml"
    file.write_text("[plugins.outliers]\nlow = 0.2\n")
    configured = (*OUTLIERS, "--config", str(file))
    assert len(json.loads(run(*configured).stdout)) == left(0.2)
    variables = {"TABLETOP_PLUGINS__OUTLIERS__LOW": "0.5"}
    assert len(json.loads(run(*configured, **variables).stdout)) == left(0.5)
    file = tmp_path / "wrong.toml"
    file.write_text("[plugins.outliers]\nlow = 'none'\nhihg = 1\n")
    wrong = run(*OUTLIERS, "--config", str(file))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert f"outliers.hihg: it is not known; did you mean 'high'? ({file}, line 3)" in wrong.stderr
    assert f"({file}, line 2)" in wrong.stderr


def test_its_schema_is_known_without_importing_it(run: Run, tmp_path: Path) -> None:
    """`plugbay schema` shows it, and checks a file by it."""
    schema = json.loads(run("plugbay", "schema", "outliers").stdout)
    assert schema == json.loads(run("plugbay", "schema", "outliers", "--load").stdout)
    assert sorted(schema["properties"]) == ["high", "low"]
    file = tmp_path / "tabletop.toml"
    file.write_text("[plugins.outliers]\nlow = 'none'\n")
    checked = run("plugbay", "schema", "--check", str(file))
    assert checked.stdout.startswith("outliers.low: it does not have type")


@pytest.mark.parametrize("step", ["filter:species=Adelie", "normalise:column=body_mass_g"])
def test_an_untrusted_transform_gives_the_same(run: Run, step: str) -> None:
    """The table goes to its process and comes back as it is."""
    name = step.partition(":")[0]
    trusted = run(*CONVERT, "--transform", step)
    untrusted = run(*CONVERT, "--transform", step, "--untrusted", name)
    assert (untrusted.returncode, untrusted.stdout) == (0, trusted.stdout)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("time.sleep(60)", "odd was given up: it took more than 0.5 s"),
        ("while True: pass", "odd was given up: it took more than 0.5 s"),
        ("os._exit(3)", "odd was given up: it ended its process with exit code 3"),
        ("sys.exit(3)", "odd failed: SystemExit: 3"),
        ("len(bytearray(10**10))", "odd failed: MemoryError"),
        ("raise ValueError('no column')", "odd: no column"),
        ("return {'columns': ['a'], 'records': [[[1]]]}", "cells that are neither text nor number"),
        ("return 3", "odd gave 3 instead of a table"),
        ("pass", "odd failed: TypeError: it gave None, and not the data for the next step"),
    ],
)
def test_an_untrusted_transform_is_contained(
    run: Run, tmp_path: Path, body: str, told: str
) -> None:
    """Whatever it does, it is a line, and the application goes on to say so."""
    untrusted = ("--transform", "odd", "--untrusted", "odd", "--limit", "0.5")
    done = run(*CONVERT, *untrusted, **planted(tmp_path, body))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = [each for each in done.stderr.splitlines() if "odd" in each or "cells" in each]
    assert line.startswith("tabletop: ")
    assert told in line


def test_what_an_untrusted_transform_prints_is_nobodys(run: Run, tmp_path: Path) -> None:
    """It has no way to the document, nor to the environment of its user."""
    body = "print(os.environ['PATH'], os.environ.get('PRIVATE')); return table"
    untrusted = ("--transform", "odd", "--untrusted", "odd")
    done = run(*CONVERT, *untrusted, PRIVATE="hunter2", **planted(tmp_path, body))
    assert (done.returncode, len(json.loads(done.stdout))) == (0, 344)
    assert "hunter2" not in done.stdout + done.stderr


def test_what_needs_others_cannot_be_contained(run: Run) -> None:
    """In a process of its own it would have neither configuration nor other plugins."""
    done = run(*OUTLIERS, "--untrusted", "outliers")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it depends on other plugins or has configuration" in done.stderr


def test_a_name_that_is_no_step_is_told(run: Run) -> None:
    """A misspelt one would leave a transform uncontained."""
    done = run(*CONVERT, "--transform", "filter:sex=NA", "--untrusted", "filtre")
    assert done.returncode == 2
    assert "--untrusted filtre: there is no --transform filtre" in done.stderr


def test_long_work_shows_a_bar_on_a_terminal(tmp_path: Path, environment: Path) -> None:
    """With the name of the transform that is at work; nothing of it is in the document."""
    ours, theirs = pty.openpty()
    variables = planted(tmp_path, "time.sleep(1.2); return table")
    program = _environments.scripts(environment) / "tabletop"
    with subprocess.Popen(
        [program, *CONVERT[1:], "--transform", "odd"],
        env=_environments.environ() | variables | {"TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # the other end was closed, which Linux tells so
            pass
        assert process.stdout is not None
        document = process.stdout.read()
    os.close(ours)
    assert "odd" in shown.decode()
    assert "━" in shown.decode()
    assert len(json.loads(document)) == 344
