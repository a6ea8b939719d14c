"""The only way from an id to a store, a saved view or a token."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.records import Viewer
from stores.models import ApiToken, Permission, SavedView, Store


def store_to_see(viewer: Viewer, pk: int) -> Store:
    """The store, or 404 when it is not the viewer's."""
    if not viewer.system and pk not in viewer.store_ids:
        raise Http404
    found = Store.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def store_by_slug(viewer: Viewer, slug: str) -> Store:
    """The store of that name in addresses, or 404."""
    found = Store.objects.filter(slug=slug).first()
    if found is None or not (viewer.system or found.pk in viewer.store_ids):
        raise Http404
    return found


def store_to_change(viewer: Viewer, pk: int) -> Store:
    """The store, for a viewer who may manage it; 403 for one who may only look."""
    store = store_to_see(viewer, pk)
    demand(viewer, Permission.MANAGE_STORE, store.pk)
    return store


def view_to_open(viewer: Viewer, pk: int) -> SavedView:
    """A saved view that is the viewer's own, or shared in one of their stores."""
    found = SavedView.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    is_own = found.owner_id == viewer.user_id
    if not is_own and not (found.is_shared and found.store_id in viewer.store_ids):
        raise Http404
    return found


def view_to_change(viewer: Viewer, pk: int) -> SavedView:
    """A saved view that the viewer owns; 403 when it is somebody else's shared one."""
    found = view_to_open(viewer, pk)
    if found.owner_id != viewer.user_id:
        raise PermissionDenied("Only the person who saved this view can change it.")
    return found


def token_to_change(viewer: Viewer, pk: int) -> ApiToken:
    """The viewer's own API token, or 404."""
    found = ApiToken.objects.filter(pk=pk, owner_id=viewer.user_id).first()
    if found is None:
        raise Http404
    return found


def demand(viewer: Viewer, permission: Permission, store_id: int) -> None:
    """403 unless the viewer holds the permission in that store."""
    if not viewer.can(permission, store_id):
        raise PermissionDenied(f"Your role does not include “{permission.label}”.")


def store_ids_named(viewer: Viewer, slugs: str) -> list[int]:
    """The stores named "a,b" in an address, all of the viewer's when empty; 404 for any other."""
    if not slugs.strip():
        return (
            list(Store.objects.values_list("pk", flat=True))
            if viewer.system
            else list(viewer.store_ids)
        )
    return [store_by_slug(viewer, slug.strip()).pk for slug in slugs.split(",") if slug.strip()]
