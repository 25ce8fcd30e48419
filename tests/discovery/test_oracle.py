"""Discovery answers as the standard library does: on every Python, for every oddity, in order.

Each side answers in a process of its own, once for all trees, and the tests compare the answers.
The trees are in ``trees.py``, the asking and the comparing in ``oracle.py``.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from oracle import SETUPS, difference
from trees import FATALITIES, ODDITIES, Broken, Entry, Tree, describe, metadata, plant, simple

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
VERSIONS = ("3.11", "3.12", "3.13")
SEEDS = {10: (1, 2), 100: (3, 4), 1000: (5,)}

# The backport and what it is made of; all of it is pure Python.
BACKPORT = ("importlib_metadata", "zipp", "lazy_importer", "typing_extensions")

Answer = dict[str, Any]
Query = dict[str, Any]


# --- Which Pythons -----------------------------------------------------------------------------


def version_of(python: str) -> str:
    """Return "3.x" of an interpreter that really runs, an empty string for any other."""
    tell = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-ISc", tell], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def candidates() -> Iterator[str]:
    """Yield what may be an interpreter: first this one, then pyenv's, then those on PATH."""
    yield sys.executable
    roots = [Path(sys.base_prefix).parent, Path.home() / ".pyenv" / "versions"]
    if "PYENV_ROOT" in os.environ:
        roots.append(Path(os.environ["PYENV_ROOT"]) / "versions")
    for root in roots:
        for version in VERSIONS:
            yield from map(str, sorted(root.glob(f"{version}.*/bin/python"), reverse=True))
    yield from filter(None, (shutil.which(f"python{version}") for version in VERSIONS))


