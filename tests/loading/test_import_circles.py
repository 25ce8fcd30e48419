"""Circles: modules that import each other, told with their lines, whatever way they go."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pythons import INTERPRETERS, SOURCE
from sites import GROUP, Site

import plugbay
from plugbay.loading.circles import CircularImport, circular_import
from plugbay.reporting.probe import probe

PYTHONS = pytest.mark.parametrize("python", INTERPRETERS.values(), ids=INTERPRETERS.keys())


def plant(site: Site, files: dict[str, str]) -> None:
    """Write modules; of packages that are not there, an empty `__init__.py`."""
    for name, text in files.items():
        site.write(name, text)
        for parent in list(Path(name).parents)[:-1]:
            if f"{parent}/__init__.py" not in files:
                site.write(f"{parent}/__init__.py", "")


def told_of(site: Site, files: dict[str, str], first: str) -> CircularImport:
    """The circle that importing the first of these modules ends in."""
    plant(site, files)
    with pytest.raises((ImportError, AttributeError)) as seen:
        importlib.import_module(first)
    circle = circular_import(seen.value)
    assert circle is not None
    return circle


def steps_of(circle: CircularImport) -> list[tuple[str, str, int, str, str]]:
    """Its steps, as plain facts."""
    return [
        (each.importer, Path(each.file).name, each.line, each.imported, each.function)
        for each in circle.steps
    ]


CIRCLES: dict[str, tuple[dict[str, str], list[tuple[str, str, int, str, str]], str]] = {
    "two": (
        {"ca.py": "import sys\nfrom cb import B\nA = 1\n", "cb.py": "from ca import A\nB = 1\n"},
        [("ca", "ca.py", 2, "cb", ""), ("cb", "cb.py", 1, "ca", "")],
        "A",
    ),
    "three, entered from outside": (
        {
            "ca.py": "import cb\n",
            "cb.py": "\nfrom cc import C\nB = 1\n",
            "cc.py": "from cd import D\n",
            "cd.py": "\n\nfrom cb import B\n",
        },
        [("cb", "cb.py", 2, "cc", ""), ("cc", "cc.py", 1, "cd", ""), ("cd", "cd.py", 3, "cb", "")],
        "B",
    ),
    "an attribute of the module": (
        {"ca.py": "import cb\nA = 1\n", "cb.py": "import ca\nB = ca.A\n"},
        [("ca", "ca.py", 1, "cb", ""), ("cb", "cb.py", 2, "ca", "")],
        "A",
    ),
    "itself": ({"ca.py": "from ca import A\nA = 1\n"}, [("ca", "ca.py", 1, "ca", "")], "A"),
    "relative, in packages": (
        {
            "ca/__init__.py": "from .one import x\n",
            "ca/one.py": "from .deep.two import y\nx = 1\n",
            "ca/deep/two.py": "from ..one import x\ny = 1\n",
        },
        [("ca.one", "one.py", 1, "ca.deep.two", ""), ("ca.deep.two", "two.py", 1, "ca.one", "")],
        "x",
    ),
    "a package and its module": (
        {"ca/__init__.py": "from .one import x\ny = 1\n", "ca/one.py": "from . import y\nx = 1\n"},
        [("ca", "__init__.py", 1, "ca.one", ""), ("ca.one", "one.py", 1, "ca", "")],
        "y",
    ),
    "a submodule of a package that is there": (
        {"ca.py": "import cp.one\n", "cp/one.py": "import cp.two\nx = 1\n"}
        | {"cp/two.py": "import cp.one\ny = cp.one.x\n"},
        [("cp.one", "one.py", 1, "cp.two", ""), ("cp.two", "two.py", 2, "cp.one", "")],
        "one",
    ),
    "functions and helpers that run meanwhile": (
        {
            "ca.py": "import chelp\nclass K:\n  def set_up():\n    chelp.get('cb')\nK.set_up()\n",
            "cb.py": "def need():\n  from ca import A\n  return A\nB = need()\n",
            "chelp.py": "from importlib import *\ndef get(name):\n  return import_module(name)\n",
        },
        [("ca", "ca.py", 4, "cb", "K.set_up"), ("cb", "cb.py", 2, "ca", "need")],
        "A",
    ),
    "code that is executed as the module's": (
        {"ca.py": "\nexec('import cb', globals())\n", "cb.py": "from ca import A\n"},
        [("ca", "ca.py", 2, "cb", ""), ("cb", "cb.py", 1, "ca", "")],
        "A",
    ),
    "lazy exports": (
        {
            "ca/__init__.py": "from plugbay import lazy_exports\n"
            "lazy_exports(__name__, {'x': '.one:x'})\n",
            "ca/one.py": "import cb\nx = 1\n",
            "cb.py": "import ca\ny = ca.x\n",
            "main.py": "import ca\nca.x\n",
        },
        [("ca.one", "one.py", 1, "cb", ""), ("cb", "cb.py", 2, "ca.one", "")],
        "x",
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_the_steps_are_told_in_order(site: Site, name: str) -> None:
    """Who imports whom, in which line of which file, from the first one round to it again."""
    files, steps, missing = CIRCLES[name]
    circle = told_of(site, files, "main" if "main.py" in files else "ca")
    assert steps_of(circle) == steps
    assert circle.missing == missing
    assert circle.modules == (*(each[0] for each in steps), steps[0][0])


@PYTHONS
def test_every_python_tells_the_same(site: Site, python: str) -> None:
    """Although their words differ, since 3.13 also for files beside the program."""
    code = """
