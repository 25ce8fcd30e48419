"""Ask one side for the entry points of many trees, in a fresh process; questions and answers JSON.

    python -I -S -B oracle.py < questions.json

A question is an object of

- ``side``: "stdlib", "plugbay", "plugbay-lenient", or "both" (stdlib, then plugbay);
- ``library``: folders to import from;
- ``backport``: when to import ``importlib_metadata``: "", "before" or "after" a first call;
- ``cases``, each an object of ``name``, ``cwd``, ``entries`` (kind and text of each entry of
  ``sys.path``; null leaves ``sys.path`` alone), ``queries`` (keyword arguments of each call),
  ``setup`` (one of ``SETUPS``), ``hidden`` (names that directory listings leave out) and ``steps``
  (changes on disk, each followed by all the queries).

The answer maps the name of each case to one object for each query: ``entry_points``, a list of
rows, or ``raised`` and ``bases``, the names of an exception's class and of its base classes.
Nothing here is imported by the code under test, and nothing here imports it before its turn.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
Case = dict[str, Any]


def main() -> None:
    """Answer the questions on standard input."""
    questions = json.load(sys.stdin)
    sys.path[:] = [*questions["library"], *sys.path]
    base = list(sys.path)
    ask = SIDES[questions["side"]]
    if questions["backport"] == "after":
        ask({"group": "a first call"}, False)
    if questions["backport"]:
        import importlib_metadata  # noqa: F401  # imported for what it does to the process
    answers = {case["name"]: run_case(case, base, ask) for case in questions["cases"]}
    json.dump(answers, sys.stdout)


def run_case(case: Case, base: list[str], ask: Ask) -> list[Answer]:
    """Put the process in the state that the case describes, and put its queries."""
    forget_listings()
    os.chdir(case["cwd"])
    with (
        search_path(case["entries"], base),
        hidden_names(case.get("hidden", [])),
        SETUPS[case.get("setup", "plain")](),
    ):
        if "steps" not in case:
            return put(case["queries"], ask)
        return [answer for each in case["steps"] for answer in step(each, case["queries"], ask)]


def step(change: dict[str, str | None], queries: list[dict[str, Any]], ask: Ask) -> list[Answer]:
    """Change something on disk, and put the queries."""
    for path, text in change.items():
        if text is None:
            shutil.rmtree(path)
        else:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text, encoding="utf-8")
    if change:
        age_folders()
    return put(queries, ask)


def put(queries: list[dict[str, Any]], ask: Ask) -> list[Answer]:
    """Put the queries; only the first answer tells everything about each entry point."""
    return [ask(query, not number) for number, query in enumerate(queries)]


def forget_listings() -> None:
    """Drop the standard library's cached listings, which only see whole ticks of the clock.

    ``importlib.invalidate_caches`` does not reach them before Python 3.13.
    """
    metadata = sys.modules.get("importlib.metadata")
    if metadata is not None:
        metadata.FastPath.__new__.cache_clear()


AGES = iter(range(1_000_000_000, 2_000_000_000, 1000))


def age_folders() -> None:
    """Give each folder on ``sys.path`` a time of its own, so that cached listings are not used."""
    for entry in sys.path:
        if os.path.isdir(entry):
            age = next(AGES)
            os.utime(entry, (age, age))


# --- Asking ------------------------------------------------------------------------------------

Ask = Callable[[dict[str, Any], bool], Answer]


def answered(call: Callable[[], Iterable[Any]], full: bool) -> Answer:
    """Return what a call answered, or what it raised."""
    try:
        found = call()
        return {"entry_points": [row(each, full) for each in found]}
    except Exception as error:  # noqa: BLE001  # whatever is raised is the answer
        return raised(error)


def raised(error: Exception) -> Answer:
    """Return an exception in a form that JSON can carry."""
    bases = [each.__name__ for each in type(error).__mro__]
    return {"raised": bases[0], "bases": bases, "message": str(error)[:300]}


def row(entry_point: Any, full: bool) -> list[Any]:
    """Return what there is to compare of one entry point."""
    identity = [entry_point.name, entry_point.value, entry_point.group]
    if not full:
        return identity
    parts = [attempt(entry_point, part) for part in ("module", "attr", "extras")]
    return [*identity, origin(entry_point), *parts]


def attempt(entry_point: Any, part: str) -> Any:
    """Return one part of the value, or the exception of asking for it."""
    try:
        return getattr(entry_point, part)
    except Exception as error:  # noqa: BLE001  # whatever is raised is the answer
        return raised(error)


def origin(entry_point: Any) -> list[str] | None:
    """Return the distribution's name and version, or None where METADATA does not tell them."""
    try:
        told = [entry_point.dist.name, entry_point.dist.version]
    except Exception:  # noqa: BLE001  # each Python has another one for METADATA that is absent
        return None
    return told if all(isinstance(each, str) for each in told) else None


