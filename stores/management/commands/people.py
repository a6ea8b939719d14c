"""Who may sign in, and what they are in which store."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import User
from accounts.records import SYSTEM
from accounts.services import add_person
from stores.models import Membership, Role, Store
from stores.services import grant_role


class Command(BaseCommand):
    help = "Add a person to a store, or list who is in which."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="give a person a role in a store; new ones may sign in")
        add.add_argument("email")
        add.add_argument("--store", required=True, help="slug")
        add.add_argument("--role", choices=Role.values, default=Role.MANAGER)
        add.add_argument("--name", default="", help="of a new person")
        verbs.add_parser("list", help="each person's role in each store")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["verb"])(**options)

    def add(self, *, email: str, store: str, role: str, name: str, **options: Any) -> None:
        """A new person's password is made here and shown once."""
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{email}” is not an e-mail address.") from error
        place = Store.objects.filter(slug=store).first()
        if place is None:
            known = ", ".join(Store.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"There is no store called “{store}”. Stores: {known or 'none'}.")
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            password = secrets.token_urlsafe(15)
            person = add_person(viewer=SYSTEM, email=email, password=password, name=name)
            self.stdout.write(f"Password, shown this once: {password}")
        grant_role(viewer=SYSTEM, store=place, user=person, role=Role(role))
        self.stdout.write(f"{person.email}: {Role(role).label} in {place}.")

    def list(self, **options: Any) -> None:
        rows = Membership.objects.select_related("user", "store")
        for row in rows.order_by("store__slug", "user__email"):
            self.stdout.write(f"{row.store.slug}: {row.user.email}, {Role(row.role).label}")
