"""Sealed modules: imported from files that are encrypted and signed; needs plugbay[sealed].

They are secret at rest, and what was changed is refused. The owner of the machine can read them all
the same, as the interpreter does.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourcelessFileLoader
from importlib.util import spec_from_file_location
from weakref import WeakSet

from plugbay.discovery.modules import SEALED_SUFFIX
from plugbay.loading.seals import KEY_BYTES, check_installed, fault_of, seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import NoReturn

__all__ = ["SealedModules", "seal", "unseal"]


class SealedModules(MetaPathFinder):
    """Finds `NAME.sealed` and `NAME/__init__.sealed` wherever imports look for modules.

    In the block of a `with` statement, sealed modules are imported as any others: from the
    directories of `sys.path`, and from those of packages, sealed or not. Of one directory the
    sealed file counts, and a source or folder of its name does not. Each time a module is imported,
    `key` is called with the id of its key, for the 32 bytes of it; `verify_key` are the 32 bytes
    of the public key that it has to be signed by. Nothing is written, and no key is kept.

    After the block there are no such modules to import, and those that were imported, with what
    is below them, are no longer in `sys.modules`; whoever holds one can go on using it.

    Raises ValueError for a verify key that is none, and ModuleNotFoundError without cryptography.
    Importing raises SealedModuleError, an ImportError, for a file that cannot be opened.
    """

    def __init__(self, *, key: "Callable[[str], bytes]", verify_key: bytes) -> None:
        check_installed()
        if not isinstance(verify_key, bytes) or len(verify_key) != KEY_BYTES:
            raise ValueError(f"a verify key is {KEY_BYTES} bytes, as plugbay keygen makes them")
        self._key = key
        self._verify_key = verify_key
        self._made: WeakSet[ModuleType] = WeakSet()

    def __repr__(self) -> str:
        return f"<SealedModules, {'found' if self in sys.meta_path else 'not found'} by imports>"

    def __reduce__(self) -> "NoReturn":
        raise TypeError("SealedModules cannot be pickled or copied, since they know of keys")

    def __enter__(self) -> "SealedModules":
        if self in sys.meta_path:
            raise RuntimeError("these SealedModules are found by imports already")
        # Before the stock finder, for which a folder without `__init__.py` is a namespace.
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.meta_path[:] = [each for each in sys.meta_path if each is not self]
        mine = {id(each) for each in self._made}
        names = [f"{name}." for name, each in list(sys.modules.items()) if id(each) in mine]
        for name in list(sys.modules):
            if f"{name}.".startswith(tuple(names)):
                del sys.modules[name]

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Where a sealed module is, if it comes before a plain one; nothing is opened."""
        places = [each for each in (sys.path if path is None else path) if isinstance(each, str)]
        for number, place in enumerate(places):
            file = _sealed_file(place, name.rpartition(".")[2])
            if file:
                plain = PathFinder.find_spec(name, places[:number])
                if plain is not None and plain.loader is not None:
                    return None
                loader = _Loader(name, file, self._opened, self._made)
                return spec_from_file_location(name, file, loader=loader)
        return None

    def _opened(self, blob: bytes, name: str, path: str) -> bytes:
        is_package = os.path.basename(path) == f"__init__{SEALED_SUFFIX}"
        key, verify_key = self._key, self._verify_key
        return unseal(blob, name, is_package=is_package, key=key, verify_key=verify_key, path=path)


class _Loader(SourcelessFileLoader):
    """Opens a sealed file, anew each time; what is beside it can be had by importlib.resources."""

    def __init__(
        self,
        name: str,
        path: str,
        opened: "Callable[[bytes, str, str], bytes]",
        made: "WeakSet[ModuleType]",
    ) -> None:
        super().__init__(name, path)
        self._opened = opened
        self._made = made

    def __reduce__(self) -> "NoReturn":
        raise TypeError("the loader of a sealed module cannot be pickled or copied")

    def exec_module(self, module: "ModuleType") -> None:
        self._made.add(module)
        super().exec_module(module)

    def get_code(self, fullname: str) -> "CodeType":
        path = self.get_filename(fullname)
        fault = fault_of(fullname, path)
        try:
            blob = self.get_data(path)
        except OSError as error:
            cause = f"its file cannot be read: {error.strerror}"
            raise fault(cause, "install it again") from error
        code = _compiled(self._opened(blob, fullname, path), f"<sealed {fullname}>")
        if isinstance(code, SyntaxError):
            cause = f"its source does not compile: {code.msg}, line {code.lineno or 'unknown'}"
            remedy = "ask its author for one for this version of Python"
            raise fault(cause, remedy) from code
        return code


def _sealed_file(place: str, name: str) -> str | None:
    folder = os.path.join(place, name)
    for file in (os.path.join(folder, f"__init__{SEALED_SUFFIX}"), f"{folder}{SEALED_SUFFIX}"):
        if os.path.isfile(file):
            return os.path.abspath(file)
    return None


def _compiled(source: bytes, file: str) -> "CodeType | SyntaxError":
    """The code of a source, or why there is none, without the line that a SyntaxError has."""
    try:
        code: CodeType = compile(source, file, "exec", dont_inherit=True)
        return code
    except SyntaxError as error:
        return SyntaxError(error.msg, (file, error.lineno, None, None))
    except ValueError as error:  # null bytes, up to Python 3.11.3
        return SyntaxError(str(error), (file, None, None, None))
    finally:
        del source  # what reports errors may show the variables of every frame