def ask_stdlib(params: dict[str, Any], full: bool) -> Answer:
    """Ask the standard library of the running Python."""
    import importlib.metadata

    def call() -> Iterable[Any]:
        found: Any = importlib.metadata.entry_points(**params)
        if isinstance(found, dict):  # Python 3.11 answers the call without parameters by groups.
            return [each for group in dict.values(found) for each in group]
        return tuple(found)

    return answered(call, full)


def ask_plugbay(params: dict[str, Any], full: bool) -> Answer:
    """Ask the strict face."""
    import plugbay

    return answered(lambda: tuple(plugbay.entry_points(**params)), full)


def ask_plugbay_leniently(params: dict[str, Any], full: bool) -> Answer:
    """Ask the lenient face, which knows of groups only, and tell its problems too."""
    from plugbay.discovery import find

    try:
        found = find(*params.values())
    except Exception as error:  # noqa: BLE001  # whatever is raised is the answer
        return {**raised(error), "problems": []}
    answer = answered(lambda: found.entry_points, full)
    answer["problems"] = [
        [each.distribution, each.file, each.line, each.reason] for each in found.problems
    ]
    return answer


def ask_both(params: dict[str, Any], full: bool) -> Answer:
    """Ask plugbay and the standard library in the same process, at the same moment."""
    return {"plugbay": ask_plugbay(params, full), "stdlib": ask_stdlib(params, full)}


SIDES: dict[str, Ask] = {
    "stdlib": ask_stdlib,
    "plugbay": ask_plugbay,
    "plugbay-lenient": ask_plugbay_leniently,
    "both": ask_both,
}


# --- The state of the process ------------------------------------------------------------------


@contextlib.contextmanager
def search_path(entries: list[list[str]] | None, base: list[str]) -> Iterator[None]:
    """Put the entries on ``sys.path``, behind what is needed to import the sides."""
    before = list(sys.path)
    if entries is not None:
        sys.path[:] = [*base, *(thaw(kind, text) for kind, text in entries)]
    try:
        yield
    finally:
        sys.path[:] = before


def thaw(kind: str, text: str) -> Any:
    """Make an entry of ``sys.path`` from its kind and text."""
    makers: dict[str, Callable[[str], Any]] = {
        "str": str,
        "path": Path,
        "bytes": os.fsencode,
        "none": lambda _: None,
        "int": int,
        "float": float,
        "list": lambda _: [],
    }
    return makers[kind](text)


@contextlib.contextmanager
def hidden_names(names: list[str]) -> Iterator[None]:
    """Leave names out of directory listings: the tree without its broken distribution.

    The other names keep their order, which a second tree on disk would not promise.
    """
    listdir = os.listdir
    if names:
        shown: Any = lambda path: [each for each in listdir(path) if each not in names]  # noqa: E731
        os.listdir = shown
    try:
        yield
    finally:
        os.listdir = listdir


@contextlib.contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Replace an attribute for a while, as test suites and tools do."""
    own = name in vars(owner)
    before = vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before) if own else delattr(owner, name)


@contextlib.contextmanager
def finders(arrange: Callable[[list[Any]], None]) -> Iterator[None]:
    """Rearrange ``sys.meta_path`` for a while."""
    before = list(sys.meta_path)
    arrange(sys.meta_path)
    try:
        yield
    finally:
        sys.meta_path[:] = before


def invented_distribution() -> Any:
    """Return a distribution that is nowhere on disk, and that has the name of one that is."""
    import importlib.metadata

    texts = {
        "METADATA": "Metadata-Version: 2.1\nName: plain1\nVersion: 9\n",
        "entry_points.txt": "[acme.exporters]\ninvented = m:a\n[bad]\nb = not-valid\n",
    }

    class Invented(importlib.metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            return texts.get(filename)

        def locate_file(self, path: Any) -> Any:
            return Path(path)

    return Invented()


class CustomFinder:
    """A metadata finder that is not the standard library's."""

    def find_spec(self, *_: object) -> None:
        """Find no module."""

    def find_distributions(self, context: object = None) -> Iterator[Any]:
        """Find one distribution."""
        return iter([invented_distribution()])


