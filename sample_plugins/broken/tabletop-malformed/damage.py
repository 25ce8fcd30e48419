"""Adds a line without ``=`` to the installed entry_points.txt: damage.py SITE_PACKAGES."""

import sys
from pathlib import Path


def damage(site_packages: Path) -> Path:
    """Damage the installed tabletop-malformed, once however often it is called; what changed."""
    (file,) = site_packages.glob("tabletop_malformed-*.dist-info/entry_points.txt")
    good, separator, _ = file.read_text("utf-8").partition("this line has no equals sign")
    if not separator:
        file.write_text(f"{good.rstrip()}\nthis line has no equals sign\n", "utf-8")
    return file


if __name__ == "__main__":
    print(damage(Path(sys.argv[1])))
