"""Groups rows and takes the mean of a column in each group."""

from statistics import fmean

from tabletop import Cell, Table


def aggregate(table: Table, /, **options: str) -> Table:
    """One row for each value of the column ``by``, with the mean of the numeric column ``mean``.

    Groups come in the order of their first row, and rows without a value form a group. Missing
    numbers do not count; the mean of a group with no number is missing. Raises ValueError for any
    other options, TableError when there is no such column or there is text in the numbers.
    """
    if options.keys() != {"by", "mean"}:
        raise ValueError("write by=COLUMN,mean=COLUMN and nothing else")
    by, mean = options["by"], options["mean"]
    groups: dict[Cell, list[float]] = {}
    for key, number in zip(table.column(by), table.numbers(mean), strict=True):
        numbers = groups.setdefault(key, [])
        if number is not None:
            numbers.append(number)
    result = f"mean_{mean}"
    rows: list[dict[str, Cell]] = [
        {by: key, result: fmean(numbers) if numbers else None} for key, numbers in groups.items()
    ]
    return Table((by, result), rows)
