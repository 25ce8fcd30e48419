"""The command, run as a person runs it: in a process of its own, on installed distributions."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest
from commands import SOURCES, Run, runner

from plugbay.cli.exit_codes import MEANINGS


def plant(
    site: Path,
    name: str,
    version: str = "1.0",
    *,
    entry_points: str = "",
    headers: str = "",
    **modules: str,
) -> Path:
    """Plant an installed distribution and its modules; gives its metadata directory."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{headers}\nText\n"
    )
    if entry_points:
        (folder / "entry_points.txt").write_text(textwrap.dedent(entry_points))
    for module, source in modules.items():
        (site / f"{module}.py").write_text(textwrap.dedent(source))
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site directory with a host, one good plugin and one of each kind of trouble."""
    site = tmp_path / "site"
    plant(site, "desk", "1.3.0")
    good = "Requires-Dist: desk>=1.2,<2\n"
    plant(
        site,
        "desk-lamp",
        entry_points="[desk.things]\nlamp = desk_lamp:light\n",
        headers=good,
        desk_lamp="""
            from pathlib import Path
            Path(__file__).with_suffix(".imported").touch()
            print("lamp speaks")
            def light(): ...
        """,
    )
    plant(
        site,
        "desk-future",
        entry_points="[desk.things]\nfuture = desk_future:thing\n",
        headers="Requires-Dist: desk>=2\n",
        desk_future="thing = 1\n",
    )
    plant(
        site,
        "desk-torch",
        entry_points="[desk.things]\nlamp = desk_torch:light\n",
        headers=good,
        desk_torch="light = 1\n",
    )
    plant(
        site,
        "desk-other",
        entry_points="[desk.others]\nother = desk_other:thing\n",
        headers=good,
        desk_other="thing = 1\n",
    )
    plant(
        site,
        "desk-hole",
        entry_points="[desk.holes]\nhole = desk_hole:missing\n",
        headers=good,
        desk_hole="present = 1\n",
    )
    return site


@pytest.fixture
def plugbay(site: Path) -> Run:
    """Run the command with the site directory on its path, without colour."""
    return runner(site)


def test_groups_counts_the_plugins_of_each_group(plugbay: Run) -> None:
    """`groups` has a row a group, with what can be used and what cannot."""
    result = plugbay("groups", "--json")
    groups = {each.pop("name"): each for each in json.loads(result.stdout)["groups"]}
    assert groups["desk.things"] == {"usable": 1, "refused": 1, "shadowed": 1}
    assert result.returncode == 1


def test_groups_can_be_asked_for_one_group(plugbay: Run) -> None:
    """`groups --group` shows that group alone."""
    lines = plugbay("groups", "--group", "desk.holes").stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [["desk.holes", "1", "0", "0"]]


def test_list_shows_status_and_reason_of_every_plugin_of_the_group(plugbay: Run) -> None:
    """`list GROUP` has a row a plugin, also for those that are refused or shadowed."""
    result = plugbay("list", "desk.things")
    rows = [line.split(maxsplit=4) for line in result.stdout.splitlines()[2:5]]
    assert [row[:4] for row in rows] == [
        ["lamp", "desk-lamp", "1.0", "ok"],
        ["future", "desk-future", "1.0", "too-old-host"],
        ["lamp", "desk-torch", "1.0", "shadowed"],
    ]
    assert rows[1][4] == "it needs desk>=2, and this is desk 1.3.0"
    assert (result.returncode, result.stderr) == (1, "")


def test_list_of_what_is_fine_exits_with_0(plugbay: Run) -> None:
    """Only findings make `list` exit with 1."""
    assert plugbay("list", "desk.others").returncode == 0
    assert plugbay("list", "desk.holes").returncode == 1


def test_list_in_json_names_its_schema(plugbay: Run) -> None:
    """`--json` is one document with the schema's name at the top."""
    document = json.loads(plugbay("list", "desk.things", "--json").stdout)
    assert document["schema"] == "plugbay/1"
    assert {each["status"] for each in document["plugins"]} == {"ok", "shadowed", "too-old-host"}


def test_api_replaces_the_installed_host(plugbay: Run) -> None:
    """With `--api desk==2.1` the gate judges for a host that is not installed."""
    document = json.loads(plugbay("list", "desk.things", "--api", "desk==2.1", "--json").stdout)
    statuses = {each["distribution"]["name"]: each["status"] for each in document["plugins"]}
    assert statuses == {
        "desk-lamp": "too-new-host",
        "desk-future": "ok",
        "desk-torch": "too-new-host",
    }


