"""Minimal valid sources and runs."""

import factory
from factory.django import DjangoModelFactory

from connectors.models import ParkedRow, Run, Source
from tests.factories.stores import OriginFactory, StoreFactory


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    store = factory.SubFactory(StoreFactory)
    origin = factory.SubFactory(OriginFactory, store=factory.SelfAttribute("..store"))
    connector = "files"
    label = factory.Sequence(lambda n: f"Source {n}")


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    source = factory.SubFactory(SourceFactory)
    store = factory.SelfAttribute("source.store")


class ParkedRowFactory(DjangoModelFactory):
    class Meta:
        model = ParkedRow

    run = factory.SubFactory(RunFactory)
    source = factory.SelfAttribute("run.source")
    store = factory.SelfAttribute("run.store")
    stream = "orders"
    reason = "The total is not a number."
    content_hash = factory.Sequence(lambda n: f"{n:032d}")
