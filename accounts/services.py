"""Writes about people: preferences, the audit trail, notifications."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.functions import Now

from accounts.models import AuditRow, Notification, User
from accounts.records import Viewer


def record(
    viewer: Viewer,
    action: str,
    thing: Model,
    *,
    changes: Mapping[str, Any] | None = None,
    store_id: int | None = None,
) -> AuditRow:
    """Add the audit row of one write; call it inside the write's transaction.

    `changes` maps a field to `[old, new]`, or names counts for a bulk write.
    """
    return AuditRow.objects.create(
        store_id=store_id or getattr(thing, "store_id", None),
        user_id=viewer.user_id,
        token_id=viewer.token_id,
        actor=viewer.name,
        action=action,
        object_type=thing._meta.label_lower,
        object_id=str(thing.pk),
        object_label=str(thing)[:200],
        changes=dict(changes or {}),
        address=viewer.address,
    )


@transaction.atomic
def add_person(*, viewer: Viewer, email: str, password: str, name: str = "") -> User:
    """Let a person sign in who could not before; without a role they see no store yet."""
    person = User.objects.create_user(email, password, name=name)
    record(viewer, "added person", person)
    return person


@transaction.atomic
def choose_theme(*, viewer: Viewer, user: User, theme: User.Theme) -> User:
    """Remember how the person wants the pages drawn."""
    old, user.theme = user.theme, theme
    user.save(update_fields=["theme"])
    record(viewer, "changed theme", user, changes={"theme": [old, str(theme)]})
    return user


@transaction.atomic
def change_preferences(
    *, viewer: Viewer, user: User, name: str, locale: str, single_keys: bool
) -> User:
    """Change the person's own name, locale and whether single keys act."""
    new = {"name": name, "locale": locale, "single_keys": single_keys}
    changes = {key: [getattr(user, key), value] for key, value in new.items()}
    for key, value in new.items():
        setattr(user, key, value)
    user.save(update_fields=list(new))
    record(viewer, "changed preferences", user, changes=changes)
    return user


@transaction.atomic
def change_list(
    *, viewer: Viewer, user: User, page: str, columns: Sequence[str], is_dense: bool
) -> User:
    """Remember which columns of a list the person sees, and whether its rows are narrow."""
    user = User.objects.select_for_update().get(pk=user.pk)
    lists = user.preferences.setdefault("lists", {})
    old, lists[page] = lists.get(page), {"columns": list(columns), "dense": is_dense}
    user.save(update_fields=["preferences"])
    record(viewer, "changed list", user, changes={page: [old, lists[page]]})
    return user


def notify(
    users: Sequence[int],
    *,
    title: str,
    body: str = "",
    url: str = "",
    group: Notification.Group = Notification.Group.INFO,
) -> None:
    """Put one notification in the bell of each user."""
    Notification.objects.bulk_create(
        Notification(user_id=pk, title=title, body=body, url=url, group=group) for pk in users
    )


def mark_read(*, viewer: Viewer, pk: int | None = None) -> int:
    """Mark all of the viewer's notifications as read, or only one; returns how many were new."""
    unread = Notification.objects.filter(user_id=viewer.user_id or 0, read_at=None)
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(read_at=Now())
