"""Projects for tests: the one that is fine and the broken ones, as trees, wheels and sdists."""

import base64
import hashlib
import io
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

# The broken projects are shared with scripts/broken-projects.
sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

import _broken
from _broken import Broken, write
from _mistakes import BROKEN
from sites import Site

from plugbay import HostApi
from plugbay.authoring.checks.checking import check
from plugbay.authoring.checks.findings import Finding
from plugbay.authoring.checks.importing import findings_of, import_targets
from plugbay.authoring.checks.opening import open_subject
from plugbay.authoring.checks.surroundings import Surroundings
from plugbay.discovery import find

__all__ = [
    "BROKEN",
    "Broken",
    "checked",
    "codes",
    "files",
    "project",
    "sdist",
    "tabletop",
    "wheel",
    "write",
]


def files(*, without: str = "", **changed: str) -> dict[str, str]:
    """The files of the project that is fine; `pyproject` and `exporter` may be given anew."""
    found = _broken.base()
    names = {"pyproject": "pyproject.toml", "exporter": _broken.EXPORTER}
    for name, text in changed.items():
        found[names.get(name, name)] = text
    found.pop(without, None)
    return found


def project(folder: Path, *swaps: tuple[str, str], **changed: str) -> Path:
    """The project that is fine with some texts of its pyproject.toml swapped, in a folder."""
    found = files(**changed)
    for old, new in swaps:
        assert old in found["pyproject.toml"]
        found["pyproject.toml"] = found["pyproject.toml"].replace(old, new)
    return write(folder, found)


def tabletop(root: Path) -> Site:
    """A site with the host and one plugin of it."""
    return Site(_broken.host_site(root))


def checked(
    *paths: Path | str, api: str = "", imports: bool = False, notes: bool = False
) -> list[Finding]:
    """What is found at the paths, without notes unless they are asked for."""
    subjects = [open_subject(str(each)) for each in paths]
    apis = [HostApi(*api.split("=="))] if api else []
    found = check(subjects, Surroundings(*apis, findings=find()))
    for each in subjects if imports else ():
        found += findings_of(each, import_targets(each))
    return [each for each in found if notes or each.counts]


def codes(*paths: Path | str, **options: object) -> list[str]:
    """The codes of what is found."""
    return [each.code for each in checked(*paths, **options)]  # type: ignore[arg-type]  # passed on


def wheel(folder: Path, tree: Path, *, drop: str = "", extra: dict[str, str] | None = None) -> Path:
    """A wheel of a project, as a backend would build it of the packages below `src`.

    Without the files whose path has `drop` in it, and with the `extra` ones.
    """
    said = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    info = f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    lines = [f"Name: {said['name']}", f"Version: {said['version']}"]
    lines += [f"Requires-Python: {said['requires-python']}"]
    lines += [f"Requires-Dist: {each}" for each in said["dependencies"]]
    lines += [f"Provides-Extra: {each}" for each in said.get("optional-dependencies", ())]
    entries = [
        line
        for group, those in said.get("entry-points", {}).items()
        for line in [f"[{group}]", *(f"{name} = {value}" for name, value in those.items())]
    ]
    contents = {
        each.relative_to(tree / "src").as_posix(): each.read_text()
        for each in (tree / "src").rglob("*")
        if each.is_file()
    }
    contents[f"{info}/METADATA"] = "Metadata-Version: 2.1\n" + "\n".join(lines) + "\n\n"
    contents[f"{info}/WHEEL"] = "Wheel-Version: 1.0\n"
    contents[f"{info}/entry_points.txt"] = "\n".join(entries) + "\n"
    contents.update(extra or {})
    contents = {name: text for name, text in contents.items() if not drop or drop not in name}
    record = [f"{name},{_digest(text)},{len(text)}" for name, text in contents.items()]
    contents[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    file = folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
    return file


def sdist(folder: Path, tree: Path, *, drop: str = "") -> Path:
    """An sdist of a project, without the files whose path has `drop` in it."""
    file = folder / "tabletop_base-1.0.tar.gz"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as archive:
        for each in sorted(tree.rglob("*")):
            path = each.relative_to(tree).as_posix()
            if each.is_file() and (not drop or drop not in path):
                member = tarfile.TarInfo(f"tabletop_base-1.0/{path}")
                member.size = each.stat().st_size
                archive.addfile(member, io.BytesIO(each.read_bytes()))
    return file


def _digest(text: str) -> str:
    found = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(found).rstrip(b"=").decode()
