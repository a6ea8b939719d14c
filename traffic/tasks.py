"""What beat asks of the traffic tables."""

from celery import shared_task

from traffic.services import partitions


@shared_task
def make_partitions() -> None:
    partitions.make_partitions_ahead()


@shared_task
def drop_old_events() -> None:
    partitions.drop_events_past_retention()
