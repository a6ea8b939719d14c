"""The account page, notifications, the command palette and the page of parts."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.forms import AccountForm, ListForm, ThemeForm
from accounts.models import Notification, User
from accounts.queries import (
    newest_notifications,
    notification_counts,
    notification_of,
    unread_count,
    user_of,
)
from accounts.records import Viewer
from core import palette as core_palette
from core import samples
from core.web import HtmxRequest, is_own

GROUPS = (
    ("action", gettext_lazy("To do")),
    ("mention", gettext_lazy("Mentions")),
    ("done", gettext_lazy("Done")),
    ("info", gettext_lazy("Information")),
)


class SignedInRequest(HtmxRequest):
    """A request of somebody who is signed in."""

    viewer: Viewer


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let everybody in who is signed in: these pages show only what is the person's own."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: object) -> HttpResponse:
        return view(request, **kwargs)

    guarded.guard = "signed in"  # type: ignore[attr-defined]
    return guarded


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Return to the page that the form named, if it is one of ours."""
    url = request.POST.get("next", "")
    return redirect(url if is_own(request, url) else otherwise)


@signed_in
@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    user = user_of(request.viewer)
    initial = {key: getattr(user, key) for key in ("name", "locale", "single_keys")}
    form = AccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_preferences(viewer=request.viewer, user=user, **form.cleaned_data)
        messages.success(request, _("Your account is saved"))
        return redirect("accounts:account")
    context = {"form": form, "person": user, "themes": User.Theme}
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def theme(request: SignedInRequest) -> HttpResponse:
    form = ThemeForm(request.POST)
    if form.is_valid():
        chosen = User.Theme(form.cleaned_data["theme"])
        services.choose_theme(viewer=request.viewer, user=user_of(request.viewer), theme=chosen)
    if request.headers.get("X-Theme"):
        return HttpResponse(status=204)
    return back_to(request, "accounts:account")


@signed_in
@require_POST
def list_look(request: SignedInRequest) -> HttpResponse:
    """Keep the columns and the density of a list, then show it so."""
    form = ListForm(request.POST)
    if form.is_valid():
        services.change_list(
            viewer=request.viewer, user=user_of(request.viewer), page=form.cleaned_data["page"],
            columns=form.columns(), is_dense=form.cleaned_data["density"] == "dense",
        )  # fmt: skip
    return back_to(request, "accounts:account")


@signed_in
@require_GET
def notifications(request: SignedInRequest) -> HttpResponse:
    group = request.GET.get("group", "")
    chosen = group if group in Notification.Group.values else ""
    counts = notification_counts(request.viewer)
    context = {
        "notices": newest_notifications(request.viewer, limit=100, group=chosen),
        "unread": unread_count(request.viewer),
        "chosen": chosen,
        "all": sum(counts.values()),
        "groups": [(value, label, counts.get(value, 0)) for value, label in GROUPS],
    }
    return render(request, "accounts/notifications.html", context)


@signed_in
@require_POST
def notification_open(request: SignedInRequest, pk: int) -> HttpResponse:
    notice = notification_of(request.viewer, pk)
    services.mark_read(viewer=request.viewer, pk=notice.pk)
    return redirect(notice.url if is_own(request, notice.url) else "accounts:notifications")


@signed_in
@require_POST
def notifications_read(request: SignedInRequest) -> HttpResponse:
    services.mark_read(viewer=request.viewer)
    return back_to(request, "accounts:notifications")


@signed_in
@require_GET
def palette(request: SignedInRequest) -> HttpResponse:
    words = request.GET.get("q", "")[:200]
    groups = core_palette.grouped(core_palette.search(request.viewer, words))
    template = "accounts/palette_options.html" if request.htmx else "accounts/palette.html"
    return render(request, template, {"groups": groups, "words": words})


@signed_in
@require_GET
def parts(request: SignedInRequest) -> HttpResponse:
    context = samples.part_values() | {"form": AccountForm({"name": "x" * 130, "locale": "en"})}
    return render(request, "accounts/parts.html", context)
