"""What only sales are grouped by."""

from django.utils.translation import gettext_noop as _

from metrics.words import choices
from sales.models import CustomerType

customer_type = choices("customer_type", _("Customer type"), CustomerType)
