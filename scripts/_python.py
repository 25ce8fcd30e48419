"""Starts a script in a Python that is new enough. This file alone is for any since 3.6."""

import os
import shutil
import subprocess
import sys
from importlib import import_module

OLDEST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11")


def start(module: str) -> None:
    """Call ``main()`` of that module with the script's arguments and exit with what it returns.

    With a Python that is too old, the whole script is started again with a newer one on PATH.
    """
    if sys.version_info[:2] < OLDEST:
        _start_again()
    try:
        code = import_module(module).main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = "\nstopped; run it again to go on"
    except BrokenPipeError:
        # The reader has gone; Python must not find out again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)


def _start_again() -> None:
    for path in filter(None, map(shutil.which, NAMES)):
        if _starts(path):
            os.execv(path, [path, *sys.argv])  # noqa: S606  # no shell is wanted
    version = sys.version.split()[0]
    raise SystemExit(
        f"{os.path.basename(sys.argv[0])} needs Python {OLDEST[0]}.{OLDEST[1]} or newer.\n"
        f"This is Python {version}, and none of {', '.join(NAMES)} can be started.\n"
        "Install one from https://www.python.org/downloads/ and run the script again."
    )


def _starts(python: str) -> bool:
    """Whether it is that Python: version managers put names on PATH that can only fail."""
    test = f"import sys; sys.exit(sys.version_info[:2] < {OLDEST})"
    nowhere = subprocess.DEVNULL
    return subprocess.call([python, "-c", test], stdout=nowhere, stderr=nowhere) == 0
