"""What every figure can be grouped by: where it was sold, and to which country."""

from collections.abc import Iterable, Sequence

from django.db.models import IntegerChoices
from django.utils.translation import gettext_noop as _

from core.countries import NUMBERS, country_code, country_name
from metrics.declare import Dimension
from metrics.words import UNKNOWN_WORD, choices, ids_of, rows
from stores.models import Channel

channel = rows("channel", _("Channel"), Channel, word="slug", name="name")


class ChannelKind(IntegerChoices):
    """The kinds of a channel as numbers."""

    SHOP = 1, _("Own shop")
    MARKETPLACE = 2, _("Marketplace")
    POS = 3, _("Point of sale")
    SOCIAL = 4, _("Social shop")
    B2B = 5, _("Business customers")


# On a marketplace and at a till nobody sees who came and did not buy.
UNSEEN_KINDS = ("marketplace", "pos")


def channel_kinds(stores: Sequence[int]) -> dict[int, int]:
    """The kind of every channel."""
    kinds = {kind.name.lower(): kind.value for kind in ChannelKind}
    known = Channel.objects.filter(store_id__in=stores).values_list("pk", "kind")
    return {pk: kinds[kind] for pk, kind in known}


channel_kind = choices(
    "channel_kind", _("Kind of channel"), ChannelKind, column="channel", fold=channel_kinds
)


def country_ids(stores: Sequence[int], words: Iterable[str]) -> list[int]:
    """The stored numbers of alpha-2 codes in any case."""
    return ids_of("Country", {code.casefold(): [pk] for code, pk in NUMBERS.items()}, words)


def country_labels(stores: Sequence[int], ids: Iterable[int]) -> dict[int, str]:
    """The countries' names in the reader's language."""
    return {pk: country_name(pk) for pk in ids}


def country_words(stores: Sequence[int], ids: Iterable[int]) -> dict[int, str]:
    """The countries' alpha-2 codes."""
    return {pk: country_code(pk) or UNKNOWN_WORD for pk in ids}


country = Dimension("country", _("Country"), "country", country_ids, country_labels, country_words)
