"""Every mapping that comes with the product, by its slug, and how a file is matched to one."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from connectors.files.mapping import Mapping, Part
from connectors.files.presets import ga4, generic, olist, shapees, shopify, woocommerce
from core.errors import Refused

MODULES = (shopify, woocommerce, ga4, olist, shapees)
PRESETS: dict[str, Mapping] = {m.slug: m for module in MODULES for m in module.MAPPINGS}
SHAPES = {name: shape for module in MODULES for name, shape in module.SHAPES.items()}
TALLIES = dict(ga4.TALLIES)
SCHEMAS = dict(ga4.SCHEMAS)


def choices() -> list[tuple[str, str]]:
    """Slug and label of every mapping, for a form."""
    plain = [(generic.PREFIX + kind, label) for kind, label in generic.LABELS.items()]
    return [(m.slug, m.label) for m in PRESETS.values()] + plain


def choices_for_a_file() -> list[tuple[str, str]]:
    """The mappings that one file alone can have; several files together come by the command."""
    folders = {slug for slug, known in PRESETS.items() if len(known.parts) > 1}
    return [(slug, label) for slug, label in choices() if slug not in folders]


def mapping_named(slug: str, headers: Sequence[str] = ()) -> Mapping:
    """The mapping of that name; a generic one is fitted to the headers. Raises Refused."""
    if slug in PRESETS:
        return PRESETS[slug]
    if slug.removeprefix(generic.PREFIX) in generic.LABELS:
        return generic.generic(slug, headers)
    known = ", ".join(name for name, _ in choices())
    raise Refused(f"“{slug}” is not a known mapping. Known are: {known}.")


def recognise(headers: Sequence[str]) -> str:
    """The slug of the mapping that fits a single file's headers best; empty when none does."""
    have = set(headers)
    fits = [
        (len(part.needs), mapping.slug)
        for mapping in PRESETS.values()
        for part in mapping.parts
        if len(mapping.parts) == 1 and part.needs and set(part.needs) <= have
    ]
    if fits:
        return max(fits)[1]
    generic_fits = [(generic.fit(slug, headers), slug) for slug in generic.generic_slugs()]
    best = max(generic_fits)
    return best[1] if best[0] >= 0.4 else ""


def recognise_folder(folder: Path) -> str:
    """The slug of the folder mapping whose files are all there; empty when none is."""
    for mapping in PRESETS.values():
        if len(mapping.parts) > 1 and all(_is_there(part, folder) for part in mapping.parts):
            return mapping.slug
    return ""


def headers_hash(headers: Sequence[str]) -> str:
    """What a store's mapping is remembered by: the columns, whatever their order."""
    text = "\n".join(sorted(name.strip().casefold() for name in headers))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_there(part: Part, folder: Path) -> bool:
    return part.optional or any(folder.glob(part.file))
