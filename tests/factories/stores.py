"""Minimal valid people and stores."""

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from stores.models import Channel, Membership, Origin, Role, Store


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@shop.example")
    name = factory.Sequence(lambda n: f"Person {n}")


class StoreFactory(DjangoModelFactory):
    class Meta:
        model = Store

    slug = factory.Sequence(lambda n: f"store-{n}")
    name = factory.Sequence(lambda n: f"Store {n}")
    currency = "EUR"
    zone = "Europe/Berlin"


class ChannelFactory(DjangoModelFactory):
    class Meta:
        model = Channel

    store = factory.SubFactory(StoreFactory)
    slug = factory.Sequence(lambda n: f"channel-{n}")
    name = "Online shop"


class OriginFactory(DjangoModelFactory):
    class Meta:
        model = Origin

    store = factory.SubFactory(StoreFactory)
    slug = factory.Sequence(lambda n: f"origin-{n}")
    label = "Test shop"
    channel = factory.SubFactory(ChannelFactory, store=factory.SelfAttribute("..store"))


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    store = factory.SubFactory(StoreFactory)
    role = Role.MANAGER
