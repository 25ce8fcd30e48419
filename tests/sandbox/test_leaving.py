"""Leaving: however a host ends, no processes and no temporary folders of its sandboxes are left."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from watching import LINUX, Program, eventually, is_running

pytestmark = LINUX

WORKING = """
sandbox = Sandbox("process", timeout=60)
process = sandbox.run(endless.beget, False, "return")
say(process.output, os.getpid())
"""
BUSY = """
sandbox = Sandbox("process", timeout={timeout})
say(sandbox.run("endless:process").value, os.getpid())
threading.Thread(target=sandbox.run, args=["endless:{call}"], daemon=True).start()
time.sleep(0.2)
say("busy")
"""


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("", 0),
        ("sandbox.close()", 0),
        ("sys.exit(3)", 3),
        ("raise ValueError", 1),
        ("\nwith sandbox: pass", 0),
        ("\nwith sandbox: raise ValueError", 1),
        ("\nwith sandbox: sys.exit(4)", 4),
        ("del sandbox; import gc; gc.collect()", 0),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(5)", -2),
    ],
)
def test_a_host_that_ends_leaves_nothing(way: str, code: int, tmp_path: Path) -> None:
    """Of what its calls have started in their group either."""
    program = Program(f"{WORKING}\n{way}", tmp_path)
    worker, grandchild = map(int, program.line().split())
    assert code == program.end()[0]
    assert eventually(lambda: not is_running(worker), 2)
    assert eventually(lambda: not is_running(grandchild), 2)
    assert [] == program.left
    assert "ResourceWarning" not in program.errors


def test_a_host_that_ends_while_it_calls_leaves_nothing(tmp_path: Path) -> None:
    """The call of a thread is cut off, however the others end."""
    busy = BUSY.format(timeout=60, call="swallow")
    ways = ("", "sandbox.close()", "sys.exit(3)", "raise ValueError")
    hosts = [Program(f"{busy}\n{way}", tmp_path) for way in ways]
    workers = [int(each.line().split()[0]) for each in hosts]
    for each in hosts:
        each.end()
    assert eventually(lambda: not any(map(is_running, workers)), 2)
    assert [] == hosts[0].left


def test_a_host_that_ends_while_a_thread_cleans_up_leaves_nothing(tmp_path: Path) -> None:
    """It waits for the thread, which is cut off otherwise."""
    slow = """
import shutil
remove = shutil.rmtree
def slowly(*args, **options):
    time.sleep(0.5)
    remove(*args, **options)
shutil.rmtree = slowly
"""
    busy = BUSY.format(timeout=60, call="swallow")
    program = Program(f"{slow}{busy}\nsandbox.close(); time.sleep(0.2)", tmp_path)
    assert 0 == program.end()[0]
    assert [] == program.left


def test_calls_that_the_end_of_the_host_cuts_off_get_results(tmp_path: Path) -> None:
    """Their threads may run until the very end, and what they raised would be printed."""
    code = """
import atexit
came = []
def call():
    try: came.append(str(sandbox.run(hostile.nap, 60).success))
    except BaseException as error: came.append(repr(error))
threads = [threading.Thread(target=call, daemon=True) for _ in range(8)]
def last():
    for each in threads: each.join(10)
    say(*came)
atexit.register(last)
sandbox = Sandbox("process")
for each in threads: each.start()
while len(os.listdir(os.environ["TMPDIR"])) < 8: time.sleep(0.01)
time.sleep(0.3)
"""
    assert (0, [" ".join(["False"] * 8)]) == Program(code, tmp_path).end()


def test_a_task_of_a_host_that_ends_leaves_nothing(tmp_path: Path) -> None:
    """It is cancelled with its loop."""
    code = """
import asyncio
sandbox = Sandbox("process", timeout=60)
say(sandbox.run(hostile.process).value)
async def main():
    task = asyncio.create_task(sandbox.run_async(hostile.nap, 60))
    await asyncio.sleep(0.2)
asyncio.run(main())
"""
    program = Program(code, tmp_path)
    worker = int(program.line())
    assert 0 == program.end()[0]
    assert "" == program.errors
    assert eventually(lambda: not is_running(worker), 2)
    assert [] == program.left


def test_a_sandbox_that_nobody_has_any_more_leaves_nothing(tmp_path: Path) -> None:
    """While its host goes on."""
    code = """
