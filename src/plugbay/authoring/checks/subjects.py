"""Subjects: what can be checked - a source tree, an sdist, a wheel or an installed distribution.

All look alike to the checks: modules, entry points, requirements, and where each is stated.
"""

from dataclasses import dataclass, field

from plugbay.authoring.checks.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugbay.authoring.checks.projects import Project
    from plugbay.authoring.checks.trees import Installed, Tree
    from plugbay.discovery.distributions import Distribution

__all__ = ["Declared", "Stated", "Subject"]


@dataclass(frozen=True, slots=True)
class Stated:
    """A text, and where it stands."""

    text: str
    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """An entry point, and where it stands."""

    group: str
    name: str
    value: str
    file: str
    line: int | None = None


@dataclass
class Subject:
    """One thing that is checked; `kind` is "source tree", "sdist", "wheel" or "installed".

    `place` is how it was named, `modules` where its modules are, and `tree` all of its files,
    None where it is installed. `extras` is None where they are not known, and `manifest` is the
    text of one in the metadata. `findings` are what was found while reading it.
    """

    kind: str
    place: str
    modules: "Tree | Installed"
    tree: "Tree | None" = None
    name: str = ""
    version: str = ""
    requires: list[Stated] = field(default_factory=list)
    requires_python: Stated | None = None
    extras: set[str] | None = None
    entry_points: list[Declared] = field(default_factory=list)
    manifest: Stated | None = None
    project: "Project | None" = None
    distribution: "Distribution | None" = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_installed(self) -> bool:
        """Whether it is installed."""
        return self.kind == "installed"

    @property
    def is_source(self) -> bool:
        """Whether something still has to be built of it."""
        return self.kind in ("source tree", "sdist")

    def finding(
        self, code: str, message: str, where: "Stated | Declared | str", remedy: str = ""
    ) -> Finding:
        """A finding about this subject, at the place of something stated or in a file."""
        file, line = (where, None) if isinstance(where, str) else (where.file, where.line)
        return Finding(code, message, file, line, remedy, self.is_installed)