class SilentFinder:
    """A finder whose ``find_distributions`` is None, which means that it has none."""

    find_distributions = None

    def find_spec(self, *_: object) -> None:
        """Find no module."""


def path_finder() -> Any:
    """Return the import system's own finder for ``sys.path``."""
    return next(each for each in sys.meta_path if getattr(each, "__name__", "") == "PathFinder")


def without_plain(distributions: Iterable[Any]) -> list[Any]:
    """Return the distributions whose folder is not one of the ordinary ones."""
    return [each for each in distributions if "plain" not in str(getattr(each, "_path", ""))]


def plain() -> Any:
    """Leave the process alone."""
    return contextlib.nullcontext()


def custom_finder_first() -> Any:
    """Put a custom finder before the standard one, whose distributions it shadows."""
    return finders(lambda path: path.insert(0, CustomFinder()))


def custom_finder_last() -> Any:
    """Put a custom finder after the standard one."""
    return finders(lambda path: path.append(CustomFinder()))


def silent_finder() -> Any:
    """Put a finder without metadata first."""
    return finders(lambda path: path.insert(0, SilentFinder()))


def no_path_finder() -> Any:
    """Take the standard finder away, as some sandboxes do."""
    import importlib.metadata  # noqa: F401  # while modules can still be found

    finder = path_finder()
    return finders(lambda path: path.remove(finder))


def path_finder_twice() -> Any:
    """List the standard finder twice."""
    finder = path_finder()
    return finders(lambda path: path.append(finder))


def path_finder_subclass() -> Any:
    """Replace the standard finder by a subclass that filters."""
    finder = path_finder()

    class Filtering(finder):  # type: ignore[misc, valid-type]
        @classmethod
        def find_distributions(cls, *args: Any, **kwargs: Any) -> list[Any]:
            return without_plain(super().find_distributions(*args, **kwargs))

    def swap(path: list[Any]) -> None:
        path[path.index(finder)] = Filtering

    return finders(swap)


def path_finder_patched() -> Any:
    """Patch the standard finder's method."""
    finder = path_finder()
    original = finder.find_distributions

    def filtered(*args: Any, **kwargs: Any) -> list[Any]:
        return without_plain(original(*args, **kwargs))

    return replaced(finder, "find_distributions", filtered)


def path_finder_without_metadata() -> Any:
    """Patch the standard finder so that it lists nothing."""
    return replaced(path_finder(), "find_distributions", None)


def entry_points_patched() -> Any:
    """Patch ``importlib.metadata.entry_points``, as the tests of many hosts do."""
    import importlib.metadata as module

    found = [module.EntryPoint("fake", "m:a", "g"), module.EntryPoint("bad", "not-valid", "g")]

    def fake(**params: Any) -> Any:
        return module.EntryPoints(found).select(**params)

    return replaced(module, "entry_points", fake)


def entry_points_patched_to_raise() -> Any:
    """Patch ``importlib.metadata.entry_points`` with something that raises."""
    import importlib.metadata as module

    def fake(**params: Any) -> Any:
        raise LookupError(params)

    return replaced(module, "entry_points", fake)


def entry_points_patched_by_a_callable() -> Any:
    """Patch ``importlib.metadata.entry_points`` with an object, as a mock is one."""
    import functools
    import importlib.metadata as module

    return replaced(module, "entry_points", functools.partial(lambda **_: module.EntryPoints()))


def distributions_patched() -> Any:
    """Patch ``importlib.metadata.distributions``, which ``entry_points`` calls."""
    import importlib.metadata as module

    original = module.distributions
    return replaced(module, "distributions", lambda **params: without_plain(original(**params)))