def interpreters() -> dict[str, str]:
    """Return one interpreter for each version that is there; one that is missing is no error."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    for python in candidates():
        if any(f"/{version}." in python for version in found):
            continue
        version = version_of(python)
        if version in VERSIONS:
            found.setdefault(version, python)
    return dict(sorted(found.items()))


INTERPRETERS = interpreters()


# --- The trees and the questions ---------------------------------------------------------------

SIZED = [
    f"size {size}, seed {seed}{valid}"
    for size, seeds in SEEDS.items()
    for seed in seeds
    for valid in ("", ", valid")
]

FEW_QUERIES: list[Query] = [
    {},
    {"group": "acme.exporters"},
    {"group": "g", "name": "a"},
    {"module": "m"},
    {"group": "g", "module": "m"},
    {"nonsense": 1},
]

MANY_QUERIES: list[Query] = [
    {},
    {"group": "acme.exporters"},
    {"group": "bad"},
    {"group": "no such group"},
    {"group": ""},
    {"group": None},
    {"name": "a"},
    {"name": ""},
    {"group": "g", "name": "a"},
    {"name": "a", "group": "g"},
    {"value": "m:a"},
    {"value": "not-valid"},
    {"module": "m"},
    {"attr": "a"},
    {"attr": None},
    {"extras": ["e", "1"]},
    {"extras": []},
    {"group": "g", "module": "m"},
    {"group": "odd", "attr": "a"},
    {"group": "e", "extras": ["e", "1"]},
    # Parameters are compared one after the other, and an invalid value only counts when its turn
    # comes: the first of these two fails, the second has nothing left to fail on.
    {"module": "m", "group": "no such group"},
    {"group": "no such group", "module": "m"},
    {"group": "bad", "extras": []},
    {"nonsense": 1},
    {"group": "no such group", "nonsense": 1},
    {"dist": None},
    {"load": None},
    {"self": 1},
]

LENIENT_QUERIES: list[Query] = [{}, {"group": "acme.exporters"}, {"group": "g"}, {"group": ""}]

# Without an invalid value anywhere, asking for modules and attributes has answers.
INVALID_FREE = [
    "duplicate_across_entries",
    "shadowed_by_one_without_entry_points",
    "odd_but_valid_values",
    "odd_extras",
    "repeated_name",
    "egg_on_the_path",
    "zip_of_several_distributions",
]

PAIRED = (
    "line_without_equals_sign",
    "byte_that_is_not_utf8",
    "loop_as_entry_points",
    "empty_stem_without_metadata",
    "zip_with_a_wrong_checksum",
    "nul_on_the_path",
    "none_on_the_path",
)
PAIRS = [f"{one} and {two}" for one in PAIRED for two in PAIRED if one != two]


class Forest:
    """All trees, planted once, and the cases to put to each side."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cases: list[dict[str, Any]] = []
        self.lenient: list[dict[str, Any]] = []
        self.broken: dict[str, Broken] = {}
        self._plant_sizes()
        self._plant_oddities()
        self._plant_fatalities()
        self._plant_setups()
        self._plant_nothing()

    def _plant_sizes(self) -> None:
        for size, seeds in SEEDS.items():
            for seed in seeds:
                queries = MANY_QUERIES if size < 1000 else FEW_QUERIES
                tree = plant(self._place(), size, seed)
                self._strict(f"size {size}, seed {seed}", tree, queries)
                tree = plant(self._place(), size, seed, INVALID_FREE)
                self._strict(f"size {size}, seed {seed}, valid", tree, queries)

    def _plant_oddities(self) -> None:
        for seed, name in enumerate(ODDITIES):
            tree = plant(self._place(), 8, seed, [name])
            self._strict(name, tree, FEW_QUERIES)

    def _plant_fatalities(self) -> None:
        for seed, name in enumerate(FATALITIES):
            tree = plant(self._place(), 12, seed, [])
            self.broken[name] = FATALITIES[name](tree)
            self._strict(name, tree, FEW_QUERIES)
            self._healed(f"{name} healed", tree, self.broken[name])
        for seed, pair in enumerate(PAIRS):
            tree = plant(self._place(), 4, seed, [])
            for name in pair.split(" and "):
                FATALITIES[name](tree)
            self._strict(pair, tree, FEW_QUERIES)

    def _plant_setups(self) -> None:
        tree = plant(self._place(), 40, 7, [*INVALID_FREE, "empty_entry", "relative_entry"])
        for setup in SETUPS:
            # Between two setups the process is as it was, which must be noticed too.
            self._strict(f"setup {setup}", tree, FEW_QUERIES, setup=setup)
            self._strict(f"setup after {setup}", tree, FEW_QUERIES[:1])

    def _plant_nothing(self) -> None:
        self._strict("nothing", Tree(self._place(), 0), MANY_QUERIES)

    def _place(self) -> Path:
        return self.root / str(len(self.cases))

    def _strict(self, name: str, tree: Tree, queries: list[Query], **more: Any) -> None:
        case = {"name": name, "cwd": str(tree.root), "entries": list(tree.entries), **more}
        self.cases.append({**case, "queries": queries})
        self.lenient.append({**case, "queries": LENIENT_QUERIES})

    def _healed(self, name: str, tree: Tree, broken: Broken) -> None:
        """Ask about the tree without its broken distribution, to know what a reader can save."""
        entries = [each for each in tree.entries if each != broken.entry]
        case = {"name": name, "cwd": str(tree.root), "entries": entries, "hidden": [broken.name]}
        self.cases.append({**case, "queries": LENIENT_QUERIES})


@pytest.fixture(scope="session")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Forest:
    """All trees."""
    return Forest(tmp_path_factory.mktemp("forest"))


