"""References: what is said of a plugin to another process, and what can differ there."""

import json
import pickle
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts import QUIET
from piping import GROUP, add_step
from sites import Site

from plugbay import Host
from plugbay.hosting.pipelines.fingerprints import Reference, difference, fingerprint

EDITABLE = json.dumps({"url": "file:///src", "dir_info": {"editable": True}})
NAMES = st.text("abc-", min_size=1, max_size=3)
REFERENCES = st.builds(
    Reference,
    st.just(GROUP),
    st.just("x"),
    st.sampled_from(["a", "b-c"]),
    st.sampled_from(["1.0", "2.0"]),
    st.sampled_from(["", "one", "two"]),
)


@given(REFERENCES, REFERENCES)
def test_references_differ_by_distribution_version_and_digest(
    wanted: Reference, have: Reference
) -> None:
    """In that order; a digest counts where one is asked for."""
    words = difference(wanted, have)
    if wanted.distribution != have.distribution:
        assert f"its 'x' is of {have.distribution} {have.version}, and not" in words
        assert words.endswith(f"of {wanted.distribution}")
    elif wanted.version != have.version:
        assert f"it has {have.distribution} {have.version}, and not {wanted.version}" == words
    elif wanted.digest and wanted.digest != have.digest:
        assert f"its {have.distribution} {have.version} has other files" == words
    else:
        assert "" == words


