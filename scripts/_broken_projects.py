"""What `plugbay check` and other tools say of each broken project, from real runs of them all.

The other tools are installed into an environment for this run, or are in the one that is named.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import _broken
from _broken import Broken
from _mistakes import BROKEN

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "broken-projects.md"
NEEDED = (
    "build",
    "check-wheel-contents",
    "hatchling",
    "importlib-metadata",
    "packaging",
    "pyroma",
    "setuptools>=77",
    "twine",
    "validate-pyproject",
)
PLUGINS = (
    "flake8-bugbear",
    "flake8-comprehensions",
    "flake8-docstrings",
    "furo",
    "mkdocs-git-revision-date-localized-plugin",
    "mkdocs-macros-plugin",
    "mkdocs-material",
    "mkdocs-redirects",
    "pep8-naming",
    "pytest-asyncio",
    "pytest-cov",
    "pytest-mock",
    "pytest-timeout",
    "pytest-xdist",
    "sphinx-rtd-theme",
)
TOOLS = ("build", "validate-pyproject", "check-wheel-contents", "twine", "pyroma")
FINE = Broken("fine", "nothing: the project that the others are made of", "")

INTRODUCTION = """\
# Broken projects

One thing is wrong with each of these projects. Here is what `plugbay check` says of it, and what
other tools say: build, which makes a wheel with the project's build backend, validate-pyproject,
check-wheel-contents, `twine check --strict` and pyroma. `scripts/broken-projects` makes the
projects of what is in `scripts/_mistakes.py`, runs them all, and writes this page; the tests run
`plugbay check` on the same projects.

This is the project before it is changed. What a tool has to say about this one is left out below,
so that only what it says about the mistake counts; `-` is nothing.
"""
OTHERS = """\
## Plugins that work

