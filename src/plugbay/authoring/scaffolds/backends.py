"""Backends: what each build backend is told, so that all of a package is in its wheel."""

from dataclasses import dataclass, field

__all__ = ["BACKENDS", "Backend"]


@dataclass(frozen=True)
class Backend:
    """A build backend: what it is installed as, its module, and its own tables for a package.

    The tables have `{package}` for its name. `files` are those that it wants besides. The
    requirements are of releases that know licence expressions (PEP 639).
    """

    requirement: str
    module: str
    tables: str
    files: dict[str, str] = field(default_factory=dict)


BACKENDS = {
    "hatchling": Backend(
        "hatchling>=1.27",
        "hatchling.build",
        '[tool.hatch.build.targets.wheel]\npackages = ["src/{package}"]',
    ),
    "setuptools": Backend(
        "setuptools>=77",
        "setuptools.build_meta",
        # Without the second table no file that is not Python is in the wheel.
        '[tool.setuptools.packages.find]\nwhere = ["src"]\n\n'
        '[tool.setuptools.package-data]\n{package} = ["py.typed", "*.json"]',
        {"MANIFEST.in": "include CHANGELOG.md\n"},
    ),
    "flit": Backend(
        "flit_core>=3.12",
        "flit_core.buildapi",
        '[tool.flit.module]\nname = "{package}"\n\n'
        '[tool.flit.sdist]\ninclude = ["CHANGELOG.md", "tests/"]',
    ),
    "poetry": Backend(
        "poetry-core>=2.2",
        "poetry.core.masonry.api",
        '[tool.poetry]\npackages = [{{ include = "{package}", from = "src" }}]\n'
        'include = [{{ path = "CHANGELOG.md", format = "sdist" }}, '
        '{{ path = "tests", format = "sdist" }}]',
    ),
    "pdm": Backend(
        "pdm-backend>=2.4",
        "pdm.backend",
        '[tool.pdm.build]\npackage-dir = "src"\nincludes = ["src/{package}"]\n'
        'source-includes = ["CHANGELOG.md", "tests"]',
    ),
    "uv": Backend(
        "uv_build>=0.9,<1",
        "uv_build",
        '[tool.uv.build-backend]\nmodule-name = "{package}"\n'
        'source-include = ["CHANGELOG.md", "tests/**"]',
    ),
}
