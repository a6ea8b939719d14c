from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "sales"

    def ready(self) -> None:
        from metrics.derived import Derived
        from sales.models import Customer, Order
        from sales.services import customers

        Derived("customers", customers.settle_all, customers.customer_checks, rows=Customer)
        Derived(customers.COHORTS, customers.refresh_cohorts, customers.cohort_checks, rows=Order)