@given(REFERENCES)
def test_a_reference_is_no_different_from_itself(wanted: Reference) -> None:
    """However it came here; where there is none, the name and the group are told."""
    assert "" == difference(wanted, pickle.loads(pickle.dumps(wanted)))  # noqa: S301 - just made
    assert f"it has no plugin 'x' in {GROUP!r}" == difference(wanted, None)


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1.0", "2.0"])), st.booleans())
@settings(max_examples=25)
def test_a_fingerprint_has_the_plugins_of_its_groups(
    versions: dict[str, str], is_sliced: bool
) -> None:
    """By group and name, each with its distribution, version and a digest."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        site = Site(Path(folder))
        patch.syspath_prepend(folder)
        for name, version in versions.items():
            group = f"tabletop.{'abc' if name in 'abc' else 'def'}"
            add_step(site, f"print_{name}", group=group, version=version, distribution=f"d-{name}")
        groups = ["tabletop.abc"] if is_sliced else ["tabletop.abc", "tabletop.def"]
        found = fingerprint({group: {} for group in groups})
        expected = {
            (f"tabletop.{letters}", f"print_{name}"): (f"d-{name}", version)
            for letters in ("abc", "def")
            for name, version in versions.items()
            if name in letters and f"tabletop.{letters}" in groups
        }
        assert expected == {key: (each.distribution, each.version) for key, each in found.items()}
        assert all(each.digest and (each.group, each.name) == key for key, each in found.items())


def digest(group: str = GROUP, name: str = "a") -> str:
    """The digest of a plugin as it is installed now."""
    return fingerprint({group: {}})[group, name].digest


INFO = "tabletop_a-1.0.dist-info"


def test_an_installed_distribution_is_known_by_its_record(site: Site) -> None:
    """Which has the digests of its files, and need not be read again."""
    add_step(site, "a", info={"RECORD": "steps_a.py,sha256=1,1\n"})
    first = digest()
    site.write("steps_a.py", "step = 'other'\n")
    assert first == digest()
    site.write(f"{INFO}/RECORD", "steps_a.py,sha256=2,1\n")
    assert first != digest()


@pytest.mark.parametrize("told", [EDITABLE, None])
def test_an_editable_one_is_known_by_its_sources(site: Site, told: str | None) -> None:
    """As is one without a record; where these are does not matter."""
    info = {"RECORD": "_a.pth,sha256=1,1\n", "direct_url.json": told} if told else {}
    add_step(site, "a", info=info)
    first = digest()
    site.write(f"{INFO}/RECORD" if told else f"{INFO}/INSTALLER", "_a.pth,sha256=2,1\n")
    assert first == digest()
    site.write("steps_a.py", "step = 'other'\n")
    second = digest()
    assert first != second
    (site.root / "below").mkdir()
    shutil.move(site.root / "steps_a.py", site.root / "below")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site.root / "below")
        assert second == digest()


@pytest.mark.parametrize(
    "told",
    ["", "no json", "[]", "{}", '{"dir_info": 1}', '{"dir_info": {"editable": false}}', "[" * 9999],
)
def test_what_does_not_say_that_it_is_editable_is_not(site: Site, told: str) -> None:
    """Whatever is in that file."""
    add_step(site, "a", info={"RECORD": "steps_a.py,sha256=1,1\n", "direct_url.json": told})
    first = digest()
    site.write("steps_a.py", "step = 'other'\n")
    assert first == digest()


@pytest.fixture
def package(site: Site) -> Site:
    """An editable package with a plugin deep in it."""
    files = {
        "packed/__init__.py": "",
        "packed/one/__init__.py": "x = 1\n",
        "packed/one/two.py": "y = 1\n",
    }
    files |= {f"{INFO}/direct_url.json": EDITABLE, f"{INFO}/RECORD": ""}
    site.add("tabletop-a", {"a": "packed.one.two:step"}, group=GROUP, files=files)
    return site


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("packed/__init__.py", "z = 1\n"),
        ("packed/one/two.py", "y = 2\n"),
        ("packed/one/three.py", "y = 1\n"),
        ("packed/three/__init__.py", ""),
    ],
)
def test_all_sources_of_a_package_count(package: Site, path: str, text: str) -> None:
    """Not only those of the module that the plugin is in, and new ones too."""
    first = digest()
    package.write(path, text)
    second = digest()
    assert first != second == digest()


def test_the_order_in_which_files_were_made_does_not_count(package: Site) -> None:
    """Though a file system may give them in that."""
    found = set()
    for order in ("abcdefgh", "hgfedcba", "dhacgbfe"):
        for name in order:
            package.write(f"packed/{name}/__init__.py", f"{name} = 1\n")
            package.write(f"packed/{name}.py", f"{name} = 2\n")
        found.add(digest())
        for name in order:
            shutil.rmtree(package.root / "packed" / name)
            (package.root / "packed" / f"{name}.py").unlink()
    assert 1 == len(found)


def test_what_is_no_source_does_not_count(package: Site) -> None:
    """As what an interpreter writes there."""
    first = digest()
    package.write("packed/__pycache__/two.cpython-311.pyc", b"\0")
    package.write("packed/one/data.csv", "1")
    assert first == digest()


def test_a_file_that_is_renamed_or_gone_counts(package: Site) -> None:
    """Though all that is left is the same."""
    first = digest()
    (package.root / "packed/one/two.py").rename(package.root / "packed/one/too.py")
    second = digest()
    (package.root / "packed/one/too.py").unlink()
    assert 3 == len({first, second, digest()})


def test_no_module_has_to_be_there_or_imported(package: Site) -> None:
    """A plugin without one has a digest like any other."""
    digest()
    assert not [name for name in sys.modules if name.startswith("packed")]
    shutil.rmtree(package.root / "packed")
    assert digest()


def test_a_folder_that_is_renamed_counts(package: Site) -> None:
    """Its modules have other names then."""
    first = digest()
    (package.root / "packed/one").rename(package.root / "packed/other")
    assert first != digest()


def test_a_target_counts(package: Site) -> None:
    """Of the same sources it names another function."""
    first = digest()
    package.write(f"{INFO}/entry_points.txt", f"[{GROUP}]\na = packed.one.two:other\n")
    assert first != digest()


WHEEL = "steps_a.py,sha256=1,1\ntabletop_a-1.0.dist-info/METADATA,sha256=2,1\n"


@pytest.mark.parametrize(
    "more",
    [
        "../../../bin/tabletop,sha256=3,1\n",
        "/usr/bin/tabletop,sha256=3,1\n",
        "__pycache__/steps_a.cpython-311.pyc,,\n",
        f"{INFO}/RECORD,,\n",
        f"{INFO}/REQUESTED,sha256=4,0\n",
        f"{INFO}/INSTALLER,sha256=5,1\n",
        f"{INFO}/direct_url.json,sha256=6,1\n",
    ],
)
def test_what_an_installer_adds_does_not_count(site: Site, more: str) -> None:
    """It is another one in each environment: the path in a script, who asked for it, and how."""
    add_step(site, "a", info={"RECORD": WHEEL})
    first = digest()
    site.write(f"{INFO}/RECORD", WHEEL + more)
    assert first == digest()
    site.write(f"{INFO}/RECORD", WHEEL + more + "steps_b.py,sha256=1,1\n")
    assert first != digest()


def test_the_order_of_a_record_does_not_count(site: Site) -> None:
    """Each installer has its own."""
    add_step(site, "a", info={"RECORD": WHEEL})
    first = digest()
    site.write(f"{INFO}/RECORD", "".join(reversed(WHEEL.splitlines(keepends=True))))
    assert first == digest()


def test_the_ends_of_its_lines_do_not_count(site: Site) -> None:
    """Some installers write them as Windows does, and others do not."""
    add_step(site, "a", info={"RECORD": WHEEL})
    first = digest()
    site.write(f"{INFO}/RECORD", WHEEL.replace("\n", "\r\n"))
    assert first == digest()


@pytest.mark.parametrize("way", ["distribution", "priority", "all"])
@QUIET
def test_the_plugins_that_a_host_uses_are_those_that_are_compared(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Of two distributions with one of that name, as the host deals with these."""
    conflict = "all" if way == "all" else "first"
    add_step(site, "a", distribution="a-first")
    monkeypatch.syspath_prepend(tmp_path / "earlier")
    earlier = Site(tmp_path / "earlier")
    add_step(earlier, "a", distribution="z-last")
    if way == "priority":  # which a manifest in a package says, found by an entry point
        points = f"[{GROUP}]\na = steps_a:step\n[plugbay.manifest]\nz = z_last\n"
        earlier.write("z_last-1.0.dist-info/entry_points.txt", points)
        plugins = {GROUP: {"a": {"priority": -1}}}
        earlier.write("z_last/plugbay.json", json.dumps({"plugins": plugins}))
        earlier.write("z_last/__init__.py", "")
    host = Host("tabletop")
    host.discover(GROUP, on_conflict=conflict)
    used = {name: host[GROUP].components[name].plugin.distribution.name for name in host[GROUP]}
    expected = {
        "distribution": {"a": "a-first"},
        "priority": {"a": "z-last"},
        "all": {"a@a-first": "a-first", "a@z-last": "z-last"},
    }
    assert expected[way] == used
    found = fingerprint({GROUP: {"on_conflict": conflict}})
    assert used == {name: each.distribution for (_, name), each in found.items()}
