"""The application works with every broken plugin installed, and none of them ends it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import _samples
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]
    Golden = Callable[[str, str], None]

Rows = list[dict[str, str | None]]

PENGUINS = Path(_samples.FOLDER, "tabletop/src/tabletop/data/penguins.csv")
BROKEN = _samples.plugins("broken")
WORK_ALL_THE_SAME = {"csv", "malformed", "sleeper", "undeclared"}
"""The exporters of broken distributions that export, the slow and the undeclared one among them."""


def rows_of_csv(text: str) -> Rows:
    return [
        {name: None if cell in ("", "NA") else cell for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


def rows_of_json(text: str) -> Rows:
    return [
        {name: None if cell is None else str(cell) for name, cell in row.items()}
        for row in json.loads(text)
    ]


def rows_of_xml(text: str) -> Rows:
    return [
        {cell.attrib["column"]: None if "missing" in cell.attrib else cell.text for cell in row}
        for row in ElementTree.fromstring(text)  # noqa: S314  # we have just made it
    ]


def rows_of_markdown(text: str) -> Rows:
    header, _, *lines = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.split("\n")[:-1]
    )
    return [{name: cell or None for name, cell in zip(header, line, strict=True)} for line in lines]


READERS = {
    "csv": rows_of_csv,
    "json": rows_of_json,
    "xml": rows_of_xml,
    "markdown": rows_of_markdown,
}
TABLE = rows_of_csv(PENGUINS.read_text("utf-8"))


def exported(run: Run, *steps: str) -> list[dict[str, object]]:
    """The penguins after those transforms, by way of JSON."""
    options = [word for step in steps for word in ("--transform", step)]
    done = run("tabletop", "convert", "penguins.csv", "--to", "json", *options)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, object]] = json.loads(done.stdout)
    return rows


def numbers(column: str, rows: Rows) -> list[float]:
    return [float(cell) for row in rows if (cell := row[column]) is not None]


def test_the_table_is_the_one_everybody_knows() -> None:
    """344 penguins; for two there are no measurements, for eleven no sex."""
    missing = {name: sum(row[name] is None for row in TABLE) for name in TABLE[0]}
    assert len(TABLE) == 344
    assert {name: count for name, count in missing.items() if count} == {
        "bill_length_mm": 2,
        "bill_depth_mm": 2,
        "flipper_length_mm": 2,
        "body_mass_g": 2,
        "sex": 11,
    }


@pytest.mark.parametrize("name", READERS)
def test_every_format_holds_the_whole_table(run: Run, name: str) -> None:
    """Read back, an export has each cell of the original, and the same ones missing."""
    done = run("tabletop", "convert", "penguins.csv", "--to", name)
    assert done.returncode == 0, done.stderr
    assert READERS[name](done.stdout) == TABLE


def test_formats_lists_what_may_be_used(run: Run) -> None:
    """Whatever is not refused is a format, for nothing is imported to list it."""
    refused = {"invalid-specifier", "newer", "older", "undecodable"}
    names = {name for p in _samples.plugins() for group, name in p.plugins if "exporters" in group}
    done = run("tabletop", "formats")
    assert done.returncode == 0
    assert done.stdout.split() == sorted(names - refused)


def test_plugins_names_every_distribution(run: Run) -> None:
    """The application's own list leaves nothing out, and is no failure."""
    done = run("tabletop", "plugins")
    assert (done.returncode, done.stderr) == (0, "")
    assert [p.name for p in _samples.plugins() if f" {p.name} " not in done.stdout] == []


def test_filter_keeps_the_rows_with_a_value(run: Run) -> None:
    """Several conditions hold together; a missing value can be asked for."""
    females = exported(run, "filter:species=Adelie,sex=female")
    assert len(females) == 73
    assert {(row["species"], row["sex"]) for row in females} == {("Adelie", "female")}
    assert len(exported(run, "filter:sex=NA")) == 11


def test_normalise_scales_a_column(run: Run) -> None:
    """The lightest penguin becomes 0, the heaviest 1, and the unweighed stay so."""
    cells = [row["body_mass_g"] for row in exported(run, "normalise:column=body_mass_g")]
    present = [cell for cell in cells if isinstance(cell, int | float)]
    assert (min(present), max(present), cells.count(None)) == (0, 1, 2)