import importlib, json, pathlib
from plugbay.loading.circles import circular_import
try:
    importlib.import_module("main" if pathlib.Path("main.py").exists() else "ca")
except (ImportError, AttributeError) as error:
    print(json.dumps([[s.importer, pathlib.Path(s.file).name, s.line, s.imported, s.function]
                      for s in circular_import(error).steps]))
"""
    for name, (files, steps, _) in CIRCLES.items():
        plant(Site(site.root / name), files)
        told = subprocess.check_output(
            [python, "-S", "-B", "-c", code],
            cwd=site.root / name,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )
        assert json.loads(told) == [list(step) for step in steps]


def test_the_text_tells_what_to_do(site: Site) -> None:
    """With the statements, and the three remedies."""
    files, _, _ = CIRCLES["two"]
    assert str(told_of(site, files, "ca")).splitlines() == [
        "ca -> cb -> ca is a circle of imports:",
        f"  ca imports cb: {site.root / 'ca.py'}, line 2",
        "    from cb import B",
        f"  cb imports ca: {site.root / 'cb.py'}, line 1",
        "    from ca import A",
        "There ca has no 'A' yet. You can",
        "  - move what they need of each other into a third module, which imports none of them",
        "  - import inside the function that needs it, which runs when all of them are there",
        "  - import the module ca and not 'A' of it, and look that up inside functions",
    ]


def test_the_remedies_fit(site: Site) -> None:
    """Who imports the module already is not told to, and one alone has nothing to move."""
    remedies = {name: told_of_again(site, name).remedies for name in CIRCLES}
    attribute = remedies["an attribute of the module"]
    assert "use 'A' of the module ca, which is imported, inside" in attribute[2]
    assert "another module 'ca' was meant: rename this one" in remedies["itself"][1]
    plant(site, {"cx/__init__.py": "from . import gone\n"})
    with pytest.raises(ImportError) as seen:
        importlib.import_module("cx")
    circle = circular_import(seen.value)
    assert circle is not None
    assert "submodule cx.gone was meant: add it, or correct its name" in circle.remedies[1]


def told_of_again(site: Site, name: str) -> CircularImport:
    """One of the circles in a folder of its own, its modules forgotten afterwards."""
    folder = Site(site.root / name.replace(" ", "_").replace(",", ""))
    before = set(sys.modules)
    sys.path.insert(0, str(folder.root))
    try:
        files = CIRCLES[name][0]
        return told_of(folder, files, "main" if "main.py" in files else "ca")
    finally:
        sys.path.remove(str(folder.root))
        for each in set(sys.modules) - before:
            del sys.modules[each]


@pytest.mark.parametrize(
    "body",
    [
        "try:\n  from ca import A\nexcept ImportError as error:\n  raise RuntimeError from error",
        "try:\n  from ca import A\nexcept ImportError:\n  raise RuntimeError('no')",
        "try:\n  from ca import A\nexcept ImportError as error:\n  raise error from error",
    ],
)
def test_an_error_in_its_place_leads_to_it(site: Site, body: str) -> None:
    """The modules that had not been left when it was caught are found as well, with their lines."""
    plant(site, {"ca.py": "\nimport cb\nA = 1\n", "cb.py": body})
    with pytest.raises((RuntimeError, ImportError)) as seen:
        importlib.import_module("ca")
    circle = circular_import(seen.value)
    assert circle is not None
    assert steps_of(circle) == [("ca", "ca.py", 2, "cb", ""), ("cb", "cb.py", 2, "ca", "")]


def test_it_can_be_told_where_it_is_caught(site: Site) -> None:
    """In a module of the circle itself, the others of which are still being imported."""
    body = "try:\n  from ca import A\nexcept ImportError as error:\n  caught = error\n  from "
    body += "plugbay.loading.circles import circular_import\n  circle = circular_import(error)\n"
    plant(site, {"ca.py": "\nimport cb\nA = 1\n", "cb.py": body})
    module: Any = importlib.import_module("ca")
    assert steps_of(module.cb.circle)[0] == ("ca", "ca.py", 2, "cb", "")


def _loop() -> BaseException:
    one, two = ValueError(), KeyError()
    one.__cause__, two.__context__ = two, one
    return one


@pytest.mark.parametrize(
    "code",
    [
        "1 / 0",
        "import nowhere",
        "from json import nothing",
        "import json\njson.nothing",
        "raise ImportError",
        "raise ImportError('cannot', name=__name__)",
        "raise AttributeError(3)",
        "raise ImportError(f'cannot import name {__name__!r}', name='other')",
        "raise AttributeError('circular import')",
        "try:\n  from ca import A\nexcept ImportError:\n  raise RuntimeError from None",
    ],
)
def test_other_errors_are_no_circles(site: Site, code: str) -> None:
    """Whatever they say."""
    plant(site, {"ca.py": code})
    with pytest.raises(Exception) as seen:  # noqa: PT011  # of any kind
        importlib.import_module("ca")
    assert circular_import(seen.value) is None


def test_what_is_not_known_is_not_told(site: Site) -> None:
    """A chain that leads back into itself, and an error that has lost its traceback."""
    assert circular_import(_loop()) is None
    plant(site, CIRCLES["two"][0])
    with pytest.raises(ImportError) as seen:
        importlib.import_module("ca")
    assert circular_import(seen.value.with_traceback(None)) is None


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_plugin_tells_its_circle(site: Site) -> None:
    """On one line, in its error, when it is asked, and in a process of its own for `why --load`."""
    site.add_module("left", "from right import thing\n")
    site.add_module("right", "from left import thing\n")
    group = plugbay.load_group(GROUP)
    probed = probe(group.plugins["left"])
    with pytest.raises(plugbay.PluginLoadError) as seen:
        group["left"]
    reason = (
        "ImportError: modules import each other, and left is asked for 'thing' too early: "
        "left (left.py, line 2) -> right (right.py, line 2) -> left"
    )
    assert seen.value.reason == probed["reason"] == reason
    assert "report it to its author, who can move what they need of each" in seen.value.remedy
    told = group.failed["left"].explain()
    assert reason in told
    assert "\n" not in told


@pytest.mark.filterwarnings("ignore::plugbay.PluginWarning")
def test_a_plugin_s_own_words_are_kept(site: Site) -> None:
    """Where it raises another import error in place of that of the circle, or loads a plugin."""
    again = "try:\n  from left import thing\nexcept ImportError as e:\n"
    again += "  raise ImportError('sorry') from e"
    site.add_module("left", "import right\n")
    site.add_module("right", again)
    site.add_module("outer", f"import plugbay\nplugbay.load_group({GROUP!r})['left']\n")
    group = plugbay.load_group(GROUP)
    with pytest.raises(plugbay.PluginLoadError) as seen:
        group["outer"]
    assert "ImportError: sorry: modules import each other, and left is" in seen.value.reason
    assert seen.value.reason.count("modules import each other") == 1
