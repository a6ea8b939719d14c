"""Minimal valid products."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from catalog.models import Category, Product, Variant
from tests.factories.stores import OriginFactory, StoreFactory


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    store = factory.SubFactory(StoreFactory)
    slug = factory.Sequence(lambda n: f"category-{n}")
    name = factory.Sequence(lambda n: f"Category {n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    store = factory.SubFactory(StoreFactory)
    origin = factory.SubFactory(OriginFactory, store=factory.SelfAttribute("..store"))
    external_id = factory.Sequence(lambda n: f"product-{n}")
    title = factory.Sequence(lambda n: f"Product {n}")


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    store = factory.SelfAttribute("product.store")
    origin = factory.SelfAttribute("product.origin")
    external_id = factory.Sequence(lambda n: f"variant-{n}")
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    sku_key = factory.LazyAttribute(lambda variant: variant.sku.casefold())
    price = Decimal(10)
    cost = Decimal(4)