def test_aggregate_takes_means(run: Run) -> None:
    """The mean of each species is that of its weighed penguins."""
    means = exported(run, "aggregate:by=species,mean=body_mass_g")
    expected = {
        species: fmean(numbers("body_mass_g", [row for row in TABLE if row["species"] == species]))
        for species in ("Adelie", "Gentoo", "Chinstrap")
    }
    assert {row["species"]: row["mean_body_mass_g"] for row in means} == pytest.approx(expected)


@pytest.mark.parametrize("validator", ["email", "phone", "url"])
def test_validators_count_what_is_missing(run: Run, validator: str) -> None:
    """The sex of a penguin is no address of any kind, and is not known of eleven."""
    done = run("tabletop", "validate", "penguins.csv", "--column", "sex", "--as", validator)
    assert done.stdout == "0 valid, 333 invalid, 11 missing\n"
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("validator", "value"),
    [
        ("email", "penguins@example.org"),
        ("phone", "+44 (20) 7946-0123"),
        ("url", "https://example.org/penguins?sex=NA"),
    ],
)
def test_validators_accept(run: Run, tmp_path: Path, validator: str, value: str) -> None:
    """A column of valid values is exit code 0."""
    file = tmp_path / "values.csv"
    file.write_text(f"value\n{value}\n", "utf-8")
    done = run("tabletop", "validate", str(file), "--column", "value", "--as", validator)
    assert (done.returncode, done.stdout) == (0, "1 valid, 0 invalid, 0 missing\n")


@pytest.mark.parametrize("project", BROKEN, ids=lambda project: project.name)
def test_a_broken_plugin_is_one_line(run: Run, project: _samples.Project) -> None:
    """Used all the same, it does its work or is told of in a line; the application goes on."""
    ((group, name),) = project.plugins
    is_exporter = group == "tabletop.exporters"
    use = ("--to", name)
    if not is_exporter:
        use = ("--to", "csv", "--transform", name, "--untrusted", name)
    done = run("tabletop", "convert", "penguins.csv", *use)
    told = [line for line in done.stderr.splitlines() if line.startswith("tabletop: ")]
    assert "Traceback" not in done.stdout + done.stderr
    if name in WORK_ALL_THE_SAME:
        assert done.returncode == 0
        assert done.stdout.startswith("species," if name == "csv" else "344\n")
    else:
        assert (done.returncode, done.stdout) == (2, "")
        names = (project.name, repr(name), f"tabletop: {name} was given up: ")
        assert [line for line in told if any(each in line for each in names)]


def test_what_a_plugin_prints_stays_out_of_the_document(run: Run) -> None:
    """The line that the sleeper prints on import goes to standard error."""
    done = run("tabletop", "convert", "penguins.csv", "--to", "sleeper")
    assert done.stdout == "344\n"
    assert "getting up" in done.stderr


@pytest.mark.parametrize("project", _samples.plugins(), ids=lambda project: project.name)
def test_what_plugbay_says_of_it(run: Run, golden: Golden, project: _samples.Project) -> None:
    """The rows of `plugbay list` about a distribution, and all that `plugbay why` says."""
    told = "\n".join(
        said_of(run, project, group, name, flags)
        for group, name in project.plugins
        for flags in ([], ["--load"])[: 1 + project.is_lazy]
    )
    golden(project.name, told)


def test_every_golden_file_belongs_to_a_sample() -> None:
    """A sample that is removed takes its golden file with it."""
    files = {file.stem for file in Path(__file__).with_name("golden").glob("*.txt")}
    assert files == {project.name for project in _samples.plugins()}


def said_of(run: Run, project: _samples.Project, group: str, name: str, flags: list[str]) -> str:
    """What a session in a terminal would show, down to the exit code."""
    listed = ("plugbay", "list", group, *flags)
    rows = run(*listed).stdout.splitlines()
    about = [re.sub(r"(?<=\S) {2,}", "  ", row) for row in rows if is_about(project, row)]
    asked = ("plugbay", "why", name, *flags)
    why = run(*asked)
    assert "Traceback" not in why.stdout + why.stderr
    return "\n".join(
        [
            f"$ {' '.join(listed)} | grep {project.name}",
            *about,
            "",
            f"$ {' '.join(asked)}",
            why.stdout + why.stderr + f"(exit code {why.returncode})",
            "",
        ]
    )


def is_about(project: _samples.Project, row: str) -> bool:
    """Whether the row is of the distribution; others may only mention it."""
    if row.startswith(f"{project.name}: "):
        return True  # a problem of it
    release = f"{project.name} {project.metadata['version']}"
    return not {project.name, release}.isdisjoint(re.split(r" {2,}", row.strip()))
