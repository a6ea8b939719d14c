"""How a number is declared: facts, additive measures over them, and metrics as expressions.

SQL only sums, Python only divides. A fact is a table with a local day, dimensions and measures;
the planner, the rollup tables, their refresh and their audit are all made from these objects.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.db.models import Model, Q

Values = Mapping["Measure | Part", "Decimal | int | None"]
YEAR_DAYS = 365
NOT_CONVERTED = "0"


class Unit(StrEnum):
    """What a metric is counted in."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    RATIO = "ratio"
    SECONDS = "seconds"


class Good(StrEnum):
    """Which direction of change is good news."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


class Kind(StrEnum):
    """How a measure adds up.

    SUM adds over everything. MONEY is a sum kept in two columns (store and reporting currency).
    UNIQUE counts distinct values of a column; it adds up over nothing.
    REPEAT counts distinct values that occur at least twice in the `days` days that end with the
    range. UNIQUE and REPEAT are not kept in rollup tables.
    """

    SUM = "sum"
    MONEY = "money"
    UNIQUE = "unique"
    REPEAT = "repeat"


@dataclass(eq=False)
class Fact:
    """One table of things that happened, one row each, with a store-local day.

    `dims` are its small-integer columns; `rollups` the sets of them that get day and month tables,
    narrowest first; those in `yearly` get a year table too, which pays where a dimension has
    thousands of values. A table that is worked out from others says how in `metrics.derived`.
    `day` names the date column, so that one table can be measured by two dates.
    A fact with money has a sum called `unrated`: rows that lack a rate to the reporting currency.
    """

    model: type[Model]
    name: str
    dims: tuple[str, ...]
    rollups: tuple[tuple[str, ...], ...] = ()
    where: Q | None = None
    day: str = "day"
    unique_scopes: tuple[str, ...] = ()
    unique_cells: tuple[str, ...] = ()
    yearly: tuple[tuple[str, ...], ...] = ()
    measures: list[Measure] = field(default_factory=list)

    def __post_init__(self) -> None:
        facts[self.name] = self

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def counter(self) -> Measure | None:
        """The measure that counts the fact's rows, if it has one."""
        return next((measure for measure in self.measures if measure.sql == "1"), None)

    def measure(self, name: str, sql: str, kind: Kind, reporting_sql: str = "") -> Measure:
        if any(known.name == name for known in self.measures):
            raise ValueError(f"Two measures of {self.name} are called {name}.")
        made = Measure(self, name, kind, sql, reporting_sql, YEAR_DAYS * (kind is Kind.REPEAT))
        self.measures.append(made)
        return made

    def count(self, name: str) -> Measure:
        """How many rows."""
        return self.measure(name, "1", Kind.SUM)

    def sum(self, name: str, sql: str = "") -> Measure:
        """The sum of a whole-number column or expression."""
        return self.measure(name, sql or name, Kind.SUM)

    def money(self, name: str, column: str = "") -> Measure:
        """The sum of an amount; its twin `<column>_reporting` holds the reporting currency."""
        column = column or name
        return self.measure(name, column, Kind.MONEY, f"{column}_reporting")

    def flag(self, name: str, condition: str) -> Measure:
        """How many rows meet an SQL condition over their own columns."""
        return self.sum(name, f"CASE WHEN {condition} THEN 1 ELSE 0 END")

    def own_money(self, name: str, column: str = "") -> Measure:
        """The sum of an amount that is only known in the store's own currency."""
        return self.measure(name, column or name, Kind.MONEY, NOT_CONVERTED)

    def unique(self, name: str, column: str) -> Measure:
        """How many different values of `column`."""
        return self.measure(name, column, Kind.UNIQUE)

    def repeat(self, name: str, column: str) -> Measure:
        """How many values of `column` occur twice or more in the year that ends with the range."""
        return self.measure(name, column, Kind.REPEAT)


