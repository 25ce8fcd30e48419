"""A shop with a contract for its exporters, plugins that keep it or not, and their tests."""

__all__ = ["HOST_TESTS", "PLUGINS", "TESTS"]

HOST_TESTS = """
    import plugbay
    from plugbay.testing import PluginContract


    class Exporter:
        def export(self, rows): raise NotImplementedError


    class ExporterContract(PluginContract):
        group = "shop.exporters"
        api = plugbay.HostApi("shop", "1.3")
        expect = Exporter

        def test_no_rows_are_no_text(self, running_plugin):
            assert running_plugin.export([]) == ""

        def test_it_is_the_class(self, plugin):
            assert issubclass(plugin, Exporter)


    class GreetingContract(PluginContract):
        group = "shop.greetings"

        def test_it_greets(self, plugin):
            assert plugin("Ada") == "Hello Ada"
"""
PLUGINS = """
    import dataclasses
    import threading
    from shop_tests import Exporter

    class Good(Exporter):
        def export(self, rows): return "".join(rows)

    class Wrong(Exporter):
        def export(self, rows): return "none"

    class Leaking(Good):
        def on_load(self):
            threading.Thread(target=threading.Event().wait, daemon=True, name="a-leak").start()

    class Failing(Good):
        def initialize(self, context): raise OSError("the disk is full")

    class Stuck(Good):
        def shutdown(self): raise OSError("the disk is gone")

    class Awaited(Good):
        async def __aenter__(self): return self
        async def __aexit__(self, *exception): pass

    @dataclasses.dataclass
    class Settings:
        where: str

    class Configured(Good):
        config_model = Settings
        def initialize(self, context): self.config = context.config

    class Needy(Good):
        depends_on = ["wax"]

    def greet(name): return f"Hello {name}"

    Stranger = object
"""
TESTS = """
    from pathlib import Path

    import pytest
    import shop_plugins
    from shop_tests import ExporterContract, GreetingContract

    class TestFunction(GreetingContract):
        plugin = shop_plugins.greet

    class TestConfigured(ExporterContract):
        plugin = shop_plugins.Configured
        config = {"where": "here"}

        def test_it_has_them(self, running_plugin):
            assert running_plugin.config == shop_plugins.Settings("here")

    class TestNeedy(ExporterContract):
        plugin = shop_plugins.Needy

    class TestEndless(ExporterContract):
        plugin = "endless"

    class TestGood(ExporterContract):
        plugin = "good"

    class TestObject(ExporterContract):
        plugin = shop_plugins.Good
        plugin_name = "better"

    class TestWrong(ExporterContract):
        plugin = "wrong"

    class TestLeaking(ExporterContract):
        plugin = "leaking"

    class TestFailing(ExporterContract):
        plugin = "failing"

    class TestStuck(ExporterContract):
        plugin = "stuck"

    class TestStranger(ExporterContract):
        plugin = "stranger"

    class TestMissing(ExporterContract):
        plugin = "missing"

    class TestNewer(ExporterContract):
        plugin = "newer"

    class TestOpen(ExporterContract):
        plugin = "open"

    class TestUndeclared(ExporterContract):
        plugin = "undeclared"

    class TestAbsent(ExporterContract):
        plugin = "god"

    class TestNothing(ExporterContract): ...

    class TestAwaited(ExporterContract):
        plugin = shop_plugins.Awaited
        asynchronous = True
        test_no_rows_are_no_text = None

    class TestAwaitedByMistake(ExporterContract):
        plugin = shop_plugins.Awaited
        test_no_rows_are_no_text = None

    class TestOwnFixture(ExporterContract):
        plugin = "good"

    class TestDerived(TestOwnFixture):
        @pytest.fixture
        def plugin(self, plugin_handle):
            return type("Other", (plugin_handle.load(),), {})

    class TestShadowed(ExporterContract):
        plugin = "good"

        @pytest.fixture
        def plugin_handle(self, make_distribution, installed_plugin):
            make_distribution("aaa", plugins={"shop.exporters": {"good": shop_plugins.Wrong}})
            from plugbay.testing.finding import find_plugin
            return find_plugin("shop.exporters", "good", distribution="shop-good")
"""
