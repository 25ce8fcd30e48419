"""Imports in a child process: what they do there is seen, and reaches nobody else."""

import os
from pathlib import Path
from typing import Any

import pytest
from projects import checked, project, wheel

from plugbay.authoring.checks.importing import findings_of, import_targets
from plugbay.authoring.checks.opening import open_subject


def seen(tmp_path: Path, code: str) -> dict[str, Any]:
    """The answer about the one target of a project whose module begins with that code."""
    tree = project(tmp_path / "project", exporter=f"{code}\n\ndef export(): ...\n")
    ((_, answer),) = import_targets(open_subject(str(tree)))
    return answer


@pytest.mark.parametrize(
    ("code", "key", "word"),
    [
        ("open(__file__ + 'x', 'w').close()", "files", "exporter.pyx"),
        ("import os; os.close(os.open(__file__ + 'y', os.O_CREAT))", "files", "exporter.pyy"),
        ("import os; os.mkdir(__file__ + 'z')", "files", "os.mkdir"),
        ("import socket; socket.socket().bind(('127.0.0.1', 0))", "sockets", "127.0.0.1"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "processes", "py"),
        ("import os; os.system('true')", "processes", "true"),
        ("import threading; threading.Thread(target=int).start()", "threads", "Thread-1"),
        ("import _thread; _thread.start_new_thread(int, ())", "threads", "int"),
        ("import sys; sys.path.append('/nowhere')", "changes", "sys.path"),
        ("import os; os.environ['A_B_C'] = '1'", "changes", "os.environ"),
        ("import warnings; warnings.simplefilter('ignore')", "changes", "warnings.filters"),
        ("import signal; signal.signal(2, signal.SIG_IGN)", "changes", "signal handlers"),
        ("import logging; logging.basicConfig()", "changes", "log handlers"),
        ("import os; os.chdir('/')", "changes", "the current directory"),
        ("import sys; sys.excepthook = print", "changes", "sys.excepthook"),
    ],
)
def test_what_an_import_does_is_seen(tmp_path: Path, code: str, key: str, word: str) -> None:
    """And nothing else than that."""
    before = dict(os.environ)
    answer = seen(tmp_path, code)
    assert answer["loaded"], answer["reason"]
    assert any(word in each for each in answer[key]), answer[key]
    others = {"files", "sockets", "processes", "threads", "changes"} - {key}
    assert [answer[each] for each in others] == [[]] * 4
    assert dict(os.environ) == before


def test_an_import_that_does_nothing_is_seen_to_do_nothing(tmp_path: Path) -> None:
    """Reading files is nothing, and neither is importing modules."""
    answer = seen(tmp_path, "open(__file__).close()\nimport colorsys")
    assert set(answer["modules"]) == {"tabletop_base", "tabletop_base.exporter", "colorsys"}
    assert answer["kind"] == "function"
    assert answer["milliseconds"] >= 0
    keys = ("files", "sockets", "processes", "threads", "changes", "output", "reason")
    assert [answer[key] for key in keys] == [[], [], [], [], [], "", ""]
    assert list((tmp_path / "project").rglob("*.pyc")) == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os._exit(4)", "the process ended with exit code 4"),
        ("import os; os.kill(os.getpid(), 9)", "the process was ended by signal 9"),
    ],
)
def test_an_import_that_fails_is_told(tmp_path: Path, code: str, reason: str) -> None:
    """However it fails."""
    answer = seen(tmp_path, code)
    assert not answer["loaded"]
    assert reason in answer["reason"]


def test_targets_of_one_object_are_imported_and_told_once(tmp_path: Path) -> None:
    """Two names for it are two answers."""
    both = ('base = "', 'again = "tabletop_base.exporter:export"\nbase = "')
    code = "print('hello')\n\ndef export(): ...\n"
    subject = open_subject(str(project(tmp_path / "project", both, exporter=code)))
    answers = import_targets(subject)
    assert [each.name for each, _ in answers] == ["again", "base"]
    assert [each.code for each in findings_of(subject, answers)] == ["PB703"]


def test_a_wheel_is_imported_from_what_is_in_it(tmp_path: Path) -> None:
    """As it would be installed, so that it finds its data."""
    code = (
        "from pathlib import Path\n\nTEXT = Path(__file__).with_name('words.txt').read_text()\n"
        "assert TEXT == 'a'\n\n\ndef export(): ...\n"
    )
    tree = project(tmp_path / "p", exporter=code, **{"src/tabletop_base/words.txt": "a"})
    assert checked(wheel(tmp_path / "dist", tree), imports=True) == []
    (found,) = checked(wheel(tmp_path / "dist", tree, drop="words"), imports=True)
    assert found.code == "PB701"
    assert "words.txt" in found.message
