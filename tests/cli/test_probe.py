"""The probe: loading a plugin in a process of its own, with a time limit."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from plugbay.discovery.distributions import Distribution, EntryPoint
from plugbay.plugins import Plugin
from plugbay.reporting.probe import probe


def plugin_of(tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> "Plugin[object]":
    """A plugin whose module has the given source."""
    (tmp_path / "probed.py").write_text(source)
    folder = tmp_path / "probed-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: probed\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    distribution = Distribution(str(tmp_path), folder.name)
    return Plugin(EntryPoint("it", "probed:it", "group", distribution), distribution)


def test_a_plugin_that_hangs_is_ended_at_the_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process and what it started are gone, and the reason says so."""
    source = (
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    result = probe(plugin_of(tmp_path, source, monkeypatch), time_limit=3)
    assert result["loaded"] is False
    assert "did not finish within 3 s" in result["reason"]
    assert has_ended(int(result["output"]))


@pytest.mark.skipif(sys.platform == "win32", reason="sessions are of POSIX")
def test_what_a_plugin_leaves_behind_does_not_hold_up_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that left the group keeps the output open, and is not waited for."""
    source = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],\n"
        "                         start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "it = 1\n"
    )
    result = probe(plugin_of(tmp_path, source, monkeypatch), time_limit=30)
    left = int(result["output"])
    try:
        assert result["loaded"] is True
        assert not has_ended(left, tries=1)
    finally:
        os.kill(left, signal.SIGKILL)


def has_ended(process: int, tries: int = 100) -> bool:
    """Whether a process is gone or, on its way out, a zombie that waits to be reaped."""
    for _ in range(tries):
        try:
            os.kill(process, 0)
            stat = Path(f"/proc/{process}/stat")
            if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_the_probe_leaves_this_process_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is imported here."""
    result = probe(plugin_of(tmp_path, "it = 1\n", monkeypatch))
    assert (result["loaded"], result["kind"]) == (True, "int")
    assert "probed" not in sys.modules
