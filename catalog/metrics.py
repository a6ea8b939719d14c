"""What figures about goods can be grouped by."""

from django.utils.translation import gettext_noop as _

from catalog.models import Category, Product
from metrics.words import rows

category = rows("category", _("Category"), Category, word="slug", name="name")
product = rows("product", _("Product"), Product, word="pk", name="title")
