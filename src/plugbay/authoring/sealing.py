"""Sealing: a module or package as it is shipped, its sources sealed and all else as it was."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from plugbay.authoring.keys import Key, is_secret
from plugbay.discovery.modules import SEALED_SUFFIX
from plugbay.loading.seals import check_installed, seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SealedFile", "seal_files"]


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One file that was written, of which one; `parts` is empty for one that was copied."""

    source: Path
    path: Path
    parts: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The dotted name of the module; "" for one that was copied."""
        return ".".join(self.parts)


def seal_files(
    source: "str | os.PathLike[str]", output: "str | os.PathLike[str]", key: Key, sign: Key
) -> list[SealedFile]:
    """Seal a module, `NAME.py`, or the folder of a package into a directory; gives what it wrote.

    Names of modules begin with that of the file or folder, which is written below `output` by the
    same name. What is no source is copied, and byte-code left out. Nothing is ever overwritten.

    Raises ValueError, with all that is wrong and nothing written: modules that no import could
    name, files that exist, secret keys and what is no file among the sources, or nothing to seal.
    Raises OSError for what cannot be read or written, ModuleNotFoundError without cryptography.
    """
    check_installed()
    files = sorted(
        _planned(Path(os.path.abspath(source)), Path(output)), key=lambda each: each.path
    )
    problems = [problem for each in files for problem in _problems(each)]
    if not any(each.module for each in files):
        problems.append(f"{source} has no source to seal; name a .py file or a package's folder")
    targets = [each.path for each in files]
    problems += [f"{each} would be made twice" for each in set(targets) if targets.count(each) > 1]
    if problems:
        raise ValueError("\n- ".join([f"{source} is not sealed:", *problems]))
    for each in files:
        each.path.parent.mkdir(parents=True, exist_ok=True)
        if not each.module:
            shutil.copy(each.source, each.path)
            continue
        blob = seal(
            each.source.read_bytes(),
            each.module,
            is_package=_is_package(each.source),
            key_id=key.id,
            key=key.content,
            signing_key=sign.content,
        )
        with open(each.path, "xb") as stream:
            stream.write(blob)
    return files


def _planned(source: Path, output: Path) -> "Iterator[SealedFile]":
    """What is made of a file, or of each one in a folder."""
    if not source.is_dir():
        if _is_source(source) and not _is_package(source) and source.exists():
            yield _planned_file(source, source.parent, output)
        return
    for folder, folders, files in os.walk(source, onerror=_refuse):
        folders[:] = [each for each in folders if each != "__pycache__"]
        links = [each for each in folders if Path(folder, each).is_symlink()]
        for name in [*files, *links]:
            if not name.endswith(".pyc"):
                yield _planned_file(Path(folder, name), source.parent, output)


def _planned_file(file: Path, root: Path, output: Path) -> SealedFile:
    path = output / file.relative_to(root)
    if not _is_source(file):
        return SealedFile(file, path)
    place = file.parent if _is_package(file) else file.with_suffix("")
    return SealedFile(file, path.with_suffix(SEALED_SUFFIX), place.relative_to(root).parts)


def _problems(file: SealedFile) -> "Iterator[str]":
    if not file.source.is_file():
        yield f"{file.source} is no file, or a link to a folder; put what is meant in its place"
    elif not file.parts and is_secret(file.source):
        yield f"{file.source} is a secret key, which would be shipped; keep it elsewhere"
    if not all(each.isidentifier() for each in file.parts):
        yield f"{file.source} has a name that no import could have; rename it"
    if os.path.lexists(file.path):
        yield f"{file.path} exists already, and is not overwritten; seal into a new directory"


def _is_source(file: Path) -> bool:
    return file.suffix.lower() in (".py", ".pyw")


def _is_package(file: Path) -> bool:
    return file.stem == "__init__"


def _refuse(error: OSError) -> None:
    raise error
