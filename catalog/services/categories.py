"""The store's tree of goods, grown from the paths that sources name."""

from collections.abc import Sequence

from django.utils.text import slugify

from catalog.models import Category
from stores.models import Store

BRANCH = ">"
SLUG_LENGTH, NAME_LENGTH = 120, 160


def category_ids(store: Store, paths: Sequence[str]) -> dict[str, int]:
    """The id of the last branch of each path such as `Home > Kitchen`; new branches are made."""
    wanted = {path: _branches(path) for path in paths}
    by_depth: dict[int, dict[str, tuple[str, str]]] = {}
    for branches in wanted.values():
        for depth in range(len(branches)):
            slug, parent = _slug(branches[: depth + 1]), _slug(branches[:depth])
            by_depth.setdefault(depth, {})[slug] = (branches[depth], parent)
    known = dict(Category.objects.filter(store=store).values_list("slug", "pk"))
    for depth in sorted(by_depth):
        lacking = [
            Category(store=store, slug=slug, name=name[:NAME_LENGTH], parent_id=known.get(parent))
            for slug, (name, parent) in sorted(by_depth[depth].items())
            if slug not in known
        ]
        if lacking:
            Category.objects.bulk_create(lacking, ignore_conflicts=True)
            known = dict(Category.objects.filter(store=store).values_list("slug", "pk"))
    return {path: known[_slug(branches)] for path, branches in wanted.items() if branches}


def _branches(path: str) -> list[str]:
    return [part.strip() for part in path.split(BRANCH) if part.strip()]


def _slug(branches: Sequence[str]) -> str:
    words = [slugify(part, allow_unicode=True) or part.casefold() for part in branches]
    return "/".join(words)[:SLUG_LENGTH]
