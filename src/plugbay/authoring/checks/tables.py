"""Tables: whether pyproject.toml says what it says where build backends look for it."""

import re
from difflib import get_close_matches

from plugbay.authoring.checks.subjects import Stated, Subject
from plugbay.authoring.checks.surroundings import SCRIPTS, Surroundings, is_plugin_group
from plugbay.discovery import MANIFEST_GROUP, normalized
from plugbay.discovery.object_reference import parse_reference
from plugbay.errors import InvalidReferenceError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from plugbay.authoring.checks.findings import Finding
    from plugbay.authoring.checks.projects import Project

__all__ = ["check_extras", "check_groups", "check_names", "check_tables"]

_TOP = ("build-system", "dependency-groups", "project", "tool")
# Specification: pyproject.toml, with PEP 639 and PEP 794.
_PROJECT = (
    "authors",
    "classifiers",
    "dependencies",
    "description",
    "dynamic",
    "entry-points",
    "gui-scripts",
    "import-names",
    "import-namespaces",
    "keywords",
    "license",
    "license-files",
    "maintainers",
    "name",
    "optional-dependencies",
    "readme",
    "requires-python",
    "scripts",
    "urls",
    "version",
)
_TELLING = ("entry-points", "scripts", "gui-scripts", "dependencies", "optional-dependencies")
_GROUP = re.compile(r"\w+(\.\w+)*")
_HOOK = ("tool", "hatch", "build", "hooks")