# --- Asking the sides --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to import plugbay and the backport from, without any metadata in it."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "plugbay").symlink_to(SOURCE / "plugbay")
    for name in BACKPORT:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            origin = Path(spec.origin)
            origin = origin.parent if origin.name == "__init__.py" else origin
            (folder / origin.name).symlink_to(origin)
    return folder


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A command that takes root's power over file modes away, so that modes count in a container.

    Empty for other users, who do not have it, and where the system does not allow it.
    """
    powers = "-dac_override,-dac_read_search"
    command = ["setpriv", f"--inh-caps={powers}", f"--bounding-set={powers}"]
    closed = tmp_path_factory.mktemp("closed") / "file"
    closed.write_text("")
    closed.chmod(0)
    if os.access(closed, os.R_OK) and shutil.which("setpriv"):
        probe = "import sys; sys.exit(0 if __import__('os').access(sys.argv[1], 4) else 3)"
        done = subprocess.run([*command, sys.executable, "-ISc", probe, str(closed)], check=False)
        return command if done.returncode == 3 else []
    return []


class Sides:
    """The answers of one Python, each side in a process of its own, run on first use."""

    def __init__(
        self,
        version: str,
        forest: Forest,
        library: Path,
        prefix: list[str],
        pool: ThreadPoolExecutor,
    ) -> None:
        self.version = version
        self.forest = forest
        self._library = str(library)
        self._prefix = prefix
        self._pool = pool
        self._started: dict[tuple[str, str], Future[Any]] = {}

    def main(self, side: str) -> dict[str, list[Answer]]:
        """Return the answers of a side to the whole forest; all three sides run at once."""
        for each in ("stdlib", "plugbay", "plugbay-lenient"):
            if (each, "") not in self._started:
                cases = self.forest.lenient if each == "plugbay-lenient" else self.forest.cases
                self._started[each, ""] = self._pool.submit(self.ask, each, cases)
        answers: dict[str, list[Answer]] = self._started[side, ""].result()
        return answers

    def beside_backport(self, side: str, when: str) -> dict[str, list[Answer]]:
        """Return the answers of a side in a process that imported ``importlib_metadata``."""
        for each in ("stdlib", "plugbay"):
            if (each, when) not in self._started:
                names = {*SIZED[:6], *FATALITIES}  # The largest trees add nothing but time.
                cases = [case for case in self.forest.cases if case["name"] in names]
                ask = functools.partial(self.ask, backport=when)
                self._started[each, when] = self._pool.submit(ask, each, cases)
        answers: dict[str, list[Answer]] = self._started[side, when].result()
        return answers

    def ask(
        self, side: str, cases: list[dict[str, Any]], backport: str = "", isolated: bool = True
    ) -> dict[str, list[Answer]]:
        """Run a child process that answers for one side."""
        flags = ["-I", "-S", "-B"] if isolated else ["-B"]
        questions = {
            "side": side,
            "backport": backport,
            "cases": cases,
            "library": [self._library],
        }
        done = subprocess.run(
            [*self._prefix, INTERPRETERS[self.version], *flags, str(HERE / "oracle.py")],
            input=json.dumps(questions),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"{side} on Python {self.version} did not answer:\n{done.stderr[-3000:]}")
        answers: dict[str, list[Answer]] = json.loads(done.stdout)
        return answers


@pytest.fixture(scope="session")
def pool() -> Iterator[ThreadPoolExecutor]:
    """As many waiting threads as there are cores, each for one child process."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield threads


@pytest.fixture(scope="session", params=INTERPRETERS)
def sides(
    request: pytest.FixtureRequest,
    forest: Forest,
    library: Path,
    prefix: list[str],
    pool: ThreadPoolExecutor,
) -> Sides:
    """The sides on one Python."""
    return Sides(request.param, forest, library, prefix, pool)


def differences(queries: list[Query], expected: list[Answer], got: list[Answer]) -> list[str]:
    """Return one line for each query that was answered differently."""
    assert len(queries) == len(expected) == len(got)
    found = zip(queries, map(difference, expected, got), strict=True)
    return [f"{query}: {different}" for query, different in found if different]


def queries_of(forest: Forest, name: str) -> list[Query]:
    """Return the queries that a case was asked."""
    queries: list[Query] = next(case["queries"] for case in forest.cases if case["name"] == name)
    return queries


def assert_same(sides: Sides, name: str) -> list[Answer]:
    """Assert that the strict face answers a case as the standard library does."""
    expected, got = sides.main("stdlib")[name], sides.main("plugbay")[name]
    found = differences(queries_of(sides.forest, name), expected, got)
    assert not found
    return expected


def by_group(answer: Answer) -> Answer:
    """Return the answer with its entry points ordered by group and by nothing else.

    On Python 3.11 the strict face has the order of the standard library's dict of groups, the
    lenient face that of discovery; they agree about the order inside each group.
    """
    return {**answer, "entry_points": sorted(answer["entry_points"], key=lambda row: row[2])}


