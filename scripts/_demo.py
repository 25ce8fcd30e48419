"""Shows plugbay at work: a real application with all its plugins, among them the broken ones.

Builds the distributions in sample_plugins, installs them together into a clean environment, uses
the application and asks plugbay about what is missing. Takes a minute, and seconds from then on.
"""

import json
import shutil
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import _environments
import _samples

ROWS = 344
WIDTH = max(60, shutil.get_terminal_size((100, 24)).columns)


def main(_arguments: list[str]) -> int:
    print("This is plugbay, shown with tabletop, a small application that exports tables.")
    print("Every format it can write is a plugin, and every plugin a distribution of its own.")
    show = Shell(prepare())
    problems = [*use(show), *answer(show), *transform(show), *look(show), *ask(show)]
    heading("In short")
    for problem in problems:
        print(f"wrong: {problem}")
    if problems:
        return 1
    broken = len(_samples.plugins("broken"))
    print(f"{ROWS} penguins were exported with {broken} broken or doubtful plugins installed,")
    print("and each of those is accounted for. To go on from here:")
    for name in ("tabletop", "plugbay"):
        print(f"  {shown(_environments.program(show.environment, name))} --help")
    return 0


def prepare() -> Path:
    """The environment that has everything installed; prints what it takes."""
    heading("Setting up")
    with _environments.alone(_samples.WHEELS):
        with timed("an environment to build in") as say:
            builder = _environments.environment("build")
            python = _environments.program(builder, "python")
            say(shown(builder))
        with timed("the wheels of plugbay, tabletop, plugins") as say:
            wheels = _samples.build(python)
            say(f"{len(wheels)} wheels, {sum(wheel.is_new for wheel in wheels)} of them new")
        with timed("an environment with all of them installed") as say:
            environment, made = _samples.install(wheels, python)
            say(shown(environment) if made else f"{shown(environment)}, as it was")
    damaged = " and ".join(project.name for project in _samples.plugins() if project.damage)
    print(f"{damaged} were damaged on purpose after that.")
    return environment


class Shell:
    """Runs commands in the environment and prints them with what they say."""

    def __init__(self, environment: Path) -> None:
        self.environment = environment
        self._warned: set[str] = set()

    def __call__(self, *command: str, lines: int | None = None, folder: Path | None = None) -> str:
        """The standard output of the command; printed are its first lines, or all of them."""
        print(f"\n$ {' '.join(command)}")
        done = _samples.call(self.environment, *command, folder=folder)
        told = done.stdout.rstrip().splitlines()
        for line in told[:lines]:
            print(folded(line))
        if lines is not None and lines < len(told):
            print("...")
        self._warn(done.stderr.splitlines())
        return done.stdout

    def _warn(self, told: list[str]) -> None:
        """Print the lines of standard error, none of them a second time."""
        new = [line for line in told if line not in self._warned]
        for line in new:
            print(folded(line))
        self._warned.update(new)


def use(show: Shell) -> Iterator[str]:
    """Use the application; yields what is wrong."""
    heading("The application works, and says that it cannot use some of its plugins")
    show("tabletop", "formats")
    text = show("tabletop", "convert", "penguins.csv", "--to", "json", lines=4)
    rows = count(text)
    print(f"({rows} rows in all)")
    if rows != ROWS:
        yield f"the conversion gave {rows} rows instead of {ROWS}"


def answer(show: Shell) -> Iterator[str]:
    """Have plugins take part in a conversion; yields what is wrong."""
    heading("Plugins also take part in a conversion, in the order that they ask for")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        command = ("tabletop", "convert", "penguins.csv", "--output", "penguins.json", "--describe")
        show(*command, folder=folder)
        file = folder / "penguins.json"
        rows = count(file.read_text("utf-8")) if file.is_file() else 0
    if rows != ROWS:
        yield f"the conversion to a file gave {rows} rows instead of {ROWS}"
    if "timer" not in show("plugbay", "hooks", "tabletop.plugins"):
        yield "`plugbay hooks` does not have the plugin timer"


def transform(show: Shell) -> Iterator[str]:
    """Have plugins transform a table; yields what is wrong."""
    heading("Transforms use each other, are configured, and can be contained")
    show("plugbay", "schema", "outliers")
    steps = ("--transform", "outliers:column=body_mass_g", "--transform")
    convert = ("tabletop", "convert", "penguins.csv", "--to", "csv")
    text = show(*convert, *steps, "aggregate:by=species,mean=body_mass_g")
    if len(text.splitlines()) != 4:
        yield "the transforms did not give a row for each species"
    if show(*convert, "--transform", "quits", "--untrusted", "quits"):
        yield "a transform that ends its process gave a table"


def count(text: str) -> int:
    """The number of rows in the document; 0 when it is none."""
    try:
        return len(json.loads(text))
    except ValueError:
        return 0


def look(show: Shell) -> Iterator[str]:
    """List the plugins; yields what is wrong."""
    heading("What is installed, without running any of it")
    show("plugbay", "list", "tabletop.exporters")
    text = _samples.call(show.environment, "plugbay", "list", "--json").stdout
    try:
        plugins = json.loads(text)["plugins"]
    except (ValueError, KeyError):
        yield "`plugbay list --json` did not print a list of plugins"
        return
    listed = {(row["distribution"]["name"], row["group"], row["name"]) for row in plugins}
    for project in _samples.plugins():
        for group, name in project.plugins:
            if (project.name, group, name) not in listed:
                yield f"`plugbay list --json` does not have {name} of {project.name} in {group}"


def ask(show: Shell) -> Iterator[str]:
    """Ask about the broken plugins; yields what is wrong."""
    heading("Why is it missing? (--load: where only an import can tell, it is tried in a process)")
    for project in _samples.plugins("broken"):
        for _, name in project.plugins:
            if not show("plugbay", "why", name, *(["--load"] if project.is_lazy else [])):
                yield f"`plugbay why {name}` says nothing"


def heading(text: str) -> None:
    print(f"\n{text}\n{'=' * len(text)}")


@contextmanager
def timed(what: str) -> Iterator[Callable[[str], None]]:
    """Print what is being done, and in the end what came of it and how long it took."""
    results: list[str] = []
    print(f"{what:<42}", end="", flush=True)
    start = time.perf_counter()
    try:
        yield results.append
    except BaseException:
        print()
        raise
    print(f"{time.perf_counter() - start:5.1f} s   {' '.join(results)}")


def folded(line: str) -> str:
    """The line, broken between words where it is wider than the terminal."""
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )


def shown(path: Path) -> str:
    """The path as one would type it in the checkout."""
    return str(path.relative_to(_environments.ROOT))