@pytest.mark.parametrize("command", [("groups",), ("list",), ("info", "lamp"), ("why", "lamp")])
def test_no_verb_imports_plugin_code_without_load(
    plugbay: Run, site: Path, command: tuple[str, ...]
) -> None:
    """The module of the plugin leaves a mark when it is imported, and there is none."""
    plugbay(*command)
    assert not (site / "desk_lamp.imported").exists()


def test_load_imports_in_a_child_and_keeps_its_output_apart(plugbay: Run, site: Path) -> None:
    """With `--load` the plugin is imported, timed, and what it prints is in the report only."""
    result = plugbay("list", "desk.things", "--load", "--json")
    lamp = next(each for each in json.loads(result.stdout)["plugins"] if each["load"])
    assert (site / "desk_lamp.imported").exists()
    assert (lamp["load"]["loaded"], lamp["load"]["kind"]) == (True, "function")
    assert lamp["load"]["milliseconds"] > 0
    assert lamp["load"]["output"] == "lamp speaks\n"


def test_why_walks_to_the_end_for_a_plugin_that_can_be_used(plugbay: Run) -> None:
    """Every question is answered with yes, in order."""
    result = plugbay("why", "lamp@desk-lamp")
    steps = [line.split(maxsplit=1) for line in result.stdout.splitlines()[1:-1]]
    assert {answer for answer, _ in steps} == {"yes"}
    assert [rest.split("  ")[0] for _, rest in steps] == [
        "installed",
        "readable",
        "in the group",
        "valid target",
        "not shadowed",
        "policy",
        "gate",
        "target exists",
    ]
    assert result.stdout.splitlines()[-1] == (
        "lamp of desk-lamp 1.0 can be used, as far as can be told without importing it."
    )
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("name", "question", "remedy"),
    [
        (
            "future",
            "gate",
            "upgrade desk to 2 or later, or install an older release of desk-future",
        ),
        (
            "lamp@desk-torch",
            "not shadowed",
            "disable the other to use this one: PLUGBAY_DISABLE=lamp@desk-lamp",
        ),
        ("hole", "target exists", "upgrade desk-hole, or report it to its author"),
    ],
)
def test_why_stops_at_the_first_no_with_its_remedy(
    plugbay: Run, name: str, question: str, remedy: str
) -> None:
    """The last step is the no, and what to do follows."""
    result = plugbay("why", name, "--json")
    last = json.loads(result.stdout)["plugins"][0]["steps"][-1]
    assert (last["answer"], last["question"], last["remedy"]) == ("no", question, remedy)
    assert result.returncode == 1
    assert f"  what to do: {remedy}" in plugbay("why", name).stdout


def test_why_tells_of_a_policy_of_the_environment(plugbay: Run) -> None:
    """A plugin that the operator disabled ends at the policy, which is named."""
    result = plugbay("why", "lamp@desk-lamp", "--json", PLUGBAY_DISABLE="desk-lamp")
    last = json.loads(result.stdout)["plugins"][0]["steps"][-1]
    assert (last["question"], last["answer"]) == ("policy", "no")
    assert last["remedy"] == "take desk-lamp out of PLUGBAY_DISABLE to enable it again"


def test_why_with_load_tells_what_importing_raised(plugbay: Run, site: Path) -> None:
    """A plugin whose import fails ends at the import, with the original error."""
    plant(
        site,
        "desk-bomb",
        entry_points="[desk.bombs]\nbomb = desk_bomb:x\n",
        headers="Requires-Dist: desk<2\n",
        desk_bomb="x = 1\nraise RuntimeError('out of ink')\n",
    )
    last = json.loads(plugbay("why", "bomb", "--load", "--json").stdout)["plugins"][0]["steps"][-1]
    assert (last["question"], last["answer"]) == ("imported", "no")
    assert "RuntimeError: out of ink" in last["detail"]


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("import os; os._exit(5)", "ended with exit code 5"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended by signal 9"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
    ],
)
def test_load_survives_a_plugin_that_ends_its_process(
    plugbay: Run, site: Path, ending: str, told: str
) -> None:
    """The child is lost, the command tells how."""
    plant(
        site,
        "desk-quitter",
        entry_points="[desk.quitters]\nquitter = desk_quitter:x\n",
        headers="Requires-Dist: desk<2\n",
        desk_quitter=f"x = 1\n{ending}\n",
    )
    result = plugbay("list", "desk.quitters", "--load")
    assert told in result.stdout
    assert result.returncode == 1