These are installed from an index together with their hosts, and `plugbay check NAME` is asked about
each. What it notes, without counting it, its authors may have good reasons for, as
[checks.md](checks.md#errors-warnings-and-notes) says.

| plugin | version | errors and warnings | notes |
|---|---|---|---|"""


@dataclass
class Said:
    """What each tool said of one project, a line for each complaint."""

    broken: Broken
    codes: list[str] = field(default_factory=list)
    tools: dict[str, list[str]] = field(default_factory=dict)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, help="an environment with the other tools")
    parser.add_argument("--plugins", type=Path, help="an environment with plugins of other hosts")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="plugbay-") as folder:
        tools = options.tools or _environment(Path(folder, "tools"), NEEDED)
        wanted = (*PLUGINS, "importlib-metadata", "packaging")
        plugins = options.plugins or _environment(Path(folder, "plugins"), wanted)
        ask = partial(_ask, Path(folder), tools.absolute())
        with ThreadPoolExecutor(2) as pool:
            fine, *rest = pool.map(ask, [FINE, *BROKEN])
        versions = _versions(tools)
        others = [_other(plugins.absolute(), each) for each in PLUGINS]
    for each in rest:
        for tool, lines in each.tools.items():
            each.tools[tool] = [line for line in lines if line not in fine.tools[tool]]
    missed = [each.broken.name for each in rest if each.broken.code not in each.codes]
    PAGE.write_text(_page(rest, versions, others), "utf-8")
    print(f"{len(rest)} projects; plugbay check missed {', '.join(missed) or 'none'}; see {PAGE}")
    if fine.codes:
        print(f"plugbay check found {fine.codes} in the project that is fine")
    return 1 if missed or fine.codes else 0


def _environment(folder: Path, wanted: tuple[str, ...]) -> Path:
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", *wanted], check=True)
    return folder


def _other(plugins: Path, name: str) -> str:
    """A row of the table about plugins of other hosts."""
    command = [plugins / "bin" / "python", "-m", "plugbay", "check", "--json", name]
    done = _run([*command], plugins, PYTHONPATH=str(ROOT / "src"))
    said = json.loads(done.stdout)
    counts, (subject,) = said["counts"], said["subjects"]
    notes = sorted({each["code"] for each in said["findings"] if each["severity"] == "note"})
    cells = [subject["name"], subject["version"], str(counts["error"] + counts["warning"])]
    return f"| {' | '.join([*cells, ' '.join(notes) or '-'])} |"


def _versions(tools: Path) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json, sys\n"
        "print(json.dumps({each: m.version(each) for each in sys.argv[1:]}))"
    )
    done = _run([tools / "bin" / "python", "-c", code, *TOOLS, "hatchling", "setuptools"], tools)
    versions: dict[str, str] = json.loads(done.stdout)
    return versions


def _run(
    command: list[str | Path], folder: Path, **variables: str
) -> "subprocess.CompletedProcess[str]":
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "NO_COLOR": "1", "COLUMNS": "200", **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


def _ask(folder: Path, tools: Path, broken: Broken) -> Said:
    """Make the project, and ask every tool about it."""
    here = folder / broken.name
    project = _broken.write(here / "project", broken.files())
    host = _broken.host_site(here / "host")
    said = Said(broken)
    bin_ = tools / "bin"
    done = _run([bin_ / "python", "-m", "build", "-n", "--wheel", project], here)
    said.tools["build"] = [] if done.returncode == 0 else [_why(done.stdout + done.stderr, here)]
    done = _run([bin_ / "validate-pyproject", "pyproject.toml"], project)
    said.tools["validate-pyproject"] = _complaints(done, here)
    done = _run([bin_ / "pyroma", "-d", "."], project)
    said.tools["pyroma"] = _complaints(done, here, always=True)
    wheels = list((project / "dist").glob("*.whl"))
    shutil.rmtree(project / "build", ignore_errors=True)
    if wheels and broken.damage and broken.checked != "installed":
        broken.damage(wheels[0])
    for tool, command in (
        ("check-wheel-contents", [bin_ / "check-wheel-contents"]),
        ("twine", [bin_ / "twine", "check", "--strict"]),
    ):
        done = _run([*command, *wheels], here) if wheels else None
        said.tools[tool] = _complaints(done, here) if done else ["no wheel"]
    said.codes = _check(bin_, here, project, host, wheels, broken)
    return said


def _check(
    bin_: Path, here: Path, project: Path, host: Path, wheels: list[Path], broken: Broken
) -> list[str]:
    path = [str(host), str(ROOT / "src")]
    paths: list[str | Path] = {
        "tree": [project],
        "wheel": [*wheels],
        "both": [project, *wheels],
    }.get(broken.checked, ["tabletop-base"])
    if broken.checked == "installed":
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(host)
        assert broken.damage is not None
        broken.damage(host)
        path.append(str(here / "older"))
    if not broken.code:
        paths = [project, *wheels]
    imports = ["--import"] if broken.imports else []
    done = _run(
        [bin_ / "python", "-m", "plugbay", "check", "--json", *imports, *paths],
        here,
        PYTHONPATH=os.pathsep.join(path),
    )
    found = json.loads(done.stdout)["findings"]
    return sorted({each["code"] for each in found if each["severity"] != "note"})


def _complaints(
    done: "subprocess.CompletedProcess[str]", here: Path, *, always: bool = False
) -> list[str]:
    """The lines that a tool printed, if it complained or `always`, the same in each run."""
    if done.returncode == 0 and not always:
        return []
    text = (done.stdout + done.stderr).replace(str(here), "")
    lines = [re.sub(r"\s+", " ", line).strip(" -") for line in text.splitlines()]
    return [line for line in lines if line and not re.search("rating|isolated|^[*>]", line)]


def _why(text: str, here: Path) -> str:
    """The line of a build that failed which says why."""
    lines = [line.strip() for line in text.replace(str(here), "").splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"\w*Error: |ERROR Failed", line)]
    return (errors or lines)[-1]


def _cell(broken: Broken, tool: str, lines: list[str]) -> str:
    if not lines:
        return "-"
    if lines == ["no wheel"]:
        return "no wheel"
    if tool == "build":
        return "fails"
    codes = sorted(set(re.findall(r"\bW\d{3}\b", " ".join(lines))))
    return " ".join(codes) or "**finds**"


def _page(said: list[Said], versions: dict[str, str], others: list[str]) -> str:
    rows = [
        f"| mistake | `plugbay check` | {' | '.join(TOOLS)} |",
        "|---" * (2 + len(TOOLS)) + "|",
    ]
    for each in said:
        cells = [_cell(each.broken, tool, each.tools[tool]) for tool in TOOLS]
        codes = [f"[{code}](checks.md#{code.lower()})" for code in each.codes]
        rows.append(f"| {each.broken.mistake} | {' '.join(codes)} | {' | '.join(cells)} |")
    used = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    python = ".".join(map(str, sys.version_info[:2]))
    return (
        f"{INTRODUCTION}\n```toml\n{_broken.PROJECT}```\n\n"
        + "\n".join(rows)
        + f"\n\nWith Python {python}, {used}.\n\n## In their own words\n\n"
        + "\n".join(_words(said))
        + f"\n\n{OTHERS}\n"
        + "\n".join(others)
        + "\n"
    )


def _words(said: list[Said]) -> list[str]:
    """What the other tools said, the first line of each that is about the mistake."""
    found = []
    for each in said:
        for tool, lines in each.tools.items():
            told = [line for line in lines if line != "no wheel"]
            if told:
                text = next((line for line in told if re.search(r"W\d{3}|ERROR", line)), told[0])
                text = re.sub(r"^\S+\.whl: |^\[?ERROR\]? ", "", text).replace("`", "'")[:160]
                found.append(f"- {each.broken.mistake}; {tool}: `{text}`")
    return found
