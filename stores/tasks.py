"""What other apps want told to the people of a store."""

from celery import shared_task

from stores import services


@shared_task
def tell_of_wrong_figures(store_id: int, fact: str) -> None:
    services.tell_of_wrong_figures(store_id=store_id, fact=fact)
