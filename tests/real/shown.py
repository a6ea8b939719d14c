"""A real shop's figures as the REST API and the KPI page tell them."""

import re
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.records import SYSTEM
from stores.models import Role, Store
from stores.services import grant_role
from tests.factories.stores import UserFactory


def manager_of(store: Store) -> Client:
    """The browser of somebody who manages the store."""
    user = UserFactory()
    grant_role(viewer=SYSTEM, store=store, user=user, role=Role.MANAGER)
    client = Client()
    client.force_login(user)
    return client


def told_by_api(store: Store, slugs: str, start: str, end: str) -> dict[str, Decimal]:
    """The figures of GET /api/v1/metrics/ for the days."""
    query = {"store": store.slug, "metric": slugs, "r": "custom", "from": start, "to": end}
    answer: Any = manager_of(store).get("/api/v1/metrics/", query)
    assert answer.status_code == 200, answer.content
    return {slug: Decimal(cell["value"]) for slug, cell in answer.json()["total"]["values"].items()}


def text_of_page(store: Store, slugs: str, start: str, end: str) -> str:
    """The words of the KPI page with these cards."""
    query = {"store": store.slug, "cols": slugs, "r": "custom", "from": start, "to": end}
    page = manager_of(store).get("/kpis/", query)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
