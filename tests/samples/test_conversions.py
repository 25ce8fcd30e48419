"""Plugins take part in conversions by hooks, and one that fails there is told of in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sites import Site

if TYPE_CHECKING:
    from pathlib import Path

    from test_samples import Golden, Run

BIRDS = """\
species,island,bill_length_mm
 Adelie ,Torgersen,39.1
Gentoo,Biscoe,47.5
Adelie, N/A ,40.3
 , - ,NA
"""
SOME_ARE_BROKEN = "tabletop: 5 tabletop.exporters cannot be used; `tabletop plugins` says why"
CONVERT = ("tabletop", "convert", "birds.csv", "--output", "birds.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table in it that is not tidy."""
    (tmp_path / "birds.csv").write_text(BIRDS, "utf-8")
    return tmp_path


def test_plugbay_explains_the_order(run: Run, golden: Golden) -> None:
    """`plugbay hooks` says who answers each hook, first to last, and why."""
    done = run("plugbay", "hooks", "tabletop.plugins")
    golden("sessions/hooks", done.stdout + done.stderr)
    assert done.returncode == 0


def test_a_conversion_with_everything(run: Run, golden: Golden, folder: Path) -> None:
    """Cells are clean before the transforms see them; the suffix tells the format."""
    command = (*CONVERT, "--describe", "--transform", "filter:species=Adelie")
    done = run(*command, folder=folder)
    written = (folder / "birds.json").read_text("utf-8")
    golden(
        "sessions/convert",
        f"$ cat birds.csv\n{BIRDS}\n$ {' '.join(command)}\n{done.stdout}{done.stderr}"
        f"(exit code {done.returncode})\n\n$ cat birds.json\n{written}",
    )


def test_what_stands_for_nothing_is_missing(run: Run, folder: Path) -> None:
    """A cell of blanks, and one that only stands for a gap, become missing ones."""
    run(*CONVERT, "--transform", "filter:species=NA,island=NA", folder=folder)
    written = (folder / "birds.json").read_text("utf-8")
    assert written == '[\n{"species": null, "island": null, "bill_length_mm": null}\n]\n'


def test_without_such_plugins_a_table_is_exported_as_it_is_read(run: Run, folder: Path) -> None:
    """Nothing is prepared or described, and the format has to be named."""
    without = {"folder": folder, "PLUGBAY_DISABLE": "tabletop.plugins"}
    assert (
        run(*CONVERT[:3], "--to", "csv", **without).stdout.splitlines()
        == BIRDS.replace("NA", "").splitlines()
    )
    described = run(*CONVERT, "--to", "json", "--describe", **without)
    assert described.returncode == 0
    assert "tabletop: no plugin describes the table" in described.stderr
    refused = run(*CONVERT, **without)
    assert refused.returncode == 2
    assert "no plugin knows the format of birds.json; name one with --to" in refused.stderr


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ((), "name a format with --to, or a file with --output"),
        (("--output", "birds.xls"), "no plugin knows the format of birds.xls; name one with --to"),
    ],
)
def test_a_format_that_nobody_knows(
    run: Run, folder: Path, output: tuple[str, ...], told: str
) -> None:
    """It is one line, and nothing is written."""
    done = run("tabletop", "convert", "birds.csv", *output, folder=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"tabletop: {told}\n")
    assert [file.name for file in folder.iterdir()] == ["birds.csv"]


def planted(folder: Path, hook: str, body: str, decorated: str = "hooks.impl") -> dict[str, str]:
    """The variables with which the plugin `spill` is installed, a function for that hook.

    Its module prints a line when it is imported.
    """
    site = Site(folder / "site")
    site.add(
        "spill",
        {"spill": f"spill:{hook}"},
        group="tabletop.plugins",
        requires=["tabletop>=1.3,<2"],
        manifest={"plugins": {"tabletop.plugins": {"spill": {"hooks": [hook]}}}},
        files={
            "spill.py": f"from tabletop.hooks import hooks\nprint('spill is imported')\n"
            f"@{decorated}\ndef {hook}():\n    {body}\n"
        },
    )
    return {"PYTHONPATH": str(site.root)}


@pytest.mark.parametrize("error", ["ValueError('too dirty')", "SystemExit(0)"])
def test_a_plugin_that_fails_to_prepare_ends_the_conversion(
    run: Run, folder: Path, error: str
) -> None:
    """A line names the plugin, and nothing is written."""
    done = run(*CONVERT, folder=folder, **planted(folder, "prepare_rows", f"raise {error}"))
    told = error.replace("(", ": ").strip("')").replace("'", "")
    who = "raised by plugin 'spill' of spill 1.0 in the hook 'prepare_rows'"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"spill is imported\ntabletop: {told}; {who}\n"
    assert not (folder / "birds.json").exists()


def test_a_plugin_that_forgets_the_table_ends_the_conversion(run: Run, folder: Path) -> None:
    """What is not a table is not passed on to the exporter."""
    variables = planted(folder, "prepare_rows", "pass")
    done = run(*CONVERT, folder=folder, PLUGBAY_DISABLE="tidy,gaps,timer", **variables)
    assert done.returncode == 2
    assert (
        "tabletop: a plugin gave None instead of a table in the hook 'prepare_rows'" in done.stderr
    )


@pytest.mark.parametrize("hook", ["choose_exporter", "describe"])
def test_a_plugin_that_fails_elsewhere_is_skipped(run: Run, folder: Path, hook: str) -> None:
    """A line names it, and the others answer."""
    done = run(*CONVERT, "--describe", folder=folder, **planted(folder, hook, "1 / 0"))
    skipped = f"plugin 'spill' of spill 1.0 in the hook '{hook}' was skipped"
    assert f"tabletop: {skipped}: ZeroDivisionError: division by zero\n" in done.stderr
    assert (done.returncode, done.stdout) == (0, "")
    assert "4 rows of 3 columns: species, island, bill_length_mm\n" in done.stderr
    assert (folder / "birds.json").exists()


@pytest.mark.parametrize(
    ("body", "decorated", "told"),
    [
        ("pass", "hooks.imp", "could not be loaded"),
        ("pass", "hooks.impl(wrapper=True)", "it is a wrapper without a yield"),
    ],
)
def test_a_plugin_that_cannot_take_part_is_left_out(
    run: Run, folder: Path, body: str, decorated: str, told: str
) -> None:
    """Its import or its fault is a line, and the conversion goes on without it."""
    variables = planted(folder, "prepare_rows", body, decorated)
    done = run(*CONVERT, folder=folder, **variables)
    assert (done.returncode, done.stdout) == (0, "")
    (line,) = [each for each in done.stderr.splitlines() if "'spill'" in each]
    assert line.startswith("tabletop: ")
    assert told in line


def test_a_plugin_is_imported_when_one_of_its_hooks_is_called(run: Run, folder: Path) -> None:
    """Its manifest tells which, so other conversions do without it."""
    variables = planted(folder, "describe", "return 'full'")
    assert run(*CONVERT, folder=folder, **variables).stderr.splitlines() == [SOME_ARE_BROKEN]
    told = run(*CONVERT, "--describe", folder=folder, **variables).stderr.splitlines()
    assert told[0] == "spill is imported"
    assert "full" in told


def test_what_a_plugin_prints_in_a_hook_stays_out_of_the_document(run: Run, folder: Path) -> None:
    """Standard output is the document's alone."""
    variables = planted(folder, "describe", "print('I was here')")
    done = run(*CONVERT[:3], "--to", "json", "--describe", folder=folder, **variables)
    assert done.stdout.startswith("[\n")
    assert "I was here" not in done.stdout
    assert "I was here" in done.stderr
