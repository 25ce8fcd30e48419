"""The hooks of tabletop: calls that every installed plugin may answer."""

import plugbay
from tabletop.tables import Table

hooks = plugbay.Hooks("tabletop")


# Without a plugin that fails here the table would not be what its user expects: that ends the
# conversion. It goes on without the plugins that fail in the other hooks.
@hooks.spec(strategy="pipeline")
def prepare_rows(table: Table) -> Table:
    """The table as a plugin makes it from the one that was read, or that another plugin made.

    Called once for each conversion, before the transforms: `--transform filter:species=Adelie`
    finds the cells as they are exported and not as somebody typed them.
    """
    return table


@hooks.spec(on_failure="skip")
def describe(table: Table) -> str | None:
    """A line about a table that is about to be exported, or None to say nothing."""


@hooks.spec(strategy="try_first_avail", on_failure="skip")
def choose_exporter(filename: str) -> str | None:
    """The name of the exporter for a file of that name, or None to leave it to other plugins."""
