"""Formats that pip installs: found by their entry points, and imported when they are used."""

import sys
import tempfile
from pathlib import Path

import plugbay


def install(site: Path, name: str, format_name: str, source: str) -> None:
    """What `pip install` leaves behind of a small distribution."""
    (site / f"{name}.py").write_text(source)
    metadata = site / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[myapp.exporters]\n{format_name} = {name}:export\n"
    )


with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    install(
        Path(folder),
        "csv_exporter",
        "csv",
        "print('csv exporter loaded')\n"
        "def export(data):\n"
        "    rows = [','.join(map(str, row.values())) for row in data]\n"
        "    return '\\n'.join([','.join(data[0]), *rows])\n",
    )
    install(Path(folder), "json_exporter", "json", "raise RuntimeError('nobody asked for json')\n")

    exporters = plugbay.load_group("myapp.exporters")
    print(f"found: {list(exporters)}")
    print(f"csv result: {exporters['csv']([{'name': 'Alice', 'age': 30}])}")

# Prints:
# found: ['csv', 'json']
# csv exporter loaded
# csv result: name,age
# Alice,30