def test_why_knows_a_distribution_by_its_name(plugbay: Run) -> None:
    """The name of a distribution stands for its plugins."""
    assert plugbay("why", "desk-hole").stdout.startswith("hole of desk-hole 1.0 (desk.holes)")


@pytest.mark.parametrize("command", ["info", "why"])
def test_an_unknown_plugin_exits_with_3_and_the_closest_name(plugbay: Run, command: str) -> None:
    """A name that does not exist gets the closest ones, on standard error."""
    result = plugbay(command, "lmap")
    assert (result.returncode, result.stdout) == (3, "")
    assert "no plugin 'lmap' is installed; did you mean 'lamp'?" in result.stderr


@pytest.mark.parametrize("command", [("list", "desk.thing"), ("groups", "--group", "desk.thing")])
def test_an_unknown_group_exits_with_3_and_the_closest_name(
    plugbay: Run, command: tuple[str, ...]
) -> None:
    """A group that does not exist gets the closest ones."""
    result = plugbay(*command)
    assert (result.returncode, result.stdout) == (3, "")
    assert "did you mean 'desk.things'" in result.stderr


def test_a_plugin_of_another_group_is_pointed_to(plugbay: Run) -> None:
    """With the wrong `--group`, the answer names the right one."""
    result = plugbay("why", "hole", "--group", "desk.things")
    assert result.returncode == 3
    assert "it is in desk.holes" in result.stderr


def test_a_hidden_distribution_explains_a_missing_plugin(
    plugbay: Run, site: Path, tmp_path: Path
) -> None:
    """Stale metadata earlier on the path hides a plugin; the answer names both places."""
    plant(tmp_path / "later", "desk-lamp", "2.0", entry_points="[desk.things]\nlaser = m:a\n")
    path = os.pathsep.join([str(site), str(tmp_path / "later"), str(SOURCES)])
    result = plugbay("why", "laser", PYTHONPATH=path)
    assert result.returncode == 3
    assert "desk-lamp 2.0 in" in result.stderr
    assert "is hidden by desk-lamp 1.0 in" in result.stderr


def test_a_broken_distribution_is_a_problem_and_the_rest_is_listed(
    plugbay: Run, site: Path
) -> None:
    """A malformed neighbour is told of, with file and line, beside the usual list."""
    plant(site, "desk-crumpled", entry_points="[desk.things]\nno equals sign\npaper = m:a\n")
    document = json.loads(plugbay("list", "desk.things", "--json").stdout)
    (problem,) = document["problems"]
    assert (problem["distribution"], problem["line"]) == ("desk-crumpled", 2)
    assert {"lamp", "paper"} <= {each["name"] for each in document["plugins"]}


def test_info_shows_the_facts_of_the_distribution(plugbay: Run) -> None:
    """`info` has what `importlib-metadata` knows of the distribution."""
    document = json.loads(plugbay("info", "lamp@desk-lamp", "--json").stdout)
    (lamp,) = document["plugins"]
    assert lamp["target"] == "desk_lamp:light"
    assert lamp["distribution"]["requires"] == ["desk>=1.2,<2"]


def test_info_as_text_shows_what_there_is(plugbay: Run) -> None:
    """The text form leaves empty facts out."""
    lines = plugbay("info", "lamp@desk-lamp").stdout.splitlines()
    assert lines[0] == "lamp (desk.things)"
    assert "  target            desk_lamp:light" in lines
    assert not any(line.split()[0] == "license" for line in lines if line.strip())


@pytest.mark.parametrize(
    "arguments",
    [(), ("wye",), ("why",), ("list", "--api", "desk"), ("list", "--api", "desk==new")],
)
def test_wrong_usage_exits_with_2(plugbay: Run, arguments: tuple[str, ...]) -> None:
    """A command that cannot be understood says so on standard error."""
    result = plugbay(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("usage: plugbay")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PLUGBAY_DISABEL", "lamp", "did you mean 'PLUGBAY_DISABLE'"),
        ("PLUGBAY_SAFE_MODE", "maybe", "neither on nor off"),
        ("PLUGBAY_HOOK_ORDER", "nonsense", "'nonsense' in PLUGBAY_HOOK_ORDER is no order; write"),
    ],
)
def test_bad_configuration_exits_with_4(plugbay: Run, variable: str, value: str, told: str) -> None:
    """A variable that means nothing is not passed over."""
    result = plugbay("list", **{variable: value})
    assert (result.returncode, result.stdout) == (4, "")
    assert told in result.stderr