def check_tables(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Misspelt tables, unknown keys, and entry points that are none."""
    project = subject.project
    if project is None:
        return
    for key in project.data:
        if key not in _TOP:
            meant = _meant(key.removeprefix("project."), _TELLING)
            instead = f"[project.{meant}]" if meant else "a table below [tool]"
            yield _misspelt(subject, (key,), f"[{key}]", instead)
    for key in project.table:
        if key in _PROJECT:
            continue
        meant = _meant(key, _TELLING)
        if meant:
            yield _misspelt(subject, ("project", key), f"[project.{key}]", f"[project.{meant}]")
        else:
            where = Stated("", project.file, project.line("project", key))
            hint = did_you_mean(key, _PROJECT, ())
            end = f"; {hint}" if hint.startswith("did") else ""
            yield subject.finding("PB102", f"[project] has an unknown key {key!r}{end}", where)
    yield from _tools(subject, project)
    yield from _shapes(subject, project)


def _meant(key: str, known: "tuple[str, ...]") -> str:
    """The one of the known keys that a key is another spelling of, "" for none."""
    close = get_close_matches(re.sub(r"[_ .]", "-", key.lower()), known, 1, 0.84)
    return close[0] if close else ""


def _misspelt(subject: Subject, keys: "tuple[str, ...]", found: str, instead: str) -> "Finding":
    assert subject.project is not None
    where = Stated("", subject.project.file, subject.project.line(*keys))
    return subject.finding("PB101", f"{found} is read by nobody", where, f"Write {instead}.")


def _tools(subject: Subject, project: "Project") -> "Iterator[Finding]":
    tools = project.get("tool")
    for key in tools:
        if key != "plugbay" and get_close_matches(key.lower(), ["plugbay"], 1, 0.8):
            yield _misspelt(subject, ("tool", key), f"[tool.{key}]", "[tool.plugbay]")
    backend = str(project.get("build-system").get("build-backend", ""))
    for tool in ("setuptools", "hatch", "flit", "pdm", "poetry", "uv"):
        for key in project.get("tool", tool):
            if key in ("entry-points", "entry_points") or (
                (tool, key) == ("poetry", "plugins") and "poetry" not in backend
            ):
                keys = ("tool", tool, key)
                yield _misspelt(subject, keys, f"[{'.'.join(keys)}]", "[project.entry-points]")
    hooked = project.get(*_HOOK, "plugbay") or "plugbay" in project.get(*_HOOK)
    hooked = hooked or "plugbay" in project.get(
        "tool", "hatch", "build", "targets", "wheel", "hooks"
    )
    is_led_to = any(each.group == MANIFEST_GROUP for each in subject.entry_points)
    if "plugbay" in tools and not hooked and not is_led_to:
        yield _misspelt(
            subject,
            ("tool", "plugbay"),
            "[tool.plugbay] without the build hook",
            "[tool.hatch.build.hooks.plugbay], with the build backend hatchling; with another one, "
            "run plugbay manifest --write",
        )


def _shapes(subject: Subject, project: "Project") -> "Iterator[Finding]":
    """Entry points that are not groups of names and texts."""
    groups = project.table.get("entry-points", {})
    for group, those in groups.items() if isinstance(groups, dict) else [("", groups)]:
        where = Stated("", project.file, project.line("project", "entry-points", group))
        if group in SCRIPTS:
            yield subject.finding("PB106", f"{group!r} is among the entry points", where)
        if not isinstance(those, dict):
            yield subject.finding(
                "PB105", f"{group!r} is a {type(those).__name__}, no group", where
            )
            continue
        for name, value in those.items():
            line = project.line("project", "entry-points", group, name)
            where = Stated("", project.file, line)
            if isinstance(value, dict):
                remedy = f'Write [project.entry-points."{group}.{name}"], in quotes.'
                said = f"the group {group}.{name} is not in quotes, so it is a table in a table"
                yield subject.finding("PB105", said, where, remedy)
            elif not isinstance(value, str):
                said = f"{name!r} in {group!r} is a {type(value).__name__}, no text"
                yield subject.finding("PB105", said, where)


def check_names(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Groups and plugins whose names entry_points.txt cannot hold."""
    told = set()
    for each in subject.entry_points:
        # Of what is built, hosts read it; some build backends would not have built it.
        if subject.is_source and each.group not in told and not _GROUP.fullmatch(each.group):
            told.add(each.group)
            yield subject.finding("PB104", f"{each.group!r} is no name of a group", each)
        name = each.name
        if not name or name != name.strip() or name[0] in "#;[" or re.search(r"[=:\n]", name):
            yield subject.finding("PB104", f"{name!r} is no name of a plugin", each)


def check_groups(subject: Subject, around: Surroundings) -> "Iterator[Finding]":
    """Groups that their host does not read, where the host is known."""
    told = set()
    own = normalized(subject.name)
    for each in subject.entry_points:
        group = each.group
        if group in told or not is_plugin_group(group) or not _GROUP.fullmatch(group):
            continue
        told.add(group)
        host = around.host(group)
        if host is None:
            close = _closest(group, around, own)
            if close:
                said = f"no host {group.partition('.')[0]!r} is installed; did you mean {close!r}?"
                yield subject.finding("PB103", said, each, f"Name the group {close!r}.")
        elif host.reads(group, own) is False and host.name != own:
            hint = did_you_mean(group, host.groups(own))
            said = f"{host.api.name} has no group {group!r}; {hint}"
            yield subject.finding("PB103", said, each)


def _closest(group: str, around: Surroundings, own: str) -> str:
    """A group of others that this one may be a slip of."""
    others = {name for name, those in around.filled().items() if those - {own}}
    if group in others or "." not in group:
        return ""
    close = get_close_matches(group, sorted(others), 1, 0.9)
    return close[0] if close else ""


def check_extras(subject: Subject, _around: Surroundings) -> "Iterator[Finding]":
    """Extras behind the value of an entry point that the distribution does not define."""
    if subject.extras is None:
        return
    for each in subject.entry_points:
        try:
            extras = parse_reference(each.value)[2]
        except InvalidReferenceError:
            continue
        # The reference is read word by word, and an extra may have a dash in it.
        inner = each.value.partition("[")[2].rpartition("]")[0]
        extras = [part.strip() for part in inner.split(",") if part.strip()] if extras else []
        for extra in extras:
            if normalized(extra) not in subject.extras:
                said = f"{each.name!r} needs the extra {extra!r}; "
                yield subject.finding("PB206", said + did_you_mean(extra, subject.extras), each)
