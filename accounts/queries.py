"""Reads about people: their notifications, and the sign-ins of the demo."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Notification, User
from accounts.records import Viewer

# The demo's people to sign in as; the demo loader makes them and its removal takes them away.
DEMO_PASSWORD = "demo-{role}-2026"  # noqa: S105
DEMO_ROLES: dict[str, str | Promise] = {
    "manager": gettext_lazy("E-commerce manager"),
    "staff": gettext_lazy("Retail staff"),
    "executive": gettext_lazy("Executive"),
}


@dataclass(frozen=True)
class DemoSignIn:
    """One way into the demo: the role in words, and what to type."""

    role: str | Promise
    email: str
    password: str


def demo_email(role: str) -> str:
    return f"{role}@demo.example"


def demo_password(role: str) -> str:
    """The published password of the demo's person of that role."""
    return DEMO_PASSWORD.format(role=role)


def demo_signins() -> list[DemoSignIn]:
    """The demo's people that are there now, in the order of the roles; empty without demo data."""
    by_email = {demo_email(role): role for role in DEMO_ROLES}
    there = set(
        User.objects.filter(is_demo=True, is_active=True, email__in=by_email).values_list(
            "email", flat=True
        )
    )
    return [
        DemoSignIn(DEMO_ROLES[role], email, demo_password(role))
        for email, role in by_email.items()
        if email in there
    ]


def notifications_of(viewer: Viewer) -> QuerySet[Notification]:
    """The viewer's notifications, newest first."""
    own = Notification.objects.filter(user_id=viewer.user_id or 0)
    return own.order_by("-created_at", "-pk")


def newest_notifications(viewer: Viewer, limit: int = 8, group: str = "") -> list[Notification]:
    """The newest ones, of one group if it is named."""
    own = notifications_of(viewer)
    return list((own.filter(group=group) if group else own)[:limit])


def notification_counts(viewer: Viewer) -> dict[str, int]:
    """How many notifications of each group the viewer has."""
    counted = Notification.objects.filter(user_id=viewer.user_id or 0).values("group")
    return {row["group"]: row["n"] for row in counted.annotate(n=Count("pk"))}


def notification_of(viewer: Viewer, pk: int) -> Notification:
    """One of the viewer's own notifications, or 404."""
    return get_object_or_404(notifications_of(viewer), pk=pk)


def unread_count(viewer: Viewer) -> int:
    return notifications_of(viewer).filter(read_at=None).count()


def user_of(viewer: Viewer) -> User:
    """The person behind a signed-in viewer."""
    return User.objects.get(pk=viewer.user_id or 0)
