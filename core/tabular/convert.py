"""Turn a column of cells into values of one kind, and say what is wrong with those that are not."""

from collections.abc import Callable
from functools import partial

import pyarrow as pa

from core.tabular import amounts, moments, texts
from core.tabular.rules import Rules, Trouble, Values

Reader = Callable[[pa.Array, Rules], Values]
KINDS: dict[str, Reader] = {
    "text": texts.texts,
    "id": texts.identifiers,
    "amount": amounts.amounts,
    "signed_amount": partial(amounts.amounts, negative=True),
    "rounded_amount": amounts.rounded_amounts,
    "share": amounts.shares,
    "count": amounts.whole_numbers,
    "signed_count": partial(amounts.whole_numbers, negative=True),
    "moment": moments.moments,
    "day": moments.days,
    "flag": texts.flags,
    "country": texts.countries,
}


def converted(kind: str, column: pa.Array, rules: Rules) -> Values:
    """The column's values as `kind` says."""
    return KINDS[kind](column, rules)


def trouble(kind: str, value: str, rules: Rules) -> Trouble:
    """Why the value could not be taken as `kind`, and what to do."""
    if kind in {"amount", "signed_amount", "rounded_amount", "share"}:
        return amounts.amount_trouble(value, rules, negative=kind != "amount")
    if kind in {"count", "signed_count"}:
        return amounts.whole_trouble(value, rules, negative=kind == "signed_count")
    if kind in {"moment", "day"}:
        return moments.moment_trouble(value, rules)
    if kind == "flag":
        return texts.flag_trouble()
    return texts.identifier_trouble(value)