class Expr:
    """Part of a formula: a measure, a number, or two of them joined by + − × ÷."""

    def __add__(self, other: Expr | int) -> Expr:
        return Op("+", self, other)

    def __sub__(self, other: Expr | int) -> Expr:
        return Op("-", self, other)

    def __mul__(self, other: Expr | int) -> Expr:
        return Op("*", self, other)

    def __truediv__(self, other: Expr | int) -> Expr:
        return Op("/", self, other)

    def __rsub__(self, other: int) -> Expr:
        return Op("-", other, self)

    def leaves(self) -> frozenset[Measure | Part]:
        """The measures that the value is made of."""
        return frozenset(
            leaf for side in self.sides() if isinstance(side, Expr) for leaf in side.leaves()
        )

    def sides(self) -> tuple[Expr | int, ...]:
        """The expressions and numbers that this one joins; none for a measure."""
        return ()

    def value(self, values: Values) -> Decimal | None:
        """The value from summed measures; None when nothing is there to divide by."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Measure(Expr):
    """One column that SQL adds up; `sql` is an expression over the fact's own columns.

    With `days` it looks at the days that end with the range instead of at the range.
    """

    fact: Fact
    name: str
    kind: Kind
    sql: str
    reporting_sql: str = ""
    days: int = 0

    @property
    def is_converted(self) -> bool:
        """Whether the amount is also known in the reporting currency."""
        return self.reporting_sql != NOT_CONVERTED

    def __str__(self) -> str:
        return self.name

    def leaves(self) -> frozenset[Measure | Part]:
        return frozenset({self})

    def value(self, values: Values) -> Decimal | None:
        found = values.get(self)
        return Decimal(found) if isinstance(found, int) else found


@dataclass(frozen=True)
class Part(Expr):
    """A measure over some words of one dimension only, or over the `days` that end with the range.

    It lets a formula say "sales of paid campaigns" without a column of its own.
    """

    measure: Measure
    dimension: str = ""
    words: tuple[str, ...] = ()
    days: int = 0

    def __str__(self) -> str:
        limits = [f"{self.dimension} {' or '.join(self.words)}"] if self.dimension else []
        limits += [f"last {self.days} days"] if self.days else []
        return f"{self.measure} ({', '.join(limits)})"

    @property
    def fact(self) -> Fact:
        return self.measure.fact

    def leaves(self) -> frozenset[Measure | Part]:
        return frozenset({self})

    def value(self, values: Values) -> Decimal | None:
        found = values.get(self)
        return Decimal(found) if isinstance(found, int) else found


OPERATORS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


@dataclass(frozen=True, eq=False)
class Op(Expr):
    """Two parts of a formula and what joins them."""

    sign: str
    left: Expr | int
    right: Expr | int

    def __str__(self) -> str:
        return f"({self.left} {self.sign} {self.right})"

    def sides(self) -> tuple[Expr | int, ...]:
        return (self.left, self.right)

    def value(self, values: Values) -> Decimal | None:
        left = self.left.value(values) if isinstance(self.left, Expr) else Decimal(self.left)
        right = self.right.value(values) if isinstance(self.right, Expr) else Decimal(self.right)
        if left is None or right is None or (self.sign == "/" and not right):
            return None
        return OPERATORS[self.sign](left, right)


@dataclass(frozen=True, eq=False)
class Of(Expr):
    """Another metric by its slug, so that a higher app can build on a lower one's number."""

    slug: str

    def __str__(self) -> str:
        return self.slug

    def sides(self) -> tuple[Expr | int, ...]:
        return (metrics[self.slug].formula,)

    def value(self, values: Values) -> Decimal | None:
        return metrics[self.slug].formula.value(values)