import gc
def use():
    return Sandbox("process").run(hostile.process).value
process = use()
gc.collect()
say(os.path.exists(f"/proc/{process}"), os.listdir(os.environ["TMPDIR"]))
"""
    assert (0, ["False []"]) == Program(code, tmp_path).end()


# -- hosts that fork ----------------------------------------------------------------------------

FORKING = """
sandbox = Sandbox("process", timeout=20)
process = sandbox.run(hostile.process).value
child = os.fork()
if child == 0:
    {child}
os.waitpid(child, 0)
say(process == sandbox.run(hostile.process).value)
"""


@pytest.mark.parametrize(
    "child",
    [
        "os._exit(0)",
        "sys.exit()",
        "sandbox.close(); os._exit(0)",
        "sandbox.close(); sys.exit()",
        "del sandbox; import gc; gc.collect(); os._exit(0)",
    ],
)
def test_a_fork_of_the_host_does_not_end_its_workers(child: str, tmp_path: Path) -> None:
    """However it ends."""
    program = Program(FORKING.format(child=child), tmp_path)
    assert (0, ["True"]) == program.end()
    assert [] == program.left


def test_a_fork_of_the_host_does_not_remove_their_folders(tmp_path: Path) -> None:
    """A call still has it when a fork has ended."""
    code = FORKING.format(child="sys.exit()")
    code += "say(sandbox.run(hostile.tell, 'os.path.exists(os.environ[\"HOME\"])').value)\n"
    assert (0, ["True", "True"]) == Program(code, tmp_path).end()


def test_a_fork_of_the_host_does_not_end_its_calls(tmp_path: Path) -> None:
    """Though it closes what it has of the sandbox."""
    code = """
sandbox = Sandbox("process", timeout=20)
sandbox.run(hostile.add, 1, 2)
calls = []
thread = threading.Thread(target=lambda: calls.append(sandbox.run(hostile.nap, 0.6)))
thread.start()
time.sleep(0.2)
child = os.fork()
if child == 0:
    sandbox.close()
    os._exit(0)
os.waitpid(child, 0)
thread.join()
say(calls[0].success)
"""
    program = Program(code, tmp_path)
    assert (0, ["True"]) == program.end()


@pytest.mark.parametrize("call", ["hostile.process", "hostile.nap, 0.5"])
def test_a_fork_of_the_host_has_workers_of_its_own(call: str, tmp_path: Path) -> None:
    """Two that share one would take each other's answers."""
    child = f"say(process != sandbox.run({call}).value); sandbox.close(); os._exit(0)"
    program = Program(FORKING.format(child=child), tmp_path)
    assert (0, ["True", "True"]) == program.end()


# -- hosts that are killed ----------------------------------------------------------------------


def _killed(program: Program) -> int:
    """The worker of a host that tells of it and is killed when it is busy."""
    worker, host = map(int, program.line().split())
    assert "busy" == program.line()
    assert is_running(worker)
    os.kill(host, signal.SIGKILL)
    assert -signal.SIGKILL == program.end()[0]
    return worker


@pytest.fixture(scope="module")
def orphans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Workers whose hosts were killed while they were busy, some time after their deadline."""
    calls, folder = (
        ("sleep", "spin", "swallow", "match", "ignore"),
        tmp_path_factory.mktemp("hosts"),
    )
    code = BUSY + "time.sleep(60)"
    hosts = [Program(code.format(timeout=0.7, call=each), folder) for each in calls]
    workers = dict(zip(calls, map(_killed, hosts), strict=True))
    eventually(lambda: not any(map(is_running, workers.values())), 2.5)
    yield workers
    for each in filter(is_running, workers.values()):
        os.kill(each, signal.SIGKILL)


@pytest.mark.parametrize("call", ["sleep", "spin", "swallow", "match"])
def test_a_host_that_is_killed_leaves_no_call(call: str, orphans: dict[str, int]) -> None:
    """It ends by itself, soon after its deadline."""
    assert not is_running(orphans[call])


def test_a_host_that_is_killed_leaves_no_idle_worker(tmp_path: Path) -> None:
    """It ends since nobody can ask it any more."""
    code = 'sandbox = Sandbox("process"); say(sandbox.run(hostile.process).value, os.getpid())\n'
    program = Program(code + 'say("busy"); time.sleep(60)', tmp_path)
    worker = _killed(program)
    assert eventually(lambda: not is_running(worker), 5)
