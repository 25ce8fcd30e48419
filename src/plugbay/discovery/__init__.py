"""Find: which plugins are installed. Nothing in this room runs plugin code.

Two faces of one scan: `entry_points` answers, and raises, as `importlib.metadata` does; `find`
takes a broken distribution for a recorded problem and finds the rest as usual.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Protocol

    from plugbay.discovery.archives import Archive
    from plugbay.discovery.distributions import Distribution, EntryPoint
    from plugbay.discovery.manifests import Manifest
    from plugbay.discovery.strict import EntryPoints
    from plugbay.errors import Problem

    # Name, value and group of an entry point.
    Line = tuple[str, str, str]
    # What becomes of an error: (distribution if known, file, error). To raise it is one answer.
    Report = Callable[[Distribution | None, str, Exception], None]

    class Source(Protocol):
        """Where distributions come from, each known by a child of it."""

        def distribution(self, child: Any, /) -> Distribution:
            """The distribution of a child."""
            ...

        def reached(self, children: list[Any], filename: str, /) -> list[Any]:
            """Those that have a file, as far as can be told quickly."""
            ...


# What is needed only later, or of a broken or a foreign installation, is imported where it is
# needed: importing it would cost a host more than finding its plugins.

__all__ = [
    "MANIFEST_FILE",
    "MANIFEST_GROUP",
    "SUFFIXES",
    "Findings",
    "Folder",
    "Winners",
    "absolute",
    "entry_points",
    "find",
    "is_stock",
    "normalized",
    "parse",
    "read_file",
    "scan",
]

# Where a distribution's manifest is among its metadata, and the group of entry points that lead
# to one elsewhere, see `manifests`.
MANIFEST_FILE = "extra_metadata/plugbay.json"
MANIFEST_GROUP = "plugbay.manifest"
SUFFIXES = (".dist-info", ".egg-info")  # of metadata directories
_COMPARED = sys.version_info < (3, 15)
_BY_DESCRIPTOR = {os.open, os.access} <= os.supports_dir_fd and os.listdir in os.supports_fd
_CHUNK = 16384
_FILE = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_DIRECTORY", 0)


def entry_points(**params: object) -> "EntryPoints":
    """The entry points of all installed distributions, those that match every parameter.

    Same entry points, same winners, same order and same exceptions as
    `importlib.metadata.entry_points(**params)` of the running Python, also for one undecodable or
    malformed file anywhere; `load_group` is the face that survives it. Without parameters Python
    3.11 gives a dict of groups, and this gives the entry points in that dict's order.
    """
    from plugbay.discovery.strict import all_entry_points

    return all_entry_points(params).select(**params)


class Findings:
    """What `find` found.

    `distributions` are those that count, together with those that they hide; `sifted` has of each
    source all children that count, and those that were seen to have an entry_points.txt.
    `has_manifests` is False where none of the distributions has a manifest.
    """

    __slots__ = (
        "_entry_points",
        "_files",
        "_manifests",
        "_problems",
        "_references",
        "distributions",
        "has_manifests",
        "sifted",
    )

    def __init__(self) -> None:
        self.distributions = Winners()
        self.sifted: dict[Source, tuple[list[str], list[str]]] = {}
        self.has_manifests = False
        self._files: list[tuple[Source, Any, list[Line]]] = []
        self._entry_points: list[EntryPoint] | None = None
        self._manifests: dict[Distribution, Manifest | None] = {}
        self._references: dict[Distribution | None, str] | None = None
        self._problems: list[Problem] = []

    def note(self, source: "Source", child: "Any", lines: "list[Line]") -> None:
        """Note what the entry_points.txt of a child has, while its source is open."""
        self._files.append((source, child, lines))
        leads = any(group == MANIFEST_GROUP for *_, group in lines)
        if leads or source.reached([child], MANIFEST_FILE):
            self.has_manifests = True

    def names(self, group: str) -> "list[str]":
        """The names in a group, in the order of discovery."""
        return [name for *_, lines in self._files for name, _, each in lines if each == group]

    @property
    def entry_points(self) -> "list[EntryPoint]":
        """The entry points in the order of discovery."""
        if self._entry_points is None:
            from plugbay.discovery.distributions import EntryPoint

            found = []
            for source, child, lines in self._files:
                distribution = source.distribution(child)
                found += [EntryPoint(*line, distribution) for line in lines]
            self._entry_points = found
        return self._entry_points

    @property
    def problems(self) -> "list[Problem]":
        """What is wrong with any distribution.

        Whether an absent file is out of reach, as in a directory that may not be entered, is
        looked into when this is first asked for: hosts seldom ask, and start sooner for it.
        """
        sifted, self.sifted = self.sifted, {}
        if sifted:
            from plugbay.discovery.problems import out_of_reach

            self._problems += out_of_reach(sifted)
        return self._problems

    def manifest(self, distribution: "Distribution") -> "Manifest | None":
        """The manifest of a distribution that was found, read once; its faults are problems."""
        if distribution not in self._manifests:
            manifest = self._manifest_of(distribution)
            self._manifests[distribution] = manifest
            self._problems += manifest.problems if manifest else ()
        return self._manifests[distribution]

    def _manifest_of(self, distribution: "Distribution") -> "Manifest | None":
        if not self.has_manifests:
            return None
        if self._references is None:
            self._references = {
                each.dist: each.value for each in self.entry_points if each.group == MANIFEST_GROUP
            }
        reference = self._references.get(distribution)
        if reference is None and not distribution.has(MANIFEST_FILE):
            return None
        from plugbay.discovery.manifests import read_manifest

        return read_manifest(distribution, reference)

    def report(self, distribution: "Distribution | None", file: str, error: Exception) -> None:
        """Record an error of the scan as a problem."""
        from plugbay.discovery.problems import problem_of

        self._problems.append(problem_of(distribution, file, error))


def find(*groups: str) -> Findings:
    """The entry points of the given groups, or of all groups when none is given; never raises.

    An unreadable or malformed distribution is one `Problem`; lines of its entry_points.txt that
    can be read count all the same. A file that does not mention the groups is not looked into
    further than that it is text.
    """
    findings = Findings()
    if is_stock():
        found = scan(sys.path, findings.distributions, findings.report, findings.sifted)
    else:
        from plugbay.discovery.providers import foreign_scan

        found = foreign_scan(findings.distributions, findings.report)
    for source, child, data in found:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            findings.report(source.distribution(child), "entry_points.txt", error)
            continue
        if groups and not _mentions(text, groups):
            continue
        lines, fault = _read(text, groups)
        if lines:
            findings.note(source, child, lines)
        if fault is not None:
            findings.report(source.distribution(child), "entry_points.txt", fault)
    return findings


def _read(text: str, groups: "tuple[str, ...]") -> "tuple[list[Line], SyntaxError | None]":
    """The lines of a text that are in the groups, and its first fault."""
    found = []
    fault = None
    if text[:1] == "\ufeff":
        sentence = "a byte order mark hides the first section from every reader"
        fault = SyntaxError(sentence, (None, 1, 0, ""))
    for number, group, name, value in parse(text):
        if value is None:
            sentence = f"this line has no '=': {name!r}"
            fault = fault or SyntaxError(sentence, (None, number, 0, name))
        elif not groups or group in groups:
            found.append((name, value, group))
    return found, fault


def _mentions(text: str, groups: "tuple[str, ...]") -> bool:
    for group in groups:  # noqa: SIM110 - a generator for each file would take longer than its search
        if group in text:
            return True
    return False


def parse(text: str) -> "Iterator[tuple[int, str, str, str | None]]":
    """Read the text of an entry_points.txt: (line number from 1, group, name, value) of each entry.

    The format is the packaging specification "Entry points"; where that is silent the rules are
    those of `importlib.metadata`, which is what every Python program answers by. A line that is
    neither a header nor `name = value` is yielded as a name without a value (None).
    Lines before the first header say nothing.
    """
    group = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] == "#":
            continue
        if line[0] == "[" and line[-1] == "]":
            group = line.strip("[]")
        elif group is not None:
            name, equals, value = line.partition("=")
            yield number, group, name.strip(), value.strip() if equals else None


class Winners:
    """The distributions that count, by normalised name.

    Each hides every later one of its name, with or without entry points of its own. Thousands are
    noted and few asked for, so a `Distribution` is made only of the latter.
    """

    __slots__ = ("_hidden", "_sources")

    def __init__(self) -> None:
        # The children of each source by name; a name is in one of them only.
        self._sources: dict[Source, dict[str, Any]] = {}
        self._hidden: list[tuple[str, Source, Any]] = []

    def admit(self, name: str, source: "Source", child: "Any") -> bool:
        """Note the child of a source, and tell whether it is the first of its name."""
        for children in self._sources.values():
            if name in children:
                self._hidden.append((name, source, child))
                return False
        self._sources.setdefault(source, {})[name] = child
        return True

    def admit_all(self, source: "Source", children: "dict[str, Any]") -> bool:
        """Note all children of a source, or none if one of them is not the first of its name."""
        for others in self._sources.values():
            if not children.keys().isdisjoint(others):
                return False
        self._sources[source] = children
        return True

    def get(self, name: str) -> "Distribution | None":
        """The distribution of a normalised name."""
        for source, children in self._sources.items():
            if name in children:
                return source.distribution(children[name])
        return None

    def hidden(self) -> "Iterator[tuple[Distribution, Distribution]]":
        """Each distribution that is hidden, with the one that hides it."""
        for name, source, child in self._hidden:
            winner = self.get(name)
            assert winner is not None  # a name is hidden by one that was noted before
            yield source.distribution(child), winner


def scan(
    path: "Iterable[str]",
    winners: Winners,
    report: "Report",
    sifted: "dict[Source, tuple[list[str], list[str]]] | None" = None,
) -> "Iterator[tuple[Source, str, bytes]]":
    """Yield each winning distribution that has an entry_points.txt, and the file's bytes.

    The distribution is given as a source and its child. `winners` is filled on the way. Errors go
    to `report`; when that returns, the scan goes on. With a dict to note it in, the children of
    each source are `sifted` first, in a quicker way, which cannot tell a file that is not there
    from one that is out of reach: it gets all of them, and those that were read.
    """
    for entry in path:
        try:
            is_egg = os.path.basename(entry).lower().endswith(".egg")
            folder = _open(entry)
        except (TypeError, ValueError) as error:
            report(None, repr(entry), error)
            continue
        if folder is None:
            continue
        try:
            children = _winning(folder, is_egg, winners, report)
            if sifted is not None:
                everyone = list(children)
                children = reached = folder.reached(everyone, "entry_points.txt")
                sifted[folder] = everyone, reached
            for child in children:
                try:
                    data = folder.read(child, "entry_points.txt")
                except Exception as error:  # noqa: BLE001 - an archive may raise anything
                    report(folder.distribution(child), "entry_points.txt", error)
                    continue
                if data is not None:
                    yield folder, child, data
        finally:
            folder.close()


class Folder:
    """A directory on `sys.path`, held open: files below it are reached without their path."""

    __slots__ = ("_descriptor", "children", "location")

    names_tell = True

    def __init__(self, location: str) -> None:
        self.location = absolute(location)
        self._descriptor = os.open(location or ".", _DIRECTORY) if _BY_DESCRIPTOR else None
        try:
            self.children = os.listdir(
                location or "." if self._descriptor is None else self._descriptor
            )
        except OSError:
            self.close()
            raise

    def distribution(self, child: str) -> "Distribution":
        from plugbay.discovery.distributions import Distribution

        return Distribution(self.location, child)

    def file_name(self, child: str) -> str:
        return child

    def reached(self, children: "list[str]", filename: str) -> "list[str]":
        if self._descriptor is None:
            return children
        # Most distributions have no entry points; an exception for each would be a third of a scan.
        access, is_there, directory = os.access, os.F_OK, self._descriptor
        below = f"/{filename}"
        return [each for each in children if access(each + below, is_there, dir_fd=directory)]

    def read(self, child: str, filename: str) -> "bytes | None":
        if self._descriptor is None:
            return read_file(os.path.join(self.location, child, filename))
        return read_file(f"{child}/{filename}", directory=self._descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def _open(entry: str) -> "Folder | Archive | None":
    """What an entry of `sys.path` stands for; None where there is nothing to list.

    Raises TypeError and ValueError for what is no path at all.
    """
    try:
        return Folder(entry)
    except NotADirectoryError:
        from plugbay.discovery.archives import Archive

        return Archive.open(entry)
    except OSError:
        return None


def _winning(
    folder: "Folder | Archive", is_egg: bool, winners: Winners, report: "Report"
) -> "Iterable[str]":
    """The children that hold the metadata of winning distributions.

    Children of one name stand together, at the place of the first one; EGG-INFO comes last and
    counts only in an egg.
    """
    infos: dict[str, str] = {}
    namesakes: dict[str, list[str]] = {}
    eggs = []
    is_plain = folder.names_tell and "".join(folder.children).isascii()
    for child in folder.children:
        lowered = child.lower()
        if lowered.endswith(SUFFIXES):
            name = lowered.partition("-")[0]
            if "." in name or "__" in name:
                # A dot may be that of the suffix, where there is no version.
                name = normalized(lowered.rpartition(".")[0].partition("-")[0])
            if infos.setdefault(name, child) is not child:
                namesakes.setdefault(name, []).append(child)
            if not child.endswith(SUFFIXES) or child[0] == ".":
                is_plain = False
        elif is_egg and lowered == "egg-info":
            eggs.append(child)
    is_plain = is_plain and "" not in infos and not namesakes and not eggs
    if is_plain and winners.admit_all(folder, infos):
        return infos.values()
    from plugbay.discovery.names import one_by_one

    return one_by_one(folder, infos, namesakes, eggs, winners, report)


def is_stock() -> bool:
    """Whether the scan's rules are those of this process.

    That is where the only metadata finder is the unpatched one of the import system, in a Python
    whose rules have been compared with the scan's.
    """
    if not _COMPARED:
        return False
    bootstrap = sys.modules["_frozen_importlib_external"]
    stock = bootstrap.PathFinder
    for finder in sys.meta_path:
        if getattr(finder, "find_distributions", None) and finder is not stock:
            return False
    function = getattr(stock, "find_distributions", None)
    if stock not in sys.meta_path or getattr(function, "__globals__", None) is not vars(bootstrap):
        return False
    if "importlib.metadata" not in sys.modules:
        return True
    from plugbay.discovery.providers import is_unpatched

    return is_unpatched(sys.modules["importlib.metadata"])


def absolute(location: str) -> str:
    """The location for later use, when the current directory may be another one.

    Dots stay as they are: behind a link `..` is not what it seems.
    """
    if os.path.isabs(location):
        return location
    try:
        return os.path.join(os.getcwd(), location)
    except OSError:  # the current directory is gone
        return location


def normalized(name: str) -> str:
    """A distribution's name in lower case, each run of `-`, `_` and `.` as one `_`.

    The comparison form of the specification "Names and normalization", with the underscore that
    metadata directories use.
    """
    name = name.lower().replace("-", "_").replace(".", "_")
    while "__" in name:
        name = name.replace("__", "_")
    return name


def read_file(
    path: str, end: "bytes | None" = None, directory: "int | None" = None
) -> "bytes | None":
    """The bytes of a file, at least those before `end`; None where no such file is.

    In as few system calls as it takes. `directory` is the descriptor of the directory that a
    relative path starts from. Raises OSError for a file that is there and cannot be read.
    """
    try:
        handle = os.open(path, _FILE, dir_fd=directory)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        data = os.read(handle, _CHUNK)
        if len(data) < _CHUNK:
            return data
        while not (end and end in data) and (more := os.read(handle, _CHUNK)):
            data += more
        return data
    finally:
        os.close(handle)
