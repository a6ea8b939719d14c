"""What the simulated shop sells: products, variants, prices, and how each fares on a day."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from connectors.demo.causes import CAUSES
from connectors.demo.words import ADJECTIVES, BRANDS, COLOURS, GOODS
from connectors.demo.world import Bools, Floats, Ints, World

PRODUCTS = 1200
BEST_SELLERS = 6
BADLY_REVIEWED = 8
BAD_BATCH_BRAND = BRANDS.index("Fernholm")
REVIEWED_BRAND = BRANDS.index("Koru")
LEAVES = [(top, leaf) for top, leaves in GOODS.items() for leaf in leaves]
TOPS = list(GOODS)
HOME_TAX = {1: 1.19, 2: 1.20}
# Share of a leaf's yearly interest by month, where it is not even.
SEASONS: dict[str, tuple[float, ...]] = {
    "Garden": (0.4, 0.5, 1.1, 1.8, 2.1, 1.9, 1.5, 1.1, 0.7, 0.4, 0.3, 0.3),
    "Bedroom": (1.3, 1.1, 0.9, 0.8, 0.8, 0.8, 0.8, 0.9, 1.1, 1.2, 1.3, 1.2),
    "Seasonal": (0.2, 0.1, 0.4, 0.5, 0.2, 0.1, 0.1, 0.2, 0.5, 1.3, 3.6, 4.2),
    "Candles": (0.8, 0.8, 0.7, 0.6, 0.6, 0.5, 0.5, 0.7, 1.1, 1.5, 2.0, 2.2),
}


@dataclass(frozen=True)
class Goods:
    """The catalogue as columns; variants belong to products in order. Prices are before tax."""

    titles: list[str]
    handles: list[str]
    leaf: Ints
    brand: Ints
    price: Floats
    cost_share: Floats
    weight_g: Ints
    popularity: Floats
    refund_share: Floats
    born: Ints
    variants: Ints
    first_variant: Ints
    colours: Ints
    best: Ints
    badly_reviewed: Ints

    @property
    def top(self) -> Ints:
        return np.array([TOPS.index(LEAVES[leaf][0]) for leaf in self.leaf])

    def variant_product(self) -> Ints:
        return np.repeat(np.arange(len(self.titles)), self.variants)


@dataclass(frozen=True)
class Mood:
    """How each product fares on one day: who looks, who may and will buy, at what price."""

    interest: Floats
    desire: Floats
    in_stock: Bools
    price: Floats
    refund_share: Floats


def _titles(chance: np.random.Generator, leaf: Ints, brand: Ints) -> list[str]:
    seen: set[str] = set()
    titles = []
    for leaf_number, brand_number in zip(leaf, brand, strict=True):
        top, name = LEAVES[leaf_number]
        nouns = GOODS[top][name][0]
        while True:
            adjective = ADJECTIVES[chance.integers(len(ADJECTIVES))]
            title = f"{adjective} {nouns[chance.integers(len(nouns))]}"
            whole = f"{title} {BRANDS[brand_number]}"
            if whole not in seen:
                break
            brand_number = int(chance.integers(len(BRANDS)))
        seen.add(whole)
        titles.append(title)
    return titles


def _prices(chance: np.random.Generator, leaf: Ints, factor: float, tax: float) -> Floats:
    """Shelf prices that end in .90 or .95, less the home country's tax."""
    typical = np.array([GOODS[top][name][1] for top, name in LEAVES])[leaf]
    shelf = np.maximum(4, np.round(typical * factor * np.exp(chance.normal(0.17, 0.38, len(leaf)))))
    return np.round((shelf - np.where(chance.random(len(leaf)) < 0.7, 0.1, 0.05)) / tax, 2)


@lru_cache(maxsize=8)
def goods(world: World) -> Goods:
    """The store's catalogue; both stores draw on the same goods, the second on part of them."""
    plan = world.plan
    size = int(PRODUCTS * plan.product_share)
    chance = np.random.default_rng([world.seed, 99])
    leaf = np.sort(chance.integers(0, len(LEAVES), PRODUCTS))[
        np.sort(chance.permutation(PRODUCTS)[:size])
    ]
    brand = chance.integers(0, len(BRANDS), size)
    titles = _titles(chance, leaf, brand)
    price = _prices(chance, leaf, plan.price_factor, HOME_TAX[plan.code])
    rank = chance.permutation(size)
    popularity = (rank + 10.0) ** -0.85 / np.sqrt(price / 30)
    order = np.argsort(-popularity)
    variants = chance.choice([1, 2, 3, 4], size, p=[0.62, 0.2, 0.1, 0.08])
    born = np.where(chance.random(size) < 0.2, chance.integers(0, world.days, size), 0)
    born[order[:40]] = 0
    koru = [p for p in order[BEST_SELLERS:] if born[p] == 0][:BADLY_REVIEWED]
    brand[koru] = REVIEWED_BRAND
    slugs = [title.lower().replace(" ", "-").replace("'", "") for title in titles]
    return Goods(
        titles=titles,
        handles=[f"{slug}-{n + 1}" for n, slug in enumerate(slugs)],
        leaf=leaf,
        brand=brand,
        price=price,
        cost_share=np.clip(chance.normal(0.47, 0.05, size), 0.3, 0.65),
        weight_g=np.round(np.exp(chance.normal(6.4, 0.8, size)) / 10).astype(np.int64) * 10,
        popularity=popularity,
        refund_share=np.array([GOODS[top][name][2] for top, name in LEAVES])[leaf] * 1.12,
        born=born,
        variants=variants,
        first_variant=np.concatenate([[0], np.cumsum(variants)[:-1]]),
        colours=chance.integers(0, len(COLOURS), size),
        best=np.array(order[:BEST_SELLERS]),
        badly_reviewed=np.array(koru),
    )


@lru_cache(maxsize=64)
def _seasonal(world: World, month: int) -> Floats:
    by_leaf = np.array(
        [SEASONS.get(leaf, SEASONS.get(top, (1.0,) * 12))[month - 1] for top, leaf in LEAVES]
    )
    catalogue = goods(world)
    return np.asarray(catalogue.popularity * by_leaf[catalogue.leaf])


@lru_cache(maxsize=16)
def _tops(world: World) -> Ints:
    return goods(world).top


def in_category(world: World, top: str) -> Bools:
    """Which products lie under this branch."""
    return np.asarray(_tops(world) == TOPS.index(top))


@lru_cache(maxsize=64)
def mood(world: World, day: date) -> Mood:
    """What the day does to each product, planted causes included."""
    catalogue = goods(world)
    size = len(catalogue.titles)
    desire, price = np.ones(size), catalogue.price.copy()
    in_stock, refund_share = np.ones(size, dtype=bool), catalogue.refund_share.copy()
    if world.size("price_rise", day, 0.0):
        coffee = in_category(world, "Coffee & tea")
        desire[coffee] *= 0.8
        price[coffee] = np.round(price[coffee] * CAUSES["price_rise"].size, 2)
    desire[in_category(world, "Bedroom")] *= world.size("competitor_promotion", day)
    desire[catalogue.badly_reviewed] *= world.size("review_drop", day)
    in_stock[catalogue.best] = world.size("stock_out", day) > 0
    bad = catalogue.brand == BAD_BATCH_BRAND
    refund_share[bad] = np.minimum(0.7, refund_share[bad] * world.size("bad_batch", day))
    is_born = catalogue.born <= world.number(day)
    return Mood(_seasonal(world, day.month) * is_born, desire, in_stock, price, refund_share)
