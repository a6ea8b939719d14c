"""What the shop sold, took back and was paid. The only place these numbers are defined."""

from sales.metrics import customers, dimensions, every_status, margin, turnover

__all__ = ["customers", "dimensions", "every_status", "margin", "turnover"]
