"""What every exporter has to do, as tests that the author of one inherits.

They need pytest, which tabletop itself does not.
"""

from plugbay.testing import PluginContract
from tabletop.contracts import Exporter
from tabletop.plugins import API
from tabletop.tables import Table


class ExporterContract(PluginContract):
    """Derive from it in a test, and say which exporter it is about: ``plugin = "csv"``."""

    group = "tabletop.exporters"
    api = API
    expect = Exporter

    def test_every_cell_is_exported(self, plugin: Exporter) -> None:
        """What is in the table is in the text."""
        text = plugin(Table(("name", "mass"), [{"name": "Ada", "mass": 3700}]))
        assert all(each in text for each in ("name", "mass", "Ada", "3700"))

    def test_a_missing_cell_is_not_written_out(self, plugin: Exporter) -> None:
        """Python's word for it is nobody else's."""
        assert "None" not in plugin(Table(("name",), [{"name": None}]))

    def test_a_table_without_rows_is_exported(self, plugin: Exporter) -> None:
        """There is a document all the same."""
        assert isinstance(plugin(Table(("name",), [])), str)

    def test_the_table_stays_as_it_is(self, plugin: Exporter) -> None:
        """Other plugins are given the same table."""
        rows: list[dict[str, str | float | None]] = [{"name": "Ada"}, {"name": None}]
        plugin(Table(("name",), rows))
        assert rows == [{"name": "Ada"}, {"name": None}]
