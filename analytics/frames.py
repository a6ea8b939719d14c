"""Tables reshaped by pandas from what the database has already added up; no database in here."""

import pandas as pd

from metrics.query import Answer


def crosstab(answer: Answer, slug: str) -> pd.DataFrame:
    """One metric by two dimensions: the first down the side, the second across, in their order.

    The index holds keys of the first (days of a time axis), the columns labels of the second, the
    cells Decimal or None where nothing was counted.
    """
    frame = pd.DataFrame(
        [(row.key[0], row.labels[1], row.cells[slug].value) for row in answer.rows],
        columns=["down", "across", "value"],
        dtype=object,
    )
    down, across = frame["down"].drop_duplicates(), frame["across"].drop_duplicates()
    table = frame.drop_duplicates(["down", "across"]).set_index(["down", "across"])["value"]
    return table.unstack().reindex(index=down, columns=across)
