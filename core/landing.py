"""What came of a batch of outside rows; every landing service answers with it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken: its position in the batch, and what to tell a person."""

    position: int
    column: str
    value: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True)
class WaitingRow:
    """A row that is right but refers to another that is not known yet.

    `waits_for` names that other row: `order:1001`, `line:1001/2`.
    """

    position: int
    key: str
    waits_for: str


@dataclass(frozen=True)
class Landed:
    """Counts of one batch of rows, and those that did not land."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[BadRow] = field(default_factory=list)
    waiting: list[WaitingRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def landed(self) -> int:
        return self.new + self.changed

    def counts(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "landed": self.landed,
            "unchanged": self.unchanged,
            "parked": len(self.rejected) + len(self.waiting),
        }
