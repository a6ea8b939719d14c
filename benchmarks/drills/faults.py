"""Which faults a round has and when, all from its seed, and how each is brought about."""

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from benchmarks.drills.stage import Stage
from benchmarks.drills.watch import Seen, Watch

WORKER, REFRESHER, POOL = "worker", "refresher", "pool process"
VALKEY, POSTGRES = "Valkey wiped", "Postgres"
SIGKILLED = (WORKER, REFRESHER, POOL)
GIVE_UP_S = 180.0
LOOK_S = 0.1
LATEST = 0.9
DELAY_S = 0.6


@dataclass(frozen=True)
class Fault:
    """Something breaks once so much of the pull is done, a moment later."""

    kind: str
    share: float
    delay_s: float


class Stuck(Exception):
    """Nothing moved for so long that waiting on is pointless."""


def planned(kills: int, chance: Random, *, only_kills: bool = False) -> list[Fault]:
    """`kills` workers at random moments; besides refreshers, pool processes and both servers."""
    kinds = [WORKER] * kills
    if not only_kills:
        kinds += [REFRESHER] * max(1, kills // 5) + [POOL] * max(1, kills // 5)
        kinds += [VALKEY] * max(1, kills // 10) + [POSTGRES] * max(1, kills // 10)
    chance.shuffle(kinds)
    shares = sorted(chance.uniform(0, LATEST) for _ in kinds)
    return [
        Fault(kind, share, chance.uniform(0, DELAY_S))
        for kind, share in zip(kinds, shares, strict=True)
    ]


@dataclass
class Disturbance:
    """Brings the planned faults about while the watch looks on."""

    stage: Stage
    watch: Watch
    chance: Random
    waiting: list[Fault]
    done: Counter[str] = field(default_factory=Counter)
    moves: int = 0

    def go(self) -> None:
        """Until all work is done. Raises Stuck."""
        while True:
            seen = self.watch.look(worker_alive=self.stage.works)
            if seen and seen.done:
                return
            if self.watch.stall_s > GIVE_UP_S:
                raise Stuck
            if seen and self.waiting and self.watch.moves > self.moves:
                self.next_fault(seen)
            time.sleep(LOOK_S)

    def next_fault(self, seen: Seen) -> None:
        """The first fault that is due; one for a refresher waits until one is at work."""
        for fault in self.waiting:
            if fault.share > seen.share and not seen.pulled:
                return
            if fault.kind == REFRESHER and not self.watch.refresher_at_work():
                continue
            self.waiting.remove(fault)
            time.sleep(fault.delay_s / (4 if fault.kind == REFRESHER else 1))
            self.bring_about(fault.kind)
            self.moves = self.watch.moves
            return

    def bring_about(self, kind: str) -> None:
        if kind in (WORKER, REFRESHER):
            self.stage.kill_worker()
        elif kind == POOL:
            self.stage.kill_pool_process(self.chance)
        elif kind == VALKEY:
            self.stage.wipe_valkey()
        else:
            self.stage.kill_postgres()
            self.watch.skip()
        self.done[kind] += 1
