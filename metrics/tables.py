"""Makes the rollup tables that the declarations ask for, and knows which of them are built."""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

from dataclasses import dataclass
from functools import cache

from django.db import connection, transaction

from core.outbox import enqueue
from metrics.declare import Fact, facts
from metrics.derived import derived
from metrics.models import Mark, RollupState
from metrics.sql import Rollup, all_rollups, gap_signature, gap_state, rollups_of, unique_measures

UNIQUE_TABLES = ("metrics_presence", "metrics_gap", "metrics_cell")


@dataclass(frozen=True)
class Synced:
    """What a synchronisation changed: tables made or made anew, dropped, facts to be built."""

    made: list[str]
    dropped: list[str]
    to_build: list[str]


def declared() -> dict[str, tuple[Fact, str]]:
    """Every rollup and unique set by its table's name, with its fact and signature."""
    return declared_by(tuple(facts))


@cache
def declared_by(names: tuple[str, ...]) -> dict[str, tuple[Fact, str]]:
    found = {rollup.table: (rollup.fact, rollup.signature) for rollup in all_rollups()}
    for name in names:
        fact = facts[name]
        for measure in unique_measures(fact):
            found[gap_state(measure)] = (fact, gap_signature(measure))
    return found


def built_tables() -> frozenset[str]:
    """The rollups that hold what is declared now; any other must not be read.

    A unique set stands under `metrics_gap_<measure>`.
    """
    wanted = declared()
    states = RollupState.objects.filter(is_built=True).values_list("table", "signature")
    return frozenset(
        table for table, signature in states if table in wanted and wanted[table][1] == signature
    )


@transaction.atomic
def sync() -> Synced:
    """Make tables for new and changed declarations, drop the others', queue what needs building.

    Safe to run at any time and by many at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('metrics.sync'))")
        wanted, known = declared(), known_signatures()
        made = with_what_adds_them_up(
            [table for table, (_, signature) in wanted.items() if known.get(table) != signature]
        )
        dropped = [table for table in known if table not in wanted]
        for table in [*made, *dropped]:
            remove(table)
        for rollup in all_rollups():
            if rollup.table in made:
                create(rollup)
        RollupState.objects.bulk_create(
            RollupState(table=table, fact=wanted[table][0].name, signature=wanted[table][1])
            for table in made
        )
        forget_unknown_marks()
        to_build = queue_builds()
    return Synced(made, dropped, to_build)


def with_what_adds_them_up(tables: list[str]) -> list[str]:
    """A month is added up from its days and a year from its months: made anew whenever they are."""
    made = dict.fromkeys(tables)
    for rollup in all_rollups():
        if rollup.grain != "day" and rollup.parent and rollup.parent.table in made:
            made[rollup.table] = None
    return list(made)


def known_signatures() -> dict[str, str]:
    """Signatures of the rollups whose tables exist."""
    tables = set(connection.introspection.table_names())
    states = RollupState.objects.values_list("table", "signature")
    return {
        table: signature if table in tables or table.startswith("metrics_gap_") else ""
        for table, signature in states
    }


def remove(table: str) -> None:
    RollupState.objects.filter(table=table).delete()
    with connection.cursor() as cursor:
        if table.startswith("metrics_gap_"):
            for unique_table in UNIQUE_TABLES:
                cursor.execute(
                    f"DELETE FROM {unique_table} WHERE measure = %s",
                    [table.removeprefix("metrics_gap_")],
                )
        else:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}"')


def create(rollup: Rollup) -> None:
    """The column types are those that PostgreSQL gives the sums."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {rollup.table} AS {rollup.from_fact} WITH NO DATA",
            {"store": 0, "days": None},
        )
        not_null = ", ".join(f"ALTER {column} SET NOT NULL" for column in rollup.columns)
        cursor.execute(
            f"ALTER TABLE {rollup.table} {not_null}, ADD PRIMARY KEY ({', '.join(rollup.keys)})"
        )


def queue_builds() -> list[str]:
    """Facts with unbuilt tables; those without any row have nothing to build."""
    waiting = RollupState.objects.filter(is_built=False)
    names = list(waiting.values_list("fact", flat=True).distinct().order_by("fact"))
    empty = [name for name in names if not facts[name].model._default_manager.exists()]
    waiting.filter(fact__in=empty).update(is_built=True)
    to_build = [name for name in names if name not in empty]
    for name in to_build:
        enqueue("metrics.tasks.build_fact", unique_key=f"build:{name}", fact=name)
    return to_build


def forget_unknown_marks() -> None:
    """Nobody would ever claim the mark of a fact that is no longer declared."""
    Mark.objects.exclude(fact__in=[*facts, *derived]).delete()


def unbuilt_rollups(fact: Fact) -> list[Rollup]:
    states = RollupState.objects.filter(fact=fact.name, is_built=False)
    waiting = set(states.values_list("table", flat=True))
    return [rollup for rollup in rollups_of(fact) if rollup.table in waiting]
