"""Versions: workers that have other plugins than the host refuse, and say what differs."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from parts import QUIET
from piping import GROUP, Programs, add_step, discovered, looks_at, on_path
from sites import HOST, Site

import plugbay
from plugbay import Host, HostApi, Policy

# A module that leaves a mark where it is imported.
MARKING = "open(__file__ + '.ran', 'a').close()\ndef step(rows): return rows\n"


@pytest.fixture(scope="module", autouse=True)
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """What is installed here: a plugin in each group."""
    with on_path(tmp_path_factory.mktemp("versions") / "site") as site:
        for name in ("same", "older", "missing", "other", "edited", "unloadable"):
            add_step(site, name, f"[*rows, {name!r}]", group=f"tabletop.{name}", version="1.2")
        yield site


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """What workers have: only one of these plugins is the same."""
    site = Site(tmp_path_factory.mktemp("versions") / "there")
    add_step(site, "same", "[*rows, 'same']", group="tabletop.same", version="1.2")
    add_step(site, "older", "[*rows, 'old']", group="tabletop.older", version="1.1")
    add_step(
        site, "other", "[*rows, 'mine']", group="tabletop.other", version="1.2", distribution="fork"
    )
    add_step(site, "edited", "[*rows, 'edited']", group="tabletop.edited", version="1.2")
    site.write("steps_edited.py", "def step(rows): return [*rows, 'otherwise']\n")
    add_step(site, "unloadable", body="1 / 0", group="tabletop.unloadable", version="1.2")
    add_step(site, "next", group="tabletop.missing", version="1.2")
    return site


@pytest.fixture(scope="module", params=["a pool of processes", "an environment of their own"])
def workers(request: pytest.FixtureRequest, there: Site) -> Iterator[Executor]:
    """Worker processes that look for plugins there."""
    if request.param == "an environment of their own":
        yield Programs(there.root)
        return
    context = multiprocessing.get_context("spawn")
    path = (str(there.root),)
    with ProcessPoolExecutor(1, context, initializer=looks_at, initargs=path) as pool:
        yield pool


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("older", "the worker refuses it: it has tabletop-older 1.1, and not 1.2"),
        ("missing", "the worker refuses it: it has no plugin 'missing' in 'tabletop.missing'"),
        ("other", "the worker refuses it: its 'other' is of fork 1.2, and not of tabletop-other"),
    ],
)
def test_a_worker_refuses_what_it_has_in_another_version(
    workers: Executor, name: str, reason: str
) -> None:
    """With the step and the difference; here the same plugin does its work."""
    host = discovered("tabletop.same", f"tabletop.{name}")
    group = f"tabletop.{name}"
    assert ["a", name] == host.pipeline(group).run(["a"]).value
    run = host.pipeline(group, executor=workers).stream([["a"]])
    with pytest.raises(plugbay.PipelineError) as raised:
        next(run)
    error = raised.value
    where = f"step 1 of 1, plugin '{name}' of tabletop-{name} 1.2, failed on batch 1 (1 row): "
    assert where + reason == str(error)
    assert (1, name, 1, ["a"]) == (error.step, error.plugin, error.batch, error.data)
    assert 0 == run.steps[0].batches
    assert ["a", "same"] == host.pipeline("tabletop.same", executor=workers).run(["a"]).value


def test_the_step_that_differs_is_told_and_none_is_done(
    workers: Executor, here: Site, there: Site
) -> None:
    """A batch does not go through half of a pipeline."""
    for site, version in ((here, "2.0"), (there, "2.1")):
        add_step(
            site,
            "a",
            body=f"def step(rows): open({str(there.root / 'mark')!r}, 'w').close()",
            group="tabletop.two",
            version="1.0",
        )
        add_step(site, "b", group="tabletop.two", version=version)
    host = discovered("tabletop.two")
    with pytest.raises(plugbay.PipelineError, match=r"^step 2 of 2, .* 'b' .* 2.1, and not 2.0$"):
        host.pipeline("tabletop.two", executor=workers).run([])
    assert not (there.root / "mark").exists()


def test_a_process_of_the_same_version_is_taken_for_the_same(workers: Executor) -> None:
    """Files are compared where a cluster is asked, and not where workers are of this machine."""
    host = discovered("tabletop.edited")
    assert ["a", "edited"] == host.pipeline("tabletop.edited").run(["a"]).value
    assert ["a", "otherwise"] == host.pipeline("tabletop.edited", executor=workers).run(["a"]).value


def test_a_worker_that_cannot_load_the_same_version_says_so(workers: Executor) -> None:
    """As it is what was asked for."""
    host = discovered("tabletop.unloadable")
    with pytest.raises(plugbay.PipelineError, match=r"'unloadable' .*: .*ZeroDivisionError"):
        host.pipeline("tabletop.unloadable", executor=workers).run([])


@pytest.mark.parametrize("options", [{"api": HostApi(HOST, "1.5")}, {"api_version": "1.5"}])
def test_the_gate_of_the_host_stands_in_the_worker(
    workers: Executor, here: Site, there: Site, options: dict[str, Any]
) -> None:
    """It is told the host's API, and judges what is installed there."""
    group = f"{HOST}.gated"
    add_step(here, "gated", group=group)
    add_step(there, "gated", group=group, requires=[f"{HOST}>=2"])
    pipeline = discovered(group, **options).pipeline(group, executor=workers)
    with pytest.raises(plugbay.PipelineError, match=r"'gated' .* refused: .*1.5"):
        pipeline.run([])


