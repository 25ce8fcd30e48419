"""Plugins in files and folders: found by their text, of which nothing is run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythons import SOURCE

from plugbay.discovery.directories import find_files, read_plugin
from plugbay.errors import ManifestError

RUN = "raise SystemExit('it is run')\n"


def found(folder: Path, pattern: str = "") -> dict[str, tuple[str, dict[str, Any], int]]:
    """What is found in a folder, by id: the path below it, the facts and the line."""
    files, problems = find_files(str(folder), pattern)
    assert problems == []
    return {
        each.name: (os.path.relpath(each.path, folder), each.facts, each.line) for each in files
    }


def problems(folder: Path, pattern: str = "") -> list[str]:
    """What is wrong in a folder, without its path."""
    return [
        str(each).replace(f"{folder}{os.sep}", "") for each in find_files(str(folder), pattern)[1]
    ]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def test_a_literal_says_what_a_file_is(tmp_path: Path) -> None:
    """In the words of a manifest; what does not count is left out."""
    text = """
PLUGIN_METADATA = {
    "id": "csv", "name": "CSV", "version": "1.2", "description": "writes CSV",
    "api_version": ">=1.0,<2", "dependencies": ["table>=1"], "hooks": ["paint"],
    "priority": 3, "licence": "MIT",
}
"""
    expected = {
        "title": "CSV",
        "version": "1.2",
        "summary": "writes CSV",
        "api": ">=1.0,<2",
        "depends-on": ["table>=1"],
        "hooks": ["paint"],
        "priority": 3,
    }
    assert found(write(tmp_path, {"writer.py": text + RUN})) == {"csv": ("writer.py", expected, 2)}


@pytest.mark.parametrize(
    "body",
    [
        "return {'id': 'csv', 'version': '2.0'}",
        "return PluginMetadata(id='csv', version='2.0')",
        "print()\n        return PluginMetadata(id='csv', version='2.0')",
    ],
)
def test_a_class_says_it_by_a_method(tmp_path: Path, body: str) -> None:
    """As far as what the method returns is literal."""
    text = f"class Plugin:\n    def get_metadata(self):\n        {body}\n"
    ((name, (_, facts, _)),) = found(write(tmp_path, {"writer.py": RUN + text})).items()
    assert (name, facts) == ("csv", {"version": "2.0"})


@pytest.mark.parametrize("body", ["return made()", "if 1: return {'id': 'a'}\n        return {}"])
def test_a_method_that_is_not_literal_makes_a_plugin_all_the_same(
    tmp_path: Path, body: str
) -> None:
    """Its id is the name of the file."""
    text = f"class Plugin:\n    def get_metadata(self):\n        {body}\n"
    ((name, (_, facts, _)),) = found(write(tmp_path, {"writer.py": RUN + text})).items()
    assert (name, facts) == ("writer", {})


def test_a_json_file_says_it_of_the_file_beside_it(tmp_path: Path) -> None:
    """Of a package, of the only file there is, or of the one that it names."""
    said = json.dumps({"id": "one", "version": "1.0"}, indent=1)
    files = {
        "package/__init__.py": RUN,
        "package/inner.py": RUN,
        "package/plugin.json": said.replace("one", "two"),
        "single/any.py": RUN,
        "single/plugin.json": said,
        "named/main_file.py": RUN,
        "named/plugin.json": '{"id": "three", "main": "main_file.py"}',
    }
    assert found(write(tmp_path, files)) == {
        "one": ("single/any.py", {"version": "1.0"}, 1),
        "two": ("package/__init__.py", {"version": "1.0"}, 1),
        "three": ("named/main_file.py", {}, 1),
    }


def test_a_name_may_tell(tmp_path: Path) -> None:
    """The pattern is the host's; the id is what stands for its star."""
    files = {"csv_plugin.py": RUN, "deep/er/tsv_plugin.py": RUN}
    assert found(write(tmp_path, files), "*_plugin.py") == {
        "csv": ("csv_plugin.py", {}, 1),
        "tsv": ("deep/er/tsv_plugin.py", {}, 1),
    }


def test_what_is_in_a_package_is_its_own(tmp_path: Path) -> None:
    """Its modules and packages are not looked at."""
    files = {
        "pack/__init__.py": "PLUGIN_METADATA = {'id': 'pack'}",
        "pack/other.py": "PLUGIN_METADATA = {'id': 'other'}",
        "pack/sub/__init__.py": "not python",
    }
    assert list(found(write(tmp_path, files))) == ["pack"]


