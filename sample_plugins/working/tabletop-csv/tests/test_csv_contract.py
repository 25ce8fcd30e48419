"""tabletop-csv does what tabletop asks of every exporter, and writes CSV."""

from tabletop.tables import Table
from tabletop.testing import ExporterContract


class TestCsv(ExporterContract):
    """All tests of the contract, and one of what only this exporter does."""

    plugin = "csv"

    def test_cells_with_commas_are_quoted(self, plugin) -> None:
        """So that they are read as one cell."""
        assert plugin(Table(("a,b",), [])) == '"a,b"\r\n'