@pytest.fixture
def many(site: Site) -> Callable[..., Executor]:
    """Programs that see the same plugins as the host does."""
    add_step(site, "good", "[*rows, 'good']")
    return lambda: Programs(site.root)


@QUIET
def test_the_policy_of_the_host_holds_in_the_worker(
    site: Site, many: Callable[..., Executor]
) -> None:
    """What it denies is neither imported nor started there."""
    add_step(site, "denied", body=MARKING)
    host = discovered(policy=Policy(deny=["tabletop-denied"]))
    assert ["good"] == host.pipeline(GROUP, executor=many()).run([]).value
    assert not Path(site.root / "steps_denied.py.ran").exists()


def test_plugins_of_one_name_are_told_apart_in_the_worker(
    site: Site, many: Callable[..., Executor]
) -> None:
    """As the host does."""
    site.add("rival", {"good": "steps_rival:step"}, group=GROUP)
    site.write("steps_rival.py", "def step(rows): return [*rows, 'rival']\n")
    host = Host("tabletop")
    host.discover(GROUP, on_conflict="all")
    expected = host.pipeline(GROUP).run([]).value
    assert ["rival", "good"] == expected
    assert expected == host.pipeline(GROUP, executor=many()).run([]).value


@pytest.mark.parametrize("denied", ["", "a-rival"])
@QUIET
def test_a_worker_finds_the_same_winner(
    site: Site, many: Callable[..., Executor], denied: str
) -> None:
    """Of two distributions with a plugin of one name, of which one may be denied."""
    site.add("a-rival", {"good": "steps_rival:step"}, group=GROUP)
    site.write("steps_rival.py", "def step(rows): return [*rows, 'rival']\n")
    host = discovered(policy=Policy(deny=[denied]) if denied else None, config={"code": {"x": 1}})
    expected = ["good" if denied else "rival"]
    assert expected == host.pipeline(GROUP).run([]).value
    assert expected == host.pipeline(GROUP, executor=many()).run([]).value
    host.register("code", object(), group="tabletop.code")  # which has no configuration there
    strict = Programs(site.root, warnings="error")  # the host has told of all that is wrong
    assert expected == host.pipeline(GROUP, executor=strict).run([]).value


def test_a_plugin_that_needs_one_from_code_is_refused_in_the_worker(
    site: Site, many: Callable[..., Executor]
) -> None:
    """Which does not have that one; the message says it."""
    add_step(site, "needy", body="class step:\n    depends_on = ['base']\n    __call__ = sorted\n")
    host = discovered()
    host.register("base", object(), group="tabletop.base")
    with host:
        assert "active" == {each.name: each.state for each in host.components}["needy"]
        with pytest.raises(
            plugbay.PipelineError, match=r"'needy' .* depends on 'base', which is not"
        ):
            host.pipeline(GROUP, ["needy"], executor=many()).run([])


def test_configuration_of_a_file_is_sent_along(
    site: Site, many: Callable[..., Executor], tmp_path: Path
) -> None:
    """The worker has no such file."""
    body = (
        "from dataclasses import dataclass\n@dataclass\nclass Model:\n    size: int = 1\n"
        "class step:\n    config_model = Model\n"
        "    def initialize(self, context): self.size = context.config.size\n"
        "    def __call__(self, rows): return rows * self.size\n"
    )
    add_step(site, "sized", body=body)
    (tmp_path / "tabletop.toml").write_text("[plugins.sized]\nsize = 3\n")
    host: Any = discovered(config_file=tmp_path / "tabletop.toml")
    assert [1, 1, 1] == host.pipeline(GROUP, ["sized"], executor=many()).run([1]).value


class Delegating(Executor):
    """An executor of its own that has threads of this process do the work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._threads.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def test_a_worker_has_one_host_for_all_its_threads(site: Site) -> None:
    """Whoever comes first makes it, and the others wait for it."""
    body = (
        "import time\n"
        "class step:\n"
        "    made = 0\n"
        "    def initialize(self): time.sleep(0.1); type(self).made += 1\n"
        "    def __call__(self, rows): return [*rows, self.made]\n"
    )
    add_step(site, "slow", body=body, group="tabletop.slow")
    with Delegating() as executor:
        found = list(
            discovered("tabletop.slow")
            .pipeline("tabletop.slow", executor=executor)
            .stream([number] for number in range(8))
        )
    assert [[number, 1] for number in range(8)] == found
