import io
from datetime import datetime

import openpyxl
import pytest
from django.urls import reverse

from tests.analytics.shop import MAY, open_shop

pytestmark = pytest.mark.django_db


def test_the_workbook_tells_the_chosen_figure_over_time_by_marketing_channel(
    store, alice_signed_in
):
    open_shop(store)
    url = reverse("analytics:export", args=["xlsx"]) + f"?{MAY}&metric=net_sales"

    book = openpyxl.load_workbook(io.BytesIO(alice_signed_in.get(url).content))
    rows = [[cell.value for cell in row] for row in book["By marketing channel over time"]]

    assert rows[0] == ["From", "Unknown"]
    assert [datetime(2026, 5, 4), 150] in rows  # noqa: DTZ001
    assert sum(row[1] for row in rows[1:]) == 4900
