"""A transform in a folder is edited while `tabletop --watch` runs."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import _environments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from test_samples import Run

TABLE = "name\nAda\nGrace\n"
SHOUT = """
from tabletop import Table
PLUGIN_METADATA = {"id": "shout", "version": "1.0", "api_version": ">=1.3,<2"}
def create_plugin():
    return shout
def shout(table, /, **options):
    return Table(table.columns, [{"name": row["name"].upper()} for row in table.rows])
"""


def convert(folder: Path) -> tuple[str, ...]:
    """The command that converts a table with the transform in a folder."""
    table = folder / "people.csv"
    table.write_text(TABLE)
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "shout.py").write_text(SHOUT)
    return (
        *("tabletop", "convert", str(table), "--to", "csv"),
        *("--transform", "shout", "--plugin-dir", str(plugins)),
    )


@contextmanager
def running(environment: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A program of the environment, which is interrupted at the end and then ends well."""
    program = str(_environments.program(environment, command[0]))
    process = subprocess.Popen(
        [program, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says next, up to the line with these words."""
    assert process.stdout is not None
    told = ""
    while words not in told:
        line = process.stdout.readline()
        assert line, told
        told += line
    return told


def test_a_transform_in_a_folder(run: Run, tmp_path: Path) -> None:
    """It is gated like an installed one, and what is wrong with other files is told."""
    command = convert(tmp_path)
    assert run(*command).stdout.split() == ["name", "ADA", "GRACE"]
    (tmp_path / "plugins" / "newer.py").write_text(
        SHOUT.replace("shout", "newer").replace(">=1.3,<2", ">=9")
    )
    (tmp_path / "plugins" / "wrong.py").write_text("def (\n")
    done = run(*command, AGAIN="1")
    assert done.stdout.split() == ["name", "ADA", "GRACE"]
    assert "wrong.py: it is not Python: invalid syntax" in done.stderr
    assert "is refused: it needs tabletop>=9, and this is tabletop 1.3" in done.stderr


def test_a_transform_is_edited_while_it_runs(environment: Path, tmp_path: Path) -> None:
    """The table is exported again with each save; a broken one leaves what there was."""
    source = tmp_path / "plugins" / "shout.py"
    command = convert(tmp_path)
    with running(environment, *command, "--watch") as process:
        assert "ADA" in read_until(process, "watching the transforms")
        source.write_text(SHOUT.replace("upper", "lower"))
        assert "'shout' of 'tabletop.transforms' changed" in read_until(process, "grace")
        source.write_text("def (\n")
        told = read_until(process, "invalid syntax")
        assert "goes on as it is" in told
        other = source.with_suffix(".new")
        other.write_text(SHOUT.replace("upper", "swapcase"))
        os.replace(other, source)
        assert "aDA" in read_until(process, "gRACE")


def test_there_is_nothing_to_watch(run: Run, tmp_path: Path) -> None:
    """Without a transform it is an error."""
    done = run("tabletop", "convert", "penguins.csv", "--to", "csv", "--watch")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        (2, "tabletop: --watch: there is no --transform to watch")
    )
