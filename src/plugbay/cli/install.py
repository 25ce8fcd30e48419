"""`plugbay install NAME`: put a plugin where the running host finds it, or say how."""

from plugbay.cli.installing import arguments_of, change_or_show

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

__all__ = ["arguments", "run"]


def arguments(parser: "argparse.ArgumentParser") -> None:
    """Have a parser read what this command takes."""
    arguments_of("install", parser)


def run(options: "argparse.Namespace") -> int:
    """Show how, or do it and show what has come of it."""
    return change_or_show("install", options)
