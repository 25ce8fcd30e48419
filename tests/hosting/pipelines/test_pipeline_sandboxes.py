"""Sandboxes: steps that are called with limits, all of them or some."""

import importlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest
from piping import GROUP, add_step, discovered, of_functions, on_path
from sites import Site

import plugbay
from plugbay import Component, Host, Sandbox

NEAR = "import os\ndef step(rows, **options): return [*rows, os.getpid(), *options.items()]\n"
HOSTILE = '''
import os, sys, time
def step(rows):
    """What its data asks for."""
    asked = rows[0]
    if asked == "raise": raise ValueError("not this")
    if asked == "leave": sys.exit(3)
    if asked == "die": os._exit(3)
    if asked == "sleep": time.sleep(60)
    if asked == "interrupt": raise KeyboardInterrupt
    if asked == "set": return {1, 2}
    if asked == "nothing": return None
    return rows
'''
CODEC = """
from fractions import Fraction
class Codec:
    def encode(self, value):
        if isinstance(value, Fraction): return {"fraction": str(value)}
        return [self.encode(each) for each in value] if isinstance(value, list) else value
    def decode(self, value):
        if isinstance(value, dict): return Fraction(value["fraction"])
        return [self.decode(each) for each in value] if isinstance(value, list) else value
codec = Codec()
"""
CLASS = """
class step:
    made = 0
    def __init__(self): type(self).made += 1
    def __call__(self, rows): return [*rows, "called", self.made]
    def apply(self, rows, add=0): return [*rows, "applied", self.made, add]
    def fail(self, rows): raise ValueError("not this")
"""
NEEDY = """
from dataclasses import dataclass
@dataclass
class Model:
    size: int = 1
class step:
    config_model = Model
    def __call__(self, rows): return rows
"""

TIMES = """
class Times:
    def __init__(self, factor=1): self.factor = factor
    def apply(self, rows): return [self.factor * each for each in rows]
    __call__ = apply
def add(host, group): host.register("times", Times(3), group=group)
"""


