"""Puts a Latin-1 byte into the installed METADATA: damage.py SITE_PACKAGES."""

import re
import sys
from pathlib import Path


def damage(site_packages: Path) -> Path:
    """Damage the installed tabletop-undecodable, however often it is called; what changed."""
    (file,) = site_packages.glob("tabletop_undecodable-*.dist-info/METADATA")
    summary = "Summary: The résumé of a table, its number of rows".encode("latin-1")
    file.write_bytes(re.sub(rb"(?m)^Summary: .*$", summary, file.read_bytes(), count=1))
    return file


if __name__ == "__main__":
    print(damage(Path(sys.argv[1])))