def assert_lenient_same(sides: Sides, name: str) -> None:
    """Assert that the lenient face answers as the strict one, for all groups and for each."""
    strict = sides.main("plugbay")[name][0]
    everything, *selected = sides.main("plugbay-lenient")[name]
    if sides.version == "3.11":
        everything = by_group(everything)
    different = difference(strict, everything)
    assert not different
    for query, answer in zip(LENIENT_QUERIES[1:], selected, strict=True):
        expected = [row[:3] for row in strict["entry_points"] if row[2] == query["group"]]
        assert [row[:3] for row in answer["entry_points"]] == expected


# --- Healthy trees -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIZED)
def test_tree_of_all_oddities(sides: Sides, name: str) -> None:
    """Every selection from a large tree has the same answer in the same order."""
    expected = assert_same(sides, name)
    assert len(expected[0].get("entry_points", [])) > 10
    assert_lenient_same(sides, name)


@pytest.mark.parametrize("name", ODDITIES)
def test_oddity(sides: Sides, name: str) -> None:
    """An oddity alone among ordinary distributions has the same answer on both faces."""
    expected = assert_same(sides, name)
    assert "entry_points" in expected[0], "this one belongs to the fatalities"
    assert_lenient_same(sides, name)


def test_nothing_installed(sides: Sides) -> None:
    """An empty search path answers nothing, even to a parameter that does not exist."""
    expected = assert_same(sides, "nothing")
    assert {"nonsense": 1} in MANY_QUERIES
    assert all(answer.get("entry_points", []) == [] for answer in expected)


def test_real_environment(sides: Sides, tmp_path: Path) -> None:
    """What is really installed beside the running Python is found alike."""
    case = {"name": "real", "cwd": str(tmp_path), "entries": None, "queries": MANY_QUERIES}
    expected = sides.ask("stdlib", [case], isolated=False)["real"]
    got = sides.ask("plugbay", [case], isolated=False)["real"]
    found = differences(MANY_QUERIES, expected, got)
    assert not found


def test_changes_on_disk_are_seen_at_once(sides: Sides, tmp_path: Path) -> None:
    """Installing, editing, shadowing and uninstalling show in the next call of the same process."""
    first, second = tmp_path / "first", tmp_path / "second"
    describe(first / "a-1.dist-info", metadata("a"), None)
    describe(second / "a-1.dist-info", metadata("a"), simple("shadowed"))
    steps: list[dict[str, str | None]] = [
        {},
        {str(second / "b-1.dist-info" / "entry_points.txt"): "[g]\nb = m:b\n"},
        {str(second / "b-1.dist-info" / "entry_points.txt"): "[g]\nb = m:c\n"},
        {str(first / "a-1.dist-info" / "entry_points.txt"): "[g]\na = m:a\n"},
        {str(second / "b-1.dist-info" / "entry_points.txt"): "[g]\nbroken\n"},
        {str(second / "b-1.dist-info"): None},
        {str(first / "a-1.dist-info"): None},
        {str(first): None},
    ]
    entries = [Entry("str", str(first)), Entry("str", str(second))]
    queries: list[Query] = [{}, {"group": "g"}]
    case = {"cwd": str(tmp_path), "entries": entries, "queries": queries, "steps": steps}
    answers = sides.ask("both", [{**case, "name": "steps"}])["steps"]
    assert len(answers) == len(steps) * len(queries)
    for answer in answers:
        different = difference(answer["stdlib"], answer["plugbay"])
        assert not different
    seen = [json.dumps(answer["stdlib"].get("entry_points")) for answer in answers[::2]]
    assert len(set(seen)) == len(steps) - 1, "all steps but the last one change the answer"


# --- Broken trees ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FATALITIES)
def test_fatality_raises_alike(sides: Sides, name: str) -> None:
    """What makes the standard library raise makes the strict face raise the same, or a subclass."""
    expected = assert_same(sides, name)
    assert all("raised" in answer for answer in expected), "this one belongs to the oddities"


@pytest.mark.parametrize("name", PAIRS)
def test_first_of_two_fatalities_is_raised(sides: Sides, name: str) -> None:
    """Of two broken things the one that the standard library meets first is raised."""
    assert_same(sides, name)


