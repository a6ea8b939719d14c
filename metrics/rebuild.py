"""Builds everything from facts again: after a changed declaration, or when a person asks."""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from metrics.declare import Fact, facts
from metrics.derived import derived
from metrics.models import RollupState, Version
from metrics.refresh import claim, lock, put, recompute, settle_memory
from metrics.sql import gap_state, rollups_of, unique_measures
from metrics.tables import UNIQUE_TABLES, unbuilt_rollups
from metrics.uniques import rebuild_measure


@transaction.atomic
def rebuild(name: str, store_id: int) -> None:
    """Compute one fact of one store anew for all its days, in one transaction."""
    lock(name, store_id, wait=True)
    claim(name, store_id, None)
    recompute(name, store_id, None)


def rebuild_all(*, name: str | None = None, store_id: int | None = None) -> list[tuple[str, int]]:
    """Rebuild the facts and stores asked for, all by default; returns which they were.

    What is asked for whole also clears the state "not built yet".
    """
    done = []
    for each in [name] if name else everything():
        wanted = RollupState.objects.filter(fact=each).values_list("table", "signature")
        signatures = dict(wanted)
        for store in [store_id] if store_id else stores_of(each):
            rebuild(each, store)
            done.append((each, store))
        if store_id is None:
            call_built(signatures)
        tidy(each)
    return done


def everything() -> list[str]:
    """Facts and derived tables, in the order of a rebuild: customers' orders before their sums."""
    return [*(name for name in derived if name not in facts), *facts]


def build_fact(name: str) -> list[str]:
    """Fill the fact's tables that a changed declaration has made anew; returns their names."""
    fact = facts[name]
    states = RollupState.objects.filter(fact=name, is_built=False)
    signatures = dict(states.values_list("table", "signature"))
    for store in stores_of(name):
        build_in_store(fact, store, signatures)
    call_built(signatures)
    tidy(name)
    return sorted(signatures)


@transaction.atomic
def build_in_store(fact: Fact, store_id: int, tables: Collection[str]) -> None:
    """Fill the unbuilt tables for one store; refreshes of the fact wait meanwhile."""
    lock(fact.name, store_id, wait=True)
    settle_memory()
    for rollup in unbuilt_rollups(fact):
        put(rollup, store_id, None)
    for measure in unique_measures(fact):
        if gap_state(measure) in tables:
            rebuild_measure(measure, store_id)
    Version.objects.filter(fact=fact.name, store_id=store_id).update(n=F("n") + 1)


def call_built(signatures: dict[str, str]) -> None:
    """From now on these are read, unless their declaration changed once more meanwhile."""
    for table, signature in signatures.items():
        states = RollupState.objects.filter(table=table, signature=signature)
        states.update(is_built=True, built_at=Now())


def stores_of(name: str) -> list[int]:
    """Stores that have anything of this fact: rows, or what an earlier build left."""
    known = set(Version.objects.filter(fact=name).values_list("store_id", flat=True).distinct())
    tables = [facts[name].model] if name in facts else []
    if name in derived:
        tables += [t for t in (derived[name].rows, derived[name].source) if t is not None]
    for table in tables:
        rows = table._default_manager.order_by()
        known.update(rows.values_list("store_id", flat=True).distinct())
    return sorted(known)


def tidy(*names: str) -> None:
    """Vacuum what was rewritten: an unvacuumed gap table answers many times slower."""
    rewritten = [facts[name] for name in names if name in facts]
    if connection.in_atomic_block or not rewritten:
        return
    tables = [rollup.table for fact in rewritten for rollup in rollups_of(fact)]
    if any(unique_measures(fact) for fact in rewritten):
        tables += UNIQUE_TABLES
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(tables)}")
