"""Looks on from outside: how far a pull is, whether all is done, how long nothing moved."""

import time
from contextlib import closing
from dataclasses import dataclass, field

import psycopg2

LOOK = """
SELECT (SELECT coalesce(sum((position->>'to')::bigint), 0) FROM connectors_cursor),
       (SELECT count(*) FROM connectors_cursor),
       (SELECT count(*) FROM connectors_run WHERE finished_at IS NOT NULL),
       (SELECT count(*) FROM metrics_mark),
       (SELECT coalesce(sum(n), 0) FROM metrics_version),
       (SELECT count(*) FROM core_outbox WHERE done_at IS NULL)
"""
REFRESHES = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
  AND query ~ 'rollup_|metrics_(presence|gap|cell)|fresh_difference'
"""


@dataclass(frozen=True)
class Stretch:
    """What is to be pulled, of each source: from when to when, in seconds of the epoch."""

    begins: tuple[int, ...]
    end: int

    def share(self, reached: int, sources: int) -> float:
        """How much of it is pulled, 0 to 1; `reached` is the sum of the cursors."""
        whole = sum(self.end - begin for begin in self.begins)
        missing = len(self.begins) - sources
        return max(0.0, 1 - (self.end * sources - reached) / whole - missing / len(self.begins))


@dataclass(frozen=True)
class Seen:
    """One look: the share that is pulled, whether all pulls ended, whether all work is done."""

    share: float
    pulled: bool
    done: bool


@dataclass
class Watch:
    """Counts moves, and the longest time without one while a worker was alive."""

    address: str
    stretch: Stretch
    moves: int = 0
    stall_s: float = 0.0
    longest_s: float = 0.0
    last: tuple[int, ...] = ()
    looked_at: float = field(default_factory=time.monotonic)

    def look(self, *, worker_alive: bool) -> Seen | None:
        """None while the database does not answer."""
        now = time.monotonic()
        passed, self.looked_at = now - self.looked_at, now
        rows = self.ask(LOOK)
        if rows is None:
            return None
        reached, sources, ended, marks, rebuilt, waiting = map(int, rows)
        self.count((reached, ended, rebuilt), passed if worker_alive else 0.0)
        pulled = ended == len(self.stretch.begins)
        done = pulled and not marks and not waiting
        return Seen(self.stretch.share(reached, sources), pulled, done)

    def count(self, state: tuple[int, ...], passed: float) -> None:
        self.stall_s += passed
        self.longest_s = max(self.longest_s, self.stall_s)
        if state != self.last:
            self.last, self.stall_s = state, 0.0
            self.moves += 1

    def skip(self) -> None:
        """Time that passed since the last look does not count: a server was down."""
        self.looked_at = time.monotonic()

    def refresher_at_work(self) -> bool:
        rows = self.ask(REFRESHES)
        return rows is not None and bool(rows[0])

    def ask(self, sql: str) -> tuple[int, ...] | None:
        try:
            link = psycopg2.connect(self.address, connect_timeout=2)
            with closing(link), link.cursor() as cursor:
                cursor.execute(sql)
                found: tuple[int, ...] = cursor.fetchone()
                return found
        except psycopg2.Error:
            return None