@dataclass(frozen=True, eq=False)
class Given(Expr):
    """A value that is unknown (None) while there are rows, `among`, but none of them is `known`.

    A margin without any known cost is not zero, and spend that the source does not tell is not
    nothing.
    """

    inner: Expr
    known: Expr
    among: Expr

    def __str__(self) -> str:
        return str(self.inner)

    def sides(self) -> tuple[Expr | int, ...]:
        return (self.inner, self.known, self.among)

    def value(self, values: Values) -> Decimal | None:
        if self.among.value(values) and not self.known.value(values):
            return None
        return self.inner.value(values)


@dataclass(frozen=True, eq=False)
class Metric:
    """One number of the shop, declared once and asked for by its slug.

    `about` says in the shop's words what it includes and excludes. `permission` names a right
    without which the number is withheld.
    """

    slug: str
    label: str
    unit: Unit
    formula: Expr
    about: str
    good: Good = Good.UP
    group: str = "Sales"
    permission: str = ""

    def __post_init__(self) -> None:
        if self.slug in metrics:
            raise ValueError(f"Two metrics are called {self.slug}.")
        metrics[self.slug] = self


@dataclass(frozen=True)
class Dimension:
    """Something that figures are grouped and filtered by.

    `column` is the fact column; `ids` turns words from a URL into stored ids for the given stores,
    `labels` turns stored ids into words. With `fold`, stored ids are first mapped to other ids
    (tags to campaigns): `fold(store_ids)` gives {stored id: folded id}, all else is 0.
    `apart` says what tells rows of one name apart, such as the store each belongs to.
    """

    slug: str
    label: str
    column: str
    ids: Callable[[Sequence[int], Iterable[str]], list[int]]
    labels: Callable[[Sequence[int], Iterable[int]], dict[int, str]]
    words: Callable[[Sequence[int], Iterable[int]], dict[int, str]]
    fold: Callable[[Sequence[int]], dict[int, int]] | None = None
    both: Callable[[Sequence[int], Sequence[int]], tuple[dict[int, str], dict[int, str]]] | None = (
        None
    )
    apart: Callable[[Iterable[int]], dict[int, str]] | None = None

    def __post_init__(self) -> None:
        dimensions[self.slug] = self

    def names(
        self, stores: Sequence[int], ids: Sequence[int]
    ) -> tuple[dict[int, str], dict[int, str]]:
        """Labels and words of these ids; namesakes get their store's name, and their number.

        `both` is given where labels and words take one question to the table.
        """
        ask = self.both or (lambda *these: (self.labels(*these), self.words(*these)))
        labels, words = ask(stores, ids)
        if self.apart is None or len(stores) < 2:
            return labels, words
        titles, spellings = Counter(labels.values()), Counter(words.values())
        twins = [pk for pk in ids if pk and (titles[labels[pk]] > 1 or spellings[words[pk]] > 1)]
        more = self.apart(twins) if twins else {}
        told = {pk: f"{labels[pk]} · {name}" for pk, name in more.items()}
        return labels | told, words | {pk: str(pk) for pk in told}


facts: dict[str, Fact] = {}
metrics: dict[str, Metric] = {}
dimensions: dict[str, Dimension] = {}


def each(dims: Sequence[str]) -> list[tuple[str, ...]]:
    """One rollup for each single dimension."""
    return [(dim,) for dim in dims]


def ratio(top: str, bottom: str) -> Expr:
    """One metric divided by another, both by slug."""
    return Of(top) / Of(bottom)


def only(expr: Expr, dimension: str, *words: str) -> Expr:
    """The same sum of measures, over these words of a dimension only."""
    if isinstance(expr, Op):
        left, right = (
            only(side, dimension, *words) if isinstance(side, Expr) else side
            for side in (expr.left, expr.right)
        )
        return Op(expr.sign, left, right)
    if isinstance(expr, Measure):
        return Part(expr, dimension, words)
    raise TypeError(f"{expr} cannot be limited to some {dimension}.")


def facts_over(model: type[Model]) -> list[Fact]:
    """The facts measured from this table."""
    return [fact for fact in facts.values() if fact.model is model]