def discover_patched() -> Any:
    """Patch ``Distribution.discover``, which ``distributions`` calls."""
    import importlib.metadata as module

    original = module.Distribution.discover
    fake = staticmethod(lambda **params: without_plain(original(**params)))
    return replaced(module.Distribution, "discover", fake)


def metadata_path_finder_patched() -> Any:
    """Patch ``MetadataPathFinder.find_distributions``, which the standard finder calls."""
    import importlib.metadata as module

    original = module.MetadataPathFinder.find_distributions
    fake = staticmethod(lambda *args: without_plain(original(*args)))
    return replaced(module.MetadataPathFinder, "find_distributions", fake)


def read_text_patched() -> Any:
    """Patch ``PathDistribution.read_text``, through which every file is read."""
    import importlib.metadata as module

    original = module.PathDistribution.read_text

    def fake(self: Any, filename: str) -> Any:
        if filename == "entry_points.txt":
            return "[g]\nread = m:a\n"
        return original(self, filename)

    return replaced(module.PathDistribution, "read_text", fake)


def distribution_entry_points_patched() -> Any:
    """Patch the property of a distribution that gives its entry points."""
    import importlib.metadata as module

    fake = property(lambda self: module.EntryPoints([module.EntryPoint("fake", "m:a", "g")]))
    return replaced(module.Distribution, "entry_points", fake)


@contextlib.contextmanager
def working_directory_lost() -> Iterator[None]:
    """Delete the working directory under the process, as a test runner's cleaning may do."""
    before = os.getcwd()
    lost = tempfile.mkdtemp()
    os.chdir(lost)
    os.rmdir(lost)
    try:
        yield
    finally:
        os.chdir(before)


SETUPS: dict[str, Callable[[], Any]] = {
    each.__name__: each
    for each in (
        plain,
        custom_finder_first,
        custom_finder_last,
        silent_finder,
        no_path_finder,
        path_finder_twice,
        path_finder_subclass,
        path_finder_patched,
        path_finder_without_metadata,
        entry_points_patched,
        entry_points_patched_to_raise,
        entry_points_patched_by_a_callable,
        distributions_patched,
        discover_patched,
        metadata_path_finder_patched,
        read_text_patched,
        distribution_entry_points_patched,
        working_directory_lost,
    )
}


# --- Comparing ---------------------------------------------------------------------------------


def difference(expected: Answer, got: Answer) -> str:
    """Say how two answers differ, or return an empty string.

    The order counts. An exception may be a subclass of the expected one, and where the standard
    library knows no name or version of a distribution, the other side may know one.
    """
    if "raised" in expected or "raised" in got:
        return different_exception(expected, got)
    theirs, ours = expected["entry_points"], got["entry_points"]
    for number, (their, our) in enumerate(zip(theirs, ours, strict=False)):
        if not same_row(their, our):
            return f"entry point {number}: expected {their}, got {our}"
    if len(theirs) != len(ours):
        extra = (theirs if len(theirs) > len(ours) else ours)[min(len(theirs), len(ours))]
        return f"expected {len(theirs)} entry points, got {len(ours)}; the first more is {extra}"
    return ""


def different_exception(expected: Any, got: Any) -> str:
    """Say how two answers differ of which one at least is an exception."""
    if isinstance(expected, dict) and isinstance(got, dict):
        if expected.get("raised", "nothing") in got.get("bases", ()):
            return ""
        return f"expected {brief(expected)}, got {brief(got)}"
    return f"expected {expected}, got {got}"


def brief(answer: Answer) -> str:
    """Return an answer in a few words."""
    if "raised" in answer:
        return f"{answer['raised']} ({answer['message']})"
    return f"{len(answer['entry_points'])} entry points"


def same_row(their: list[Any], our: list[Any]) -> bool:
    """Return whether two rows tell the same entry point."""
    if their[:3] != our[:3] or len(their) != len(our):
        return False
    if len(their) == 3:
        return True
    same_origin = their[3] is None or their[3] == our[3]
    return same_origin and all(map(same_part, their[4:], our[4:]))


def same_part(their: Any, our: Any) -> bool:
    """Return whether a module, attribute or list of extras is the same, or fails the same way."""
    if isinstance(their, dict):
        return isinstance(our, dict) and their["raised"] in our["bases"]
    return bool(their == our)


if __name__ == "__main__":
    main()
