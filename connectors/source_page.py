"""The page of one source: everything it shows, put together."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from connectors.cards import RUN_TONES, cards_of, causes_of
from connectors.fields import file_fields
from connectors.models import Cursor, ParkedRow, Source
from connectors.queries import drifts_of, runs_of
from connectors.reconcile import can_compare, default_window, latest_comparison
from connectors.upkeep import (
    can_backfill,
    depends_on,
    estimate,
    failures_of,
    open_runs,
    share_done,
    time_left,
)
from core.models import Job

CENT = Decimal("0.01")


@dataclass(frozen=True)
class StreamAgreement:
    """One line of the comparison as it is shown: both sides, the difference, and why."""

    stream: str
    theirs: int
    here: int
    amount_theirs: Decimal
    amount_here: Decimal
    reasons: tuple[str, ...]

    @property
    def missing(self) -> int:
        return self.theirs - self.here

    @property
    def amount_difference(self) -> Decimal:
        return self.amount_here - self.amount_theirs

    @property
    def agrees(self) -> bool:
        return not self.missing and abs(self.amount_difference) < CENT


def detail_of(source: Source, *, with_values: bool = True) -> dict[str, Any]:
    """What the page of a source shows; what parked rows hold only to who may see it."""
    start, end = default_window(source)
    return {
        "source": source,
        "card": cards_of(Source.objects.filter(pk=source.pk).select_related("store"))[0],
        "runs": runs_of(source)[:12],
        "run_tones": RUN_TONES,
        "under_way": [
            {"run": run, "share": share_done(run), "left": time_left(run)}
            for run in open_runs(source)
        ],
        "causes": causes_of(source, with_values=with_values),
        "failures": failures_of(source),
        "drifts": drifts_of(source),
        "cursors": Cursor.objects.filter(source=source).order_by("stream"),
        "depends": depends_on(source),
        "fields": file_fields(source),
        "can_backfill": can_backfill(source),
        "planned": estimate(source, start, end) if can_backfill(source) else None,
        **agreement_of(source),
    }


def agreement_of(source: Source) -> dict[str, Any]:
    """The newest comparison with the source, or which days the next one would compare."""
    job = latest_comparison(source)
    start, end = default_window(source)
    days = [date.fromisoformat(job.params[name]) for name in ("start", "end")] if job else []
    return {
        "source": source,
        "can_compare": can_compare(source),
        "comparison": job,
        "agreements": lines_of(job) if job and job.status == Job.Status.DONE else [],
        "compare_start": days[0] if days else start,
        "compare_end": days[1] if days else end,
    }


def lines_of(job: Job) -> list[StreamAgreement]:
    """Each stream compared, with the reasons of its difference in words."""
    parked: dict[str, dict[str, int]] = {}
    for stream, status, count in job.result.get("parked", []):
        parked.setdefault(stream, {})[status] = count
    return [
        StreamAgreement(
            stream=line["stream"], theirs=line["theirs"], here=line["here"],
            amount_theirs=Decimal(line["amount_theirs"]),
            amount_here=Decimal(line["amount_here"]),
            reasons=tuple(reasons_of(line, parked.get(line["stream"], {}))),
        )
        for line in job.result.get("streams", [])
    ]  # fmt: skip


def reasons_of(line: dict[str, Any], parked: dict[str, int]) -> list[str]:
    """Why both sides differ, the surest reason first; a rest that nobody can explain says so."""
    missing = line["theirs"] - line["here"]
    found = []
    known = line.get("unreadable", 0)
    if known:
        found.append(_("%(n)s cannot be read and are parked") % {"n": known})
        rest = parked.get(ParkedRow.Status.PARKED, 0) - known
        parked = parked | {ParkedRow.Status.PARKED: max(rest, 0)}
    for status, text in (
        (ParkedRow.Status.PARKED, _("%(n)s parked")),
        (ParkedRow.Status.WAITING, _("%(n)s wait for another row")),
        (ParkedRow.Status.DROPPED, _("%(n)s were dropped by a person")),
    ):
        if parked.get(status) and missing:
            known += parked[status]
            found.append(text % {"n": parked[status]})
    if missing > known:
        found.append(_("%(n)s are not here yet: pull again") % {"n": missing - known})
    if line["repeated"]:
        found.append(_("%(n)s told twice, counted once") % {"n": line["repeated"]})
    if line["converted"]:
        found.append(_("%(n)s in another currency, converted") % {"n": line["converted"]})
    if line["differing"]:
        shown = ", ".join(line["examples"])
        found.append(
            _("%(n)s changed since, such as %(examples)s")
            % {"n": line["differing"], "examples": shown}
        )
    return found
