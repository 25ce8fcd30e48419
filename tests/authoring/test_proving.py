"""A proof: wheels are really installed where nothing else is, and their plugins loaded there."""

import zipfile
from pathlib import Path

import pytest

import plugbay
from plugbay import HostApi
from plugbay.authoring.checks.opening import open_subject
from plugbay.authoring.proving import Proof, prove
from plugbay.errors import ProjectError

SOURCES = Path(plugbay.__file__).parents[1]
ENTRIES = "[paint.shades]\ndark = paint_dark:dark\n"


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel of a host, which is all that there is to install from."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    wheel(tmp_path / "wheels", "paint", "1.3", {"paint.py": ""})
    return tmp_path / "wheels"


def wheel(
    folder: Path, name: str, version: str, files: dict[str, str], *headers: str, entries: str = ""
) -> Path:
    """A wheel, as small as pip takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *headers, ""]
    files = {
        **files,
        f"{info}/METADATA": "\n".join(lines),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": entries,
    }
    files[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"])
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return file


def dark(folder: Path, *headers: str, code: str = "def dark(): ...\n") -> Path:
    """The wheel of a plugin."""
    files = {"paint_dark.py": code}
    return wheel(folder / "out", "paint_dark", "1.0", files, *headers, entries=ENTRIES)


def proved(file: Path, **options: object) -> tuple[list[str], Proof]:
    """What was installed, and the proof of the only plugin."""
    installed, (proof,) = prove(open_subject(str(file)), **options)  # type: ignore[arg-type]
    return installed, proof


REQUIRED = "Requires-Dist: paint>=1.0,<2"


def test_where_plugbay_is_it_admits_the_plugin_or_not(tmp_path: Path, links: Path) -> None:
    """By the version of the host that was installed, or another one."""
    sources = {
        each.relative_to(SOURCES).as_posix(): each.read_text("utf-8")
        for each in (SOURCES / "plugbay").rglob("*.py")
    }
    # What plugbay requires is not needed for this.
    wheel(links, "plugbay", "0.1.0", sources)
    file = dark(tmp_path, REQUIRED)
    installed, proof = proved(file, requirements=["plugbay"])
    assert installed == ["paint_dark 1.0", "paint 1.3"]
    told = f"a function, by plugbay {plugbay.__version__}"
    assert proof == Proof("paint.shades", "dark", True, told)
    _, refused = proved(file, requirements=["plugbay"], apis=[HostApi("Paint", "2.1")])
    assert not refused.is_loaded
    assert "it works with paint>=1.0,<2, and this is paint 2.1" in refused.told
    entries = ENTRIES.replace("paint_dark", "a_better_one")
    wheel(links, "a_better_one", "1.0", {"a_better_one.py": "dark = 1"}, entries=entries)
    _, hidden = proved(file, requirements=["plugbay", "a_better_one"])
    assert not hidden.is_loaded
    assert "a_better_one 1.0 has a plugin of that name" in hidden.told


def test_a_host_under_an_extra_is_installed_too(tmp_path: Path, links: Path) -> None:
    """It is what the extra is for; a host that nobody requires is not there."""
    extra = ("Provides-Extra: paint-api", f"{REQUIRED}; extra == 'paint-api'")
    installed, proof = proved(dark(tmp_path, *extra, code="import paint\ndark = print"))
    assert installed == ["paint_dark 1.0", "paint 1.3"]
    assert proof.is_loaded
    both = (*extra[:1], "Requires-Dist: paint", "Requires-Dist: paint<1; extra == 'paint-api'")
    assert proved(dark(tmp_path, *both))[0] == ["paint_dark 1.0", "paint 1.3"]
    installed, proof = proved(dark(tmp_path, code="import paint\ndark = print"))
    assert installed == ["paint_dark 1.0"]
    assert proof.told == "ModuleNotFoundError(\"No module named 'paint'\")"


def test_a_plugin_that_raises_is_told(tmp_path: Path, links: Path) -> None:
    """Whatever it raises, and what it prints is not shown."""
    code = "print('bye')\nraise SystemExit(3)"
    _, proof = proved(dark(tmp_path, REQUIRED, code=code))
    assert proof == Proof("paint.shades", "dark", False, "SystemExit(3)")


def test_a_plugin_that_ends_its_process_is_told(tmp_path: Path, links: Path) -> None:
    """With the last of what it had to say."""
    code = "import os\nprint('bye', flush=True)\nos._exit(3)"
    with pytest.raises(ProjectError, match=r"ended with exit code 3 \(bye\)"):
        proved(dark(tmp_path, REQUIRED, code=code))


def test_a_plugin_that_hangs_is_ended(
    tmp_path: Path, links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it has started."""
    monkeypatch.setattr("plugbay.authoring.proving._TIME_LIMIT", 1.0)
    code = "import time\ntime.sleep(100)"
    with pytest.raises(ProjectError, match="did not finish within 1 s"):
        proved(dark(tmp_path, REQUIRED, code=code))


def test_what_cannot_be_installed_says_where_it_has_to_be(tmp_path: Path, links: Path) -> None:
    """With what pip said."""
    with pytest.raises(ProjectError, match=r"--find-links\. pip said:\n(.*\n)*.*paint>=1\.4"):
        proved(dark(tmp_path, "Requires-Dist: paint>=1.4"))