@pytest.mark.parametrize("name", FATALITIES)
def test_fatality_costs_one_distribution(sides: Sides, name: str) -> None:
    """The lenient face finds all others in their order, and records one problem, with its place."""
    healed = sides.main("stdlib")[f"{name} healed"]
    got = sides.main("plugbay-lenient")[name]
    for number, (expected, answer) in enumerate(zip(healed, got, strict=True)):
        others = [row for row in answer.get("entry_points", []) if row[2] != "broken"]
        saved = {**answer, "entry_points": others}
        if not number and sides.version == "3.11":
            saved = by_group(saved)
        different = difference(expected, saved)
        assert not different
    assert healed[0]["entry_points"]
    assert_one_problem(got[0]["problems"], sides.forest.broken[name])


def assert_one_problem(problems: list[list[Any]], broken: Broken) -> None:
    """Assert that one problem is recorded, and that it says where."""
    ((_, file, line, reason),) = problems
    assert reason
    assert broken.name in file
    assert file.endswith(broken.file)
    assert line == broken.line or broken.line is None


# --- Other providers of metadata ---------------------------------------------------------------


@pytest.mark.parametrize("setup", SETUPS)
def test_other_providers(sides: Sides, setup: str) -> None:
    """With other finders, or patched ones, the answer is what this process's library says."""
    expected = assert_same(sides, f"setup {setup}")
    usual = assert_same(sides, f"setup after {setup}")
    harmless = ("plain", "silent_finder", "path_finder_twice")
    assert bool(difference(usual[0], expected[0])) == (setup not in harmless)


@pytest.mark.parametrize("when", ["before", "after"])
def test_backport_in_the_process(sides: Sides, when: str) -> None:
    """Importing the backport changes what the standard library says, and what plugbay says."""
    pytest.importorskip("importlib_metadata")
    expected, got = sides.beside_backport("stdlib", when), sides.beside_backport("plugbay", when)
    for name, answers in expected.items():
        found = differences(queries_of(sides.forest, name), answers, got[name])
        assert not found, name


# --- The comparison itself ---------------------------------------------------------------------


def test_a_changed_entry_point_is_seen(sides: Sides, tmp_path: Path) -> None:
    """The comparison fails for a tree in which one entry point was changed."""
    tree = plant(tmp_path / "tree", 20, 1, ["duplicate_across_entries"])
    name = "changed"
    case = {"name": name, "cwd": str(tree.root), "entries": list(tree.entries), "queries": [{}]}
    before = sides.ask("stdlib", [case])[name]
    # One of the two is shadowed, and a change of that one alone would change no answer.
    for path in tree.root.glob("*/twice*/entry_points.txt"):
        path.write_text(path.read_text().replace("m:from", "m:changed_"))
    after = sides.ask("stdlib", [case])[name]
    assert not differences([{}], before, before)
    assert differences([{}], before, after)


def test_every_kind_of_difference_is_seen() -> None:
    """Order, number, origin, parts and exceptions are compared, each of them."""
    one: list[Any] = ["a", "m:a", "g", ["dist", "1"], "m", "a", []]
    failed = {"raised": "ValueError", "bases": ["ValueError"]}
    two: list[Any] = ["b", "not-valid", "g", None, failed, "a", []]
    both: Answer = {"entry_points": [one, two]}
    raised = {"raised": "TypeError", "bases": ["TypeError", "Exception"], "message": ""}
    kind = {"raised": "Kind", "bases": ["Kind", "TypeError", "Exception"], "message": ""}
    assert not difference(both, both)
    assert not difference(raised, kind)
    assert difference(kind, raised)
    assert difference(both, raised)
    assert difference(raised, both)
    assert difference(both, {"entry_points": [two, one]})
    assert difference(both, {"entry_points": [one]})
    assert difference({"entry_points": [one]}, both)
    for place, value in enumerate(("x", "x", "x", ["dist", "2"], "x", None, ["x"])):
        other = [*one[:place], value, *one[place + 1 :]]
        assert difference(both, {"entry_points": [other, two]})
    assert difference(both, {"entry_points": [one, [*two[:4], "m", "a", []]]})
