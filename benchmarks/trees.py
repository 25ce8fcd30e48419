"""Trees: an environment whose one site-packages holds as many distributions as asked for.

What is planted looks like what pip leaves behind: a metadata directory with METADATA of about
5 KB and RECORD for each distribution, and in every third one an entry_points.txt with a package
that has what it names. Every thirtieth has two plugins in `GROUP`. The same count gives the same
tree.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["GROUP", "Site", "clean_environ", "plant", "planted"]

GROUP = "myapp.exporters"
METADATA_BYTES = 5_000
WITH_ENTRY_POINTS = 3  # one distribution in so many has an entry_points.txt
WITH_PLUGINS = 30  # and one in so many has plugins in GROUP

# Beside the repository's environments: some systems keep /tmp in memory, and stevedore turns its
# cache off for an interpreter below it.
PLACE = Path(__file__).resolve().parent.parent / ".venvs"

# What the contenders import, with one call of the one that imports more when it is called.
PROBE = """
import sysconfig, sys, importlib_metadata, packaging.specifiers, pluggy, stevedore
importlib_metadata.entry_points()
for top in sorted({name.partition(".")[0] for name in sys.modules}):
    file = getattr(sys.modules.get(top), "__file__", None) or ""
    if file.startswith(sysconfig.get_path("purelib")):
        print(file.removesuffix("/__init__.py"))
"""

CODE = """\
class Csv: ...
class Json: ...
class Extension: ...
def main(): ...
"""

METADATA = """\
Metadata-Version: 2.4
Name: {name}
Version: 1.4.2
Summary: Planted for a benchmark; part {number} of a tree
Home-page: https://example.org/{name}
Author: Nobody
Author-email: Nobody <nobody@example.org>
License-Expression: MIT
License-File: LICENSE
Project-URL: Documentation, https://example.org/{name}/docs
Project-URL: Changes, https://example.org/{name}/changes
Project-URL: Source, https://example.org/{name}/source
Keywords: benchmark,plugin,tree
Classifier: Development Status :: 5 - Production/Stable
Classifier: Intended Audience :: Developers
Classifier: Operating System :: OS Independent
Classifier: Programming Language :: Python :: 3
Classifier: Programming Language :: Python :: 3.11
Classifier: Programming Language :: Python :: 3.12
Classifier: Programming Language :: Python :: 3.13
Classifier: Topic :: Software Development :: Libraries
Classifier: Typing :: Typed
Requires-Python: >=3.9
Description-Content-Type: text/markdown
Requires-Dist: attrs>=22
Requires-Dist: myapp>=1.0,<2
Requires-Dist: tomli>=2; python_version < "3.11"
Provides-Extra: docs
Requires-Dist: sphinx>=7; extra == "docs"
Provides-Extra: test
Requires-Dist: pytest>=8; extra == "test"
Requires-Dist: hypothesis>=6; extra == "test"

"""


class Site(NamedTuple):
    """A planted environment: its interpreter, and how many plugins `GROUP` has in there."""

    python: Path
    distributions: int
    plugins: int


@contextmanager
def planted(python: Path, distributions: int) -> Iterator[Site]:
    """An environment of `python`'s version with exactly so many distributions; removed at the end.

    `python` is the interpreter of an environment that has plugbay and the other contenders. Their
    code is made available, by links and for plugbay by a copy, but not their metadata.
    """
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tree-", dir=PLACE) as folder:
        _run(python, "-m", "venv", "--without-pip", folder)
        inside = Path(folder, "bin", "python")
        packages = Path(_run(inside, "-c", "import site; print(site.getsitepackages()[0])"))
        for line in _run(python, "-c", PROBE).splitlines():
            (packages / Path(line).name).symlink_to(line)
        source = _run(python, "-c", "import plugbay; print(plugbay.__path__[0])")
        shutil.copytree(source, packages / "plugbay", ignore=shutil.ignore_patterns("__pycache__"))
        yield Site(inside, distributions, plant(packages, distributions))


def plant(packages: Path, distributions: int) -> int:
    """Write the metadata of so many distributions; returns how many plugins are in `GROUP`."""
    plugins = 0
    for number in range(distributions):
        name = f"planted_{number:04}"
        directory = packages / f"{name}-1.4.2.dist-info"
        directory.mkdir()
        text = METADATA.format(name=name.replace("_", "-"), number=number)
        filler = "It reads like the description of any project, a line of it at a time.\n"
        text += filler * ((METADATA_BYTES - len(text)) // len(filler) + 1)
        (directory / "METADATA").write_text(text)
        (directory / "RECORD").write_text(_record(name))
        if number % WITH_ENTRY_POINTS == 0:
            (directory / "entry_points.txt").write_text(_entry_points(name, number))
            (packages / name).mkdir()
            (packages / name / "__init__.py").write_text(CODE)
        if number % WITH_PLUGINS == 0:
            plugins += 2
    return plugins


def _record(name: str) -> str:
    files = [f"{name}/{file}.py" for file in ("__init__", "cli", "core", "errors", "export")]
    digest = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,120"
    return "".join(f"{file},{digest}\n" for file in files) + f"{name}-1.4.2.dist-info/RECORD,,\n"


def _entry_points(name: str, number: int) -> str:
    text = f"[console_scripts]\n{name} = {name}:main\n\n[other.extensions]\n"
    text += f"{name} = {name}:Extension\n"
    if number % WITH_PLUGINS == 0:
        text += f"\n[{GROUP}]\ncsv{number} = {name}:Csv\njson{number} = {name}:Json\n"
    return text


def clean_environ() -> dict[str, str]:
    """This process's environment without what would change how Python or plugbay runs.

    Without PYTHONDONTWRITEBYTECODE above all, so that a first run leaves the bytecode that every
    installed program has. The current directory is kept off `sys.path`, as it is for a program
    started by its console script.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PLUGBAY_"))}
    return {**kept, "PYTHONSAFEPATH": "1"}


def _run(python: Path, *arguments: str) -> str:
    done = subprocess.run(
        [python, *arguments], env=clean_environ(), check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()