def test_a_fault_of_its_own_exits_with_70(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is told apart from a finding."""
    from plugbay import cli

    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_parser", broken)
    assert cli.main(["list"]) == 70


def test_help_lists_every_exit_code(plugbay: Run) -> None:
    """The codes in `--help` are those of the table."""
    told = plugbay("--help").stdout
    assert all(f"{code:2}  {meaning}" in told for code, meaning in MEANINGS.items())


def test_version_is_the_package_s(plugbay: Run) -> None:
    """`--version` prints the version, also beside other arguments."""
    import plugbay as package

    assert plugbay("--version").stdout == f"plugbay {package.__version__}\n"


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_follows_the_conventions(
    plugbay: Run, variables: dict[str, str], coloured: bool
) -> None:
    """A pipe has no colour unless it is forced, and NO_COLOR wins."""
    assert ("\x1b[" in plugbay("why", "lamp@desk-lamp", **variables).stdout) is coloured


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("term", "coloured"), [("xterm", True), ("dumb", False)])
def test_a_terminal_gets_colour_unless_it_is_dumb(site: Path, term: str, coloured: bool) -> None:
    """On a real terminal the answer is coloured."""
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{SOURCES}", "TERM": term}
    environment.pop("NO_COLOR", None)
    subprocess.run(
        [sys.executable, "-m", "plugbay", "why", "lamp@desk-lamp"],
        env=environment,
        stdout=follower,
        timeout=60,
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert (b"\x1b[" in shown) is coloured
    assert b"lamp" in shown


def test_rich_draws_the_table_where_it_is_installed(plugbay: Run) -> None:
    """With colour and the extra `rich` the table is drawn by it, with the same words."""
    pytest.importorskip("rich", reason="the extra plugbay[rich] is not installed")
    shown = plugbay("list", "desk.things", FORCE_COLOR="1", COLUMNS="200").stdout
    assert "\x1b[1mNAME" in shown
    assert "too-old-host" in shown


def test_a_closed_pipe_is_no_error(site: Path) -> None:
    """`plugbay list | head -1` ends quietly."""
    command = f"{sys.executable} -m plugbay list 2>&1 | head -n 1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{SOURCES}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode in (0, 1)
    assert "Error" not in result.stdout + result.stderr


def test_a_plugin_in_an_archive_is_not_called_missing(plugbay: Run, tmp_path: Path) -> None:
    """What is in a zip on the path cannot be looked through, and is not said to be absent."""
    archive = tmp_path / "drawer.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("desk_drawer.py", "def pull(): ...")
        zipped.writestr("desk_drawer-1.0.dist-info/METADATA", "Name: desk-drawer\nVersion: 1.0\n")
        entries = "[desk.drawers]\ndrawer = desk_drawer:pull\n"
        zipped.writestr("desk_drawer-1.0.dist-info/entry_points.txt", entries)
    path = os.pathsep.join([str(archive), str(SOURCES)])
    steps = json.loads(plugbay("why", "drawer", "--json", PYTHONPATH=path).stdout)
    last = steps["plugins"][0]["steps"][-1]
    assert (last["question"], last["answer"]) == ("target exists", "unknown")


def test_an_api_of_no_group_is_told(plugbay: Run) -> None:
    """A host API that nothing is checked against is a mistake, and the closest host is named."""
    assert "did you mean 'desk'" in plugbay("groups", "--api", "dek==1.3").stderr


def test_a_distribution_without_plugins_is_called_installed(plugbay: Run) -> None:
    """Asked for by its name, it is not said to be unknown."""
    result = plugbay("why", "desk")
    assert (result.returncode, result.stderr) == (
        3,
        "plugbay: desk 1.3.0 is installed, and has no plugins\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_ctrl_c_ends_it_without_a_traceback(site: Path, tmp_path: Path) -> None:
    """With the exit code of programs that are interrupted, and what it has started as well."""
    pid = tmp_path / "pid"
    body = f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\n"
    body += "time.sleep(600)\nthing = 1\n"
    plant(site, "slow", entry_points="[studio.views]\nslow = slow_view:thing\n", slow_view=body)
    process = subprocess.Popen(
        [sys.executable, "-m", "plugbay", "why", "slow", "--load"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(SOURCES)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (pid.exists() and pid.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
