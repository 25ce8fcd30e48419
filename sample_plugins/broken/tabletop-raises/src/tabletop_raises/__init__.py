"""Cannot be imported."""


def export(table: object) -> str:
    """Would export the table, if the module could be imported."""
    return str(table)


raise RuntimeError("the licence file of tabletop-raises is not there")