@pytest.fixture(scope="module", autouse=True)
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Plugins that tell where they run, and others that do what their data asks for."""
    with on_path(tmp_path_factory.mktemp("sandboxes") / "site") as site:
        for name in "abc":
            add_step(site, name, body=NEAR)
        add_step(site, "hostile", body=HOSTILE, group="tabletop.hostile")
        add_step(site, "made", body=CLASS, group="tabletop.made")
        add_step(site, "needy", body=NEEDY, group="tabletop.needy")
        needs = {"plugins": {"tabletop.told": {"told": {"config": {"type": "object"}}}}}
        add_step(site, "told", group="tabletop.told", manifest=needs)
        add_step(site, "half", "[each / 2 for each in rows]", group="tabletop.half")
        site.write("tabletop_codec.py", CODEC)
        site.write("steps_times.py", TIMES)
        site.add("whole", {"whole": "steps_whole"}, group="tabletop.whole")
        site.write("steps_whole.py", "def apply(rows): return [*rows, 'whole']\n")
        site.add("extra", {"extra": "steps_extra:step [fast]"}, group="tabletop.extra")
        site.write("steps_extra.py", CLASS)
        yield site


@pytest.fixture(scope="module")
def process() -> Iterator[Sandbox]:
    """A process for each plugin."""
    with Sandbox("process", timeout=30) as sandbox:
        yield sandbox


def test_each_plugin_has_a_process_of_its_own(process: Sandbox) -> None:
    """The same one for each batch, and options are taken along."""
    pipeline = discovered().pipeline(GROUP, ["a", ("b", {"size": 2}), "a"], sandbox=process)
    run = pipeline.stream([["x"], ["y"]])
    (x, one, two, option, three), (y, *others) = run
    assert ("x", "y", ["size", 2]) == (x, y, option)
    assert one == three != two
    assert [one, two, option, three] == others
    assert os.getpid() not in (one, two)
    first = run.steps[0]
    assert (2, 2, 4, ["y"], ["y", one]) == (
        first.batches, first.rows_in, first.rows_out, first.input, first.output
    )  # fmt: skip


def test_a_host_chooses_what_is_called_in_a_sandbox(process: Sandbox) -> None:
    """For each plugin, by a function that is asked with it; None is for none."""
    asked: list[Component] = []

    def choose(component: Component) -> Sandbox | None:
        asked.append(component)
        return process if component.name == "b" else None

    host = discovered()
    first, second, third = host.pipeline(GROUP, sandbox=choose).run([]).value
    assert first == third == os.getpid() != second
    assert list(host[GROUP].components.values()) == asked


@pytest.mark.parametrize("level", ["inprocess", "thread", "process"])
def test_what_goes_wrong_in_a_sandbox_is_a_failing_step(level: Any, process: Sandbox) -> None:
    """In the words of the sandbox, with the traceback from there."""
    sandbox = process if level == "process" else Sandbox(level)
    pipeline = discovered("tabletop.hostile").pipeline("tabletop.hostile", sandbox=sandbox)
    run = pipeline.stream([["on"], ["raise"]])
    assert ["on"] == next(run)
    with pytest.raises(plugbay.PipelineError) as raised:
        next(run)
    error, cause = raised.value, raised.value.__cause__
    assert str(error) == (
        "step 1 of 1, plugin 'hostile' of tabletop-hostile 1.0, failed on batch 2 (1 row): "
        "ValueError: not this"
    )
    assert (1, "hostile", 2, ["raise"]) == (error.step, error.plugin, error.batch, error.data)
    assert isinstance(cause, plugbay.SandboxedError)
    assert error.traceback == cause.traceback
    assert "steps_hostile.py" in error.traceback
    with pytest.raises(plugbay.PipelineError, match="it gave None, and not the data"):
        pipeline.run(["nothing"])
    with pytest.raises(plugbay.PipelineError, match=r"\(1 row\): SystemExit: 3"):
        pipeline.run(["leave"])


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ("die", plugbay.SandboxWorkerError, "it ended its process with exit code 3"),
        ("set", plugbay.SandboxDataError, "what it gave cannot be carried as JSON"),
        ("interrupt", plugbay.SandboxedError, "KeyboardInterrupt"),
    ],
)
def test_a_process_keeps_the_host_from_harm(
    process: Sandbox, asked: str, kind: type, words: str
) -> None:
    """The next batch finds another process."""
    pipeline = discovered("tabletop.hostile").pipeline("tabletop.hostile", sandbox=process)
    with pytest.raises(plugbay.PipelineError, match=rf"\(1 row\): {words}") as raised:
        pipeline.run([asked])
    assert isinstance(raised.value.__cause__, kind)
    assert ["on"] == pipeline.run(["on"]).value


@pytest.mark.parametrize("level", ["thread", "process"])
def test_a_step_is_given_up_at_its_deadline(level: Any) -> None:
    """Which names it."""
    with Sandbox(level, timeout=0.5 if level == "thread" else 2) as sandbox:
        waits = threading.Event()
        group = GROUP if level == "thread" else "tabletop.hostile"
        here = of_functions(sleep=lambda rows: waits.wait(30))
        host = here if level == "thread" else discovered(group)
        with pytest.raises(plugbay.PipelineError, match=r"batch 1 .* took more than") as raised:
            host.pipeline(group, sandbox=sandbox).run(["sleep"])
        waits.set()
    assert isinstance(raised.value.__cause__, plugbay.SandboxTimeoutError)


def test_a_codec_carries_what_json_does_not_have(process: Sandbox) -> None:
    """Both ways; without one the batch is told to be none that can be carried."""
    host, batch = discovered("tabletop.half"), [Fraction(1, 3), 4]
    with Sandbox("process", codec="tabletop_codec:codec") as sandbox:
        run = host.pipeline("tabletop.half", sandbox=sandbox).run(batch)
    assert [Fraction(1, 6), 2.0] == run.value
    with pytest.raises(plugbay.PipelineError, match=r"'half' .* as JSON: .*Fraction") as raised:
        host.pipeline("tabletop.half", sandbox=process).run(batch)
    assert isinstance(raised.value.__cause__, plugbay.SandboxDataError)


def test_a_class_is_instantiated_once_in_its_process(process: Sandbox) -> None:
    """It is called, or a method of it, and the host makes none of its own."""
    host = discovered("tabletop.made")
    plain = host.pipeline("tabletop.made", ["made", "made"], sandbox=process)
    assert ["x", "called", 1, "called", 1] == plain.run(["x"]).value
    steps: list[Any] = [("made", {"add": 2})]
    method = host.pipeline("tabletop.made", steps, method="apply", sandbox=process)
    assert [["applied", 1, 2]] * 2 == [out[1:] for out in method.stream([["x"], ["y"]])]
    assert "found" == host["tabletop.made"].components["made"].state
    with pytest.raises(plugbay.PipelineError, match="ValueError: not this"):
        host.pipeline("tabletop.made", method="fail", sandbox=process).run([])


def test_a_method_is_called_in_a_thread_too() -> None:
    """Of the instance that the host has."""
    host = discovered("tabletop.made")
    pipeline = host.pipeline("tabletop.made", method="apply", sandbox=Sandbox("thread", timeout=30))
    assert ["x", "applied", 1, 0] == pipeline.run(["x"]).value
    assert host["tabletop.made"]["made"].made == 1


@pytest.mark.parametrize("name", ["whole", "extra"])
def test_methods_of_modules_and_with_extras_are_found(process: Sandbox, name: str) -> None:
    """As they are where there is no sandbox."""
    group = f"tabletop.{name}"
    host = discovered(group)
    expected = host.pipeline(group, method="apply").run([]).value
    assert expected[0] in ("whole", "applied")
    assert expected == host.pipeline(group, method="apply", sandbox=process).run([]).value


def test_an_object_cannot_be_called_in_another_process(process: Sandbox) -> None:
    """There is no such object there."""
    host = Host("tabletop")
    importlib.import_module("steps_times").add(host, GROUP)
    assert [6] == host.pipeline(GROUP).run([2]).value
    assert [6] == host.pipeline(GROUP, method="apply").run([2]).value
    with pytest.raises(plugbay.PipelineError, match="cannot be imported by its name"):
        host.pipeline(GROUP, sandbox=process).run([2])


def test_a_method_of_an_object_cannot_either(process: Sandbox) -> None:
    """Another object of its class is not the one that was registered."""
    host = Host("tabletop")
    importlib.import_module("steps_times").add(host, GROUP)
    with pytest.raises(plugbay.HostError, match="cannot be imported by its name"):
        host.pipeline(GROUP, method="apply", sandbox=process).run([2])


def test_a_class_from_code_may_be_called_in_a_process(process: Sandbox) -> None:
    """It is found where it is defined."""
    host = of_functions(times=importlib.import_module("steps_times").Times)
    assert [2] == host.pipeline(GROUP, sandbox=process).run([2]).value


def test_a_method_of_a_class_from_code_may_be_called_in_a_process(process: Sandbox) -> None:
    """As the class may be, which is defined in another module than that which registers it."""
    host = of_functions(times=importlib.import_module("steps_times").Times)
    assert [2] == host.pipeline(GROUP, method="apply", sandbox=process).run([2]).value


def test_a_step_with_needs_is_not_called_in_a_process(process: Sandbox) -> None:
    """It would have neither configuration nor what it depends on."""
    host = discovered("tabletop.needy", "tabletop.told")
    with pytest.raises(plugbay.HostError, match="in a process of its own: it depends on"):
        host.pipeline("tabletop.told", sandbox=process).run([])  # as its manifest says
    host.register("leaning", sorted, group="tabletop.lean", depends_on=["needy"])
    with host:
        for group in ("tabletop.needy", "tabletop.lean"):
            pipeline = host.pipeline(group, sandbox=process)
            with pytest.raises(plugbay.HostError, match="in a process of its own: it depends on"):
                pipeline.run([])
            inside = host.pipeline(group, sandbox=Sandbox("thread", timeout=30))
            assert [1] == inside.run([1]).value


def test_threads_may_call_in_a_sandbox(process: Sandbox) -> None:
    """Each batch in order, as without one."""
    with ThreadPoolExecutor(2) as pool:
        pipeline = discovered().pipeline(GROUP, ["a"], sandbox=process, executor=pool)
        found = list(pipeline.stream([[number] for number in range(6)]))
    assert list(range(6)) == [rows[0] for rows in found]
    assert os.getpid() not in {rows[1] for rows in found}


def test_a_sandbox_does_not_hold_for_other_processes(process: Sandbox) -> None:
    """So that nobody believes it: both together are refused, before a process is started."""
    with ProcessPoolExecutor(1) as pool:
        for sandbox in (process, lambda component: process):
            with pytest.raises(
                plugbay.HostError, match="a sandbox holds for this process, and not"
            ):
                discovered().pipeline(GROUP, sandbox=sandbox, executor=pool)


def test_an_interrupt_is_no_result(process: Sandbox) -> None:
    """Where it is raised in this process."""

    def interrupt(rows: object) -> None:
        raise KeyboardInterrupt

    host: Host = of_functions(interrupt)
    with pytest.raises(KeyboardInterrupt):
        host.pipeline(GROUP, sandbox=Sandbox("inprocess")).run([])
