"""A shop whose figures can be added up in one's head, read through its rollups."""

from datetime import date, timedelta

from catalog.models import Category
from stores.models import Store
from tests.metrics.rows import give_back, sell, use_rollups, visit

GERMANY, FRANCE = 276, 250
MAY = "r=custom&from=2026-05-01&to=2026-05-31&wd=0"
DAY = date(2026, 5, 4)


def open_shop(store: Store) -> Category:
    """May: 40 orders of 100 in Germany and 20 of 50 in France, 200 visits. April: half of it.

    Net sales of May are 4,900: one German order was paid back. Every line cost 40.
    """
    lamps = Category.objects.create(store=store, slug="lamps", name="Lamps")
    for number in range(60):
        country, amount = (GERMANY, 100) if number < 40 else (FRANCE, 50)
        day = DAY + timedelta(number % 20)
        line = {"gross": amount, "cost": 40, "category": lamps.pk if number % 2 else 0}
        order = sell(store, day, line, country=country, customer_type=1 + number % 2)
        if number == 0:
            give_back(order, day, 100, cost=40)
        if number % 2:
            sell(store, day - timedelta(30), line, country=country)
    for number in range(200):
        visit(store, DAY + timedelta(number % 20), country=GERMANY, is_derived=False)
    use_rollups(store)
    return lamps
