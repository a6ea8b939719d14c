"""Saved views and API tokens: make one, name it, share it, forget it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from stores.access import store_by_slug, token_to_change, view_to_change, view_to_open
from stores.forms import PAGES, NameForm, TokenForm, ViewForm, first_error
from stores.guards import ViewerRequest, needs
from stores.models import Permission, SavedView
from stores.queries import tokens_of
from stores.services import (
    delete_view,
    issue_token,
    rename_view,
    revoke_token,
    save_view,
    share_view,
)


@require_POST
@needs(Permission.SEE_METRICS)
def view_save(request: ViewerRequest) -> HttpResponse:
    """Keep what the page shows under a name, for oneself or for a store."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        raise Refused(first_error(form))
    given = form.cleaned_data
    shared_in = store_by_slug(request.viewer, given["store"]) if given["store"] else None
    view = save_view(
        viewer=request.viewer,
        page=given["page"],
        name=given["name"],
        query=given["query"],
        shared_in=shared_in,
    )
    messages.success(request, _("Saved the view “%(name)s”.") % {"name": view.name})
    return redirect(address_of(view))


@require_safe
@needs(Permission.SEE_METRICS)
def view_open(request: ViewerRequest, pk: int) -> HttpResponse:
    """The page that the saved view shows."""
    return redirect(address_of(view_to_open(request.viewer, pk)))


@require_POST
@needs(Permission.SEE_METRICS)
def view_rename(request: ViewerRequest, pk: int) -> HttpResponse:
    view = view_to_change(request.viewer, pk)
    form = NameForm(request.POST)
    if not form.is_valid():
        raise Refused(first_error(form))
    view = rename_view(viewer=request.viewer, view=view, name=form.cleaned_data["name"])
    messages.success(request, _("The view is now called “%(name)s”.") % {"name": view.name})
    return redirect(address_of(view))


@require_POST
@needs(Permission.SEE_METRICS)
def view_share(request: ViewerRequest, pk: int) -> HttpResponse:
    """Show the view to a store, or with an empty `store` to oneself alone."""
    view = view_to_change(request.viewer, pk)
    slug = request.POST.get("store", "")
    store = store_by_slug(request.viewer, slug) if slug else None
    view = share_view(viewer=request.viewer, view=view, store=store)
    told = (
        _("Everybody in %(store)s sees this view now.") if store else _("Only you see this view.")
    )
    messages.success(request, told % {"store": store})
    return redirect(address_of(view))


@require_POST
@needs(Permission.SEE_METRICS)
def view_delete(request: ViewerRequest, pk: int) -> HttpResponse:
    view = view_to_change(request.viewer, pk)
    delete_view(viewer=request.viewer, view=view)
    messages.success(request, _("Deleted the view “%(name)s”.") % {"name": view.name})
    return redirect(reverse(PAGES[view.page]))


def address_of(view: SavedView) -> str:
    """The view's page in its state, with the view marked as the one that is open."""
    query = f"{view.query}&view={view.pk}" if view.query else f"view={view.pk}"
    return f"{reverse(PAGES[view.page])}?{query}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(None)
def token_list(request: ViewerRequest) -> HttpResponse:
    """The person's own API tokens; a new one's secret is in the answer to its form, once."""
    form = TokenForm(request.POST or None, viewer=request.viewer)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            secret = issue_token(viewer=request.viewer, **form.cleaned_data)[1]
        except Refused as error:
            form.add_error(None, str(error))
        else:
            form = TokenForm(viewer=request.viewer)
    context = {
        "form": form,
        "secret": secret,
        "tokens": tokens_of(request.viewer),
        "now": timezone.now(),
        "permissions": dict(Permission.choices),
    }
    return render(request, "stores/token_list.html", context, status=422 if form.errors else 200)


@require_POST
@needs(None)
def token_revoke(request: ViewerRequest, pk: int) -> HttpResponse:
    token = revoke_token(viewer=request.viewer, token=token_to_change(request.viewer, pk))
    messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
    return redirect("tokens:token-list")