def test_hidden_files_are_left_alone(tmp_path: Path) -> None:
    """And folders that begin with an underscore, as those of byte-code do."""
    files = {".hidden.py": "x", ".git/a.py": "x", "__pycache__/b.py": "x"}
    assert found(write(tmp_path, files)) == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1", "it is no plugin: it has neither PLUGIN_METADATA nor a class with get_metadata"),
        ("\n\ndef (", "it is not Python: invalid syntax (a.py, line 3)"),
        ("\0", "it is not Python"),
        ("PLUGIN_METADATA = dict(\n  id=name)", "its field 'id' is not a literal (a.py, line 2)"),
        ("PLUGIN_METADATA = load()", ""),
        ("\nPLUGIN_METADATA = [1]", "PLUGIN_METADATA is not a literal dict (a.py, line 2)"),
        (
            "PLUGIN_METADATA = {\n'id': 'a',\n'version': 3}",
            "'version' is not a text (a.py, line 3)",
        ),
        ("PLUGIN_METADATA = {'hooks': 'a'}", "'hooks' is not a list of texts (a.py, line 1)"),
        (
            "PLUGIN_METADATA = {'id': 'a', 'dependson': []}",
            "'dependson' is not known; did you mean 'depends_on'? (a.py, line 1)",
        ),
        ("import os\nPLUGIN_METADATA = {'id': 'a', 'home': os.sep, 'author': ''}", ""),
        ("PLUGIN_METADATA = {'priority': 'a'}", "'priority' is not a number (a.py, line 1)"),
        ("PLUGIN_METADATA = {'id': ''}", "'id' is not a name (a.py, line 1)"),
    ],
)
def test_what_is_wrong_is_a_problem_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """And costs the others nothing."""
    write(tmp_path, {"a.py": text, "b.py": "PLUGIN_METADATA = {'id': 'b'}"})
    names = [each.name for each in find_files(str(tmp_path))[0]]
    if problem:
        (told,) = problems(tmp_path)
        assert told.startswith("a.py: ")
        assert problem in told
        assert names == ["b"]
        with pytest.raises(ManifestError) as caught:
            read_plugin(str(tmp_path / "a.py"))
        assert problem in str(caught.value).replace(f"{tmp_path}{os.sep}", "")
    else:
        assert names == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not an object (plugin.json, line 1)"),
        ('{"id": "a",\n"version": 1}', "its field 'version' is not a text (plugin.json, line 2)"),
        ("\ud800", "it cannot be read"),
    ],
)
def test_what_is_wrong_in_a_json_file_is_told_of_that(
    tmp_path: Path, text: str, problem: str
) -> None:
    """With its line where there is one."""
    write(tmp_path, {"a.py": ""})
    (tmp_path / "plugin.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    (told,) = problems(tmp_path)
    assert problem in told
    assert told.startswith("plugin.json: ")


def test_two_of_one_id_are_told(tmp_path: Path) -> None:
    """The first one by path counts."""
    said = "PLUGIN_METADATA = {'id': 'a'}"
    write(tmp_path, {"x.py": said, "sub/y.py": said})
    assert [os.path.basename(each.path) for each in find_files(str(tmp_path))[0]] == ["x.py"]
    (told,) = problems(tmp_path)
    assert told == "y.py: it has the id 'a', which x.py has; give it another one (sub/y.py, line 1)"


def test_links_that_lead_out_are_told(tmp_path: Path) -> None:
    """Those to what is in the directory too are left alone, loops among them."""
    said = "PLUGIN_METADATA = {'id': 'a'}"
    inner = write(tmp_path / "in", {"a.py": said})
    write(tmp_path / "out", {"b.py": said})
    (inner / "same.py").symlink_to(inner / "a.py")
    (inner / "loop").symlink_to(inner)
    (inner / "c.py").symlink_to(tmp_path / "out" / "b.py")
    (inner / "folder").symlink_to(tmp_path / "out")
    assert [each.name for each in find_files(str(inner))[0]] == ["a"]
    told = sorted(problems(inner))
    assert [each.partition(": ")[0] for each in told] == ["c.py", "folder"]
    assert all("a link that leads out, to " in each for each in told)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As is one that is a file."""
    (told,) = problems(tmp_path / "none")
    assert "it cannot be read: No such file or directory" in told


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    """And the others are found. Root may read everything, so it is somebody else who looks."""
    write(tmp_path, {"a.py": "", "b.py": "PLUGIN_METADATA = {'id': 'b'}"})
    (tmp_path / "a.py").chmod(0)
    tmp_path.chmod(0o755)
    code = (
        "import os, sys\n"
        f"sys.path.insert(0, {SOURCE!r})\n"
        "from plugbay.discovery.directories import find_files\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "files, problems = find_files('.')\n"
        "print([each.name for each in files], *problems)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("['b'] a.py: it cannot be read: Permission denied"), done.stderr


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A pipe would be waited for."""
    os.mkfifo(tmp_path / "a.py")
    (tmp_path / "b.py").mkdir()
    assert found(tmp_path) == {}


@given(st.text(max_size=200))
def test_no_text_is_too_odd(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever is in a file, it is a plugin or a problem."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "a.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    files, wrong = find_files(str(folder))
    assert len(files) + len(wrong) == 1
