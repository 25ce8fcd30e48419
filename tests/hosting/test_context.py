"""Context: what a plugin gets from its host when it is started."""

import logging
from pathlib import Path
from typing import Any

import pytest
from parts import QUIET, child

import plugbay
from plugbay import Context, Host


class Wanting:
    """A plugin that keeps the context which it is given."""

    context: Context

    def initialize(self, context: Context) -> None:
        self.context = context


def context_of(host: Host, name: str, group: str = "tabletop.plugins") -> Context:
    """What the plugin of that name was given."""
    found: Context = host[group][name].context
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory that nobody has kept anything in."""
    for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_a_plugin_learns_who_it_is_and_has_a_logger(caplog: pytest.LogCaptureFixture) -> None:
    """Named by the host and the plugin, below that of the host."""
    host = Host("tabletop")
    host.register("csv", Wanting)
    with host:
        context = context_of(host, "csv")
        assert ("tabletop", "csv") == (context.host, context.name)
        with caplog.at_level(logging.INFO, logger="tabletop"):
            context.logger.info("two rows")
    assert [("tabletop.csv", logging.INFO, "two rows")] == caplog.record_tuples
    assert "<Context of 'csv' in 'tabletop'>" == repr(context)


def test_a_plugin_gets_its_dependencies_and_nothing_else() -> None:
    """By the names that it has for them."""
    host = Host("tabletop")
    rows, near = type("Rows", (), {"version": "1.0"})(), object()
    host.register("rows", rows)
    host.register("near", near, group="tabletop.other")
    host.register("other", object())
    needs = ["rows>=1", "tabletop.other:near", "missing?"]
    host.register("csv", Wanting, depends_on=needs)
    with host:
        context = context_of(host, "csv")
        assert (rows, near) == (context.plugin("rows"), context.plugin("tabletop.other:near"))
        with pytest.raises(
            plugbay.PluginNotFoundError, match=r"^'row' is optional and not there, or .*mean 'rows'"
        ):
            context.plugin("row")
        for name in ("other", "missing", "near"):
            words = f"'{name}' is optional and not there, or 'csv' does not"
            with pytest.raises(KeyError, match=words):
                context.plugin(name)


def test_a_dependency_is_the_one_instance_and_started() -> None:
    """The same object that the host gives."""
    host = Host("tabletop")
    seen: list[Any] = []

    class Reader:
        is_open = False

        def initialize(self) -> None:
            self.is_open = True

    class User:
        def initialize(self, context: Context) -> None:
            seen.extend([context.plugin("reader"), context.plugin("reader").is_open])

    host.register("a", User, depends_on=["reader"])
    host.register("reader", Reader)
    with host:
        assert [host["tabletop.plugins"]["reader"], True] == seen


def test_folders_are_made_below_the_users_own(home: Path) -> None:
    """When they are first asked for, and kept for the next time."""
    host = Host("tabletop")
    host.register("csv", Wanting)
    with host:
        context = context_of(host, "csv")
        assert [] == list(home.iterdir())
        data, cache = context.data_dir, context.cache_dir
    assert data.is_dir()
    assert cache.is_dir()
    assert data != cache
    for folder in (data, cache):
        assert folder.is_relative_to(home)
        assert "csv" == folder.name
        assert "tabletop" in folder.parts
    (data / "kept").write_text("kept")
    assert "kept" == (context.data_dir / "kept").read_text()


@pytest.mark.parametrize("name", ["../../up", "a/b", "..", "C:\\x", "nul\0"])
def test_no_name_leads_out_of_the_hosts_folder(name: str, home: Path) -> None:
    """Whatever it holds."""
    host = Host("tabletop")
    for each in ("plain", name):
        host.register(each, Wanting)
    with host:
        expected = context_of(host, "plain").data_dir.resolve().parent
        folder = context_of(host, name).data_dir.resolve()
    below = folder.relative_to(home.resolve()).parts
    assert below[below.index("tabletop") + 1 :]
    assert ".." not in below
    assert folder.parent == expected


@pytest.mark.usefixtures("home")
def test_two_plugins_have_two_folders() -> None:
    """Where their names differ in letters and digits."""
    host = Host("tabletop")
    for name in ("csv", "tsv"):
        host.register(name, Wanting)
    with host:
        assert context_of(host, "csv").data_dir != context_of(host, "tsv").data_dir


@pytest.mark.parametrize(
    ("one", "two"),
    [(("g.a", "csv"), ("g.b", "csv")), (("g", "a/b"), ("g", "a_b")), (("g", "a.b"), ("g", "a b"))],
)
@pytest.mark.usefixtures("home")
def test_a_folder_is_of_one_plugin_only(one: tuple[str, str], two: tuple[str, str]) -> None:
    """Also where two groups have a plugin of that name, or names are alike but for their signs."""
    host = Host("tabletop")
    for group, name in (one, two):
        host.register(name, Wanting, group=group)
    with host:
        folders = {context_of(host, name, group).data_dir for group, name in (one, two)}
    assert 2 == len(folders)


def test_without_platformdirs_the_extra_is_named() -> None:
    """In a process that does not have it; the other plugins start."""
    code, lines = child(
        "import plugbay\n"
        "class Folders:\n"
        "    def initialize(self, context): context.data_dir\n"
        "host = plugbay.Host('tabletop')\n"
        "host.register('folders', Folders)\n"
        "host.register('plain', object())\n"
        "with host:\n"
        "    for each in host.components: print(each.name, each.state, each.reason)\n"
    )
    words = "ModuleNotFoundError: folders of plugins need platformdirs; install plugbay[dirs]"
    assert (0, [f"folders failed {words}", "plain active "]) == (code, lines)


@QUIET
def test_methods_are_given_the_context_if_they_have_a_parameter_for_it() -> None:
    """Functions of modules, methods, class methods and static ones."""
    log: list[tuple[str, bool]] = []

    class Mixed:
        def on_load(self) -> None:
            log.append(("on_load", False))

        @staticmethod
        def initialize(context: Context) -> None:
            log.append(("initialize", isinstance(context, Context)))

        @classmethod
        def shutdown(cls, context: Context) -> None:
            log.append(("shutdown", isinstance(context, Context)))

        def on_unload(self, context: Context) -> None:
            log.append(("on_unload", isinstance(context, Context)))

    host = Host("tabletop")
    host.register("mixed", Mixed)
    with host:
        pass
    assert [("on_load", False)] == log[:1]
    assert [("initialize", True), ("shutdown", True), ("on_unload", True)] == log[1:]


def test_a_parameter_that_has_a_default_is_left_alone() -> None:
    """Only one that has to be given, or is named so, is for the context."""
    seen: list[object] = []

    class Slow:
        def shutdown(self, timeout: float = 5) -> None:
            seen.append(timeout)

    host = Host("tabletop")
    host.register("slow", Slow)
    with host:
        pass
    assert [5] == seen
